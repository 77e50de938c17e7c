// Tokenizers that are no tokenizer.json: against transformers, tiktoken and sentencepiece, on real files, and hostile.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseSentencePiece } from '../../web/tokenizer/files/sentencepiece.js';
import { Fnv, goldenTexts } from '../support/golden_texts.js';
import {
  EmbeddingLayer,
  Tokenizer,
  WembedError,
  encodePair,
  errorOf,
  readBytes,
  sharedData,
} from '../support/wembed.js';

const GOLDEN = new URL('../golden/vocab_files/', import.meta.url);
const cases = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name) => name.replace('.json.gz', ''));
const texts = goldenTexts().filter((_, i) => i % 4 === 0);

/** @param {string} name */
function golden(name) {
  const { files, ...more } = JSON.parse(gunzipSync(readFileSync(new URL(`${name}.json.gz`, GOLDEN))).toString());
  const content = (/** @type {any} */ file) =>
    typeof file === 'string' ? file : Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
  return { ...more, files: new Map(Object.entries(files).map(([file, value]) => [file, content(value)])) };
}

/** @param {ReturnType<typeof golden>} of */
const load = ({ files, encoding }) =>
  files.has('x.tiktoken')
    ? Tokenizer.from(new TextEncoder().encode(files.get('x.tiktoken')), { encoding })
    : Tokenizer.fromPretrained(files);

/** @param {string} name @param {Tokenizer} tokenizer @param {boolean} special */
function wrongTexts(name, tokenizer, special) {
  const hashes = readBytes(`tests/golden/vocab_files/${name}.hashes`);
  const view = new DataView(hashes.buffer, hashes.byteOffset);
  expect(hashes.length).toBe(4 * texts.length);
  return texts.filter((text, i) => {
    const expected = view.getUint32(4 * i, true);
    if (expected === 0) return false;
    const { ids } = tokenizer.encode(text, { addSpecialTokens: special });
    const fnv = new Fnv();
    fnv.add(ids.length);
    ids.forEach((id) => fnv.add(id));
    return fnv.hash !== expected;
  });
}

/** @param {string} name @param {Tokenizer} tokenizer @returns {string[][]} none where transformers is not the reference */
function wrongPairs(name, tokenizer) {
  const file = `tests/golden/vocab_files/${name}.pairs.hashes`;
  if (!existsSync(new URL(`../../${file}`, import.meta.url))) return [];
  const hashes = readBytes(file);
  const view = new DataView(hashes.buffer, hashes.byteOffset);
  const pairs = texts.slice(1).flatMap((text, i) => (i % 20 === 0 ? [[texts[i], text]] : []));
  expect(hashes.length).toBe(4 * pairs.length);
  return pairs.filter(([first, second], i) => {
    const { ids } = encodePair(tokenizer, first, second);
    const fnv = new Fnv();
    fnv.add(ids.length);
    ids.forEach((id) => fnv.add(id));
    return fnv.hash !== view.getUint32(4 * i, true);
  });
}

test.each(cases)('%s: the ids of the reference', async (name) => {
  const given = golden(name);
  const tokenizer = await load(given);
  const wrong = wrongTexts(name, tokenizer, given.same.startsWith('transformers'));
  expect(wrong).toEqual([]);
  expect(wrongPairs(name, tokenizer)).toEqual([]);
  expect(tokenizer.engine).toBe('wasm');
  const text = 'And God said, Let there be light';
  const decoded = tokenizer.decode(tokenizer.encode(text).ids).trim();
  if (given.decoded === undefined) expect(decoded.toLowerCase()).toBe(text.toLowerCase());
  else expect(decoded).toBe(given.decoded.trim());
  tokenizer.dispose();
});

