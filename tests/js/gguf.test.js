// GGUF headers, valid and hostile, and their tokenizers.
import { readFileSync } from 'node:fs';
import { BYTE_CHARACTERS } from '../../web/tokenizer/files/byte_level.js';
import { parseGguf, readGguf } from '../../web/formats/gguf.js';
import { tokenizerOfGguf } from '../../web/tokenizer/files/gguf.js';
import { bytesSource } from '../../web/sources/source.js';
import { Tokenizer, WembedError, errorOf, sharedData } from '../support/wembed.js';

/** Writes a file field by field. */
class Writer {
  /** @type {number[]} */
  bytes = [];
  /** @param {number} value @param {number} size */
  int(value, size) {
    for (let i = 0; i < size; i++) this.bytes.push(Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
    return this;
  }
  /** @param {string} text */
  string(text) {
    const utf8 = new TextEncoder().encode(text);
    this.int(utf8.length, 8).bytes.push(...utf8);
    return this;
  }
  /** @param {string} name @param {number[]} sizes @param {number} type @param {number} offset */
  tensor(name, sizes, type, offset) {
    this.string(name).int(sizes.length, 4);
    for (const size of sizes) this.int(size, 8);
    return this.int(type, 4).int(offset, 8);
  }
  /** @param {number} length the file's */
  file(length = this.bytes.length) {
    const file = new Uint8Array(Math.max(length, this.bytes.length));
    file.set(this.bytes);
    return file;
  }
}

/** @param {number} tensors @param {number} pairs */
const header = (tensors, pairs, version = 3) =>
  new Writer().int(0x46554747, 4).int(version, 4).int(tensors, 8).int(pairs, 8);

function sample() {
  const writer = header(2, 4);
  writer.string('general.name').int(8, 4).string('tiny');
  writer.string('answer').int(10, 4).int(42, 8);
  writer.string('numbers').int(9, 4).int(5, 4).int(3, 8).int(-1, 4).int(0, 4).int(7, 4);
  writer.string('words').int(9, 4).int(8, 4).int(2, 8).string('a').string('é');
  writer.tensor('token_embd.weight', [64, 3], 8, 0).tensor('norm', [5], 0, 224);
  return writer;
}

test('metadata and tensors are read, for any length of the first read', async () => {
  const length = Math.ceil(sample().bytes.length / 32) * 32 + 224 + 20;
  const file = sample().file(length);
  const gguf = parseGguf(file, 'tiny.gguf');
  expect(Object.fromEntries(gguf.metadata)).toEqual({
    ...{ 'general.name': 'tiny', answer: 42, numbers: Int32Array.of(-1, 0, 7), words: ['a', 'é'] },
  });
  const data = length - 244;
  expect([...gguf.tensors.values()]).toEqual([
    { name: 'token_embd.weight', type: 'Q8_0', shape: [3, 64], begin: data, end: data + 204 },
    { name: 'norm', type: 'F32', shape: [5], begin: data + 224, end: data + 244 },
  ]);
  const reads = /** @type {number[]} */ ([]);
  const source = { byteLength: length, slice: bytesSource(file).slice };
  const counted = {
    ...source,
    slice: (/** @type {number} */ a, /** @type {number} */ b = a) => (reads.push(b - a), source.slice(a, b)),
  };
  expect(await readGguf(counted, 'tiny.gguf')).toEqual(gguf);
  const slow = {
    ...source,
    slice: (/** @type {number} */ a, /** @type {number} */ b = a) => source.slice(a, Math.min(b, a + 7)),
  };
  expect(await readGguf(slow, 'tiny.gguf')).toEqual(gguf);
  expect(reads).toEqual([length]);
});

test.each([3, 100, 1000, 70_000])(
  'a header that comes %s bytes at a time is read once, each byte of it',
  async (piece) => {
    const words = Array.from({ length: 20_000 }, (_, i) => `word ${i}`);
    const writer = header(1, 3).string('nested').int(9, 4).int(9, 4).int(2, 8);
    for (const part of [words.slice(0, 3), ['é']]) {
      writer.int(8, 4).int(part.length, 8);
      for (const word of part) writer.string(word);
    }
    writer.string('words').int(9, 4).int(8, 4).int(words.length, 8);
    for (const word of words) writer.string(word);
    writer.string('flags').int(9, 4).int(7, 4).int(2, 8).int(1, 1).int(0, 1);
    writer.tensor('t', [8], 0, 0);
    const file = writer.file(Math.ceil(writer.bytes.length / 32) * 32 + 32);
    let sent = 0;
    const source = {
      byteLength: file.length,
      slice: async (/** @type {number} */ begin, /** @type {number} */ end = file.length) => {
        const bytes = file.slice(begin, Math.min(end, begin + piece));
        sent += bytes.length;
        return bytes.buffer;
      },
    };
    const gguf = await readGguf(source, 'x.gguf');
    expect(gguf).toEqual(parseGguf(file, 'x.gguf'));
    expect(gguf.metadata.get('words')).toEqual(words);
    expect(gguf.metadata.get('nested')).toEqual([words.slice(0, 3), ['é']]);
    expect(gguf.metadata.get('flags')).toEqual([true, false]);
    expect(sent).toBeLessThanOrEqual(file.length);
  },
);

test.each(
  /** @type {[string, Writer, string][]} */ ([
    ['an HTML page', new Writer().string('<html>').int(0, 8), 'bad_file'],
    ['version 1', header(0, 0, 1), 'unsupported'],
    ['big-endian', header(0, 0, 0x03000000), 'unsupported'],
    ['a key twice', header(0, 2).string('k').int(7, 4).int(1, 1).string('k').int(7, 4).int(1, 1), 'bad_file'],
    ['an unknown value type', header(0, 1).string('k').int(13, 4).int(1, 4), 'bad_file'],
    ['a billion numbers', header(0, 1).string('k').int(9, 4).int(12, 4).int(1e9, 8), 'bad_file'],
    ['a billion strings', header(0, 1).string('k').int(9, 4).int(8, 4).int(1e9, 8), 'bad_file'],
    ['a string without end', header(0, 1).int(2 ** 40, 8), 'bad_file'],
    ['rows that are not whole blocks', header(1, 0).tensor('t', [33, 2], 8, 0), 'bad_file'],
    ['a shape beyond 2^53', header(1, 0).tensor('t', [2 ** 40, 2 ** 40], 0, 0), 'bad_file'],
    ['a tensor past the end', header(1, 0).tensor('t', [64], 0, 0), 'bad_file'],
    ['an unaligned tensor', header(1, 0).tensor('t', [0], 0, 3), 'bad_file'],
    ['five dimensions', header(1, 0).tensor('t', [1, 1, 1, 1, 1], 0, 0), 'bad_file'],
    ['an unknown tensor type', header(1, 0).tensor('t', [32], 99, 0), 'bad_file'],
    ['alignment 0', header(0, 1).string('general.alignment').int(4, 4).int(0, 4), 'bad_file'],
  ]),
)('refuses %s', async (_, writer, code) => {
  await errorOf(() => parseGguf(writer.file(), 'x.gguf'), code);
});

test('refuses tensors that overlap, and one name twice', async () => {
  const overlap = header(2, 0).tensor('a', [32], 0, 0).tensor('b', [32], 0, 96);
  expect(await errorOf(() => parseGguf(overlap.file(1024), 'x.gguf'), 'bad_file')).toMatch('overlaps');
  const twice = header(2, 0).tensor('a', [8], 0, 0).tensor('a', [8], 0, 32);
  expect(await errorOf(() => parseGguf(twice.file(1024), 'x.gguf'), 'bad_file')).toMatch('twice');
});

test('mutants are read or refused with a WembedError', async () => {
  const good = sample().file(Math.ceil(sample().bytes.length / 32) * 32 + 244);
  let state = 1;
  const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
  const runs = process.env.WEMBED_FULL ? 100_000 : 3_000;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    let mutant = good.slice();
    for (let k = random(4); k >= 0; k--) mutant[random(mutant.length)] = [0, 255, 127, random(256)][random(4)];
    if (random(4) === 0) mutant = mutant.slice(0, random(mutant.length));
    try {
      parseGguf(mutant, 'x.gguf');
      await readGguf(bytesSource(mutant), 'x.gguf');
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(runs / 4);
});

test('missing, unknown and inconsistent tokenizers are refused', async () => {
  /** @param {[string, any][]} pairs */
  const of = (...pairs) => tokenizerOfGguf(new Map(pairs.map(([key, value]) => [`tokenizer.ggml.${key}`, value])));
  const tokens = /** @type {[string, any]} */ (['tokens', ['a', 'b']]);
  await errorOf(() => of(), 'bad_file');
  await errorOf(() => of(['model', 'rwkv'], tokens), 'unsupported');
  await errorOf(() => of(['model', 'llama'], tokens), 'bad_file');
  await errorOf(() => of(['model', 'llama'], tokens, ['scores', Float32Array.of(1)]), 'bad_file');
  for (const score of [NaN, Infinity, -Infinity]) {
    for (const model of ['llama', 't5']) {
      const scores = ['scores', Float32Array.of(-1, score)];
      expect(await errorOf(() => of(['model', model], tokens, scores), 'bad_file')).toMatch('token 1');
    }
  }
  await errorOf(() => of(['model', 'gpt2'], tokens, ['pre', 'sophia']), 'unsupported');
  await errorOf(() => of(['model', 'bert'], tokens, ['unknown_token_id', 7]), 'bad_file');
  await errorOf(() => of(['model', 'bert'], ['tokens', ['▁a', '▁a']]), 'bad_file');
});

test.each([
  ['starcoder', ['12', ' 3', 'é'], ['1', '2', 'Ġ', '3', 'Ã©']],
  ['gpt-2', ["a's 12", '  b'], ['a', "'s", 'Ġ', '12', 'Ġ', 'Ġb']],
  ['llama-bpe', ["I'M 1234"], ['I', "'M", 'Ġ', '123', '4']],
  ['smaug-bpe', ['1234'], ['123', '4']],
  ['deepseek-r1-qwen', ['12'], ['1', '2']],
  ['qwen35', ['e\u0323\u0327x'], ['È©Ì£x']],
  ['gpt-4o', ["fooBar's1234/\n\n"], ['foo', "Bar's", '123', '4', '/ĊĊ']],
  ['tekken', ["fooBar's12"], ['foo', 'Bar', "'s", '1', '2']],
  ['tiny_aya', ["fooBar's1234567 89012x"], ['foo', "Bar's", '1', '234', '567', 'Ġ', '890', '12', 'x']],
  ['afmoe', ["12345 a's 中가 b"], ['12', '345', 'Ġa', "'s", 'Ġ', 'ä¸Ńê°Ģ', 'Ġb']],
  ['spark2_5', ["a's 12345!!\n\n中かb"], ['a', "'s", 'Ġ', '1', '2', '3', '4', '5', '!!', 'Ċ', 'Ċ', 'ä¸Ńãģĭ', 'b']],
  ['k2-horizon', ['e\u0301\u200cx 1234'], ['eÌģâĢĮx', 'Ġ', '123', '4']],
  ['ufakzeka', ["I'm 12"], ['I', "'m", 'Ġ', '1', '2']],
])("the pieces of tokenizer.ggml.pre '%s'", async (pre, texts, pieces) => {
  const bytes = Array.from({ length: 256 }, (_, byte) => BYTE_CHARACTERS[byte]);
  // Whole pieces are tokens, found without merges or built from left to right.
  const merges = pieces.flatMap((piece) =>
    [...piece].slice(1).map((_, i) => [piece.slice(0, i + 1), [...piece][i + 1]]),
  );
  const tokens = [...new Set([...bytes, ...merges.map((pair) => pair.join(''))])];
  const metadata = new Map(
    Object.entries({ model: 'gpt2', pre, tokens, merges: merges.map((pair) => pair.join(' ')), add_bos_token: false }),
  );
  const json = tokenizerOfGguf(new Map([...metadata].map(([key, value]) => [`tokenizer.ggml.${key}`, value])));
  const tokenizer = await Tokenizer.from(json);
  expect(texts.flatMap((text) => tokenizer.encode(text).tokens)).toEqual(pieces);
  expect(tokenizer.engine).toBe('wasm');
  tokenizer.dispose();
});

test.each(['gemma4', 'sarvam-moe', 'granite-embed-multi-311m'])(
  "tokenizer.ggml.pre '%s': characters, spaces as ▁, lines apart, bytes for what is not there",
  async (pre) => {
    const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    const tokens = ['<unk>', '<bos>', ...bytes, '▁', 'a', 'b', '▁a', '▁▁', '\n', '\n\n', 'ab', 'a\n'];
    const metadata = {
      ...(pre === 'gemma4' ? { model: pre } : { model: 'gpt2', pre }),
      ...{
        tokens,
        unknown_token_id: 0,
        bos_token_id: 1,
        token_type: Int32Array.of(2, 3, ...tokens.slice(2).map(() => 1)),
      },
      merges: ['▁ a', '▁ ▁', '\n \n', 'a b', 'a \n'],
    };
    const json = tokenizerOfGguf(
      new Map(Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value])),
    );
    const tokenizer = await Tokenizer.from(json);
    const { ids, tokens: found } = tokenizer.encode('ab a  b\n\né<bos>a');
    const before = pre === 'gemma4' ? ['<bos>'] : [];
    expect(found).toEqual([...before, ...['ab', '▁a', '▁▁', 'b', '\n\n', '<0xC3>', '<0xA9>', '<bos>', 'a']]);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('ab a  b\n\néa');
    tokenizer.dispose();
  },
);

