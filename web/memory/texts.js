// Copies texts into a module's memory.
import { utf8Room } from './heap.js';

/**
 * Texts are passed to the core in strips of about this many bytes, so that a batch is never copied there as a whole.
 */
const STRIP_BYTES = 2 ** 18;

/**
 * @param {readonly string[]} texts
 * @param {number} from the first text of a strip, which takes as many texts as fit STRIP_BYTES, at least one
 * @returns {number} the index after the last text of the strip
 */
export function stripEnd(texts, from) {
  let to = from;
  for (let room = 0; to < texts.length; to++) {
    room += 3 * texts[to].length; // without regard to truncation: a long text gets its own strip
    if (to > from && room > STRIP_BYTES) break;
  }
  return to;
}

/**
 * Writes texts one after another into the slot 'text', and the end of each into the slot 'offsets'. Of a text that will
 * be truncated, little more than the used part is written.
 * @param {import('./heap.js').Heap} heap
 * @param {readonly string[]} texts
 * @param {number} from
 * @param {number} to
 * @param {number} mostCodePoints
 * @returns {number} the address of the first text
 */
export function writeTexts(heap, texts, from, to, mostCodePoints) {
  const most = 2 * mostCodePoints; // units
  let room = 0;
  for (let i = from; i < to; i++) room += utf8Room(texts[i].length > most ? texts[i].slice(0, most) : texts[i], heap);
  const utf8 = heap.scratch('text', room);
  const ends = heap.scratch('offsets', 4 * (to - from)) >>> 2;
  for (let i = from, end = utf8; i < to; i++) {
    end = heap.writeText(texts[i].length > most ? texts[i].slice(0, most) : texts[i], end);
    heap.u32[ends + i - from] = end - utf8;
  }
  return utf8;
}
