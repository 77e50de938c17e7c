// inspect: a model's properties, from headers alone.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GgufWriter } from '../support/gguf.js';
import { safetensors, smallModel } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, EmbeddingTable, errorOf, inspect, readBytes, sharedData } from '../support/wembed.js';

const CHECKPOINTS = fileURLToPath(new URL('../golden/checkpoints/', import.meta.url));

/**
 * A checkpoint's tensors, whose bytes are never read.
 * @param {number} blocks
 * @param {number} rows
 * @param {number} dim
 */
function bigTensors(blocks, rows, dim) {
  /** @type {[string, number[]][]} */
  const tensors = [['model.embed_tokens.weight', [rows, dim]]];
  for (let block = 0; block < blocks; block++) {
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
      tensors.push([`model.layers.${block}.self_attn.${part}.weight`, [dim, dim]]);
    }
  }
  return [...tensors, /** @type {[string, number[]]} */ (['lm_head.weight', [rows, dim]])];
}

/**
 * A file of terabytes: a real header, and data of zeros made on request.
 * @param {[string, number[]][]} tensors
 */
function phantom(tensors) {
  let at = 0;
  const entries = tensors.map(([name, shape]) => {
    const begin = at;
    at += 2 * shape.reduce((product, size) => product * size, 1);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, at] }];
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  return { head, byteLength: head.length + at };
}

/** @param {Map<string, any>} files phantoms, or bytes, or text */
function counted(files) {
  const state = { read: 0, open: 0 };
  return {
    state,
    name: 'counted',
    open: async (/** @type {string} */ file) => {
      const content = files.get(file);
      if (content === undefined) return null;
      const { head, byteLength } = content.head ? content : phantomOf(content);
      state.open++;
      return {
        byteLength,
        slice: (/** @type {number} */ begin, end = byteLength) => {
          state.read += end - begin;
          const bytes = new Uint8Array(end - begin);
          bytes.set(head.subarray(begin, end));
          return bytes.buffer;
        },
        close: async () => void state.open--,
      };
    },
  };
}

/** @param {string | Uint8Array} content */
function phantomOf(content) {
  const head = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { head, byteLength: head.length };
}

const CONFIG = { model_type: 'llama', hidden_size: 16384, num_attention_heads: 128 };

test('a sharded checkpoint of 800 GB: everything in less than 1 MB', async () => {
  const tensors = bigTensors(370, 128256, 16384);
  const shards = 191;
  const files = new Map(/** @type {[string, any][]} */ ([['config.json', JSON.stringify(CONFIG)]]));
  /** @type {Record<string, string>} */
  const weight_map = {};
  const size = Math.ceil(tensors.length / shards);
  for (let shard = 0; shard * size < tensors.length; shard++) {
    const name = `model-${String(shard + 1).padStart(5, '0')}-of-00191.safetensors`;
    const own = tensors.slice(shard * size, (shard + 1) * size);
    files.set(name, phantom(own));
    for (const [tensor] of own) weight_map[tensor] = name;
  }
  files.set('model.safetensors.index.json', JSON.stringify({ weight_map }));
  const source = counted(files);
  const info = await inspect(source);
  expect(source.state.read).toBeLessThan(1e6);
  expect(source.state.open).toBe(0);
  const ends = 128256 * 16384;
  const all = 2 * ends + 4 * 370 * 16384 ** 2;
  expect(info).toMatchObject({
    format: 'safetensors',
    family: 'llama',
    complete: true,
    parameters: all,
    bytes: 2 * all,
  });
  expect(info.tensors.length).toBe(tensors.length);
  expect(info.layer).toMatchObject({
    ...{ tensors: ['model.embed_tokens.weight', 'lm_head.weight'], vocabSize: 128256, dim: 16384, dtype: 'BF16' },
    ...{ parameters: 2 * ends, share: (2 * ends) / all, tied: false, positions: 'rotary', download: 4 * ends },
  });
});

