/** The merges of pieces that have scores. */
/**
 * Beside the two parts of a merge: it has the rank of the merge before, so that of the two the leftmost comes first. Other
 * libraries refuse a tokenizer.json with such merges, which they would apply in another order.
 */
export const SAME_RANK = 'same rank';

/**
 * The merges that scores stand for: every way to make a piece of two others, the best-scored piece first. Of equal ones the
 * leftmost in the text comes first, as in SentencePiece and llama.cpp.
 * @param {Map<string, number>} pieces their ids
 * @param {ArrayLike<number>} scores by id
 * @returns {[string, string, string?][]}
 */
export function mergesByScore(pieces, scores) {
  const ranked = [...pieces].sort(([, a], [, b]) => scores[b] - scores[a] || a - b);
  /** @type {[string, string, string?][]} */
  const merges = [];
  let last = NaN; // the score of the merge before
  for (const [piece, id] of ranked) {
    for (let cut = 1; cut < piece.length; cut++) {
      if ((piece.charCodeAt(cut) & 0xfc00) === 0xdc00) continue;
      const [left, right] = [piece.slice(0, cut), piece.slice(cut)];
      if (!pieces.has(left) || !pieces.has(right)) continue;
      merges.push(scores[id] === last ? [left, right, SAME_RANK] : [left, right]);
      last = scores[id];
    }
  }
  return merges;
}