test('Precompiled: the ids and offsets of the Rust library', async () => {
  const { pieces, charsmap } = parseSentencePiece(/** @type {any} */ (golden('spm_nfkc').files.get('tokenizer.model')));
  const model = { type: 'Unigram', unk_id: 0, vocab: pieces.map(({ piece, score }) => [piece, score]) };
  const precompiled = { type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') };
  const space = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const collapse = { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' };
  const normalizers = [precompiled, collapse];
  const json = { model, normalizer: { type: 'Sequence', normalizers }, pre_tokenizer: space, decoder: space };
  const tokenizer = await Tokenizer.from(json);
  expect(tokenizer.engine).toBe('wasm');
  const hashes = readBytes('tests/golden/vocab_files/spm_nfkc.rust.hashes');
  const view = new DataView(hashes.buffer, hashes.byteOffset);
  const wrong = texts.filter((text, i) => {
    const { ids, offsets } = tokenizer.encode(text, { offsets: true });
    const fnv = new Fnv();
    fnv.add(ids.length);
    ids.forEach((id) => fnv.add(id));
    offsets?.flat().forEach((end) => fnv.add(end));
    return fnv.hash !== view.getUint32(4 * i, true);
  });
  expect(wrong).toEqual([]);
  tokenizer.dispose();
});

const squad = sharedData('bert-uncased');
squad.test('vocab.txt: the published ids of 500 questions', async () => {
  const tokenizer = await Tokenizer.fromPretrained(squad.path);
  expect([tokenizer.engine, tokenizer.vocabSize]).toEqual(['wasm', 30522]);
  const questions = JSON.parse(readFileSync(`${squad.path}/squad_questions_500.json`, 'utf8'));
  expect(questions.length).toBe(500);
  for (const question of questions) {
    const values = Object.values(question);
    const [text, ids] = [values.find((value) => typeof value === 'string'), values.find(Array.isArray)];
    expect([...tokenizer.encode(text).ids]).toEqual([101, ...ids, 102]);
  }
});

const gpt2 = sharedData('gpt2');
gpt2.test('r50k_base.tiktoken: the published ids of 64 texts', async () => {
  const tokenizer = await Tokenizer.fromPretrained(gpt2.path);
  expect([tokenizer.engine, tokenizer.tokenToId('<|endoftext|>')]).toEqual(['wasm', 50256]);
  const plans = JSON.parse(readFileSync(`${gpt2.path}/r50k_test_plans.json`, 'utf8'));
  expect(plans.length).toBe(64);
  for (const { text, ids } of plans) expect([...tokenizer.encode(text).ids]).toEqual(ids);
  expect([...tokenizer.encode('a<|endoftext|>b').ids]).toEqual([64, 50256, 65]);
});

const encoded = (/** @type {string} */ text) => new TextEncoder().encode(text);
const BYTES = Array.from({ length: 256 }, (_, byte) => `${btoa(String.fromCharCode(byte))} ${byte}`).join('\n');
const VOCAB = '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nred\nblue\n##ish\n,\n';
const PAIR = { 'vocab.json': '{"a":0,"b":1,"ab":2,"Ġ":3,"<|endoftext|>":4}', 'merges.txt': '#version: 0.2\na b\n' };

test('a source, a Blob, text and bytes are taken alike', async () => {
  const { files } = golden('spm_llama');
  const model = files.get('tokenizer.model');
  const source = {
    byteLength: model.length,
    slice: (/** @type {number[]} */ ...range) => model.slice(...range).buffer,
  };
  const all = [model, model.buffer, new Blob([model]), source];
  const ids = [];
  for (const each of all) {
    const tokenizer = await Tokenizer.from(each);
    ids.push([...tokenizer.encode('Let there be light').ids]);
    tokenizer.dispose();
  }
  expect(ids).toEqual(all.map(() => ids[0]));
  const json = JSON.stringify({ model: { type: 'WordPiece', unk_token: '?', vocab: { '?': 0, a: 1 } } });
  expect([...(await Tokenizer.from(new Blob([`\n ${json}`]))).encode('a').ids]).toEqual([1]);
});

test('the settings beside a vocabulary count', async () => {
  const ids = async (/** @type {Record<string, any>} */ files, text = 'red BLUEish, x') => {
    const named = Object.entries(files).map(([name, file]) => [
      name,
      name === 'vocab.txt' ? file : JSON.stringify(file),
    ]);
    const tokenizer = await Tokenizer.fromPretrained(new Map(/** @type {[string, string][]} */ (named)));
    return [...tokenizer.encode(text).ids];
  };
  expect(await ids({ 'vocab.txt': VOCAB })).toEqual([2, 5, 6, 7, 8, 1, 3]);
  expect(await ids({ 'vocab.txt': VOCAB, 'tokenizer_config.json': { do_lower_case: false } })).toEqual([
    2, 5, 1, 8, 1, 3,
  ]);
  const roles = { cls_token: 'red', sep_token: { content: '[SEP]', lstrip: true } };
  expect(await ids({ 'vocab.txt': VOCAB, 'special_tokens_map.json': roles })).toEqual([5, 5, 6, 7, 8, 1, 3]);
  expect(await ids({ 'vocab.txt': VOCAB, 'added_tokens.json': { x: 9 } })).toEqual([2, 5, 6, 7, 8, 9, 3]);
  const mpnet = 'x\n[UNK]\n<s>\n</s>\nred\n';
  expect(await ids({ 'vocab.txt': mpnet, 'config.json': { model_type: 'mpnet' } }, 'red')).toEqual([2, 4, 3]);
});

test('a layer takes its tokenizer from vocab.txt', async () => {
  const { WORDS, safetensors, smallModel } = await import('../support/models.js');
  const files = { 'tokenizer.json': null, 'vocab.txt': WORDS.join('\n') };
  const [layer, whole] = [
    await EmbeddingLayer.fromPretrained(smallModel(files)),
    await EmbeddingLayer.fromPretrained(smallModel()),
  ];
  expect(layer.encode('Red greenish')).toEqual(whole.encode('Red greenish'));
  const long = smallModel({ ...files, 'vocab.txt': [...WORDS, 'more'].join('\n') });
  await errorOf(() => EmbeddingLayer.fromPretrained(long), 'shape_mismatch');
  const neither = smallModel({ 'tokenizer.json': null });
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(neither), 'not_found')).toMatch('tokenizer.json');
  expect(safetensors).toBeDefined();
});

