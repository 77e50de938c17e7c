// Indexes for other programs: JSON lines and NumPy files.
import { Matrix, VectorIndex, errorOf } from '../support/wembed.js';
import { jsonLines, npy } from '../../web/util.js';

test('jsonLines: a line for each vector', async () => {
  const index = await VectorIndex.create({ dim: 2, metric: 'dot' });
  index.add([
    { id: 7, vector: [1, 0.5], text: 'a "quoted"\nline\u2028', meta: { url: '/a' } },
    { id: 'é', vector: [-2, 0] },
  ]);
  const lines = [...jsonLines(index)];
  expect(lines.every((line) => line.endsWith('\n') && !line.slice(0, -1).includes('\n'))).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { id: 7, vector: [1, 0.5], payload: { text: 'a "quoted"\nline\u2028', meta: { url: '/a' } } },
    { id: 'é', vector: [-2, 0], payload: {} },
  ]);
  index.remove(7);
  expect([...jsonLines(index)].length).toBe(1);
  await errorOf(async () => [...jsonLines(/** @type {any} */ ([]))], 'invalid_argument');
  index.dispose();
  await errorOf(async () => [...jsonLines(index)], 'disposed');
});

test('jsonLines: passages say where they stand', async () => {
  const layer = {
    dim: 1,
    encode: (/** @type {string[]} */ texts) => new Matrix(new Float32Array(texts.length).fill(1), texts.length, 1),
  };
  const index = await VectorIndex.create({ layer, passages: { maxLength: 20, overlap: 0 } });
  const text = 'The first sentence. The second one. A third.';
  index.add([{ id: 1, text }]);
  const found = [...jsonLines(index)].map((line) => JSON.parse(line));
  expect(found.length).toBeGreaterThan(1);
  expect(found.map(({ payload }) => payload.text).join('')).toBe(text);
  for (const { id, payload } of found) expect([id, payload.text]).toEqual([1, text.slice(payload.begin, payload.end)]);
  index.dispose();
});

test.each([
  [0, 3],
  [1, 1],
  [5, 7],
  [123456, 2],
])('npy: %i × %i, as the format says', (rows, dim) => {
  const data = Float32Array.from({ length: rows * dim }, (_, i) => i / 3 - 1);
  const bytes = npy(new Matrix(data, rows, dim));
  expect(String.fromCharCode(...bytes.subarray(1, 6))).toBe('NUMPY');
  expect([bytes[0], bytes[6], bytes[7]]).toEqual([0x93, 1, 0]);
  const length = 10 + bytes[8] + 256 * bytes[9];
  const header = new TextDecoder().decode(bytes.subarray(10, length));
  expect(length % 64).toBe(0);
  expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(\d+, \d+\), \} *\n$/);
  expect(header).toContain(`(${rows}, ${dim})`);
  expect(new Float32Array(bytes.buffer.slice(length))).toEqual(data);
});
