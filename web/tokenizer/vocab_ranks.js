import { readSection } from './vocab_json.js';

/** @typedef {import('./vocab_json.js').VocabSection} VocabSection */

/**
 * The vocabulary section of a file of ranks, read by the text module.
 * @param {import('../memory/heap.js').Heap} heap
 * @param {Uint8Array} file
 * @returns {VocabSection | null} null where a line is malformed: then JavaScript reads the file, and says which line
 */
export function takeRanks(heap, file) {
  const { core } = heap;
  const at = heap.allocate(file.length);
  let section = 0;
  try {
    heap.u8.set(file, at);
    section = heap.allocate(3 * file.length + 64);
    const size = core.writeRanksSection(at, file.length, section) >>> 0;
    return size ? { ...readSection(heap.u8.slice(section, section + size), []), raw: true, apart: true } : null;
  } finally {
    heap.free(section);
    heap.free(at);
  }
}