test.each(
  /** @type {[string, Record<string, any>, string, string][]} */ ([
    ['no files', {}, 'not_found', 'tokenizer'],
    ['an HTML page', { 'vocab.txt': '<!DOCTYPE html><p>' }, 'bad_file', 'HTML'],
    ['an empty vocab.txt', { 'vocab.txt': '' }, 'bad_file', 'empty'],
    ['no [UNK]', { 'vocab.txt': 'a\nb\n' }, 'bad_file', '[UNK]'],
    ['vocab.txt that is not UTF-8', { 'vocab.txt': Uint8Array.of(0x61, 0xff, 10) }, 'bad_file', 'UTF-8'],
    ['an unknown class', { 'vocab.txt': VOCAB, 'config.json': '{"model_type":"esm"}' }, 'unsupported', 'esm'],
    [
      'settings that are a list',
      { 'vocab.txt': VOCAB, 'tokenizer_config.json': '[1]' },
      'bad_file',
      'tokenizer_config',
    ],
    ['a role that is a number', { 'vocab.txt': VOCAB, 'tokenizer_config.json': '{"sep_token":3}' }, 'bad_file', '3'],
    [
      'a flag that is text',
      { 'vocab.txt': VOCAB, 'tokenizer_config.json': '{"do_lower_case":"no"}' },
      'bad_file',
      '"no"',
    ],
    ['an added id of 1e9', { 'vocab.txt': VOCAB, 'added_tokens.json': '{"x":1e9}' }, 'bad_file', '1000000000'],
    ['an added token with two ids', { 'vocab.txt': VOCAB, 'added_tokens.json': '{"red":9}' }, 'bad_file', 'red'],
    ['no merges.txt', { 'vocab.json': PAIR['vocab.json'] }, 'not_found', 'merges.txt'],
    ['a merge of an unknown token', { ...PAIR, 'merges.txt': 'a b\nb b' }, 'bad_file', 'line 2'],
    ['a merge of three', { ...PAIR, 'merges.txt': 'a b c' }, 'bad_file', 'line 1'],
    ['an id twice', { ...PAIR, 'vocab.json': '{"a":0,"b":0}' }, 'bad_file', '"b"'],
    ['an id of 2^40', { ...PAIR, 'vocab.json': '{"a":1099511627776}' }, 'bad_file', '1099511627776'],
    ['a vocab.json that is a list', { ...PAIR, 'vocab.json': '["a"]' }, 'bad_file', 'vocab.json'],
    ['an empty vocab.json', { ...PAIR, 'vocab.json': '{}' }, 'bad_file', 'empty'],
    ['a broken vocab.json', { ...PAIR, 'vocab.json': '{"a"' }, 'bad_file', 'vocab.json'],
    ['another family', { ...PAIR, 'config.json': '{"model_type":"ctrl"}' }, 'unsupported', 'ctrl'],
    ['ranks of no known number', { 'cl100k_base.tiktoken': BYTES }, 'unsupported', '256 ranks'],
    ['base64 garbage', { 'cl100k_base.tiktoken': `${BYTES}\n=== 256` }, 'bad_file', 'line 257'],
    ['a huge rank', { 'cl100k_base.tiktoken': `${BYTES}\nYWI= 99999999` }, 'bad_file', '99999999'],
    ['a rank twice', { 'cl100k_base.tiktoken': `${BYTES}\nYWI= 255` }, 'bad_file', 'before'],
    ['a token twice', { 'cl100k_base.tiktoken': `${BYTES}\nYQ== 256` }, 'bad_file', 'before'],
    ['ranks without a byte', { 'cl100k_base.tiktoken': 'YQ== 0\nYg== 1\n' }, 'bad_file', 'byte 0'],
    ['a tokenizer.model of nothing', { 'tokenizer.model': '' }, 'bad_file', 'no pieces'],
    ['a tokenizer.model that is a page', { 'tokenizer.model': '<html>' }, 'bad_file', 'HTML page'],
    ['a field without end', { 'tokenizer.model': Uint8Array.of(10, 255, 255, 255, 255, 15) }, 'bad_file', 'are left'],
    ['a model with its own ids', { ...spm(), 'config.json': '{"model_type":"reformer"}' }, 'unsupported', 'reformer'],
  ]),
)('refuses %s', async (_, files, code, message) => {
  expect(await errorOf(() => Tokenizer.fromPretrained(files), code)).toContain(message);
});