test.each([undefined, true])(
  "tokenizer.ggml.pre 'whitespace': characters of words, lowercase: %s",
  async (lowercase) => {
    const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    const tokens = ['<unk>', '<s>', '</s>', ...bytes, 'a', 'b', 'A', '你', '好', 'ab', '你好', 'b你'];
    const metadata = {
      ...{ model: 'gpt2', pre: 'whitespace', tokens, unknown_token_id: 0, bos_token_id: 1, eos_token_id: 2 },
      ...{ add_bos_token: true, add_eos_token: true, merges: ['a b', '你 好'], 'normalizer.lowercase': lowercase },
      token_type: Int32Array.from(tokens, (_, id) => (id === 0 ? 2 : id < 3 ? 3 : 1)),
    };
    const json = tokenizerOfGguf(
      new Map(Object.entries(metadata).map(([key, value]) => [`tokenizer.ggml.${key}`, value])),
    );
    const tokenizer = await Tokenizer.from(json);
    const { tokens: found } = tokenizer.encode('ab \n Ab你好\u3000é');
    const upper = lowercase ? ['ab'] : ['A', 'b'];
    expect(found).toEqual(['<s>', 'ab', ...upper, '你好', '<0xC3>', '<0xA9>', '</s>']);
    tokenizer.dispose();
  },
);

