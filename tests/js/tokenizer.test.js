// Tokenizers through the public API against the Rust `tokenizers`; tools/golden/tokenizer.py says what a hash is made of.
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers';
import { Fnv, goldenTexts } from '../support/golden_texts.js';
import { Tokenizer, errorOf, readBytes } from '../support/wembed.js';

const GOLDEN = new URL('../golden/tokenizer/', import.meta.url);
const kinds = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name) => name.replace('.json.gz', ''));
const jsonOf = (/** @type {string} */ kind) =>
  JSON.parse(gunzipSync(readFileSync(new URL(`${kind}.json.gz`, GOLDEN))).toString());

const texts = goldenTexts();

test.each(kinds)('%s: ids, offsets and text are the reference’s', async (kind) => {
  const tokenizer = await Tokenizer.from(jsonOf(kind));
  expect(tokenizer.engine).toBe('wasm');
  const hashes = readBytes(`tests/golden/tokenizer/${kind}.hashes`);
  const view = new DataView(hashes.buffer, hashes.byteOffset);
  expect(hashes.length).toBe(4 * texts.length);
  const encoder = new TextEncoder();
  const wrong = [];
  let compared = 0;
  for (const [i, text] of texts.entries()) {
    const { ids, tokens, offsets } = tokenizer.encode(text, { offsets: true });
    if (tokens.length !== ids.length || tokens.includes(/** @type {any} */ (undefined))) wrong.push(text);
    const decoded = tokenizer.decode(ids);
    if (decoded.includes('\ufffd')) continue; // bytes that are no UTF-8, perhaps, which the hash takes as bytes
    const fnv = new Fnv();
    fnv.add(ids.length);
    ids.forEach((id) => fnv.add(id));
    offsets?.forEach(([begin, end]) => [begin, end].forEach((value) => fnv.add(value)));
    encoder.encode(decoded).forEach((byte) => fnv.add(byte));
    compared++;
    if (fnv.hash !== view.getUint32(4 * i, true)) wrong.push(text);
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(0.8 * texts.length);
  tokenizer.dispose();
});

test('from bytes and from a parsed file: the same tokenizer, the same errors', async () => {
  const bytesOf = (/** @type {any} */ json) => new TextEncoder().encode(JSON.stringify(json));
  for (const kind of kinds) {
    const [parsed, read] = [await Tokenizer.from(jsonOf(kind)), await Tokenizer.from(bytesOf(jsonOf(kind)))];
    expect([read.engine, read.vocabSize, read.unkId]).toEqual([parsed.engine, parsed.vocabSize, parsed.unkId]);
    for (const text of texts.slice(0, 200)) expect(read.encode(text)).toEqual(parsed.encode(text));
  }
  const vocab = '{"[UNK]":0,"\\u0061b":1,"\\ud83d\\ude00":2,"é":3,"a":4,"##b":5,"a":4}';
  const { normalizer, pre_tokenizer } = jsonOf('bert');
  const model = { type: 'WordPiece', unk_token: '[UNK]', vocab: {} };
  const file = JSON.stringify({ normalizer, pre_tokenizer, model }).replace('"vocab":{}', `"vocab":${vocab}`);
  await errorOf(() => Tokenizer.from(new TextEncoder().encode(file.replace('"é":3', '"é":-3'))), 'bad_file');
  await errorOf(() => Tokenizer.from(new TextEncoder().encode(file.slice(0, -1))), 'bad_file');
  const tokenizer = await Tokenizer.from(new TextEncoder().encode(file.replace(',"a":4}', '}')));
  expect([...tokenizer.encode('ab 😀 a zb').ids]).toEqual([1, 2, 4, 0]);
});

test('offsets are places in the JavaScript string', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('bert'));
  const text = '😀 The dog, the DOG';
  const { tokens, offsets = [] } = tokenizer.encode(text, { offsets: true, addSpecialTokens: false });
  const spelled = offsets.map(([begin, end]) => text.slice(begin, end));
  expect(spelled.join('')).toBe(text.replaceAll(' ', ''));
  tokens.forEach((token, i) => {
    if (token !== '[UNK]') expect(token.replace('##', '')).toBe(spelled[i].toLowerCase());
  });
});

test('cut to maxLength, special tokens kept', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('bert'));
  const whole = tokenizer.encode('the dog and the dog');
  const { tokens } = tokenizer.encode('the dog and the dog', { maxLength: 4 });
  expect(tokens).toEqual(['[CLS]', ...whole.tokens.slice(1, 3), '[SEP]']);
  await errorOf(() => tokenizer.encode('a', { maxLength: 0 }), 'invalid_argument');
  await errorOf(() => tokenizer.encode('a', { maxLength: 0.5 }), 'invalid_argument');
});

test('tokens and ids both ways', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('gpt2'));
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const token = tokenizer.idToToken(id);
    if (token !== undefined) expect(tokenizer.tokenToId(token)).toBe(id);
  }
  expect(tokenizer.idToToken(tokenizer.vocabSize)).toBeUndefined();
  expect(tokenizer.tokenToId('no such token')).toBeUndefined();
});

test('what the core leaves out is loaded as a second module, and gives the same ids', async () => {
  const json = jsonOf('bert');
  json.decoder = { type: 'CTC', pad_token: '[PAD]', word_delimiter_token: '|', cleanup: true };
  const [tokenizer, covered] = [await Tokenizer.from(json), await Tokenizer.from(jsonOf('bert'))];
  expect([tokenizer.engine, covered.engine]).toEqual(['wasm', 'wasm']);
  expect(tokenizer.engineReason).toMatch('text module');
  expect(covered.engineReason).toMatch('core');
  const text = "the dog's, 2024 ünfound";
  expect(tokenizer.encode(text, { offsets: true })).toEqual(covered.encode(text, { offsets: true }));
});

test('broken files are refused, use after dispose too, and the next good call works', async () => {
  const good = await Tokenizer.from(jsonOf('bert'));
  const gone = await Tokenizer.from(jsonOf('bert'));
  gone.dispose();
  gone.dispose();
  await errorOf(() => gone.encode('a'), 'disposed');
  await errorOf(() => Tokenizer.from('{'), 'bad_file');
  await errorOf(() => Tokenizer.from(new Uint8Array([0xff])), 'bad_file');
  await errorOf(() => Tokenizer.from({ ...jsonOf('bert'), model: { type: 'WordPiece', vocab: 'a b' } }), 'bad_file');
  expect(good.encode('the')).toEqual((await Tokenizer.from(jsonOf('bert'))).encode('the'));
});

// 2,000 in `npm test`, 50,000 with WEMBED_FULL. The library is wrong, by the Rust one, where a text holds characters
// beyond the basic plane or without a category of its own; the goldens above hold those, so they are left out here.
test('random texts get the ids the JS library gives', async () => {
  const json = jsonOf('bert');
  const tokenizer = await Tokenizer.from(json);
  const library = new JsTokenizer(json, {});
  const alphabet = [
    ...'abcdefghij the and KLMNO .,!?-\'"()0123456789 éÀßñçøÅ αβγΩ жЯщ 中文字 א ع ไทย \t\n',
    '\u0301',
    '\u0327',
  ];
  let state = 7;
  const random = (/** @type {number} */ n) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % n;
  for (let i = 0; i < (process.env.WEMBED_FULL ? 50_000 : 2_000); i++) {
    let text = '';
    for (let k = random(60); k > 0; k--) text += alphabet[(random(65536) * alphabet.length) >>> 16];
    expect([text, ...tokenizer.encode(text).ids]).toEqual([text, ...library.encode(text).ids]);
  }
});