test('a checkpoint whose tokenizer is not known still has its two ends', async () => {
  const { safetensors } = await import('../support/models.js');
  const weight = { dtype: 'F32', shape: [8, 4], data: new Float32Array(32).fill(2) };
  const files = {
    'config.json': JSON.stringify({
      model_type: 'llama',
      hidden_size: 4,
      num_attention_heads: 1,
      tie_word_embeddings: true,
    }),
    'tokenizer_config.json': JSON.stringify({ tokenizer_class: 'HerbertTokenizer' }),
    'tokenizer.model': spm()['tokenizer.model'],
    'model.safetensors': safetensors({ 'model.embed_tokens.weight': weight }),
  };
  const layer = await EmbeddingLayer.fromPretrained(files);
  expect([...layer.embed([7]).row(0)]).toEqual([2, 2, 2, 2]);
  expect(await errorOf(() => layer.tokenizer, 'unsupported')).toContain('HerbertTokenizer');
  layer.dispose();
  const known = await EmbeddingLayer.fromPretrained({ ...files, 'tokenizer_config.json': '{"add_bos_token":false}' });
  expect([...known.tokenizer.encode('a').ids]).toEqual([3]);
  known.dispose();
});

test('a T5 has its sentinels after its pieces, in reverse, and ends a text', async () => {
  const config = JSON.stringify({ model_type: 't5' });
  const tokenizerConfig = JSON.stringify({ extra_ids: 3, additional_special_tokens: ['<extra_id_1>', '<extra_id_7>'] });
  const files = { 'spiece.model': spm([[0x12, 2, 0x18, 1]])['tokenizer.model'], 'config.json': config };
  const tokenizer = await Tokenizer.fromPretrained({ ...files, 'tokenizer_config.json': tokenizerConfig });
  const ids = ['<extra_id_2>', '<extra_id_1>', '<extra_id_0>'].map((token) => tokenizer.tokenToId(token));
  expect(ids).toEqual([4, 5, 6]);
  expect([...tokenizer.encode('a<extra_id_0>').ids]).toEqual([3, 6, tokenizer.tokenToId('</s>')]);
  tokenizer.dispose();
  const many = JSON.stringify({ extra_ids: 1e6 });
  await errorOf(() => Tokenizer.fromPretrained({ ...files, 'tokenizer_config.json': many }), 'bad_file');
});

