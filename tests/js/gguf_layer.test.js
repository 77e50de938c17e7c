// GGUF files as layers: tiny checkpoints as the gguf package writes them (tools/golden/gguf_models.py), held against what
// transformers makes of the originals; tables in ggml's blocks; a real model.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ggufArchitectures } from '../../web/models/families/index.js';
import { ggufConfig } from '../../web/models/gguf_config.js';
import { GgufWriter } from '../support/gguf.js';
import { serveFiles } from '../support/server.js';
import {
  EmbeddingLayer,
  Matrix,
  RotaryPositions,
  errorOf,
  inspect,
  readBytes,
  readJson,
  sharedData,
} from '../support/wembed.js';

const FOLDER = fileURLToPath(new URL('../golden/gguf/', import.meta.url));
const names = readdirSync(FOLDER).map((file) => file.replace('.gguf', ''));

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @param {number} bound relative to the largest */
function expectNear(found, expected, bound) {
  const most = Math.max(...Array.from(expected, Math.abs));
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(bound * most);
}

/** The order in which ggml's converter puts a head's numbers for LLaMA and its like. */
const neighbours = (/** @type {number[]} */ q, /** @type {number} */ dim) =>
  q.map((_, at) => {
    const [head, i] = [at - (at % dim), at % dim];
    return q[head + (i % 2) * (dim / 2) + (i >> 1)];
  });

/**
 * Which numbers of a head turn together, by architecture: neighbours (NORM), or those half a head apart (NEOX).
 * (llama.cpp, `llama_model_rope_type`, July 2026.)
 */
const ROPE_TYPES = Object.fromEntries([
  ...`llama llama4 baichuan internlm2 minicpm xverse command-r cohere2 olmo arctic deepseek deepseek2 chatglm granite
    granitemoe granitehybrid chameleon bailingmoe neo-bert smollm3 arcee ernie4_5 ernie4_5-moe mistral3 glm4`
    .split(/\s+/)
    .map((name) => [name, 'NORM']),
  ...`falcon falcon-h1 grok dbrx jina-bert-v3 modern-bert nomic-bert nomic-bert-moe eurobert stablelm bitnet qwen qwen2
    dream qwen2moe qwen3 qwen3moe olmo2 olmoe phi2 phi3 phimoe plamo plamo2 gemma gemma2 gemma3 gemma3n gemma4
    gemma-embedding starcoder2 openelm gptneox codeshell orion nemotron exaone exaone4 exaone-moe minicpm3 dots1
    hunyuan-moe hunyuan-dense gpt-oss lfm2 lfm2moe smallthinker seed_oss grovemoe apertus minimax-m2 cogvlm afmoe
    qwen3next mimo2 glm4moe`
    .split(/\s+/)
    .map((name) => [name, 'NEOX']),
]);

/** Models whose own pairs are neighbours, so that the converter does not reorder their heads. */
const AS_THEY_ARE = ['cohere', 'cohere2'];

/** @param {string} name @returns {string} of a file, which is read without the library */
function architectureOf(name) {
  const text = readFileSync(`${FOLDER}${name}.gguf`).toString('latin1');
  const at = text.indexOf('general.architecture') + 'general.architecture'.length + 4; // a type, then a string's length
  return text.slice(at + 8, at + 8 + text.charCodeAt(at));
}

test.each(names.filter((name) => name !== 'llama31'))("embed, head and rotary are transformers': %s", async (name) => {
  const { ids, cases, head, rotary = [] } = readJson(`tests/golden/checkpoints/${name}/expected.json`);
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}${name}.gguf`);
  for (const { options, out } of cases) expectNear(layer.embed(ids, options).data, out, 3e-6);
  const masked = name === 'bert'; // ggml leaves a masked language model's head away
  expect(layer.head !== undefined).toBe(head !== undefined && !masked);
  if (layer.head) {
    const hidden = new Matrix(Float32Array.from(head.hidden), 2, layer.head.dim);
    expectNear(layer.head.logits(hidden).data, head.logits, 1e-5);
    expect(layer.head.table === layer.table).toBe(layer.describe().tied);
  }
  expect(layer.rotary !== undefined).toBe(rotary.length > 0);
  for (const { layerType, q, positions, out } of rotary) {
    const found = /** @type {RotaryPositions} */ (layer.rotaryOf(layerType ?? undefined));
    const type = ROPE_TYPES[architectureOf(name)];
    expect([found.interleaved, type]).toEqual([type === 'NORM', expect.stringMatching(/^(NORM|NEOX)$/)]);
    const order = type === 'NORM' && !AS_THEY_ARE.includes(name) ? neighbours : (/** @type {number[]} */ x) => x;
    const dim = found.headDim;
    expectNear(found.rotate(Float32Array.from(order(q, dim)), { positions }), order(out, dim), 1e-6);
  }
  await errorOf(() => layer.tokenizer, 'not_found');
  layer.dispose();
});

test("Llama 3.1's divisors come from their tensor", async () => {
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}llama31.gguf`);
  const expected = RotaryPositions.fromConfig({
    ...{ head_dim: 12, rope_theta: 10000, max_position_embeddings: 256 },
    rope_scaling: {
      ...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
      original_max_position_embeddings: 32,
    },
  });
  const found = /** @type {RotaryPositions} */ (layer.rotary);
  expectNear(found.frequencies(), expected.frequencies(), 1e-7);
  expect([found.interleaved, found.attentionFactor]).toEqual([true, 1]);
  layer.dispose();
});

