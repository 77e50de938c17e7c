// How well one order agrees with another.

/** @param {ArrayLike<number>} values @returns {Float64Array} ranks from 1; equal values share the mean of theirs */
function ranksOf(values) {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    for (let i = first; i < end; i++) ranks[order[i]] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}

/**
 * Pearson's correlation, as scipy.stats.pearsonr.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b as long
 * @returns {number} NaN where either does not vary
 */
export function pearson(a, b) {
  const n = a.length;
  const mean = (/** @type {ArrayLike<number>} */ x) => Array.from(x).reduce((sum, each) => sum + each, 0) / n;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] - meanA, b[i] - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/**
 * Spearman's, as scipy.stats.spearmanr: that of their ranks.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
export const spearman = (a, b) => pearson(ranksOf(a), ranksOf(b));

/**
 * nDCG, as BEIR and trec_eval compute it: gains as they are, discounted by the logarithm of the rank.
 * @param {readonly (string | number)[]} found ids, the best first
 * @param {ReadonlyMap<string | number, number>} gains of the relevant ones
 * @param {number} [most] how many count
 * @returns {number} 0 to 1
 */
export function ndcg(found, gains, most = 10) {
  const dcg = (/** @type {number[]} */ list) =>
    list.slice(0, most).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
  const best = dcg([...gains.values()].sort((a, b) => b - a));
  return best > 0 ? dcg(found.map((id) => gains.get(id) ?? 0)) / best : 0;
}