test('special tokens of an encoding have its ids', async () => {
  const tokenizer = await Tokenizer.from(encoded(BYTES), { encoding: 'cl100k_base' });
  const { ids } = tokenizer.encode('a<|endofprompt|><|fim_suffix|>');
  expect([tokenizer.engine, ...ids]).toEqual(['wasm', 97, 100276, 100260]);
  expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe('a<|endofprompt|><|fim_suffix|>');
  const llama = await Tokenizer.from(encoded(BYTES), { encoding: 'llama3' });
  expect([...llama.encode('<|eot_id|>').ids]).toEqual([128000, 128009]);
  expect(llama.tokenToId('<|reserved_special_token_250|>')).toBe(128255);
  // meta-llama/llama-models, llama4/tokenizer.py: the first and the last of each kind.
  const llama4 = await Tokenizer.from(encoded(BYTES), { encoding: 'llama4' });
  const names = ['begin_of_text', 'fim_suffix', 'header_start', 'python_start', 'finetune_right_pad', 'image_start'];
  const more = ['patch', 'vision_reserved_special_token_1047', 'reasoning_thinking_end', 'reserved_special_token_903'];
  expect([...names, ...more].map((name) => llama4.tokenToId(`<|${name}|>`))).toEqual([
    ...[200000, 200004, 200005, 200016, 200018, 200080, 200092, 201133, 201143, 202047],
  ]);
});

test('an encoding that is not known is refused', async () => {
  await errorOf(() => Tokenizer.from(encoded(BYTES), { encoding: 'p99k' }), 'invalid_argument');
});

/** A SentencePiece model of three pieces. @param {number[][]} [more] fields of the whole */
function spm(more = []) {
  const field = (/** @type {number} */ n, /** @type {number[]} */ bytes) => [8 * n + 2, bytes.length, ...bytes];
  const score = [0x15, 0, 0, 0x80, 0xbf];
  const piece = (/** @type {string} */ text, type = 1) =>
    field(1, [...field(1, [...encoded(text)]), ...score, 0x18, type]);
  const trainer = field(2, [0x18, 2]);
  const plain = field(3, [0x20, 0]); // white space stays
  return {
    'tokenizer.model': Uint8Array.from([
      ...[...piece('<unk>', 2), ...piece('▁'), ...piece('a'), ...piece('▁a'), ...trainer, ...plain, ...more.flat()],
    ]),
  };
}

test.each(
  /** @type {[string, number[], string][]} */ ([
    ['WORD models', [0x12, 2, 0x18, 3], 'unsupported'],
    ['bytes that are not a map of characters', [0x1a, 6, 0x0a, 1, 0x78, 0x12, 1, 0], 'bad_file'],
    ['unused pieces', [0x0a, 10, 0x0a, 1, 0x62, 0x15, 0, 0, 0, 0, 0x18, 5], 'unsupported'],
    ['a piece twice', [0x0a, 8, 0x0a, 1, 0x61, 0x15, 0, 0, 0, 0], 'bad_file'],
    ['an infinite score', [0x0a, 8, 0x0a, 1, 0x62, 0x15, 0, 0, 0x80, 0x7f], 'bad_file'],
    ['byte fallback without bytes', [0x12, 3, 0x98, 2, 1], 'bad_file'],
    // The next three as sentencepiece: a file cut after a piece has lost its settings, and so that bytes stand for text.
    ['a byte without byte fallback', [0x0a, 15, 0x0a, 6, ...encoded('<0x41>'), 0x15, 0, 0, 0, 0, 0x18, 6], 'bad_file'],
    [
      'a byte piece that names no byte',
      [0x0a, 15, 0x0a, 6, ...encoded('<0xZZ>'), 0x15, 0, 0, 0, 0, 0x18, 6],
      'bad_file',
    ],
    ['a second unknown piece', [0x0a, 10, 0x0a, 1, 0x62, 0x15, 0, 0, 0, 0, 0x18, 2], 'bad_file'],
    ['a piece that is a number', [0x08, 1], 'bad_file'],
  ]),
)('tokenizer.model: refuses %s', async (_, more, code) => {
  await errorOf(() => Tokenizer.fromPretrained(spm([more])), code);
  const tokenizer = await Tokenizer.fromPretrained(spm());
  expect(tokenizer.encode('a a').tokens).toEqual(['▁a', '▁a']);
});

