/**
 * How likely each token is to be drawn, after temperature, top k and top p, in the order of transformers' warpers.
 * @param {ArrayLike<number>} scores of all tokens, falling
 * @param {{ temperature: number, topK: number, topP: number }} limits no topK is 0; a temperature of 0 takes the best
 * @returns {{ chances: Float64Array, may: number }} `may`: how many of the first may be drawn
 */
export function chancesOf(scores, { temperature, topK, topP }) {
  const chances = new Float64Array(scores.length);
  if (scores.length === 0) return { chances, may: 0 };
  if (temperature === 0) {
    chances[0] = 1;
    return { chances, may: 1 };
  }
  let all = 0;
  for (let i = 0; i < chances.length; i++) all += chances[i] = Math.exp((scores[i] - scores[0]) / temperature);
  for (let i = 0; i < chances.length; i++) chances[i] /= all;
  const may = allowed(chances, { topK, topP });
  let left = 0;
  for (let i = 0; i < may; i++) left += chances[i];
  for (let i = 0; i < chances.length; i++) chances[i] = i < may ? chances[i] / left : 0;
  return { chances, may };
}

/**
 * How many of the best tokens may be drawn: the first topK of them, and of these the fewest whose probabilities, among
 * them, reach topP.
 * @param {ArrayLike<number>} probs of all tokens, falling
 * @param {{ topK: number, topP: number }} limits
 */
function allowed(probs, { topK, topP }) {
  const most = Math.min(topK || probs.length, probs.length);
  if (topP >= 1) return most;
  let total = 0;
  for (let i = 0; i < most; i++) total += probs[i];
  let sum = 0;
  let many = 0;
  while (many < most && (many === 0 || sum < topP * total)) sum += probs[many++];
  return many;
}
