// Settings files: JSON written by Python, hostile JSON, and files with other content.
import { parseJson } from '../../web/sources/json.js';
import { modelFiles } from '../../web/sources/files.js';
import { readJson } from '../../web/sources/whole.js';
import { safetensors, smallModel, smallTable } from '../support/models.js';
import { EmbeddingLayer, Tokenizer, WembedError, WordVectors, errorOf, inspect } from '../support/wembed.js';

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const parsed = (/** @type {string} */ text) => parseJson(utf8(text), 'config.json');

/** @param {() => unknown} call */
async function reasonOf(call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return [error.code, error.reason];
  }
  return 'nothing';
}

describe('numbers that JSON does not have', () => {
  test('NaN, Infinity and -Infinity are read as values everywhere', async () => {
    expect(await parsed('{"a": [0.0, Infinity], "b": -Infinity, "c": NaN, "d": {"e": [NaN,1,-Infinity]}}')).toEqual({
      ...{ a: [0, Infinity], b: -Infinity, c: NaN, d: { e: [NaN, 1, -Infinity] } },
    });
    expect([await parsed('NaN'), await parsed(' Infinity\n'), await parsed('[-Infinity]')]).toEqual([
      NaN,
      Infinity,
      [-Infinity],
    ]);
  });

  test('in strings and keys they are ordinary characters', async () => {
    const value = { NaN: 'Infinity', 'a "NaN" b': ['-Infinity', '\\', 'NaN\\"'], 'Infinity\\': 1 };
    expect(await parsed(JSON.stringify(value))).toEqual(value);
    expect(await parsed(JSON.stringify(value).replace(/1}$/, 'NaN}'))).toEqual({ ...value, 'Infinity\\': NaN });
    expect(await parsed('{"e": "\\u0022NaN\\u0022", "n": NaN}')).toEqual({ e: '"NaN"', n: NaN });
  });

  // Python's json.loads refuses these too.
  test.each(['{NaN: 1}', '{Infinity: 1}', '[1Infinity]', '[Infinity1]', '[-NaN]', '[+Infinity]', '[- Infinity]'])(
    '%s is refused',
    async (text) => expect(await reasonOf(() => parsed(text))).toEqual(['bad_file', 'json']),
  );
  test.each([
    '[1-Infinity]',
    '[Infinity.5]',
    '[NaNNaN]',
    '[nan]',
    '[inf]',
    '[.NaN]',
    '["a" NaN]',
    '{"a" NaN}',
    'NaN NaN',
  ])('%s is refused as well', async (text) => expect(await reasonOf(() => parsed(text))).toEqual(['bad_file', 'json']));

  test('a model whose config.json has them loads', async () => {
    const layer = await EmbeddingLayer.fromPretrained(
      smallModel({ 'config.json': '{"limit": [0.0, Infinity], "x": NaN}' }),
    );
    expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
    layer.dispose();
  });
});

test('the last value of a repeated key is used, and __proto__ is a key', async () => {
  expect(await parsed('{"a": 1, "a": NaN}')).toEqual({ a: NaN });
  expect(Object.hasOwn(await parsed('{"__proto__": 1, "b": NaN}'), '__proto__')).toBe(true);
  expect(/** @type {any} */ ({}).b).toBe(undefined);
});