test.each([
  ['white space as a suffix', [0x12, 3, 0xc0, 1, 1]],
  ['a map of characters of its own', [0x1a, 6, 0x0a, 1, 0x78, 0x12, 1, 0]],
  ['white space that is not escaped', [0x1a, 2, 0x28, 0]],
])('tokenizer.model of a class: refuses %s', async (_, more) => {
  const files = (/** @type {number[][]} */ fields) => ({
    ...spm(fields),
    'tokenizer_config.json': '{"tokenizer_class":"LlamaTokenizer"}',
  });
  await errorOf(() => Tokenizer.fromPretrained(files([more])), 'unsupported');
  (await Tokenizer.fromPretrained(files([]))).dispose();
});

describe('mutants are read or refused, never more', () => {
  const settings =
    '{"tokenizer_class":"BertTokenizer","cls_token":"[CLS]","added_tokens_decoder":{"1":{"content":"[UNK]"}}}';
  const ranks = `${BYTES}\nYWI= 256\n`;
  /** @type {[string, string, Record<string, Uint8Array | string>, object][]} */
  const targets = [
    ['vocab.txt', 'vocab.txt', { 'vocab.txt': VOCAB }, {}],
    ['tokenizer_config.json', 'tokenizer_config.json', { 'vocab.txt': VOCAB, 'tokenizer_config.json': settings }, {}],
    ['vocab.json', 'vocab.json', PAIR, {}],
    ['merges.txt', 'merges.txt', PAIR, {}],
    ['tiktoken', 'cl100k_base.tiktoken', { 'cl100k_base.tiktoken': ranks }, { encoding: 'cl100k_base' }],
    ['tokenizer.model', 'tokenizer.model', spm(), {}],
  ];

  test.each(targets)('%s', async (_, name, files, options) => {
    const good = typeof files[name] === 'string' ? encoded(files[name]) : files[name];
    let state = 1;
    const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
    const runs = process.env.WEMBED_FULL ? 100_000 : 300;
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      const mutant = mutate(good, random);
      try {
        const tokenizer = await Tokenizer.fromPretrained({ ...files, [name]: mutant }, options);
        const { ids } = tokenizer.encode('a red ab [CLS] é');
        expect(ids.every((id) => id < tokenizer.vocabSize)).toBe(true);
        tokenizer.decode(ids);
        tokenizer.dispose();
      } catch (error) {
        if (!(error instanceof WembedError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(runs / 50);
    expect(refused).toBeLessThan(runs);
  });
});

/**
 * Some bytes changed, a piece left out, twice or elsewhere, or the end cut off.
 * @param {Uint8Array} good
 * @param {(limit: number) => number} random
 */
function mutate(good, random) {
  const mutant = [...good];
  for (let k = random(3); k >= 0; k--) mutant[random(mutant.length)] = [0, 255, 10, 32, 34, random(256)][random(6)];
  const [from, length] = [random(mutant.length), 1 + random(12)];
  if (random(4) === 0) mutant.splice(from, length);
  if (random(4) === 0) mutant.splice(random(mutant.length + 1), 0, ...mutant.slice(from, from + length));
  if (random(6) === 0) mutant.length = random(mutant.length);
  return Uint8Array.from(mutant);
}
