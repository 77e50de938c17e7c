// The limit of the core's 4 GB.
import { readFileSync } from 'node:fs';
import { bytesSource } from '../../web/sources/source.js';
import { loadHeap, utf8Room } from '../../web/memory/heap.js';
import { loadTextHeap } from '../../web/memory/text_module.js';
import { EmbeddingTable, LanguageModelHead, WordVectors, errorOf, loadMini } from '../support/wembed.js';

/**
 * Allocates all memory except at most `rest` bytes.
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
  const room = heap.allocate(6000); // of the model's tables the first fits, the second does not
  const free = fill(heap, 64);
  heap.free(room);
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

test('a head that does not fit is out_of_memory, and the next good call works', async () => {
  const heap = await loadHeap();
  const rows = 50_000;
  const table = await EmbeddingTable.from(new Float32Array(rows * 2).fill(1), { rows, dim: 2 });
  const bias = new Float32Array(rows).fill(0.5);
  heap.floats('weights', bias); // so that the core is what runs out
  const free = fill(heap, 64);
  await errorOf(() => new LanguageModelHead(table, { bias }), 'out_of_memory');
  for (let i = 0; i < 50; i++) await errorOf(() => new LanguageModelHead(table, { bias }), 'out_of_memory');
  free();
  const head = new LanguageModelHead(table, { bias });
  expect(head.logits([1, 1])[rows - 1]).toBe(2.5);
  head.dispose();
  table.dispose();
});

test("a call that has no room on the caller's stack leaves nothing on the core's", async () => {
  const layer = await loadMini();
  const heap = await loadHeap();
  const table = await EmbeddingTable.from(new Float32Array(2000).fill(1), { rows: 200, dim: 10 });
  const head = new LanguageModelHead(table);
  const state = new Float32Array(10).fill(1);
  const expected = { vector: layer.encode('It is raining'), ids: head.topK(state, 5).ids };
  const top = heap.core.stackSave();
  let failures = 0;
  /** Calls at the deepest point that the engine allows. @param {() => unknown} call @param {number} padding */
  const dive = (call, padding) => {
    const deeper = (/** @type {number[]} */ ...rest) => {
      try {
        deeper(...rest);
      } catch {
        try {
          call();
        } catch (error) {
          failures++;
          throw error;
        }
      }
    };
    try {
      deeper(...Array.from({ length: padding }, (_, i) => i));
    } catch {
      // Nothing else can be thrown from here.
    }
  };
  for (let padding = 0; padding < 120; padding++) {
    dive(() => layer.encode('naïve words, quite a few of them'), padding);
    dive(() => head.topK(state, 5), padding);
    expect(heap.core.stackSave()).toBe(top);
  }
  expect(failures).toBeGreaterThan(0);
  expect(layer.encode('It is raining')).toEqual(expected.vector);
  expect(head.topK(state, 5).ids).toEqual(expected.ids);
  head.dispose();
  table.dispose();
  layer.dispose();
});

test('what one huge call takes is given back', async () => {
  const heap = await loadHeap();
  const table = await EmbeddingTable.from(new Float32Array(20), { rows: 10, dim: 2 });
  const small = heap.scratch('ids', 100);
  await null;
  expect(heap.scratch('ids', 100)).toBe(small); // a usual block stays
  const huge = new Uint32Array(5_000_000);
  table.lookup(huge, { into: new Float32Array(10_000_000) });
  await null;
  const before = heap.allocate(19_000_000); // there is room for it where the ids were
  expect(before + 19_000_000).toBeLessThan(heap.u8.length);
  const size = heap.u8.length;
  heap.free(before);
  for (let i = 0; i < 3; i++) {
    table.lookup(huge, { into: new Float32Array(10_000_000) });
    await null;
  }
  expect(heap.u8.length).toBe(size);
  expect(heap.scratch('ids', 100)).not.toBe(0);
  table.dispose();
});

test('arguments are read once, before memory is asked for, and nothing is written beyond its block', async () => {
  const heap = await loadHeap();
  let reads = 0;
  const growing = new Proxy([1, 2, 3], {
    get: (target, key) => (key === 'length' ? 3 + 1000 * reads++ : Reflect.get(target, key)),
  });
  const address = heap.integers('ids', growing);
  expect([...heap.u32.subarray(address >>> 2, (address >>> 2) + 3)]).toEqual([1, 2, 3]);
  expect(reads).toBe(1);
  const reentrant = [
    1,
    {
      valueOf() {
        throw new Error('never asked');
      },
    },
  ];
  await errorOf(() => heap.floats('weights', /** @type {any} */ (reentrant)), 'invalid_argument');
  const at = heap.scratch('text', 8);
  heap.u8.fill(7, at, at + 64);
  expect(heap.writeText('abcdefghij', at, at + 4)).toBe(at + 4);
  expect(heap.writeText('äöü'.repeat(200), at, at + 5)).toBe(at + 4); // no part of a character
  expect([...heap.u8.subarray(at + 5, at + 64)]).toEqual(Array(59).fill(7));
});

test('a text stands in the text module as TextEncoder writes it, wherever a strip of it ends', async () => {
  const heap = await loadTextHeap();
  const encoder = new TextEncoder();
  const texts = ['', 'a', '😀', '\ud83d', 'x\ude00y'];
  for (const unit of ['a', 'é', '界', '😀', '\ud83d', '\ude00', 'a😀界\n']) {
    // A strip has 2^14 units: a character of two of them stands across its end, half of one before or after it.
    for (const lead of [0, 1, 255, 256, 257]) {
      texts.push('b'.repeat(lead) + unit.repeat(Math.ceil(20_000 / unit.length)), unit.repeat(lead));
    }
    texts.push(`${'b'.repeat(2 ** 14 - 1)}${unit}`, `${'b'.repeat(2 ** 14 - 1)}${unit}${'界'.repeat(2 ** 14)}`);
  }
  for (const text of texts) {
    const wanted = encoder.encode(text);
    const at = heap.scratch('text', 3 * text.length);
    const end = heap.writeText(text, at);
    expect(end - at).toBe(wanted.length);
    expect(Buffer.compare(heap.u8.subarray(at, end), wanted)).toBe(0);
  }
});

test('the room that the text module makes for a long text is enough, and little more than that', async () => {
  const heap = await loadTextHeap();
  const encoder = new TextEncoder();
  for (const unit of ['a', 'é', '界', 'a界é\n', '\ude00']) {
    const text = unit.repeat(2 ** 20 / unit.length + 1);
    expect(utf8Room(text, heap)).toBe(encoder.encode(text).length);
  }
  const emoji = '😀'.repeat(2 ** 20);
  expect(utf8Room(emoji, heap)).toBeGreaterThanOrEqual(2 ** 22);
  expect(utf8Room(emoji, heap)).toBeLessThanOrEqual(1.5 * 2 ** 22);
});

test('the text module takes texts after its memory has grown', async () => {
  const heap = await loadTextHeap();
  const text = 'Zeile 界 \u{1F600}\n'.repeat(1000);
  const wanted = new TextEncoder().encode(text);
  const written = () => {
    const at = heap.scratch('text', 3 * text.length);
    return heap.u8.slice(at, heap.writeText(text, at));
  };
  expect(Buffer.compare(written(), wanted)).toBe(0);
  const before = heap.u8.buffer;
  const large = heap.allocate(before.byteLength + 2 ** 20);
  expect(heap.u8.buffer).not.toBe(before);
  expect(Buffer.compare(written(), wanted)).toBe(0);
  heap.free(large);
});