test('a cased BERT vocabulary as GGUF keeps case and accents where the file says so', async () => {
  const tokens = ['[UNK]', '[CLS]', '[SEP]', '▁É', '▁e'];
  const of = (/** @type {object} */ more) =>
    Tokenizer.from(
      tokenizerOfGguf(
        new Map(
          Object.entries({
            ...{ model: 'bert', tokens, unknown_token_id: 0, cls_token_id: 1, seperator_token_id: 2 },
            ...more,
          }).map(([key, value]) => [`tokenizer.ggml.${key}`, value]),
        ),
      ),
    );
  const tokensOf = (/** @type {Tokenizer} */ tokenizer) => tokenizer.encode('É').tokens;
  expect(tokensOf(await of({}))).toEqual(['[CLS]', '▁e', '[SEP]'].map((token) => token.replace('▁', '')));
  expect(tokensOf(await of({ 'normalizer.lowercase': false, 'normalizer.strip_accents': false }))).toEqual([
    ...['[CLS]', 'É', '[SEP]'],
  ]);
});

/**
 * The definition: the best-scored token that two neighbours make comes first, the leftmost of equals.
 * @param {string} text
 * @param {Map<string, number>} scores
 */
function mergedAsDefined(text, scores) {
  const symbols = [...text];
  for (;;) {
    let best = -1;
    const score = (/** @type {number} */ i) => scores.get(symbols[i] + symbols[i + 1]) ?? -Infinity;
    for (let i = 0; i + 1 < symbols.length; i++) {
      if (score(i) > (best < 0 ? -Infinity : score(best))) best = i;
    }
    if (best < 0) return symbols;
    symbols.splice(best, 2, symbols[best] + symbols[best + 1]);
  }
}