describe('metadata in the words of config.json', () => {
  /** @param {Record<string, any>} values @param {string[]} [tensors] */
  const readConfig = (values, tensors = ['token_embd.weight']) =>
    ggufConfig(
      /** @type {any} */ ({
        metadata: new Map(Object.entries(values)),
        tensors: new Map(tensors.map((name) => [name, { name }])),
      }),
      'x.gguf',
    );
  /** @param {import('../../web/models/config.js').ModelConfig} config */
  const turning = ({ rope: given }) => {
    const rope = /** @type {NonNullable<typeof given>} */ (given);
    return RotaryPositions.from(rope.of(rope.layerTypes[0]));
  };

  /** @param {string} arch @param {Record<string, any>} own */
  const rotaryOf = (arch, own) => {
    const values = { context_length: 4096, embedding_length: 64, 'attention.head_count': 4, ...own };
    const named = Object.entries(values).map(([key, value]) => [`${arch}.${key}`, value]);
    return turning(readConfig({ 'general.architecture': arch, ...Object.fromEntries(named) }).config);
  };
  const plain = { head_dim: 16, max_position_embeddings: 4096 };

  test('linear scaling, also under its old name', () => {
    const expected = RotaryPositions.fromConfig({ ...plain, rope_scaling: { rope_type: 'linear', factor: 4 } });
    const scaling = { 'rope.scaling.type': 'linear', 'rope.scaling.factor': 4 };
    expect(rotaryOf('llama', scaling).frequencies()).toEqual(expected.frequencies());
    expect(rotaryOf('llama', { 'rope.scale_linear': 4 }).frequencies()).toEqual(expected.frequencies());
  });

  test('yarn, whose factor ggml multiplies', () => {
    const scaling = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 1024 };
    const expected = RotaryPositions.fromConfig({ ...plain, rope_theta: 1e6, rope_scaling: scaling });
    const own = {
      ...{ 'rope.scaling.type': 'yarn', 'rope.scaling.factor': 4, 'rope.scaling.original_context_length': 1024 },
      'rope.freq_base': 1e6,
    };
    const found = rotaryOf('qwen2', own);
    expect(found.frequencies()).toEqual(expected.frequencies());
    expect(found.attentionFactor).toBe(expected.attentionFactor);
    const doubled = rotaryOf('qwen2', { ...own, 'rope.scaling.attn_factor': 2 });
    expect(doubled.attentionFactor).toBeCloseTo(2 * expected.attentionFactor, 12);
  });

  test("LongRoPE's two lists", () => {
    const [short, long] = [8, 8].map((n, k) => Array.from({ length: n }, (_, i) => 1 + k + i / 8));
    const values = {
      ...{ 'general.architecture': 'phi3', 'phi3.context_length': 131072, 'phi3.embedding_length': 64 },
      ...{ 'phi3.attention.head_count': 4, 'phi3.rope.scaling.original_context_length': 4096 },
      'phi3.rope.scaling.attn_factor': 1.19,
    };
    const divisors = new Map([
      ['rope_factors_short.weight', short],
      ['rope_factors_long.weight', long],
    ]);
    const found = turning(readConfig(values).complete(divisors));
    const expected = RotaryPositions.fromConfig({
      ...{ head_dim: 16, max_position_embeddings: 131072, original_max_position_embeddings: 4096 },
      rope_scaling: { rope_type: 'longrope', short_factor: short, long_factor: long, attention_factor: 1.19 },
    });
    for (const length of [1, 4096, 4097]) expect(found.frequencies(length)).toEqual(expected.frequencies(length));
    expect(found.attentionFactor).toBe(1.19);
  });

  test.each([
    ['no architecture', {}, /not there/],
    ['an unknown architecture', { 'general.architecture': 'mamba' }, /'mamba'/],
    ['an architecture that is a property of every object', { 'general.architecture': 'constructor' }, /constructor/],
  ])('refuses %s', async (_, values, message) => {
    expect(await errorOf(() => readConfig(values), 'unsupported')).toMatch(message);
  });

  test.each([
    ['text for a number', { 'llama.embedding_length': 'x' }],
    ['a bigint', { 'llama.context_length': 2n ** 60n }],
    ['no heads', { 'llama.attention.head_count': 0 }],
    ['half a dimension', { 'llama.rope.dimension_count': 7.5 }],
    ['NaN', { 'llama.rope.freq_base': NaN }],
    ['a number for text', { 'llama.rope.scaling.type': 3 }],
  ])('refuses %s', async (_, values) => {
    await errorOf(() => readConfig({ 'general.architecture': 'llama', ...values }), 'bad_file');
  });

  test('every architecture is read as the family that has it, and turns the pairs that llama.cpp turns', () => {
    const architectures = [...ggufArchitectures()];
    expect(architectures.length).toBeGreaterThan(25);
    for (const [architecture, modelType] of architectures) {
      const named = { embedding_length: 64, context_length: 64, 'attention.head_count': 4 };
      const values = Object.fromEntries(Object.entries(named).map(([key, value]) => [`${architecture}.${key}`, value]));
      const { config } = readConfig({ 'general.architecture': architecture, ...values });
      expect(config).toMatchObject({ modelType, hiddenSize: 64, tied: true });
      if (!config.rope) continue;
      const type = turning(config).interleaved ? 'NORM' : 'NEOX';
      expect([architecture, type]).toEqual([architecture, ROPE_TYPES[architecture]]);
    }
  });
});