test('a checkpoint with more headers than 1 MB: its layer, and totals from the index', async () => {
  const config = JSON.stringify({ ...CONFIG, hidden_size: 64 });
  const files = new Map(/** @type {[string, any][]} */ ([['config.json', config]]));
  /** @type {Record<string, string>} */
  const weight_map = {};
  for (let shard = 0; shard < 40; shard++) {
    const own = bigTensors(100, 1000, 64).map(
      ([name, shape]) => /** @type {[string, number[]]} */ ([shard === 39 ? name : `${shard}.${name}`, shape]),
    );
    files.set(`s${shard}.safetensors`, phantom(own));
    for (const [tensor] of own) weight_map[tensor] = `s${shard}.safetensors`;
  }
  const metadata = { total_size: 123456, total_parameters: 61728 };
  const index = JSON.stringify({ metadata, weight_map });
  files.set('model.safetensors.index.json', index);
  const source = counted(files);
  const info = await inspect(source);
  expect(source.state.read - index.length).toBeLessThan(1e6);
  expect(info).toMatchObject({ complete: false, parameters: 61728, bytes: 123456 });
  expect(info.tensors.length).toBeGreaterThan(402);
  expect(info.layer).toMatchObject({ vocabSize: 1000, dim: 64, download: 2 * 2 * 64000 });
});

