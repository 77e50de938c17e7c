// The files of a checkpoint as they lie on the hub: variants, indices, quantized weights beside a plain table, other
// libraries' folders.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safetensors } from '../support/models.js';
import { EmbeddingLayer, errorOf, inspect } from '../support/wembed.js';

const TABLE = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i));
const HEAD = Float32Array.from({ length: 80 }, (_, i) => Math.cos(i));
const TOKENS = { 'model.embed_tokens.weight': { dtype: 'F32', shape: [20, 4], data: TABLE } };
const OWN_HEAD = { 'lm_head.weight': { dtype: 'F32', shape: [20, 4], data: HEAD } };

/** @param {object} [more] */
const configOf = (more) => JSON.stringify({ model_type: 'llama', hidden_size: 4, num_attention_heads: 2, ...more });

/** @param {Record<string, string>} tensors file by tensor */
const indexOf = (tensors) => JSON.stringify({ metadata: {}, weight_map: tensors });

/** @param {EmbeddingLayer} layer */
function rowOf(layer) {
  const row = layer.embed([7]).data;
  layer.dispose();
  return row;
}

const SEVENTH = TABLE.subarray(28, 32);

describe('variants', () => {
  const bytes = safetensors({ ...TOKENS, ...OWN_HEAD });
  const shards = {
    'model.safetensors.index.fp16.json': indexOf({
      'model.embed_tokens.weight': 'model.fp16-00001-of-00002.safetensors',
      'lm_head.weight': 'model.fp16-00002-of-00002.safetensors',
    }),
    'model.fp16-00001-of-00002.safetensors': safetensors(TOKENS),
    'model.fp16-00002-of-00002.safetensors': safetensors(OWN_HEAD),
  };

  test.each([
    ['one file', { 'model.fp16.safetensors': bytes }],
    ['shards', shards],
    ['one file beside the usual one', { 'model.fp16.safetensors': bytes, 'model.safetensors': safetensors({}) }],
  ])('%s', async (_, files) => {
    const layer = await EmbeddingLayer.fromPretrained({ 'config.json': configOf(), ...files }, { variant: 'fp16' });
    expect(layer.describe()).toMatchObject({ tied: false, vocabSize: 20 });
    expect(rowOf(layer)).toEqual(SEVENTH);
    const info = await inspect({ 'config.json': configOf(), ...files }, { variant: 'fp16' });
    expect(info.layer?.vocabSize).toBe(20);
  });

  test('one that is not there, and names that are none, are refused', async () => {
    const files = { 'config.json': configOf(), 'model.fp16.safetensors': bytes };
    const load = (/** @type {any} */ options) => () => EmbeddingLayer.fromPretrained(files, options);
    expect(await errorOf(load({ variant: 'bf16' }), 'not_found')).toMatch(
      /model\.bf16\.safetensors and no .*bf16\.json/,
    );
    expect(await errorOf(load({}), 'not_found')).toMatch(/it has model\.fp16\.safetensors/);
    for (const variant of ['../x', '', 5, null, 'a.b']) {
      expect(await errorOf(load({ variant }), 'invalid_argument')).toMatch(/variant/);
    }
    const both = { variant: 'fp16', file: 'model.fp16.safetensors' };
    expect(await errorOf(load(both), 'invalid_argument')).toMatch(/another file/);
  });
});

describe('paths', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-layouts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const files = {
    'config.json': configOf(),
    'model.safetensors.index.json': indexOf({
      'model.embed_tokens.weight': 'a.safetensors',
      'lm_head.weight': 'b.safetensors',
    }),
    'a.safetensors': safetensors(TOKENS),
    'b.safetensors': safetensors(OWN_HEAD),
    'whole.safetensors': safetensors({ ...TOKENS, ...OWN_HEAD }),
    'onnx/model.onnx': new Uint8Array(9),
    'onnx/config.json': '{"model_type": "bert"}',
    'openvino/openvino_model.xml': '<net/>',
    'openvino/openvino_model.bin': new Uint8Array(9),
    'pytorch_model.bin': new Uint8Array(9),
    'model.onnx': new Uint8Array(9),
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }

  test.each(['', '/', '/model.safetensors.index.json', '/whole.safetensors', '/config.json'])(
    "the folder's path with '%s' after it",
    async (end) => {
      const layer = await EmbeddingLayer.fromPretrained(folder + end);
      expect(layer.describe()).toMatchObject({ family: 'llama', tied: false, head: { vocabSize: 20 } });
      expect(rowOf(layer)).toEqual(SEVENTH);
      expect((await inspect(folder + end)).layer?.tensors).toEqual(['model.embed_tokens.weight', 'lm_head.weight']);
    },
  );

  test('an index in the option file', async () => {
    const layer = await EmbeddingLayer.fromPretrained(folder, { file: 'model.safetensors.index.json' });
    expect(rowOf(layer)).toEqual(SEVENTH);
    const load = () => EmbeddingLayer.fromPretrained(folder, { file: 'other.safetensors.index.json' });
    expect(await errorOf(load, 'not_found')).toMatch(/no other\.safetensors\.index\.json/);
  });
});