/** @param {number} type @param {number} rows @param {number} dim @param {Uint8Array} data */
function ggufOf(type, rows, dim, data) {
  const writer = new GgufWriter();
  writer
    .string('general.architecture', 'llama')
    .u32('llama.embedding_length', dim)
    .u32('llama.attention.head_count', 4);
  return writer.tensor('token_embd.weight', [rows, dim], type, data).file();
}

describe('blocks', () => {
  const golden = readBytes('tests/golden/ggml_blocks.bin');
  const view = new DataView(golden.buffer, golden.byteOffset);
  /** @type {{ type: number, numbers: number, blocks: Uint8Array, values: Float32Array }[]} */
  const types = [];
  for (let at = 64; at < golden.length;) {
    const [type, count, numbers, bytes] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, true));
    const middle = at + 16 + count * bytes;
    const end = middle + 4 * count * numbers;
    // The first block and the fourth and fifth are no numbers, the others are.
    const blocks = golden.slice(at + 16 + bytes, at + 16 + 3 * bytes);
    const values = new Float32Array(golden.slice(middle + 4 * numbers, middle + 12 * numbers).buffer);
    types.push({ type, numbers, blocks, values });
    at = end;
  }

  test.each(types)('of type $type give the numbers of the gguf package', async ({ type, numbers, blocks, values }) => {
    const file = ggufOf(type, 2, numbers, blocks);
    const exact = await EmbeddingLayer.fromPretrained({ 'x.gguf': file }, { dtype: 'f32' });
    expect(exact.table.lookup([0, 1]).data).toEqual(values);
    expect(exact.describe()).toMatchObject({ dtype: 'f32', tied: true, rows: 2, dim: numbers });
    const kept = await EmbeddingLayer.fromPretrained({ 'x.gguf': file });
    expect(kept.table.dtype).toBe(type === 2 ? 'i4' : 'f16');
    const most = Math.max(...values.map(Math.abs));
    const found = kept.table.lookup([0, 1]).data;
    if (type === 2) expect(found).toEqual(values);
    found.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThanOrEqual(most / 2048));
    exact.dispose();
    kept.dispose();
  });

  test('of a type that is not widened are refused, and so are rows of no whole blocks', async () => {
    const load = (/** @type {Uint8Array} */ file) => () => EmbeddingLayer.fromPretrained({ 'x.gguf': file });
    expect(await errorOf(load(ggufOf(9, 1, 32, new Uint8Array(40))), 'unsupported')).toMatch(/Q8_1/);
    expect(await errorOf(load(ggufOf(26, 1, 4, new Uint8Array(16))), 'unsupported')).toMatch(/I32/);
    expect(await errorOf(load(ggufOf(8, 1, 31, new Uint8Array(34))), 'bad_file')).toMatch(/31/);
  });

  test('that are no numbers do not become i8', async () => {
    const infinite = new Uint8Array(34).fill(1);
    infinite.set([0x00, 0x7c]);
    const files = { 'x.gguf': ggufOf(8, 1, 32, infinite) };
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(files, { dtype: 'i8' }), 'invalid_argument')).toMatch(
      /finite/,
    );
  });
});