test.each(['bert_mlm', 'gpt2', 'gemma2_float32', 't5_untied', 'bloom', 'opt_narrow'])(
  'what it tells of a checkpoint is what loading finds: %s',
  async (name) => {
    const info = await inspect(`${CHECKPOINTS}${name}`);
    const layer = await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}${name}`);
    const { vocabSize, dim, tied, positions, family, parameters } = layer.describe();
    expect(info.layer).toMatchObject({ vocabSize, dim, tied, positions });
    expect([info.family, info.layer?.parameters]).toEqual([family, parameters]);
    expect(info.layer?.tableBytes[layer.table.dtype]).toBe(layer.table.bytes);
    layer.dispose();
  },
);

test("a table's bytes in each dtype are those of a real table", async () => {
  const info = await inspect(`${CHECKPOINTS}llama`);
  const data = new Float32Array(40 * 24).fill(1);
  for (const dtype of /** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4'])) {
    const table = await EmbeddingTable.from(data, { rows: 40, dim: 24, dtype });
    expect([dtype, info.layer?.tableBytes[dtype]]).toEqual([dtype, table.bytes]);
    table.dispose();
  }
});

test('loading downloads the number of bytes that inspect predicts', async () => {
  const files = new Map(
    /** @type {[string, any][]} */ ([
      ['config.json', JSON.stringify({ model_type: 'llama', tie_word_embeddings: false })],
      [
        'model.safetensors',
        safetensors({
          'model.layers.0.up.weight': { dtype: 'F32', shape: [60_000, 8], data: new Float32Array(480_000) },
          'model.embed_tokens.weight': { dtype: 'F32', shape: [9000, 8], data: new Float32Array(72_000) },
          'model.layers.1.up.weight': { dtype: 'F32', shape: [60_000, 8], data: new Float32Array(480_000) },
          'lm_head.weight': { dtype: 'F32', shape: [9000, 8], data: new Float32Array(72_000) },
        }),
      ],
    ]),
  );
  const server = await serveFiles(files);
  const info = await inspect(server.url);
  expect(server.bytes()).toBeLessThan(70_000);
  expect(info.layer?.download).toBe(2 * 4 * 72_000);
  server.requests.length = 0;
  (await EmbeddingLayer.fromPretrained(server.url)).dispose();
  const loaded = server.bytes('model.safetensors');
  expect(loaded).toBeGreaterThanOrEqual(2 * 4 * 72_000);
  expect(loaded).toBeLessThanOrEqual(2 * 4 * 72_000 + 65_536);
  expect(await inspect(`${server.url}model.safetensors`)).toEqual(info);
  await server.close();
});

test('static models, files in memory, and the file alone', async () => {
  const info = await inspect(smallModel());
  const layer = { tensors: ['embeddings'], vocabSize: 6, dim: 4, dtype: 'F32', parameters: 24, share: 1, download: 96 };
  expect(info).toMatchObject({ family: 'model2vec', format: 'safetensors', parameters: 24, bytes: 96, layer });
  const file = smallModel().get('model.safetensors');
  for (const content of [file, new Blob([file]), file.buffer.slice(0)]) {
    expect(await inspect(content)).toMatchObject({ family: 'model2vec', parameters: 24, layer });
  }
  const nested = new Map([['0_StaticEmbedding/model.safetensors', file]]);
  expect(await inspect(nested)).toMatchObject({ parameters: 24, layer });
});

test('GGUF', async () => {
  const blocks = readBytes('tests/golden/ggml_blocks.bin').subarray(80, 80 + 2 * 18);
  const file = new GgufWriter()
    .string('general.architecture', 'llama')
    .u32('llama.embedding_length', 32)
    .tensor('token_embd.weight', [2, 32], 2, blocks)
    .tensor('blk.0.attn_q.weight', [32, 32], 0, new Uint8Array(4096))
    .file();
  const info = await inspect(file);
  expect(info).toMatchObject({
    format: 'gguf',
    family: 'llama',
    complete: true,
    parameters: 64 + 1024,
    bytes: 36 + 4096,
  });
  expect(info.tensors[0]).toEqual({
    name: 'token_embd.weight',
    dtype: 'Q4_0',
    shape: [2, 32],
    bytes: 36,
    file: 'model.gguf',
  });
  expect(info.layer).toMatchObject({
    tensors: ['token_embd.weight'],
    dtype: 'Q4_0',
    tied: true,
    positions: 'rotary',
    download: 36,
  });
  expect(await inspect({ 'x.gguf': file })).toMatchObject({ family: 'llama', parameters: 1088 });
  const golden = await inspect(fileURLToPath(new URL('../golden/gguf/bert.gguf', import.meta.url)));
  const { vocabSize } = (await EmbeddingLayer.fromPretrained(`${CHECKPOINTS}bert`)).describe();
  expect(golden.layer).toMatchObject({ vocabSize, positions: 'learned', tied: false });
});

test('unknown and incomplete models still have tensors', async () => {
  const file = safetensors({ w: { dtype: 'F16', shape: [3, 5], data: new Uint16Array(15) } });
  for (const config of [{ model_type: 'rwkv' }, { model_type: 'bert' }, {}]) {
    const info = await inspect({ 'config.json': JSON.stringify(config), 'model.safetensors': file });
    expect(info).toMatchObject({ parameters: 15, layer: undefined, whyNoLayer: expect.stringMatching(/\S/) });
    expect(info.tensors).toEqual([{ name: 'w', dtype: 'F16', shape: [3, 5], bytes: 30, file: 'model.safetensors' }]);
  }
  const mamba = new GgufWriter().string('general.architecture', 'mamba').tensor('a', [2], 0, new Uint8Array(8)).file();
  expect(await inspect(mamba)).toMatchObject({
    parameters: 2,
    layer: undefined,
    whyNoLayer: expect.stringMatching('mamba'),
  });
});

test('bad input', async () => {
  await errorOf(() => inspect({}), 'not_found');
  await errorOf(() => inspect({ 'pytorch_model.bin': 'x' }), 'unsupported');
  await errorOf(() => inspect(new Uint8Array(3)), 'bad_file');
  await errorOf(() => inspect('nowhere'), 'invalid_argument');
  await errorOf(() => inspect(/** @type {any} */ (null)), 'invalid_argument');
  await errorOf(
    () => inspect({ 'model.safetensors.index.json': '{"weight_map":{"a":"../x.safetensors"}}' }),
    'bad_file',
  );
  await errorOf(() => inspect({ 'x.gguf': 'GGUF' }), 'bad_file');
});

const stories = sharedData('stories260K');
stories.test('a real GGUF', async () => {
  const info = await inspect(`${stories.path}/stories260K.gguf`);
  expect(info.tensors.length).toBe(48);
  expect(info.layer).toMatchObject({ vocabSize: 512, dim: 64, download: 2 * 4 * 512 * 64 });
  const bytes = info.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  expect(info.bytes).toBe(bytes);
  expect(readFileSync(`${stories.path}/stories260K.gguf`).length).toBeGreaterThan(bytes);
});
