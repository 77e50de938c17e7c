// What happens where the core's 4 GB end.
import { loadHeap } from '../../web/wasm/heap.js';
import { errorOf, loadMini } from '../support/wembed.js';

/**
 * Takes all memory but less than `rest` bytes.
 * @param {import('../../web/wasm/heap.js').Heap} heap
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
