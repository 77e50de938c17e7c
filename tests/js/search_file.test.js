// An index is its bytes: saved and loaded it gives the same, appended to it is whole, damaged it is refused.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VectorIndex, errorOf, loadMini } from '../support/wembed.js';
import { randomFrom } from '../support/api_fuzz.js';
import { writeChunk } from '../../web/search/chunks.js';
import { WembedError } from '../../web/index.js';
import { jsonLines } from '../../web/util.js';

const folder = mkdtempSync(join(tmpdir(), 'wembed-index-'));
/** @type {import('../../web/index.js').EmbeddingLayer} */
let layer;
beforeAll(async () => {
  layer = await loadMini();
});
afterAll(() => {
  layer.dispose();
  rmSync(folder, { recursive: true });
});

const TEXTS = [
  'A cat sleeps. It dreams of mice.',
  'Shares fell. Markets closed lower today.',
  '',
  'Zürich 東京 😀',
  'cats',
];
const item = (/** @type {string} */ text, /** @type {number} */ i) => ({
  id: i % 2 ? `id ${i}` : i / 4,
  text,
  meta: i === 1 ? undefined : { i, deep: ['x', null] },
});

/** @param {Partial<import('../../web/search.js').IndexOptions>} [options] */
async function newIndex(options) {
  const index = await VectorIndex.create({ layer, passages: { maxLength: 20, overlap: 0 }, ...options });
  index.add(TEXTS.map(item));
  index.add([{ id: 'gone', text: 'cat cat market' }]);
  index.remove('gone');
  return index;
}

/** @param {VectorIndex} index */
const answers = (index) => ({
  hits: ['cat', 'markets today', '東京', ''].map((query) => index.search(query, { topK: 9 })),
  words: index.search('cats dreaming', { hybrid: 'keywords' }),
  items: index.ids().map((id) => index.get(id)),
});

test.each(/** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4']))(
  '%s: the same answers, bit for bit',
  async (dtype) => {
    const index = await newIndex({ dtype });
    const bytes = await index.save();
    const again = await VectorIndex.load(bytes, { layer });
    expect(answers(again)).toEqual(answers(index));
    expect(again.describe()).toMatchObject({ length: 5, dtype, metric: 'cosine', keywords: true });
    expect(Buffer.compare(again.data, bytes)).toBe(0);
    again.add([{ id: 'new', text: 'a new text about a cat' }]);
    expect(again.search('a new text', { topK: 1 })[0].id).toBe('new');
    again.dispose();
    index.dispose();
  },
);

test.each([
  ['no keywords', { keywords: false }],
  ['no texts', { texts: false }],
  [
    'words as they are, dot',
    { keywords: { language: /** @type {const} */ ('none'), k1: 2, b: 0.1 }, metric: /** @type {const} */ ('dot') },
  ],
  ['stop words', { keywords: { stopWords: ['cat'] } }],
  ['fewer numbers', { dim: 16, passages: false }],
])('%s', async (_, options) => {
  const index = await newIndex(options);
  const again = await VectorIndex.from(index.data.buffer, { layer });
  expect(again.describe()).toEqual({
    ...index.describe(),
    rows: again.describe().rows,
    vectorBytes: expect.any(Number),
  });
  const found = (/** @type {VectorIndex} */ each) => ['cat', 'markets'].map((query) => each.search(query));
  expect(found(again)).toEqual(found(index));
  again.dispose();
  index.dispose();
});

test('a file, a Blob, an address, the handle of a file', async () => {
  const index = await newIndex();
  const path = join(folder, 'a.index');
  writeFileSync(path, 'what was there before');
  await index.save(path);
  expect(readdirSync(folder)).toEqual(['a.index']);
  /** @type {Uint8Array[]} */
  const written = [];
  const stream = {
    write: async (/** @type {Uint8Array} */ bytes) => void written.push(bytes),
    close: async () => {},
    abort: async () => {},
  };
  const handle = /** @type {any} */ ({
    name: 'h',
    createWritable: async () => stream,
    getFile: async () => new Blob(/** @type {any} */ (written)),
  });
  await index.save(handle);
  for (const source of [path, pathToFileURL(path), new Blob([readFileSync(path)]), handle]) {
    const again = await VectorIndex.load(source, { layer });
    expect(answers(again)).toEqual(answers(index));
    again.dispose();
  }
  await errorOf(() => index.save(join(folder, 'no/such/folder/a.index')), 'invalid_argument');
  await errorOf(() => index.save(/** @type {any} */ (5)), 'invalid_argument');
  stream.write = async () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  expect(await errorOf(() => index.save(handle), 'invalid_argument')).toMatch('full');
  await errorOf(() => VectorIndex.load(join(folder, 'none.index')), 'not_found');
  expect(readdirSync(folder)).toEqual(['a.index']);
  index.dispose();
});

test('what changes is appended: bytes after bytes are one index', async () => {
  const index = await newIndex();
  const parts = [await index.save()];
  for (let step = 0; step < 6; step++) {
    index.add(Array.from({ length: 5 }, (_, i) => ({ id: 1000 + 10 * step + i, text: `text ${step} ${i} cat` })));
    index.remove(1000 + 10 * step);
    index.update([{ id: 0, text: `the first text, version ${step}` }]);
    if (step > 0) index.remove(1001 + 10 * (step - 1));
    parts.push(index.changes());
  }
  parts.push(index.changes()); // nothing
  const again = await VectorIndex.from(new Uint8Array(Buffer.concat(parts)));
  const seen = (/** @type {VectorIndex} */ each) => ({
    ids: each.ids(),
    hits: each.search('cat version', { hybrid: 'keywords', topK: 99 }),
  });
  expect(seen(again)).toEqual(seen(index));
  index.dispose();
  again.dispose();
});

