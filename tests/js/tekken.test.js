// tekken.json read by the text module, beside the same read by JavaScript: one tokenizer, or one error.
import { readFileSync } from 'node:fs';
import { tokenizerOfFiles } from '../../web/tokenizer/files/detect.js';
import { tokenizerOfObject } from '../../web/tokenizer/files/ranks_objects.js';
import { parsePythonJson } from '../../web/sources/python_json.js';
import { Lists } from '../../web/tokenizer/lists.js';
import { LISTS } from '../../web/tokenizer/vocab_json.js';
import { Tokenizer, WembedError } from '../support/wembed.js';

const TEXT = 'abc ab é😀 x"\\ <s>[INST]a\u0000<x>';
const base64 = (/** @type {string | number[]} */ token) => Buffer.from(token).toString('base64');
const entry = (
  /** @type {string | number[]} */ token,
  /** @type {number} */ rank,
  /** @type {object} */ more = {},
) => ({
  ...{ rank, token_bytes: base64(token), token_str: typeof token === 'string' ? token : null },
  ...more,
});
const TOKENS = [...Array.from({ length: 256 }, (_, byte) => [byte]), 'ab', 'abc', ' a', ' ab', 'é', '😀', '"\\', '<s>'];
const VOCAB = TOKENS.map((token, rank) => entry(token, rank));
const CONFIG = {
  ...{ pattern: ' ?\\p{L}+|[^\\s\\p{L}]+|\\s+', num_vocab_tokens: VOCAB.length },
  ...{ default_vocab_size: VOCAB.length + 20, default_num_special_tokens: 20, version: 'v3' },
};
const FILE = { config: CONFIG, vocab: VOCAB };

/** @param {() => Promise<any>} make what `Tokenizer.from` takes */
async function outcome(make) {
  try {
    const tokenizer = await Tokenizer.from(await make());
    const { ids, tokens } = tokenizer.encode(TEXT);
    const saved = Buffer.from(tokenizer.save()).toString('base64');
    const result = { ids: [...ids], tokens, size: tokenizer.vocabSize, text: tokenizer.decode(ids), saved };
    tokenizer.dispose();
    return result;
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** What comes of a tekken.json in a folder, read by the text module and by JavaScript. @param {Uint8Array} bytes */
async function both(bytes) {
  const read = async (/** @type {string} */ name) => (name === 'tekken.json' ? bytes : null);
  const parsed = async () => {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return tokenizerOfObject(parsePythonJson(text, 'tekken.json'), {}) ?? {};
  };
  const listed = async () => (await tokenizerOfFiles(read, [], {})) ?? {};
  return [await outcome(listed), await outcome(parsed)];
}

const bytesOf = (/** @type {unknown} */ file) =>
  new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file));
const withToken = (/** @type {number} */ rank, /** @type {any} */ token) => ({
  ...FILE,
  vocab: VOCAB.with(rank, token),
});
const JSON_FILE = JSON.stringify(FILE);

test('the text module reads it, by location and by bytes', async () => {
  const bytes = bytesOf(FILE);
  const json = /** @type {any} */ (
    await tokenizerOfFiles(async (name) => (name === 'tekken.json' ? bytes : null), [], {})
  );
  const lists = await Lists.make();
  expect(LISTS.get(json.model)?.(lists)).toBe(true);
  expect(lists.section.size).toBe(VOCAB.length);
  lists.free();
  const long = bytesOf({ ...FILE, vocab: VOCAB.map((each) => ({ ...each, token_str: 'x'.repeat(9000) })) });
  expect(long.length).toBeGreaterThan(2 ** 21);
  const found = await outcome(async () => long);
  expect(found).toEqual(await outcome(async () => JSON.parse(JSON_FILE)));
  expect(found.text).toBe('abc ab é😀 x"\\ a\u0000<x>');
});

