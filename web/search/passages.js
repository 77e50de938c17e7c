import { count, mustBe, optionsOf } from '../core/arguments.js';

/**
 * How long texts are cut into passages, each of which is found by itself.
 * @typedef {object} PassageOptions
 * @property {number} [maxLength] of a passage, in UTF-16 units as `slice` takes them; default 1000
 * @property {number} [overlap] how much of a passage's end the next one repeats, at most and in whole sentences; default 200
 */

/**
 * Part of a text, in UTF-16 units as `slice` takes them.
 * @typedef {object} Span
 * @property {number} begin of its first unit
 * @property {number} end after its last unit
 */

/**
 * @param {PassageOptions | true} passages
 * @returns {{ maxLength: number, overlap: number }}
 */
export function passageSettings(passages) {
  const options = passages === true ? {} : optionsOf('passages', passages, ['maxLength', 'overlap']);
  const maxLength = count('maxLength', options.maxLength ?? 1000, { least: 1 });
  const overlap = count('overlap', options.overlap ?? Math.floor(maxLength / 5));
  if (overlap >= maxLength) throw mustBe('overlap', `below maxLength (${maxLength})`, overlap);
  return { maxLength, overlap };
}

/** Where a sentence, a line or a paragraph ends: the spaces after it belong to it. */
const ENDS = /[.!?…]+["'”’)\]]*\s+|[。！？]+|\n\s*/gu;

/**
 * Cuts a text into passages of at most maxLength units: at ends of sentences where there are any, between words otherwise,
 * and through a word that is longer still, never through a character. All passages together hold the whole text.
 * @param {string} text
 * @param {{ maxLength: number, overlap: number }} settings
 * @returns {Span[]} at least one
 */
export function splitPassages(text, { maxLength, overlap }) {
  if (text.length <= maxLength) return [{ begin: 0, end: text.length }];
  const ends = Array.from(text.matchAll(ENDS), ({ 0: match, index }) => index + match.length);
  if (ends[ends.length - 1] !== text.length) ends.push(text.length);
  /** @type {Span[]} */
  const spans = [];
  let first = 0; // of the ends that are after `begin`
  let done = 0; // what the passages so far hold
  for (let begin = 0; begin < text.length;) {
    while (ends[first] <= begin) first++;
    let last = first;
    while (last < ends.length && ends[last] - begin <= maxLength) last++;
    const end = last > first ? ends[last - 1] : cutIn(text, begin, begin + maxLength);
    if (end <= done) {
      begin = done; // a long sentence follows: what would be repeated leaves no room for it
      continue;
    }
    spans.push({ begin, end });
    done = end;
    begin = end === text.length ? end : last > first ? overlapFrom(ends, begin, end, overlap) : end;
  }
  return spans;
}

/**
 * @param {string} text
 * @param {number} begin
 * @param {number} most the end at most
 * @returns {number} where a sentence that is too long is cut
 */
function cutIn(text, begin, most) {
  for (let i = most; i > begin + (most - begin) / 2; i--) if (/\s/.test(text[i - 1])) return i;
  const inPair = (text.charCodeAt(most) & 0xfc00) === 0xdc00 && (text.charCodeAt(most - 1) & 0xfc00) === 0xd800;
  return inPair ? (most - 1 > begin ? most - 1 : most + 1) : most;
}

/**
 * @param {number[]} ends of sentences
 * @param {number} begin of the passage
 * @param {number} end of it
 * @param {number} overlap
 * @returns {number} where the next passage begins: after the first end of a sentence that is near enough to `end`
 */
function overlapFrom(ends, begin, end, overlap) {
  let low = 0;
  for (let high = ends.length; low < high;) {
    const middle = (low + high) >> 1;
    if (ends[middle] < end - overlap) low = middle + 1;
    else high = middle;
  }
  return ends[low] > begin && ends[low] < end ? ends[low] : end;
}
