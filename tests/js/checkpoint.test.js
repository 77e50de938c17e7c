// The two ends of transformers: tiny checkpoints and what transformers makes of them (tools/golden/checkpoints.py).
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { safetensors } from '../support/models.js';
import {
  AlibiBias,
  EmbeddingLayer,
  EmbeddingTable,
  LearnedPositions,
  Matrix,
  SinusoidalPositions,
  errorOf,
  inspect,
  readBytes,
  readJson,
  sharedData,
} from '../support/wembed.js';

const FOLDER = fileURLToPath(new URL('../golden/checkpoints/', import.meta.url));
const names = readdirSync(FOLDER);
const expectedOf = (/** @type {string} */ name) => readJson(`tests/golden/checkpoints/${name}/expected.json`);

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @param {number} bound relative to the largest */
function expectNear(found, expected, bound) {
  const most = Math.max(...Array.from(expected, Math.abs));
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(bound * most);
}

test.each(names)("embed, head and rotary are transformers': %s", async (name) => {
  const { family, ids, cases, head, rotary = [] } = expectedOf(name);
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}${name}/`);
  // bf16 models round every product and sum to 8 bits; wembed rounds nothing but Gemma's factor.
  const bound = name.endsWith('bfloat16') ? 2 ** -8 : 3e-6;
  const { hiddenSize } = layer.describe();
  for (const { options, out } of cases) {
    const found = layer.embed(ids, options);
    expect([found.rows, found.dim]).toEqual([ids.length, hiddenSize]);
    expectNear(found.data, out, bound);
    const into = new Float32Array(found.data.length + 1);
    expect(layer.embed(ids, { ...options, into }).data.length).toBe(found.data.length);
    expect(into.subarray(0, -1)).toEqual(found.data);
  }
  expect(layer.head !== undefined).toBe(head !== undefined);
  if (head) {
    const scored = /** @type {import('../../web/nn/language_model_head.js').TiedHead} */ (layer.head);
    const hidden = new Matrix(Float32Array.from(head.hidden), 2, scored.dim);
    expectNear(scored.logits(hidden).data, head.logits, name.endsWith('bfloat16') ? 0.03 : 1e-5);
    expect(scored.table === layer.table).toBe(layer.describe().tied);
    const one = scored.logits(hidden.row(1));
    expectNear(one, head.logits.slice(one.length), name.endsWith('bfloat16') ? 0.03 : 1e-5);
    expect(scored.topK(hidden.row(1), 1).ids[0]).toBe(one.indexOf(Math.max(...one)));
  }
  expect(layer.rotary !== undefined).toBe(layer.describe().positions === 'rotary');
  for (const { layerType, q, positions, out } of rotary) {
    const found = layer.rotaryOf(layerType ?? undefined);
    expectNear(/** @type {any} */ (found).rotate(Float32Array.from(q), { positions }), out, 1e-6);
  }
  expect(layer.describe()).toMatchObject({ family, vocabSize: 40, dim: layer.table.dim, normalize: false });
  await errorOf(() => layer.encode('text'), 'unsupported');
  await errorOf(() => layer.tokenizer, 'not_found');
  layer.dispose();
  await errorOf(() => layer.embed(ids), 'disposed');
});

/** As tools/golden/families.py fills tensors. @param {string} name @param {number[]} shape */
function filled(name, shape) {
  const seed = [...name].reduce((sum, letter, i) => sum + letter.charCodeAt(0) * (i + 1), 0);
  const length = shape.reduce((all, size) => all * size, 1);
  const bits = (/** @type {number} */ i) => Math.imul(i + 1, 2654435761) + Math.imul(seed, 40503);
  return Float32Array.from({ length }, (_, i) => ((bits(i) >>> 16) & 255) / 128 - 1);
}

test.each(readJson('tests/golden/families.json').cases)(
  "embed, head and rotary are transformers': $family",
  async (/** @type {any} */ { family, config, tensors, ids, embed, head, logits, rotary }) => {
    /** @type {Record<string, { dtype: string, shape: number[], data: Float32Array }>} */
    const weights = {};
    for (const [name, shape] of Object.entries(/** @type {Record<string, number[]>} */ (tensors))) {
      weights[name] = { dtype: 'F32', shape, data: filled(name, shape) };
    }
    const files = { 'config.json': JSON.stringify(config), 'model.safetensors': safetensors(weights) };
    const layer = await EmbeddingLayer.fromPretrained(files);
    expect(layer.describe()).toMatchObject({ family, vocabSize: 40 });
    if (family === 'marian') expect(layer.describe().positions).toBe('sinusoidal');
    expectNear(layer.embed(ids).data, embed, 3e-6);
    expectNear(/** @type {any} */ (layer.head).logits(filled('hidden', [head])), logits, 1e-5);
    for (const { layerType, q, positions, out } of rotary) {
      const turning = /** @type {any} */ (layer.rotaryOf(layerType ?? undefined));
      expectNear(turning.rotate(Float32Array.from(q), { positions }), out, 3e-6);
    }
    layer.dispose();
  },
);

test('checkpoints convert while they are read, and a cast head scores alike', async () => {
  const { ids, cases, head } = expectedOf('qwen2');
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}qwen2/`, { dtype: 'i8' });
  expect(layer.describe()).toMatchObject({ dtype: 'i8', tied: true, positions: 'rotary' });
  expectNear(layer.embed(ids).data, cases[0].out, 0.005);
  expectNear(
    /** @type {any} */ (layer.head).logits(new Matrix(Float32Array.from(head.hidden), 2, 24)).data,
    head.logits,
    0.02,
  );
  layer.dispose();
});

