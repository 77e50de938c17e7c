// Time and memory of single texts of increasing length, not truncated: {"rows": [{text, bytes, time}], "growth"} in ms.
import { loadMini } from '../../web/mini.js';
import { loadHeap } from '../../web/memory/heap.js';
import { median } from '../measure.mjs';

const layer = await loadMini();
const heap = await loadHeap();
const SENTENCE = 'The quick brown fox jumps over the lazy dog while seventeen curious children watch from the bridge. ';
const RUSSIAN = 'Съешь же ещё этих мягких французских булок да выпей чаю. ';

/** @param {string} unit @param {number} bytes */
const textOf = (unit, bytes) => unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit)));

/** @type {[string, string][]} */
const texts = [
  ...[1e3, 1e4, 1e5, 1e6, 1e7].map((bytes) => /** @type {[string, string]} */ (['English', textOf(SENTENCE, bytes)])),
  ...[1e3, 1e5, 1e7].map((bytes) => /** @type {[string, string]} */ (['Russian', textOf(RUSSIAN, bytes)])),
  ...[1e3, 1e6].map((bytes) => /** @type {[string, string]} */ (['one word', textOf('abcdefghij', bytes)])),
  ...[1e3, 1e6].map(
    (bytes) => /** @type {[string, string]} */ (['combining marks', textOf('a\u0301\u0302\u0323', bytes)]),
  ),
];
layer.encode([SENTENCE, RUSSIAN].join(' '));
let growth = 0;
const rows = texts.map(([text, whole]) => {
  const bytes = Buffer.byteLength(whole);
  const before = heap.u8.length;
  const times = Array.from({ length: bytes > 1e6 ? 3 : 15 }, () => {
    const start = performance.now();
    layer.encode(whole, { maxLength: Infinity });
    return performance.now() - start;
  });
  if (bytes >= 1e7) growth = Math.max(growth, (heap.u8.length - before) / bytes);
  return { text, bytes, time: median(times) };
});
console.log(JSON.stringify({ rows, growth }));