test('of tokens with equal scores the leftmost merge comes first', async () => {
  let state = 7;
  const below = (/** @type {number} */ n) => ((state = (state * 48271) % 0x7fffffff), state % n);
  const letters = (/** @type {number} */ n) => Array.from({ length: n }, () => 'aab'[below(3)]).join('');
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  for (let round = 0; round < 60; round++) {
    const more = Array.from({ length: 3 + below(25) }, () => letters(2 + below(4)));
    const tokens = [...new Set(['<unk>', ...bytes, 'a', 'b', '▁', ...more])];
    const scores = Float32Array.from(tokens, () => -below(4));
    const json = tokenizerOfGguf(
      new Map(
        Object.entries({
          tokens,
          scores,
          model: 'llama',
          unknown_token_id: 0,
          add_space_prefix: false,
          add_bos_token: false,
        }).map(([key, value]) => [`tokenizer.ggml.${key}`, /** @type {any} */ (value)]),
      ),
    );
    const tokenizer = await Tokenizer.from(json);
    const byToken = new Map(tokens.map((token, id) => [token, scores[id]]));
    for (let i = 0; i < 12; i++) {
      const text = letters(1 + below(i < 6 ? 20 : 90));
      expect(tokenizer.encode(text).tokens).toEqual(mergedAsDefined(text, byToken));
    }
    tokenizer.dispose();
  }
});

// llama.cpp's own vectors: its vocabularies, with 46 texts each and their ids.
const vocabs = sharedData('llamacpp-vocab');
vocabs.test.each([
  ...['bert-bge', 'gpt-2', 'llama-spm', '../tokenizers/ggml-vocab-deepseek-coder'],
  '../tokenizers/ggml-vocab-starcoder',
])("llama.cpp's ids: %s", async (name) => {
  const file = `${vocabs.path}/${name.startsWith('.') ? name : `ggml-vocab-${name}`}.gguf`;
  const tokenizer = await Tokenizer.from(new Uint8Array(readFileSync(file)));
  expect(tokenizer.engine).toBe('wasm');
  const texts = readFileSync(`${file}.inp`, 'utf8').split('\n__ggml_vocab_test__\n');
  const expected = readFileSync(`${file}.out`, 'utf8').split('\n');
  expect(texts.length).toBeGreaterThan(45);
  texts.forEach((text, i) => {
    expect([...tokenizer.encode(text, { addSpecialTokens: false }).ids]).toEqual(
      expected[i].trim().split(/\s+/).filter(Boolean).map(Number),
    );
  });
  tokenizer.dispose();
});