test('8-bit floats, with a scale a block, one a row, one for all, or none', async () => {
  const [rows, dim] = [130, 24];
  const bytes = Uint8Array.from({ length: rows * dim }, (_, i) => (i * 37) % 127);
  const weight = { dtype: 'F8_E4M3', shape: [rows, dim], data: bytes };
  const name = 'model.embed_tokens.weight';
  const config = JSON.stringify({ model_type: 'llama', hidden_size: dim, tie_word_embeddings: true });
  const load = (/** @type {any} */ tensors, /** @type {any} */ options = {}) =>
    EmbeddingLayer.fromPretrained({ 'config.json': config, 'model.safetensors': safetensors(tensors) }, options);
  const plain = await EmbeddingTable.from(bytes, { rows, dim, format: 'f8_e4m3' });
  const all = Array.from({ length: rows }, (_, i) => i);
  const none = await load({ [name]: weight });
  expect(none.table.dtype).toBe('f16');
  expect(none.embed(all).data).toEqual(plain.lookup(all).data);
  /** @type {[string, number[], (row: number) => number][]} */
  const cases = [
    ['weight_scale_inv', [2, 1], (row) => (row < 128 ? 0 : 1)],
    ['weight_scale', [rows, 1], (row) => row],
    ['weight_scale', [1], () => 0],
    ['weight_scale', [], () => 0],
  ];
  for (const [suffix, shape, of] of cases) {
    const size = shape.reduce((a, b) => a * b, 1);
    const scales = Float32Array.from({ length: size }, (_, i) => 0.5 + i / 64);
    const scale = { dtype: 'F32', shape, data: scales };
    const layer = await load({ [name]: weight, [name.replace('weight', suffix)]: scale }, { dtype: 'f32' });
    const expected = plain.lookup(all).data.map((value, i) => value * scales[of(Math.floor(i / dim))]);
    expect(layer.embed(all).data).toEqual(expected);
    layer.dispose();
  }
  const scales = { dtype: 'F32', shape: [7, 1], data: new Float32Array(7) };
  const bad = load({ [name]: weight, [`${name}_scale`]: scales });
  expect(await errorOf(() => bad, 'bad_file')).toMatch(/\[7,1\].*\[130,24\]/);
  const odd = load({ [name]: { ...weight, dtype: 'F8_E8M0' } });
  expect(await errorOf(() => odd, 'unsupported')).toMatch('F8_E8M0');
  none.dispose();
});

