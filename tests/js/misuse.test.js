// Meaningless arguments of every call are a WembedError that says so, and the next good call works.
import {
  EmbeddingLayer,
  EmbeddingTable,
  Matrix,
  RemoteTable,
  SinusoidalPositions,
  TiedHead,
  Tokenizer,
  VectorIndex,
  WordVectors,
  clearCache,
  errorOf,
  inspect,
  isCached,
  loadMini,
} from '../support/wembed.js';

const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
/** @type {Promise<EmbeddingLayer> | undefined} */
let shared;
const mini = () => (shared ??= loadMini());
const OPENERS = {
  layer: (/** @type {any} */ location) => EmbeddingLayer.fromPretrained(location),
  tokenizer: (/** @type {any} */ location) => Tokenizer.fromPretrained(location),
  remote: (/** @type {any} */ location) => RemoteTable.open(location, { tensor: 'x' }),
  inspect: (/** @type {any} */ location) => inspect(location),
  cached: (/** @type {any} */ location) => isCached(location),
};

describe.each(Object.entries(OPENERS))('%s', (_, open) => {
  test.each([undefined, null, 5, 'foo', '', 'https://[bad', 'http:', 'http://', [null], [5]])(
    'is not at %p',
    async (location) => {
      await errorOf(() => open(location), 'invalid_argument');
    },
  );
});

test('file names that are not strings are not found', async () => {
  await errorOf(() => Tokenizer.fromPretrained(any(new Map([[5, 'x']]))), 'not_found');
});

test.each(['https://[bad', 'http:'])('word vectors are not at %s', async (location) => {
  await errorOf(() => WordVectors.load(location), 'invalid_argument');
});

test('arguments that are missing or of another type', async () => {
  const table = await EmbeddingTable.from(Float32Array.of(1, 2, 3, 4), { rows: 2, dim: 2 });
  const words = await WordVectors.from(['a', 'b'], [1, 2, 3, 4]);
  const tokenizer = await Tokenizer.from({ model: { type: 'WordPiece', unk_token: '?', vocab: { '?': 0, a: 1 } } });
  const head = new TiedHead(table);
  const textless = Object.create(null); // String() of it throws
  /** @type {(() => unknown)[]} */
  const calls = [
    () => EmbeddingTable.from(Float32Array.of(1), any(undefined)),
    () => table.quantizationError(any({})),
    () => table.lookup(any('01')),
    () => table.bag([0], any(null)),
    () => head.topK(any(undefined), 1),
    () => new SinusoidalPositions(any(undefined)),
    () => words.vectors(any('a')),
    () => words.doesntMatch(any(undefined)),
    () => words.mostSimilar(any(undefined)),
    () => words.mostSimilar({ positive: any(5) }),
    () => words.mostSimilarCosmul(any(undefined)),
    () => new SinusoidalPositions({ dim: 4 }).positionsOf(any(undefined)),
    () => new SinusoidalPositions({ dim: 4 }).lookup(any(textless)),
    () => table.lookup(any(textless)),
    () => table.lookup(any([textless])),
    () => table.bag([0], [0, 1], { mode: any(textless) }),
    () => table.quantize(any(textless)),
    () => head.topK(Float32Array.of(1, 2), any(textless)),
    () => tokenizer.encode('a', { maxLength: any(textless) }),
    () => WordVectors.from(any(null), [1]),
    () => WordVectors.from(['a'], any(null)),
    () => tokenizer.decode(any(undefined)),
    () => tokenizer.encode(any(null)),
    () => Tokenizer.from(any(null)),
  ];
  const codes = [];
  for (const call of calls) {
    try {
      await call();
      codes.push('no error');
    } catch (error) {
      codes.push(any(error).code);
    }
  }
  const expected = /^(invalid_argument|shape_mismatch|bad_file|unsupported)$/;
  expect(codes.filter((code) => !expected.test(String(code))).length).toBe(0);
  expect(tokenizer.idToToken(any(textless))).toBeUndefined();
  expect([...table.row(1), ...words.get('b'), ...tokenizer.encode('a').ids]).toEqual([3, 4, 3, 4, 1]);
  for (const each of [words, tokenizer, head, table]) each.dispose();
});

test('options that are true or false take nothing else', async () => {
  const tokenizer = /** @type {Tokenizer} */ ((await mini()).tokenizer);
  for (const value of ['false', 1, null, 5n, Symbol('yes'), NaN]) {
    await errorOf(() => tokenizer.encode('a', any({ addSpecialTokens: value })), 'invalid_argument');
    await errorOf(() => tokenizer.encode('a', any({ offsets: value })), 'invalid_argument');
    await errorOf(() => tokenizer.count('a', any({ addSpecialTokens: value })), 'invalid_argument');
  }
  expect(tokenizer.count('a')).toBe(1);
});

test('settings of a head that are no numbers, or that f32 cannot hold', async () => {
  const table = await EmbeddingTable.from([1, 2, 3, 4], { rows: 2, dim: 2 });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const options of [
    ...[true, '3', '', [], [1], 5n, Symbol('x'), revoked.proxy, -1, NaN].map((softcap) => ({ softcap })),
    ...[0, false, '', NaN, revoked.proxy].map((bias) => ({ bias })),
    ...['', 0, revoked.proxy].map((transform) => ({ transform })),
    ...[1e300, '2', 5n].map((scale) => ({ scale })),
  ]) {
    await errorOf(() => new TiedHead(table, any(options)), 'invalid_argument');
  }
  expect([...new TiedHead(table, { scale: 2, softcap: 0 }).logits([1, 1])]).toEqual([6, 14]);
});

test('sizes of a Matrix are whole numbers, at least 0', async () => {
  const data = new Float32Array(4);
  for (const [rows, dim] of any([
    [1.5, 2],
    ['2', '2'],
    [0, -2],
    [-2, -2],
    [2n, 2],
    [Symbol('x'), 2],
    [NaN, 4],
  ])) {
    const numbers = rows === 0 ? new Float32Array(0) : data;
    await errorOf(() => new Matrix(numbers, rows, dim), 'shape_mismatch');
  }
  expect(new Matrix(data, 2, 2).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('a variable that was never set does not empty the cache', async () => {
  expect(await errorOf(() => clearCache(any(undefined)), 'invalid_argument')).toMatch('left out for everything');
});

test('prune without a corpus is not prune with a corpus that is nothing', async () => {
  const layer = await mini();
  for (const corpus of [0, '', null, NaN, false]) {
    await errorOf(() => layer.prune(any({ corpus })), 'invalid_argument');
  }
});

test('one vector is not a list of vectors', async () => {
  const index = await VectorIndex.create({ dim: 2 });
  await errorOf(
    () =>
      index.add([
        any({
          id: 1,
          vector: [
            [1, 2],
            [3, 4],
          ],
        }),
      ]),
    'invalid_argument',
  );
  index.add([{ id: 1, vector: [1, 2] }]);
  for (const query of [
    [
      [1, 2],
      [3, 4],
    ],
    new Matrix(new Float32Array(2).fill(1), 1, 2),
  ]) {
    await errorOf(() => index.search(any(query)), 'invalid_argument');
    await errorOf(() => index.search({ vector: any(query) }), 'invalid_argument');
  }
  expect(index.search([1, 2]).map(({ id }) => id)).toEqual([1]);
  index.dispose();
});