describe('quantized checkpoints whose table is plain', () => {
  const packed = { dtype: 'I32', shape: [2, 20], data: new Int32Array(40) };
  const scales = { dtype: 'F16', shape: [1, 20], data: new Uint16Array(20) };
  /** By the library that writes it: what stands in its blocks, its setting, and its head. */
  const LAYOUTS = /** @type {Record<string, { config: object, tensors: Record<string, any>, head: boolean }>} */ ({
    GPTQ: {
      config: { quant_method: 'gptq', bits: 4, group_size: 128 },
      tensors: {
        'model.layers.0.self_attn.q_proj.qweight': packed,
        'model.layers.0.self_attn.q_proj.qzeros': packed,
        'model.layers.0.self_attn.q_proj.scales': scales,
        'model.layers.0.self_attn.q_proj.g_idx': { dtype: 'I32', shape: [4], data: new Int32Array(4) },
        ...OWN_HEAD,
      },
      head: true,
    },
    'GPTQ with its head': {
      config: { quant_method: 'gptq', lm_head: true },
      tensors: { 'lm_head.qweight': packed, 'lm_head.qzeros': packed, 'lm_head.scales': scales },
      head: false,
    },
    AWQ: {
      config: { quant_method: 'awq', version: 'gemm' },
      tensors: {
        'model.layers.0.mlp.up_proj.qweight': packed,
        'model.layers.0.mlp.up_proj.scales': scales,
        ...OWN_HEAD,
      },
      head: true,
    },
    'bitsandbytes in 4 bits': {
      config: { quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' },
      tensors: {
        'model.layers.0.mlp.up_proj.weight': { dtype: 'U8', shape: [8, 1], data: new Uint8Array(8) },
        'model.layers.0.mlp.up_proj.weight.absmax': { dtype: 'U8', shape: [1], data: new Uint8Array(1) },
        'model.layers.0.mlp.up_proj.weight.quant_state.bitsandbytes__nf4': {
          dtype: 'U8',
          shape: [3],
          data: new Uint8Array(3),
        },
        ...OWN_HEAD,
      },
      head: true,
    },
    'bitsandbytes in 8 bits with its head': {
      config: { quant_method: 'bitsandbytes', load_in_8bit: true },
      tensors: {
        'lm_head.weight': { dtype: 'I8', shape: [20, 4], data: new Int8Array(80) },
        'lm_head.SCB': { dtype: 'F32', shape: [20], data: new Float32Array(20) },
      },
      head: false,
    },
    NVFP4: {
      config: { quant_method: 'modelopt', quant_algo: 'NVFP4' },
      tensors: {
        'model.layers.0.mlp.up_proj.weight': { dtype: 'U8', shape: [4, 2], data: new Uint8Array(8) },
        'model.layers.0.mlp.up_proj.weight_scale': { dtype: 'F8_E4M3', shape: [4, 1], data: new Uint8Array(4) },
        'model.layers.0.mlp.up_proj.weight_scale_2': { dtype: 'F32', shape: [], data: new Float32Array(1) },
        ...OWN_HEAD,
      },
      head: true,
    },
    'compressed tensors with its head': {
      config: { quant_method: 'compressed-tensors', format: 'pack-quantized' },
      tensors: { 'lm_head.weight_packed': packed, 'lm_head.weight_scale': scales },
      head: false,
    },
    FP8: {
      config: { quant_method: 'fp8', weight_block_size: [128, 128] },
      tensors: {
        'model.layers.0.mlp.up_proj.weight': { dtype: 'F8_E4M3', shape: [4, 4], data: new Uint8Array(16) },
        'model.layers.0.mlp.up_proj.weight_scale_inv': { dtype: 'F32', shape: [1, 1], data: new Float32Array(1) },
        ...OWN_HEAD,
      },
      head: true,
    },
  });

  test.each(Object.entries(LAYOUTS))('%s', async (_, { config, tensors, head }) => {
    const files = {
      'config.json': configOf({ quantization_config: config }),
      'model.safetensors': safetensors({ ...TOKENS, ...tensors }),
    };
    const layer = await EmbeddingLayer.fromPretrained(files);
    expect(layer.head !== undefined).toBe(head);
    if (head) expect(layer.head?.logits(Float32Array.of(0, 0, 0, 1))[5]).toBe(HEAD[23]);
    else expect(layer.describe().whyNoHead).toMatch(/quantized in a form that is not read/);
    expect(rowOf(layer)).toEqual(SEVENTH);
  });

  /** @type {[string, Record<string, any>, RegExp][]} what stands in place of the token table */
  const QUANTIZED = [
    ['GPTQ, AWQ', { qweight: packed, scales }, /model.embed_tokens.qweight/],
    ['compressed tensors', { weight_packed: packed, weight_scale: scales }, /embed_tokens.weight_packed/],
    [
      'bitsandbytes in 4 bits, NVFP4',
      { weight: { dtype: 'U8', shape: [80, 1], data: new Uint8Array(80) } },
      /it is U8/,
    ],
    ['quanto', { 'weight._data': { dtype: 'I8', shape: [20, 4], data: new Int8Array(80) } }, /weight._data/],
    ['AQLM', { codes: packed }, /embed_tokens.codes/],
    ['MLX', { weight: { dtype: 'U32', shape: [20, 1], data: new Uint32Array(20) }, scales }, /it is U32/],
    [
      '8-bit floats with scales of another name',
      { weight: { dtype: 'F8_E4M3', shape: [20, 4], data: new Uint8Array(80) }, scale: scales },
      /beside it stands 'model.embed_tokens.scale'/,
    ],
  ];

  test.each(QUANTIZED)(
    'a token table that is quantized itself is refused, by inspect too: %s',
    async (_, tensors, why) => {
      const named = Object.entries(tensors).map(([name, tensor]) => [`model.embed_tokens.${name}`, tensor]);
      const files = {
        'config.json': configOf({}),
        'model.safetensors': safetensors({ ...Object.fromEntries(named), ...OWN_HEAD }),
      };
      const message = await errorOf(() => EmbeddingLayer.fromPretrained(files), 'unsupported');
      expect(message).toMatch(why);
      expect(message).toMatch(/quantized in a form that is not read/);
      expect((await inspect(files)).whyNoLayer).toBe(message);
    },
  );

  test('a head of 8-bit floats with scales of another name is left out', async () => {
    const head = {
      'lm_head.weight': { dtype: 'F8_E4M3', shape: [20, 4], data: new Uint8Array(80) },
      'lm_head.scale': scales,
    };
    const layer = await EmbeddingLayer.fromPretrained({
      'config.json': configOf({}),
      'model.safetensors': safetensors({ ...TOKENS, ...head }),
    });
    expect(layer.describe().whyNoHead).toMatch(/quantized in a form that is not read/);
    expect(rowOf(layer)).toEqual(SEVENTH);
    layer.dispose();
  });

  test('a table that is quantized itself is refused with its dtype', async () => {
    const files = {
      'config.json': configOf({ quantization: { group_size: 64, bits: 4 } }),
      'model.safetensors': safetensors({
        'model.embed_tokens.weight': { dtype: 'U32', shape: [20, 4], data: new Uint32Array(80) },
        'model.embed_tokens.scales': { dtype: 'F16', shape: [20, 1], data: new Uint16Array(20) },
        ...OWN_HEAD,
      }),
    };
    const message = await errorOf(() => EmbeddingLayer.fromPretrained(files), 'unsupported');
    expect(message).toMatch(/'model\.embed_tokens\.weight' is quantized in a form that is not read: it is U32/);
  });
});