test('describe tells the whole of both ends', async () => {
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}bert_mlm/`);
  // 40 tokens, 20 positions, 2 types, a dense layer; two norms and its bias; the scores' bias
  const parameters = 24 * (40 + 20 + 2 + 24) + 24 * 5 + 40;
  expect(layer.describe()).toEqual({
    ...{ vocabSize: 40, rows: 40, dim: 24, hiddenSize: 24, dtype: 'f32', bytes: 4 * parameters, parameters },
    ...{
      kind: 'transformer',
      family: 'bert',
      tied: true,
      positions: 'learned',
      maxPositions: 20,
      perLayerInputs: null,
    },
    head: { vocabSize: 40, dim: 24, dtype: 'f32', tied: true, scale: 1, softcap: null },
    whyNoHead: null,
    ...{
      pooling: null,
      normalize: false,
      maxLength: null,
      whyNoEncoder: expect.stringMatching(/a bert makes/),
      rules: null,
    },
    ...{ tokenizer: null, whyNoTokenizer: expect.stringMatching('tokenizer.json') },
    variant: layer.describe().variant,
  });
  layer.dispose();
  const shapes = /** @type {Record<string, object>} */ ({
    ...{
      bert: { tied: false },
      bert_untied: { tied: false, positions: 'learned' },
      t5: { tied: false, positions: null },
    },
    ...{
      bloom: { tied: true, positions: 'alibi' },
      glm: { positions: 'rotary' },
      electra_generator: { hiddenSize: 24 },
    },
  });
  for (const [name, expected] of Object.entries(shapes)) {
    const other = await EmbeddingLayer.fromPretrained(`${FOLDER}${name}/`);
    expect(other.describe()).toMatchObject(expected);
    expect(other.alibi?.slopes.length).toBe(name === 'bloom' ? 2 : undefined);
    other.dispose();
  }
});

test('bad input to embed is refused, and the next good call works', async () => {
  const bert = await EmbeddingLayer.fromPretrained(`${FOLDER}bert/`);
  const llama = await EmbeddingLayer.fromPretrained(`${FOLDER}llama/`);
  const roberta = await EmbeddingLayer.fromPretrained(`${FOLDER}roberta/`);
  const into = new Float32Array(2 * 24).fill(7);
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['id_out_of_range', () => bert.embed([1, 40], { into }), /40 at index 1/],
    ['id_out_of_range', () => bert.embed([1, -1], { into }), /-1/],
    ['id_out_of_range', () => bert.embed([1, 2], { positionIds: [0, 20], into }), /20 at index 1/],
    ['id_out_of_range', () => bert.embed([1, 2], { positionIds: [-1, 0], into }), /positionIds\[0\].*-1/],
    ['id_out_of_range', () => bert.embed(new Uint8Array(21)), /20 at index 20/],
    ['id_out_of_range', () => bert.embed([1, 2], { tokenTypeIds: [0, 2], into }), /2 at index 1/],
    ['id_out_of_range', () => roberta.embed(new Uint8Array(19)), /20 at index 18/],
    ['shape_mismatch', () => bert.embed([1, 2], { positionIds: [0], into }), /1 positionIds for 2/],
    ['shape_mismatch', () => bert.embed([1, 2], { tokenTypeIds: [0], into }), /1 tokenTypeIds for 2/],
    ['shape_mismatch', () => bert.embed([1, 2, 3], { into }), /48.*72/],
    ['invalid_argument', () => llama.embed([1], { positionIds: [0] }), /no use for positionIds/],
    ['invalid_argument', () => bert.embed(/** @type {any} */ (undefined)), /ids .*undefined/],
    ['invalid_argument', () => bert.embed([1], { positionIds: /** @type {any} */ (null) }), /positionIds .*null/],
    ['invalid_argument', () => bert.embed([1], { positionIds: /** @type {any} */ ([null]) }), /positionIds\[0\].*null/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
  expect([...into]).toEqual(Array(48).fill(7));
  expect(bert.embed([]).rows).toBe(0);
  expect(roberta.embed(new Uint8Array(18)).rows).toBe(18);
  [bert, llama, roberta].forEach((layer) => layer.dispose());
});

test('a checkpoint that lacks what its family has is refused with what it holds', async () => {
  const files = (/** @type {string} */ from, /** @type {object} */ config) => ({
    'config.json': JSON.stringify(config),
    'model.safetensors': readBytes(`tests/golden/checkpoints/${from}/model.safetensors`),
  });
  const load = (/** @type {any} */ given) => () => EmbeddingLayer.fromPretrained(given);
  expect(await errorOf(load(files('llama', { model_type: 'bert' })), 'bad_file')).toMatch(
    /word_embeddings.*embed_tokens/s,
  );
  expect(await errorOf(load(files('llama', { model_type: 'unheard' })), 'unsupported')).toMatch(
    /^config.json: model_type "unheard" is not known.*family: 'llama'.*embed_tokens/s,
  );
  const llama = await EmbeddingLayer.fromPretrained(files('llama', { model_type: 'unheard' }), { family: 'llama' });
  expect(llama.embed(expectedOf('llama').ids).data.length).toBeGreaterThan(0);
  llama.dispose();
  expect(await errorOf(load(files('llama', { model_type: 'cpmant' })), 'unsupported')).toMatch(
    /a prompt that it has learned/,
  );
  const electra = { model_type: 'electra', embedding_size: 24, hidden_size: 64 };
  expect(await errorOf(load(files('electra', electra)), 'bad_file')).toMatch(/24.*64.*embeddings_project/);
  expect(await errorOf(load({ 'config.json': '{"model_type":"bert"}' }), 'not_found')).toMatch('model.safetensors');
});

/** A good checkpoint's files, its header and config changed. @param {string} name @param {(header: any, config: any) => void} edit */
function changed(name, edit) {
  const bytes = readBytes(`tests/golden/checkpoints/${name}/model.safetensors`);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const config = readJson(`tests/golden/checkpoints/${name}/config.json`);
  edit(header, config);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(bytes.subarray(8 + length), 8 + json.length);
  return { 'config.json': JSON.stringify(config), 'model.safetensors': file };
}

/** @param {any} header @param {RegExp} pattern @param {string} by */
function rename(header, pattern, by) {
  for (const name of Object.keys(header).filter((each) => pattern.test(each))) {
    const entry = header[name];
    delete header[name];
    header[name.replace(pattern, by)] = entry;
  }
}

test("older files' gamma and beta, and a decoder's bias beside the predictions', are the same model", async () => {
  const { ids, cases, head } = expectedOf('bert_mlm');
  const files = changed('bert_mlm', (header) => {
    rename(header, /LayerNorm\.weight$/, 'LayerNorm.gamma');
    rename(header, /LayerNorm\.bias$/, 'LayerNorm.beta');
    rename(header, /predictions\.bias$/, 'predictions.decoder.bias');
  });
  const layer = await EmbeddingLayer.fromPretrained(files);
  expectNear(layer.embed(ids).data, cases[0].out, 3e-6);
  const hidden = new Matrix(Float32Array.from(head.hidden), 2, 24);
  expectNear(/** @type {any} */ (layer.head).logits(hidden).data, head.logits, 1e-5);
  layer.dispose();
});

test('where a config does not say whether the ends are tied, they are as transformers has it', async () => {
  const says = async (/** @type {string} */ name, /** @type {string} */ extra) => {
    const files = changed(name, (header, config) => {
      delete config.tie_word_embeddings;
      rename(header, /^lm_head\.weight$|^cls\.predictions\.decoder\.weight$/, extra);
    });
    const layer = await EmbeddingLayer.fromPretrained(files);
    const { tied } = layer.describe();
    layer.dispose();
    return tied;
  };
  expect(await says('bert_untied', 'cls.predictions.decoder.weight')).toBe(false); // its numbers are others
  expect(await says('gpt2', '')).toBe(true);
  expect(await says('llama', 'lm_head.weight')).toBe(false);
  expect(await says('t5_untied', 'lm_head.weight')).toBe(false);
  expect(await says('t5_tied', '')).toBe(true);
});

test('where the config ties the ends and the file holds both tables, they are tied if their numbers are equal', async () => {
  const table = Float32Array.from({ length: 960 }, (_, i) => Math.sin(i));
  const layerOf = async (/** @type {Float32Array} */ head, dtype = 'F32') => {
    const files = {
      'config.json': JSON.stringify({ model_type: 'llama', hidden_size: 24, tie_word_embeddings: true }),
      'model.safetensors': safetensors({
        'model.embed_tokens.weight': { dtype: 'F32', shape: [40, 24], data: table },
        'lm_head.weight': { dtype, shape: [40, 24], data: head },
      }),
    };
    expect((await inspect(files)).layer?.tied).toBe(null);
    return EmbeddingLayer.fromPretrained(files);
  };
  const same = await layerOf(table.slice());
  expect(same.describe()).toMatchObject({ tied: true, bytes: 4 * 960, parameters: 960, head: { tied: true } });
  const other = table.slice();
  other[959] += 0.5;
  const own = await layerOf(other);
  expect(own.describe()).toMatchObject({ tied: false, parameters: 2 * 960, head: { tied: false } });
  const last = Float32Array.from({ length: 24 }, (_, i) => Number(i === 23));
  const scoreOf = (/** @type {EmbeddingLayer} */ layer) => layer.head?.logits(last)[39];
  expect([scoreOf(same), scoreOf(own)]).toEqual([table[959], other[959]]);
  same.dispose();
  own.dispose();
});

test('an encoder and a decoder that share a table: a file may hold it twice, but not two', async () => {
  const table = Float32Array.from({ length: 960 }, (_, i) => Math.cos(i));
  const filesOf = (/** @type {Float32Array} */ decoder) => ({
    'config.json': JSON.stringify({ model_type: 't5', d_model: 24 }),
    'model.safetensors': safetensors({
      'shared.weight': { dtype: 'F32', shape: [40, 24], data: table },
      'decoder.embed_tokens.weight': { dtype: 'F32', shape: [40, 24], data: decoder },
    }),
  });
  const layer = await EmbeddingLayer.fromPretrained(filesOf(table));
  expect(layer.describe().parameters).toBe(960);
  layer.dispose();
  const other = table.map((value) => -value);
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(filesOf(other)), 'unsupported')).toMatch(/different token/);
});

test("a masked language model's head: every operation begins with the transform", async () => {
  const { head: golden } = expectedOf('electra_generator');
  const layer = await EmbeddingLayer.fromPretrained(`${FOLDER}electra_generator/`);
  const head = /** @type {import('../../web/nn/language_model_head.js').TiedHead} */ (layer.head);
  expect([head.dim, layer.dim, layer.describe().hiddenSize]).toEqual([24, 10, 24]);
  const hidden = new Matrix(Float32Array.from(golden.hidden), 2, 24);
  const scores = Float64Array.from(golden.logits.slice(0, 40));
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const sum = scores.reduce((all, score) => all + Math.exp(score - scores[order[0]]), 0);
  const best = head.topK(golden.hidden.slice(0, 24), 3);
  expect([...best.ids]).toEqual(order.slice(0, 3));
  expect(best.probs[0]).toBeCloseTo(1 / sum, 5);
  expect(head.logProbs(hidden, [order[0], 0])[0]).toBeCloseTo(-Math.log(sum), 5);
  expect(head.sample(hidden.row(0), { temperature: 0 })).toBe(order[0]);
  const bad = hidden.row(1).slice();
  bad[3] = NaN;
  expect(await errorOf(() => head.topK(bad, 1), 'invalid_argument')).toMatch('NaN at index 3');
  expect(await errorOf(() => head.logits([1, 2]), 'shape_mismatch')).toMatch(/2 .*24/);
  expect(head.logits(new Matrix(new Float32Array(0), 0, 24)).rows).toBe(0);
  expect(layer.embed([]).data.length).toBe(0);
  expect(await errorOf(() => layer.embed([1], { into: new Float32Array(23) }), 'shape_mismatch')).toMatch(/23.*24/);
  layer.dispose();
  await errorOf(() => head.logits(hidden), 'disposed');
});

test('a head that should be there is said to be missing, and rope parameters that contradict each other are refused when they are asked for', async () => {
  const headless = changed('llama', (header) => rename(header, /lm_head/, 'x'));
  const layer = await EmbeddingLayer.fromPretrained(headless);
  expect(layer.embed([1]).rows).toBe(1);
  expect(layer.head).toBeUndefined();
  const whyNoHead = expect.stringMatching(/llama.*tie_word_embeddings/);
  expect(layer.describe()).toMatchObject({ tied: false, positions: 'rotary', head: null, whyNoHead });
  layer.dispose();
  const odd = changed('llama', (_, config) => {
    config.rope_parameters = { rope_type: 'longrope', short_factor: [1], long_factor: [1, 2, 3, 4, 5, 6] };
  });
  const turned = await EmbeddingLayer.fromPretrained(odd);
  expect(await errorOf(() => turned.rotary, 'shape_mismatch')).toMatch('short_factor has 1 numbers for 6 pairs');
  expect(turned.describe().positions).toBe('rotary');
  turned.dispose();
  const gemma = await EmbeddingLayer.fromPretrained(`${FOLDER}gemma3_text/`);
  expect(gemma.rotary).toBe(gemma.rotaryOf('full_attention'));
  expect(gemma.rotary?.frequencies()[0]).toBe(1 / 8);
  expect(gemma.rotaryOf('sliding_attention')?.frequencies()[0]).toBe(1);
  expect(await errorOf(() => gemma.rotaryOf('x'), 'invalid_argument')).toMatch(/sliding_attention.*x/);
  gemma.dispose();
});

test('what a hostile config or header says is refused', async () => {
  /** @type {[string, string, (header: any, config: any) => void, RegExp][]} */
  const cases = [
    ['unsupported', 'bert_mlm', (_, config) => (config.hidden_act = 'toString'), /toString.*gelu_new/],
    ['bad_file', 'granite', (_, config) => (config.embedding_multiplier = '12'), /12/],
    ['bad_file', 'granite', (_, config) => (config.logits_scaling = 0), /Infinity/],
    ['invalid_argument', 'bert', (_, config) => (config.layer_norm_eps = -1), /epsilon.*-1/],
    ['bad_file', 'roberta', (_, config) => (config.pad_token_id = 'x'), /pad_token_id is x/],
    ['invalid_argument', 'roberta', (_, config) => (config.pad_token_id = -1), /paddingIdx.*-1/],
    ['bad_file', 'llama', (_, config) => (config.tie_word_embeddings = 'yes'), /tie_word_embeddings is yes/],
    ['invalid_argument', 'gemma2_float32', (_, config) => (config.final_logit_softcapping = -2), /softcap.*-2/],
    ['bad_file', 'bert', (header) => (header['embeddings.LayerNorm.weight'].shape = [4, 6]), /\[4,6\], not \[24\]/],
    [
      'bad_file',
      'bert',
      (header) => (header['embeddings.word_embeddings.weight'].shape = [960]),
      /\[960\], not \[…,…\]/,
    ],
    ['bad_file', 'llama', (header) => (header['lm_head.weight'].shape = [24, 40]), /\[24,40\], not \[…,24\]/],
    [
      'bad_file',
      'bert_mlm',
      (header) => rename(header, /transform\.LayerNorm/, 'transform.x'),
      /a norm.*transform.LayerNorm/,
    ],
    [
      'bad_file',
      'electra_generator',
      (header) => rename(header, /embeddings_project/, 'x'),
      /rows of 10.*24.*embeddings_project/,
    ],
    ['bad_file', 'llama', (_, config) => (config.hidden_size = 4096), /rows of 24 numbers for blocks of 4096/],
    ['bad_file', 'gpt2', (header) => rename(header, /wpe/, 'x'), /positions 'wpe.weight'/],
  ];
  for (const [code, name, edit, pattern] of cases) {
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(changed(name, edit)), code)).toMatch(pattern);
  }
});

test('positions: learned with an offset, sines and cosines, and slopes', async () => {
  const table = await EmbeddingTable.from(
    Float32Array.from({ length: 12 }, (_, i) => i),
    { rows: 6, dim: 2 },
  );
  const learned = new LearnedPositions(table, { offset: 2 });
  expect([...learned.lookup([0, 3]).data]).toEqual([4, 5, 10, 11]);
  expect(await errorOf(() => learned.lookup([4]), 'id_out_of_range')).toMatch(/4 at index 0.*4 learned/);
  expect([...new LearnedPositions(table, { paddingIdx: 1 }).positionsOf([5, 1, 1, 7])]).toEqual([2, 1, 1, 3]);
  const waves = new SinusoidalPositions({ dim: 6 }).lookup([0, -3, 1_000_000]);
  [0, -3, 1_000_000].forEach((position, n) => {
    for (let i = 0; i < 3; i++) {
      const angle = position / 10000 ** (i / 3);
      expect(waves.row(n)[2 * i]).toBeCloseTo(Math.sin(angle), 6);
      expect(waves.row(n)[2 * i + 1]).toBeCloseTo(Math.cos(angle), 6);
    }
  });
  await errorOf(() => new SinusoidalPositions({ dim: 5 }), 'shape_mismatch');
  await errorOf(() => new SinusoidalPositions({ dim: 4, layout: /** @type {any} */ ('x') }), 'invalid_argument');
  const into = new Float32Array(8).fill(7);
  await errorOf(() => new SinusoidalPositions({ dim: 4 }).lookup([1, 0.5], { into }), 'invalid_argument');
  expect([...into]).toEqual(Array(8).fill(7));
  // The paper's own: 8 heads 1/2 … 1/256; 12 heads add every other one of 16's.
  expect([...new AlibiBias(8).slopes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
  expect([...new AlibiBias(12).slopes].slice(8)).toEqual([0.5, 1.5, 2.5, 3.5].map((i) => 2 ** -i));
  expect([...new AlibiBias(1).bias([2], [0, 1, 2])]).toEqual([-2, -1, -0].map((d) => d / 256));
  await errorOf(() => new AlibiBias(0), 'invalid_argument');
  const slopes = new AlibiBias(2);
  const filled = new Float32Array(4).fill(7);
  const word = /** @type {any} */ ('x');
  expect(await errorOf(() => slopes.bias([0, word], [1], { into: filled }), 'invalid_argument')).toMatch(
    /queries\[1\].* x/,
  );
  expect(await errorOf(() => slopes.bias([0], [1, 0.5], { into: filled }), 'invalid_argument')).toMatch(
    /keys\[1\].* 0\.5/,
  );
  expect(await errorOf(() => slopes.bias([0, 1, 2], [1], { into: filled }), 'shape_mismatch')).toMatch(/4.*6/);
  expect([...filled]).toEqual(Array(4).fill(7));
  expect(slopes.bias([], [1]).length).toBe(0);
  expect(new SinusoidalPositions({ dim: 4 }).lookup([]).rows).toBe(0);
  expect(learned.lookup([]).rows).toBe(0);
  expect(await errorOf(() => new LearnedPositions(table, { offset: -1 }), 'invalid_argument')).toMatch('offset');
  expect(await errorOf(() => new LearnedPositions(table, { paddingIdx: word }), 'invalid_argument')).toMatch('x');
});

const rope = sharedData('rope/hf_rope_expected.json');
rope.test("sines before cosines: the rows that transformers' tests expect", () => {
  const { weights } = readJson('../shared/data/rope/hf_rope_expected.json').sinusoidal;
  const found = new SinusoidalPositions({ dim: 512, layout: 'concatenated' }).lookup([0, 1, 2]);
  weights.forEach((/** @type {number[]} */ row, /** @type {number} */ n) =>
    row.forEach((value, d) => expect(Math.abs(found.row(n)[d] - value)).toBeLessThan(4e-4)),
  );
  expect(found.row(0)[256]).toBe(1);
});