test.each(
  /** @type {[string, unknown, string?][]} */ ([
    ['as usual', FILE],
    ['spaces between all', JSON.stringify(FILE, null, 2)],
    ['the vocabulary before the settings', { vocab: VOCAB, config: CONFIG }],
    ['other keys first', withToken(256, { token_str: 'ab', token_bytes: base64('ab'), rank: 256 })],
    ['a token without token_str', withToken(256, { rank: 256, token_bytes: base64('ab') })],
    ['a token with more keys', withToken(256, entry('ab', 256, { more: { a: [1, null] } }))],
    ['a token_str of another token', withToken(256, entry('ab', 256, { token_str: 'x' }))],
    ['a token_str that is a number', withToken(256, entry('ab', 256, { token_str: 5 }))],
    ['a token_str that is half a pair', JSON_FILE.replace('"token_str":"abc"', '"token_str":"\\ud800"')],
    ['a key that is escaped', JSON_FILE.replace('"rank":256', '"r\\u0061nk":256')],
    ['a key twice: the last counts', JSON_FILE.replace('"rank":256', '"rank":7,"rank":256')],
    ['a token that is escaped', JSON_FILE.replace(`"${base64('😀')}"`, `"\\u0038${base64('😀').slice(1)}"`)],
    ['fewer tokens used than there are', { ...FILE, config: { ...CONFIG, default_vocab_size: 280 } }],
    ['a broken token that is not used', { ...withToken(260, 5), config: { ...CONFIG, default_vocab_size: 280 } }],
    ['a rank that is not its number', withToken(256, entry('ab', 257)), 'bad_file'],
    ['a rank that is a fraction', withToken(256, entry('ab', 256.5)), 'bad_file'],
    ['a rank that is a text', withToken(256, { ...entry('ab', 256), rank: '256' }), 'bad_file'],
    ['a rank that is missing', withToken(256, { token_bytes: base64('ab') }), 'bad_file'],
    ['token_bytes that are missing', withToken(256, { rank: 256, token_str: 'ab' }), 'bad_file'],
    ['token_bytes that are a list', withToken(256, { rank: 256, token_bytes: [97] }), 'bad_file'],
    ['token_bytes that are no base64', withToken(256, { rank: 256, token_bytes: 'YW*=' }), 'bad_file'],
    ['token_bytes without padding', withToken(256, { rank: 256, token_bytes: 'YWI' })],
    ['token_bytes with bits to spare', withToken(256, { rank: 256, token_bytes: 'YWJ=' })],
    ['no token_bytes: an empty token', withToken(256, entry('', 256))],
    ['a token of 600 bytes', withToken(256, entry('a'.repeat(600), 256))],
    ['a token that is null', withToken(256, null), 'bad_file'],
    ['a token twice', withToken(256, entry('abc', 256)), 'bad_file'],
    ['a byte without a token', withToken(7, entry('zz', 7)), 'bad_file'],
    ['no tokens', { ...FILE, vocab: [] }, 'bad_file'],
    ['more tokens used than there are', { ...FILE, config: { ...CONFIG, default_vocab_size: 1e6 } }, 'bad_file'],
    ['endless special tokens', { ...FILE, config: { ...CONFIG, default_num_special_tokens: 2 ** 23 } }, 'bad_file'],
    ['special tokens below zero', { ...FILE, config: { ...CONFIG, default_num_special_tokens: -1 } }, 'bad_file'],
    ['no pattern', { ...FILE, config: { ...CONFIG, pattern: undefined } }, 'bad_file'],
    ['a pattern that is not covered', { ...FILE, config: { ...CONFIG, pattern: '(?<=ab)c' } }, 'unsupported'],
    [
      'special tokens by name',
      {
        ...FILE,
        special_tokens: [
          { rank: 0, token_str: '<x>' },
          { rank: 1, token_str: '<s>' },
        ],
      },
    ],
    ['special tokens out of order', { ...FILE, special_tokens: [{ rank: 1, token_str: '<x>' }] }, 'bad_file'],
    ['a number as Python writes it', JSON_FILE.replace('"version"', '"x":NaN,"version"')],
    ['two vocabularies: the last counts', JSON_FILE.replace('"vocab":', '"vocab":[],"vocab":')],
    ['two settings: the last count', JSON_FILE.replace('"config":', '"config":{},"config":')],
    ['more after the end', `${JSON_FILE}x`, 'bad_file'],
    ['an end too soon', JSON_FILE.slice(0, -1), 'bad_file'],
    ['a comma too many', JSON_FILE.replace(/\]\}$/, ',]}'), 'bad_file'],
  ]).map(([what, ...row]) => [what, row]),
)('%s', async (_, [file, code]) => {
  const [listed, parsed] = await both(bytesOf(file));
  expect(listed).toEqual(parsed);
  expect(listed.code).toBe(code);
});

test('files with any byte changed', async () => {
  const whole = bytesOf(FILE);
  const differ = [];
  for (let at = 0; at < whole.length; at += at < 1000 || at > whole.length - 700 ? 3 : 97) {
    if (whole[at] >= 0x80) continue; // the file would be no UTF-8
    const changed = whole.with(at, [0x20, 0x22, 0x5c, 0x2c, 0x5d, 0x7d, 0x30][at % 7]);
    const [listed, parsed] = await both(changed);
    if (JSON.stringify(listed) !== JSON.stringify(parsed)) differ.push([at, listed, parsed]);
  }
  expect(differ).toEqual([]);
});

describe('what mistral-common refuses is refused, and the rest has its ids', () => {
  const { usual, cases } = JSON.parse(readFileSync(new URL('../golden/tekken_files.json', import.meta.url), 'utf8'));
  test.each(/** @type {any[]} */ (cases).map((each) => [each.name, each]))('%s', async (_, { change, ids }) => {
    const vocab = usual.vocab.map(
      (/** @type {any} */ token, /** @type {number} */ rank) => change.vocab?.[rank] ?? token,
    );
    const special = change.special ? { special_tokens: change.special } : {};
    const bytes = bytesOf({ config: { ...usual.config, ...change.config }, vocab, ...special });
    const [listed, parsed] = await both(bytes);
    expect(listed).toEqual(parsed);
    expect(listed.code).toBe(ids === null ? 'bad_file' : undefined);
    if (ids === null) return;
    const tokenizer = await Tokenizer.fromPretrained({ 'tekken.json': bytes });
    expect([...tokenizer.encode('abc ab ABAé \u0000').ids]).toEqual(ids);
    tokenizer.dispose();
  });
});
