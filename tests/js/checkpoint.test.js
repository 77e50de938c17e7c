// The two ends of transformers: tiny checkpoints and what transformers makes of them (tools/golden/checkpoints.py).
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  AlibiBias,
  EmbeddingLayer,
  EmbeddingTable,
  LearnedPositions,
  Matrix,
  SinusoidalPositions,
  errorOf,
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
    const scored = /** @type {import('../../web/head.js').TiedHead} */ (layer.head);
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

test('bad input to embed is refused, and the next good call works', async () => {
  const bert = await EmbeddingLayer.fromPretrained(`${FOLDER}bert/`);
  const llama = await EmbeddingLayer.fromPretrained(`${FOLDER}llama/`);
  const into = new Float32Array(2 * 24).fill(7);
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['id_out_of_range', () => bert.embed([1, 40], { into }), /40 at index 1/],
    ['id_out_of_range', () => bert.embed([1, -1], { into }), /-1/],
    ['id_out_of_range', () => bert.embed([1, 2], { positionIds: [0, 20], into }), /20 at index 1/],
    ['id_out_of_range', () => bert.embed([1, 2], { positionIds: [-1, 0], into }), /-1 at index 0/],
    ['id_out_of_range', () => bert.embed(new Uint8Array(21)), /20 at index 20/],
    ['id_out_of_range', () => bert.embed([1, 2], { tokenTypeIds: [0, 2], into }), /2 at index 1/],
    ['shape_mismatch', () => bert.embed([1, 2], { positionIds: [0], into }), /1 positionIds for 2/],
    ['shape_mismatch', () => bert.embed([1, 2], { tokenTypeIds: [0], into }), /1 tokenTypeIds for 2/],
    ['shape_mismatch', () => bert.embed([1, 2, 3], { into }), /48.*72/],
    ['invalid_argument', () => llama.embed([1], { positionIds: [0] }), /no use for positionIds/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
  expect([...into]).toEqual(Array(48).fill(7));
  expect(bert.embed([]).rows).toBe(0);
  bert.dispose();
  llama.dispose();
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
  expect(await errorOf(load(files('llama', { model_type: 'rwkv' })), 'unsupported')).toMatch(
    /embed_tokens.*"rwkv" is none of bert, /s,
  );
  const electra = { model_type: 'electra', embedding_size: 24, hidden_size: 64 };
  expect(await errorOf(load(files('electra', electra)), 'bad_file')).toMatch(/24.*64.*embeddings_project/);
  expect(await errorOf(load({ 'config.json': '{"model_type":"bert"}' }), 'not_found')).toMatch('model.safetensors');
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