test.each([1, 1000])('very deep nesting is refused, not a RangeError (%s)', async (scale) => {
  const depth = 600 * scale;
  for (const text of [
    '['.repeat(depth),
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    '{"a":'.repeat(depth),
    `[NaN,${'['.repeat(depth)}`,
  ]) {
    expect(await reasonOf(() => parsed(text))).toEqual(['bad_file', 'json']);
  }
  expect(await parsed(`${'['.repeat(400)}${']'.repeat(400)}`)).toHaveLength(1);
  expect(await parsed(JSON.stringify('['.repeat(depth)))).toHaveLength(depth);
  expect(await parsed(JSON.stringify(Array(depth).fill({ a: [] })))).toHaveLength(depth);
  const header = `{"embeddings":{"dtype":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
  const file = safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data: smallTable() } }, { header });
  expect(await reasonOf(() => inspect(file))).toEqual(['bad_file', 'json']);
});

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n';
const FOREIGN = /** @type {[string, string][]} */ ([
  ['git_lfs', POINTER],
  ['html', '\ufeff <!DOCTYPE html><title>Sign in</title>'],
  ['html', '<html><p>Not found</p></html>'],
  ['xml', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
  ['zip', 'PK\u0003\u0004\u0014\u0000\u0000\u0000archive/data.pkl'],
]);

describe('the error names what is in place of a file', () => {
  test.each(FOREIGN)('%s', async (reason, text) => {
    const content = utf8(text);
    const model = (/** @type {string} */ name) => () => EmbeddingLayer.fromPretrained(smallModel({ [name]: content }));
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json']) {
      expect(await reasonOf(model(name))).toEqual(['bad_file', reason]);
    }
    expect(await reasonOf(() => EmbeddingLayer.fromPretrained({ 'model.gguf': content }))).toEqual([
      'bad_file',
      reason,
    ]);
    expect(await reasonOf(() => inspect(content))).toEqual(['bad_file', reason]);
    expect(await reasonOf(() => Tokenizer.fromPretrained({ 'vocab.txt': content }))).toEqual(['bad_file', reason]);
    if (reason !== 'zip') expect(await reasonOf(() => WordVectors.load(content))).toEqual(['bad_file', reason]);
  });

  test('the error for a Git LFS pointer says how to get the file', async () => {
    const files = smallModel({ 'model.safetensors': utf8(POINTER) });
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(files), 'bad_file')).toMatch(
      /Git LFS pointer.*git lfs pull/,
    );
  });

  test('empty files and files cut short', async () => {
    const load = (/** @type {Record<string, any>} */ files) =>
      reasonOf(() => EmbeddingLayer.fromPretrained(smallModel(files)));
    expect(await load({ 'config.json': '' })).toEqual(['bad_file', 'empty']);
    expect(await load({ 'model.safetensors': '' })).toEqual(['bad_file', 'empty']);
    expect(await reasonOf(() => inspect(new Uint8Array(0)))).toEqual(['bad_file', 'empty']);
    expect(await reasonOf(() => EmbeddingLayer.fromPretrained({ 'model.gguf': '' }))).toEqual(['bad_file', 'empty']);
    expect(await reasonOf(() => EmbeddingLayer.fromPretrained({ 'model.gguf': 'GGUF\u0003' }))).toEqual([
      'bad_file',
      'truncated',
    ]);
  });

  test('tokens that look like a page or a version are tokens', async () => {
    const vocab = ['<s>', '<unk>', 'version', '[UNK]', '<'].join('\n');
    const tokenizer = await Tokenizer.fromPretrained({ 'vocab.txt': vocab });
    expect(tokenizer.vocabSize).toBe(5);
    tokenizer.dispose();
    const vectors = await WordVectors.load(utf8('version 1 2\n<s> 3 4\n'));
    expect(vectors.indexToKey).toEqual(['version', '<s>']);
    vectors.dispose();
  });
});

describe('why a safetensors file is refused', () => {
  const tensors = { a: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } };
  const good = safetensors(tensors);
  const edited = (/** @type {object} */ change) =>
    safetensors(tensors, { edit: (header) => ({ ...header, a: { ...header.a, ...change } }) });
  test.each(
    /** @type {[string, Uint8Array][]} */ ([
      ['header_too_large', safetensors(tensors, { length: 2n ** 40n })],
      ['header_too_small', safetensors(tensors, { length: 1n })],
      ['invalid_header_length', safetensors(tensors, { length: 10_000n })],
      ['invalid_header_start', safetensors(tensors, { header: '[1]' })],
      ['invalid_header', safetensors(tensors, { header: '{"a": NaN}' })],
      ['invalid_metadata', safetensors(tensors, { edit: (header) => ({ ...header, __metadata__: { a: 1 } }) })],
      ['invalid_tensor', edited({ dtype: 'F33' })],
      ['invalid_tensor', edited({ shape: [-1] })],
      ['invalid_tensor', edited({ data_offsets: [8, 0] })],
      ['tensor_invalid_info', edited({ shape: [3] })],
      ['invalid_offset', edited({ data_offsets: [1, 9] })],
      ['truncated', good.slice(0, good.length - 1)],
      ['metadata_incomplete_buffer', Uint8Array.of(...good, 0)],
    ]),
  )('%s', async (reason, file) => {
    expect(await reasonOf(() => inspect(file))).toEqual(['bad_file', reason]);
  });
});

test('readJson gives null for a missing file', async () => {
  expect(await readJson(await modelFiles({}), 'config.json')).toBe(null);
});
