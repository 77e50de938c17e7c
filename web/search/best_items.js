// The best items by the scores of their rows.
import { Best } from './best.js';
import { isBefore } from './items.js';

/** @typedef {import('./collection.js').Collection} Collection */
/** @typedef {((item: { id: import('./items.js').ItemId, meta: unknown }) => boolean) | undefined} IsAllowed */
/** @typedef {{ item: number, score: number, row: number }} FoundItem row: the one of the item that fits best */

/**
 * @param {import('./items.js').Items} items
 * @param {number} k
 */
export const bestOf = (items, k) => new Best(k, (a, b) => isBefore(items.idOf(a), items.idOf(b)));

/**
 * The best items of rows that were found.
 * @param {import('./items.js').Items} items
 * @param {{ rows: Uint32Array, scores: Float32Array }} found in the order of the rows
 * @param {number} k
 * @returns {FoundItem[]} the best first, as all that follow
 */
export function bestItemsOf(items, { rows, scores }, k) {
  const found = bestOf(items, k);
  const isSingle = items.rows === items.length;
  for (let i = 0; i < rows.length;) {
    const number = isSingle ? rows[i] : items.ofRow(rows[i]);
    const end = items.starts[number + 1];
    let best = i;
    for (; i < rows.length && rows[i] < end; i++) if (scores[i] > scores[best]) best = i;
    if (found.takes(number, scores[best])) found.add(number, scores[best], rows[best]);
  }
  return found.sorted();
}

/**
 * The best of all items.
 * @param {Collection} collection
 * @param {ArrayLike<number>} scores (rows)
 * @param {number} above what a hit's score must be above
 * @param {number} k
 * @param {IsAllowed} isAllowed
 * @returns {FoundItem[]}
 */
export function bestItems({ items, live }, scores, above, k, isAllowed) {
  const { starts, length } = items;
  const isSingle = items.rows === length; // item i has row i
  const found = bestOf(items, k);
  for (let number = 0, { least } = found; number < length; number++) {
    if (isSingle) number = nextAtLeast(scores, number, length, least);
    if (number === length) break;
    const row = isSingle ? number : bestRow(scores, starts[number], starts[number + 1]);
    const score = scores[row];
    if (!(score >= least && score > above) || !live[row] || !found.takes(number, score)) continue;
    if (!allows(items, number, isAllowed)) continue;
    found.add(number, score, row);
    ({ least } = found);
  }
  return found.sorted();
}

/**
 * The best items by keywords alone, where few rows hold the words and each is an item's only one.
 * @param {Collection} collection
 * @param {readonly Uint32Array[]} lists of all rows with a score, some in several
 * @param {Float64Array} scores (rows) zeros afterwards
 * @param {number} k
 * @param {IsAllowed} isAllowed
 * @returns {FoundItem[]}
 */
export function bestListed({ items, live }, lists, scores, k, isAllowed) {
  const found = bestOf(items, k);
  for (const list of lists) {
    for (const row of list) {
      const score = scores[row];
      scores[row] = 0;
      if (score > 0 && live[row] && found.takes(row, score) && allows(items, row, isAllowed))
        found.add(row, score, row);
    }
  }
  return found.sorted();
}

/**
 * @param {import('./items.js').Items} items
 * @param {number} number of an item
 * @param {IsAllowed} isAllowed
 */
function allows(items, number, isAllowed) {
  if (!isAllowed) return true;
  const { id, meta } = items.at(number);
  return isAllowed({ id, meta });
}

/**
 * @param {ArrayLike<number>} scores
 * @param {number} begin
 * @param {number} end
 * @param {number} least
 * @returns {number} the first from `begin` on with a score of at least that; `end` where there is none
 */
function nextAtLeast(scores, begin, end, least) {
  while (begin < end && !(scores[begin] >= least)) begin++;
  return begin;
}

/**
 * @param {ArrayLike<number>} scores
 * @param {number} begin
 * @param {number} end at least one row after
 * @returns {number} the row with the highest score, the first of equals
 */
function bestRow(scores, begin, end) {
  let row = begin;
  for (let i = begin + 1; i < end; i++) if (scores[i] > scores[row]) row = i;
  return row;
}