test.each([
  [{ a: [1, { when: NaN }] }, 'meta.a[1].when: Number NaN'],
  [[undefined], 'meta[0]: undefined'],
  [{ f: () => 1 }, 'meta.f: Function'],
  [new Map([[1, 2]]), 'meta: Map'],
  [{ v: new Float32Array(2) }, 'meta.v: Float32Array'],
  [Symbol('s'), 'meta: Symbol'],
  [{ big: { n: 10n } }, 'meta.big.n: BigInt 10'],
])('a meta that JSON would change is refused, with its place: %#', async (meta, place) => {
  const index = await VectorIndex.create({ dim: 1 });
  index.add([{ id: 'odd', vector: [1], meta }]);
  expect(index.search([1])[0].meta).toBe(meta);
  for (const write of [() => index.data, () => index.save(), () => index.changes(), () => [...jsonLines(index)]]) {
    expect(await errorOf(write, 'invalid_argument')).toMatch(`the meta of item odd holds what JSON cannot: ${place}`);
  }
  index.update([
    { id: 'odd', vector: [1], meta: { when: new Date(0), none: undefined, deep: [null, 'x', -0.5, true] } },
  ]);
  expect((await VectorIndex.from(index.data)).get('odd').meta).toEqual({
    when: '1970-01-01T00:00:00.000Z',
    deep: [null, 'x', -0.5, true],
  });
  const round = /** @type {any} */ ({});
  round.itself = round;
  index.update([{ id: 'odd', vector: [1], meta: round }]);
  await errorOf(() => index.data, 'invalid_argument');
  index.dispose();
});

test('an own stem function is asked for; metas that JSON cannot hold are refused', async () => {
  const stem = (/** @type {string} */ word) => word.slice(0, 2);
  const index = await newIndex({ keywords: { stem } });
  await errorOf(() => VectorIndex.from(index.data, { layer }), 'invalid_argument');
  const again = await VectorIndex.from(index.data, { layer, stem });
  expect(again.search('caxx', { hybrid: 'keywords' })).toEqual(index.search('caxx', { hybrid: 'keywords' }));
  index.add([{ id: 'odd', text: 'odd', meta: 10n }]);
  await errorOf(() => index.data, 'invalid_argument');
  index.dispose();
  again.dispose();
});

describe('damage', () => {
  /** @type {Uint8Array} */
  let good;
  beforeAll(async () => {
    const index = await newIndex({ dtype: 'i8', dim: 8 });
    good = index.data;
    index.dispose();
  });

  test.each([
    ['nothing', () => new Uint8Array(0), 'bad_file', 'truncated'],
    ['a text', () => new TextEncoder().encode('<!doctype html><html></html>'), 'bad_file', 'foreign'],
    ['its head alone', () => good.slice(0, 40), 'bad_file', 'truncated'],
    ['without its end', () => good.slice(0, -16), 'bad_file', 'truncated'],
    ['a newer version', () => good.with(8, 2), 'unsupported', 'newer'],
    ['something after it', () => new Uint8Array([...good, ...new Uint8Array(16)]), 'bad_file', 'foreign'],
  ])('%s', async (_, make, code, reason) => {
    const error = await VectorIndex.from(make(), { layer }).catch((thrown) => thrown);
    expect({ code: error.code, reason: error.reason }).toEqual({ code, reason });
  });

  test('a Buffer, wherever it begins, is read and left as it is', async () => {
    for (const begin of [0, 1, 4, 7]) {
      const buffer = Buffer.alloc(good.length + begin);
      buffer.set(good, begin);
      const before = Buffer.from(buffer);
      const index = await VectorIndex.from(buffer.subarray(begin), { layer });
      expect(index.data).toEqual(good);
      index.dispose();
      expect(buffer.equals(before)).toBe(true);
    }
  });

  test('every bit counts, but those between the sections', async () => {
    const random = randomFrom(3);
    for (let n = 0; n < 400; n++) {
      const copy = good.slice();
      copy[Math.floor(random() * copy.length)] ^= 1 << Math.floor(8 * random());
      const result = await VectorIndex.from(copy, { layer }).catch((error) => error);
      if (result instanceof VectorIndex) {
        expect(Buffer.compare(result.data, good)).toBe(0);
        result.dispose();
      } else expect(result).toBeInstanceOf(WembedError);
    }
  });

  test('sections that somebody else wrote: refused, or an index that works', async () => {
    const random = randomFrom(4);
    const view = new DataView(good.buffer);
    const sections = Array.from({ length: 13 }, (_, i) => {
      const [at, bytes] = [view.getFloat64(32 + 24 * i + 8, true), view.getFloat64(32 + 24 * i + 16, true)];
      return good.slice(at, at + bytes);
    });
    let refused = 0;
    for (let n = 0; n < 1500; n++) {
      const copy = sections.map((section) => section.slice());
      const i = Math.floor(random() * copy.length);
      const at = Math.floor(random() * copy[i].length);
      if (n % 3 === 0) copy[i] = copy[i].slice(0, at);
      else if (copy[i].length > 0) copy[i][at] = Math.floor(256 * random());
      const result = await VectorIndex.from(writeChunk(copy), { layer }).catch((error) => error);
      if (result instanceof VectorIndex) {
        for (const id of result.ids()) result.get(id);
        result.search('cat');
        result.add([{ id: 'one more', text: 'one more' }]);
        result.remove(result.ids());
        result.dispose();
        continue;
      }
      refused++;
      if (!(result instanceof WembedError)) throw new Error(`section ${i}`, { cause: result });
    }
    expect(refused).toBeGreaterThan(500);
  });
});