describe('places', () => {
  const file = ggufOf(0, 2, 4, new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer));
  const folder = mkdtempSync(join(tmpdir(), 'wembed-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a #1 100%.gguf'), file);

  /** @param {any} location @param {object} [options] */
  async function rowOf(location, options) {
    const layer = await EmbeddingLayer.fromPretrained(location, options);
    const row = [...layer.embed([1]).data];
    layer.dispose();
    return row;
  }

  test('a folder and files that hold one', async () => {
    expect(await rowOf(folder)).toEqual([5, 6, 7, 8]);
    expect(
      await rowOf(
        new Map([
          ['x.gguf', file],
          ['README.md', 'x'],
        ]),
      ),
    ).toEqual([5, 6, 7, 8]);
    expect(await rowOf([new File([file], 'y.GGUF')])).toEqual([5, 6, 7, 8]);
    expect(await rowOf(Object.assign(Object.create(null), { 'x.gguf': file }))).toEqual([5, 6, 7, 8]);
  });

  test('paths, file: URLs and addresses', async () => {
    writeFileSync(join(folder, 'sub.gguf'), file);
    expect(await rowOf(join(folder, 'sub.gguf'))).toEqual([5, 6, 7, 8]);
    expect(await rowOf(pathToFileURL(join(folder, 'a #1 100%.gguf')))).toEqual([5, 6, 7, 8]);
    /** @type {string[]} */
    const asked = [];
    const fetch = async (/** @type {any} */ url) => {
      asked.push(String(url));
      return new Response(file);
    };
    expect(await rowOf('https://host/a/b.gguf?download=true', { fetch })).toEqual([5, 6, 7, 8]);
    expect(asked).toEqual(['https://host/a/b.gguf?download=true']);
    expect(await rowOf('org/name', { fetch, file: 'q.gguf' })).toEqual([5, 6, 7, 8]);
    expect(asked.pop()).toBe('https://huggingface.co/org/name/resolve/main/q.gguf');
  });

  test('a server, which is asked for the header and the two tables only', async () => {
    const table = (/** @type {number} */ n) => new Uint8Array(new Float32Array(20_000).fill(n).buffer);
    const large = new GgufWriter()
      .string('general.architecture', 'llama')
      .u32('llama.embedding_length', 4)
      .tensor('blk.0.ffn_up.weight', [100_000, 4], 0, new Uint8Array(1_600_000))
      .tensor('token_embd.weight', [5000, 4], 0, table(1))
      .tensor('blk.1.ffn_up.weight', [100_000, 4], 0, new Uint8Array(1_600_000))
      .tensor('output.weight', [5000, 4], 0, table(2));
    const server = await serveFiles(new Map([['m.gguf', large.file()]]));
    try {
      expect(await rowOf(`${server.url}m.gguf`)).toEqual([1, 1, 1, 1]);
      expect(server.bytes()).toBeLessThanOrEqual(2 * 80_000 + 65_536);
      expect(server.requests.map(({ path, range }) => [path, range?.replace(/\d+$/, '…')])).toEqual([
        ['m.gguf', 'bytes=0-…'],
        ['m.gguf', expect.stringMatching(/^bytes=16\d{5}-…$/)],
        ['m.gguf', expect.stringMatching(/^bytes=32\d{5}-…$/)],
      ]);
    } finally {
      await server.close();
    }
  });

  test('of several the option file says which', async () => {
    const files = new Map([
      ['x.gguf', file],
      ['y.gguf', file],
    ]);
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(files), 'invalid_argument')).toMatch(/x\.gguf, y\.gguf/);
    expect(await rowOf(files, { file: 'y.gguf' })).toEqual([5, 6, 7, 8]);
    await errorOf(() => EmbeddingLayer.fromPretrained(files, { file: 'z.gguf' }), 'not_found');
  });

  test('sources that are read in order', async () => {
    const stream = {
      name: 'x',
      open: async () => ({
        inOrder: true,
        slice: () => Promise.reject(new Error('not in order')),
        stream: async function* () {
          for (let at = 0; at < file.length; at += 13) yield file.slice(at, at + 13);
        },
      }),
    };
    expect(await rowOf(stream, { file: 'x.gguf' })).toEqual([5, 6, 7, 8]);
  });

  test('a file cut short, anywhere, is refused', async () => {
    for (let length = 0; length < file.length; length += 5) {
      await errorOf(() => EmbeddingLayer.fromPretrained({ 'x.gguf': file.slice(0, length) }), 'bad_file');
    }
  });
});

