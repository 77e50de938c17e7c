// Texts on their way into a module's memory.
import { utf8Room } from './heap.js';

/** Texts go to the core in strips of about this many bytes, so that a batch needs no copy of itself there. */
const STRIP_BYTES = 2 ** 18;

/**
 * @param {readonly string[]} texts
 * @param {number} from the first of a strip: as many texts as take STRIP_BYTES, at least one
 * @returns {number} the first that is not in it
 */
export function stripEnd(texts, from) {
  let to = from;
  for (let room = 0; to < texts.length; to++) {
    room += 3 * texts[to].length; // whatever is cut off: a long text has a strip of its own
    if (to > from && room > STRIP_BYTES) break;
  }
  return to;
}

/**
 * Writes texts one after the other into the slot 'text', and where each ends into the slot 'offsets'. Of a text that will
 * be cut, hardly more than what is kept.
 * @param {import('./heap.js').Heap} heap
 * @param {readonly string[]} texts
 * @param {number} from
 * @param {number} to
 * @param {number} mostCodePoints
 * @returns {number} where they begin
 */
export function writeTexts(heap, texts, from, to, mostCodePoints) {
  const most = 2 * mostCodePoints; // units
  let room = 0;
  for (let i = from; i < to; i++) room += utf8Room(texts[i].length > most ? texts[i].slice(0, most) : texts[i]);
  const utf8 = heap.scratch('text', room);
  const ends = heap.scratch('offsets', 4 * (to - from)) >>> 2;
  for (let i = from, end = utf8; i < to; i++) {
    end = heap.writeText(texts[i].length > most ? texts[i].slice(0, most) : texts[i], end);
    heap.u32[ends + i - from] = end - utf8;
  }
  return utf8;
}
