/**
 * By what longrope divides the speed of each pair: from 1 in a straight line up to the factor, which the first pair has
 * that does not come around in a text as long as those of the training, and all slower ones.
 * @param {number} factor
 * @param {{ theta: number, pairs: number, trained: number }} given `trained`: the length of that text
 * @returns {number[]}
 */
export function divisorsOf(factor, { theta, pairs, trained }) {
  const all = Array.from({ length: pairs }, (_, pair) => pair);
  const first = all.find((pair) => trained * theta ** (-pair / pairs) < 2 * Math.PI) ?? pairs - 1;
  return all.map((pair) => 1 + (factor - 1) * Math.min(1, pair / first));
}