describe('models in parts', () => {
  const floats = (/** @type {number[]} */ ...values) => new Uint8Array(Float32Array.from(values).buffer);
  const part = (/** @type {number} */ number, count = 3) => {
    const writer = new GgufWriter().u32('split.no', number - 1).u32('split.count', count);
    if (number === 1) writer.string('general.architecture', 'llama').u32('llama.embedding_length', 2);
    if (number === 1) writer.tensor('token_embd.weight', [2, 2], 0, floats(1, 2, 3, 4));
    if (number === 2) writer.tensor('blk.0.attn_q.weight', [2, 2], 0, floats(0, 0, 0, 0));
    if (number === 3) writer.tensor('output.weight', [2, 2], 0, floats(5, 6, 7, 8));
    return writer.file();
  };
  const name = (/** @type {number} */ number) => `m-0000${number}-of-00003.gguf`;
  const files = () => new Map([3, 1, 2].map((number) => [name(number), part(number)]));

  test('are one model', async () => {
    for (const options of [{}, { file: name(1) }]) {
      const layer = await EmbeddingLayer.fromPretrained(files(), options);
      expect([...layer.embed([1]).data]).toEqual([3, 4]);
      expect([.../** @type {any} */ (layer.head).table.row(0)]).toEqual([5, 6]);
      expect(layer.describe().tied).toBe(false);
      layer.dispose();
    }
    const info = await inspect(files());
    expect(info).toMatchObject({
      parameters: 12,
      layer: { tensors: ['token_embd.weight', 'output.weight'], download: 32 },
    });
  });

  /** @type {[string, string, (files: Map<string, any>) => string, RegExp][]} */
  const cases = [
    ['a part is not there', 'not_found', (all) => (all.delete(name(3)), name(1)), /00003-of-00003/],
    ['not the first is meant', 'invalid_argument', () => name(2), /first part, m-00001/],
    ['a tensor is in two', 'bad_file', (all) => (all.set(name(2), part(1)), name(1)), /another tensor/],
    ['the name does not say so', 'bad_file', (all) => (all.set('x.gguf', part(1)), 'x.gguf'), /3 parts/],
    ['the name says otherwise', 'bad_file', (all) => (all.set(name(1), part(1, 60_000)), name(1)), /60000 parts/],
  ];
  test.each(cases)('are refused where %s', async (_, code, edit, message) => {
    const all = files();
    const file = edit(all);
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(all, { file }), code)).toMatch(message);
  });
});

const stories = sharedData('stories260K');
stories.test('a real model: the rows of llama2.c, its tokenizer, rotation and head', async () => {
  const layer = await EmbeddingLayer.fromPretrained(`${stories.path}/stories260K.gguf`);
  const bin = readFileSync(`${stories.path}/stories260K.bin`);
  const table = new Float32Array(new Uint8Array(bin).slice(28, 28 + 4 * 512 * 64).buffer);
  const all = Array.from({ length: 512 }, (_, id) => id);
  expect(layer.embed(all).data).toEqual(table);
  expect(/** @type {any} */ (layer.head).table.lookup(all).data).toEqual(table);
  expect([...layer.tokenizer.encode('Once upon a time').ids]).toEqual([1, 403, 407, 261, 378]);
  expect(layer.rotary).toMatchObject({ headDim: 8, rotaryDim: 8, interleaved: true });
  expect(/** @type {any} */ (layer.head).topK(layer.table.row(403), 1).ids[0]).toBe(403);
  layer.dispose();
});
