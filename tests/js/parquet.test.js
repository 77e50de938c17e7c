// Indexes as Parquet files, read by hyparquet.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { Matrix, VectorIndex, errorOf } from '../support/wembed.js';
import { parquet } from '../../web/util.js';

/** @param {import('../../web/search.js').VectorIndex} index */
function fileOf(index) {
  const file = Buffer.concat([...parquet(index)]);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
}

/** @param {ArrayBuffer} file @returns {Promise<any[]>} */
const rowsOf = (file) => parquetReadObjects({ file });

test('ids, vectors, texts and metas come back', async () => {
  const index = await VectorIndex.create({ dim: 3, metric: 'dot' });
  index.add([
    { id: 'a', vector: [1, 0.5, -2], text: 'a "quoted"\nline é 猫 \u{1f600}', meta: { url: '/a', n: [1] } },
    { id: 'é', vector: [-2, 0, 1e-30] },
    { id: '', vector: [0, 0, 3e38], text: '', meta: null },
    { id: 'gone', vector: [1, 1, 1] },
  ]);
  index.remove('gone');
  const file = fileOf(index);
  expect(await rowsOf(file)).toEqual(
    [
      { id: 'a', vector: [1, 0.5, -2], text: 'a "quoted"\nline é 猫 \u{1f600}', meta: '{"url":"/a","n":[1]}' },
      { id: 'é', vector: [-2, 0, Math.fround(1e-30)] },
      { id: '', vector: [0, 0, Math.fround(3e38)], text: '', meta: 'null' },
    ].map((row) => ({ text: null, meta: null, begin: null, end: null, ...row })),
  );
  const { num_rows, schema } = parquetMetadata(file);
  expect(num_rows).toBe(3n);
  expect(schema.map(({ name }) => name)).toEqual([
    'schema',
    'id',
    'vector',
    'list',
    'element',
    'text',
    'meta',
    'begin',
    'end',
  ]);
  index.dispose();
  await errorOf(async () => [...parquet(index)], 'disposed');
});

test.each([
  ['integers', [7, -3, 2 ** 53 - 1, 0], [7n, -3n, 2n ** 53n - 1n, 0n]],
  ['numbers', [0.5, 2, -1e300], [0.5, 2, -1e300]],
  ['none', [], []],
])('ids: %s', async (_, ids, want) => {
  const index = await VectorIndex.create({ dim: 1, keywords: false });
  index.add(ids.map((id) => ({ id, vector: [1] })));
  expect((await rowsOf(fileOf(index))).map(({ id }) => id)).toEqual(want);
  index.dispose();
});

test('more rows than a group takes', async () => {
  const index = await VectorIndex.create({ dim: 2, metric: 'dot', keywords: false });
  const n = 70_001;
  index.add(Array.from({ length: n }, (_, id) => ({ id, vector: [id, -id], text: id % 3 ? `text ${id}` : undefined })));
  const file = fileOf(index);
  expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([65_536, n - 65_536]);
  const rows = await rowsOf(file);
  expect(rows.length).toBe(n);
  const wrong = rows.filter(
    ({ id, vector, text }, i) =>
      id !== BigInt(i) || vector[0] !== i || vector[1] !== -i || text !== (i % 3 ? `text ${i}` : null),
  );
  expect(wrong).toEqual([]);
  index.dispose();
});

test('passages have a row each, and say where they stand', async () => {
  const layer = {
    dim: 1,
    encode: (/** @type {string[]} */ texts) => new Matrix(new Float32Array(texts.length).fill(1), texts.length, 1),
  };
  const index = await VectorIndex.create({ layer, passages: { maxLength: 20, overlap: 0 } });
  const text = 'The first sentence. The second one. A third.';
  index.add([{ id: 1, text }]);
  const rows = await rowsOf(fileOf(index));
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect([row.id, row.text]).toEqual([1n, text.slice(row.begin, row.end)]);
  index.dispose();
});

test('what has no Parquet file is refused', async () => {
  await errorOf(async () => [...parquet(/** @type {any} */ ([]))], 'invalid_argument');
  const index = await VectorIndex.create({ dim: 1, keywords: false });
  index.add([
    { id: 7, vector: [1] },
    { id: '7', vector: [1] },
  ]);
  await errorOf(async () => [...parquet(index)], 'invalid_argument');
  index.remove('7');
  index.add([{ id: 8, vector: [1], meta: 1n }]);
  await errorOf(async () => [...parquet(index)], 'invalid_argument');
  index.dispose();
});
