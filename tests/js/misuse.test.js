// Meaningless arguments of every call are a WembedError that says so, and the next good call works.
import {
  EmbeddingLayer,
  EmbeddingTable,
  RemoteTable,
  SinusoidalPositions,
  TiedHead,
  Tokenizer,
  WordVectors,
  errorOf,
  inspect,
  isCached,
} from '../support/wembed.js';

const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
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
