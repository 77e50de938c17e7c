// What happens where the core's 4 GB end.
import { readFileSync } from 'node:fs';
import { bytesSource } from '../../web/sources/source.js';
import { loadHeap } from '../../web/memory/heap.js';
import { WordVectors, errorOf, loadMini } from '../support/wembed.js';

/**
 * Takes all memory but less than `rest` bytes.
 * @param {import('../../web/memory/heap.js').Heap} heap
 * @param {number} rest
 */
function fill(heap, rest) {
  const blocks = [];
  for (let bytes = 2 ** 30; bytes >= rest;) {
    try {
      blocks.push(heap.allocate(bytes));
    } catch {
      bytes /= 2;
    }
  }
  return () => blocks.forEach((block) => heap.free(block));
}

test('a text that does not fit is out_of_memory, and the next good call works', async () => {
  const layer = await loadMini();
  const heap = await loadHeap();
  const text = 'a text of many words '.repeat(20_000);
  const expected = layer.encode('It is raining');
  const long = layer.encode('naïve '.repeat(100), { maxLength: 200 });
  heap.scratch('text', 3 * text.length); // so that the core is what runs out
  const free = fill(heap, 4096);
  await errorOf(() => layer.tokenizer.encode(text), 'out_of_memory');
  await errorOf(() => layer.encode(text, { maxLength: Infinity }), 'out_of_memory');
  await errorOf(() => layer.encode('x'.repeat(10_000_000), { maxLength: Infinity }), 'out_of_memory');
  expect(layer.encode('It is raining')).toEqual(expected);
  expect(layer.encode('naïve '.repeat(100), { maxLength: 200 })).toEqual(long); // written to memory of 4 GB
  free();
  expect(layer.tokenizer.encode(text).ids).toHaveLength(100_000);
  expect(layer.encode('It is raining')).toEqual(expected);
  layer.dispose();
});

test('word vectors that do not fit are out_of_memory, half-made tables are given back', async () => {
  const heap = await loadHeap();
  const text = new TextEncoder().encode(
    `100000 20\n${'word 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n'.repeat(100_000)}`,
  );
  const model = new Uint8Array(readFileSync(new URL('../golden/word_vectors/gensim.bin', import.meta.url)));
  await WordVectors.load(model); // what it takes besides the tables is there
  const free = fill(heap, 6000); // of the model's tables the first fits, the second does not
  await errorOf(() => WordVectors.load(text), 'out_of_memory');
  await errorOf(() => WordVectors.load(text.subarray(10)), 'out_of_memory');
  const before = heap.core._malloc(4000);
  heap.core._free(before);
  const inOrder = { ...bytesSource(model), inOrder: true }; // so that words come before their subwords
  for (let i = 0; i < 3; i++) await errorOf(() => WordVectors.load(inOrder), 'out_of_memory');
  expect(heap.core._malloc(4000)).toBe(before);
  free();
  const wv = await WordVectors.load(model);
  expect(wv.get('kingdom')).toHaveLength(6);
});
