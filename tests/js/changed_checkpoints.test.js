// Tiny checkpoints with tensors under other names, twice, left out, or in other types of numbers, and what transformers makes
// of them (tools/golden/changed_checkpoints.py).
import { filled } from '../support/made_types.js';
import { safetensors } from '../support/models.js';
import { EmbeddingLayer, WembedError, readJson } from '../support/wembed.js';

const { configs, contents, cases } = readJson('tests/golden/changed_checkpoints.json');
const IDS = [5, 1, 39, 7, 12];

/** Two tables for one of which the model has use: the reason says so. */
const REFUSED = /^(t5.*|bart|marian): another table as .*embed_tokens.weight/;

/** Transformers takes what is missing here at random. These load, with what the file has under an older name or in its place. */
const FOUND = [
  /: norms as gamma and beta$/,
  /^(bart|marian): (tie_word_embeddings False|another table as lm_head.weight, not tied)$/, // with the shared table
  /: without .*token_type_embeddings.weight$/, // without types
  /: another table as .*, not tied$/, // with the bias of the scores for that of the table
  /: without .*bias$/, // with none
];

/** @param {Float32Array} values which it holds exactly */
const f16Of = (values) =>
  Uint16Array.from(values, (value) => {
    if (value === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(value)));
    return ((value < 0 ? 32 : 0) + exponent + 15) * 1024 + (Math.abs(value) / 2 ** exponent - 1) * 1024;
  });

/** @type {Record<string, (values: Float32Array) => [string, ArrayBufferView]>} by torch's names */
const STORED = {
  float32: (values) => ['F32', values],
  float64: (values) => ['F64', Float64Array.from(values)],
  float16: (values) => ['F16', f16Of(values)],
  bfloat16: (values) => ['BF16', Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16)],
  int64: (values) => ['I64', BigInt64Array.from([...values].map(BigInt))],
};

/** @param {number[]} shape @param {string | number[]} of whose numbers, or the numbers */
function numbersOf(shape, of) {
  if (typeof of !== 'string') return Float32Array.from(of);
  if (!of.endsWith('^T')) return filled(of, shape);
  const [rows, dim] = shape;
  const turned = filled(of.slice(0, -2), [dim, rows]);
  return Float32Array.from({ length: rows * dim }, (_, i) => turned[(i % dim) * rows + Math.floor(i / dim)]);
}

/** @param {string} name */
function filesOf(name) {
  const { settings, tensors } = cases[name];
  const config = { ...configs[name.split(':')[0]], ...settings };
  const held = Object.entries(tensors).map(([tensor, at]) => {
    const [shape, type, of] = contents[/** @type {number} */ (at)];
    const [dtype, data] = STORED[type](numbersOf(shape, of));
    return [tensor, { dtype, shape, data }];
  });
  return { 'config.json': JSON.stringify(config), 'model.safetensors': safetensors(Object.fromEntries(held)) };
}

/** @param {ArrayLike<number>} found @param {number[]} expected */
function expectNear(found, expected, bound = 5e-6) {
  const most = Math.max(...expected.map(Math.abs)) || 1;
  const off = Math.max(...expected.map((value, i) => Math.abs(value - found[i]) / most));
  expect(off).toBeLessThanOrEqual(bound);
}

test.each(Object.keys(cases))("rows and scores are transformers', or there is none: %s", async (name) => {
  const { error, missing, embed, logits, head } = cases[name];
  /** @type {EmbeddingLayer | undefined} */
  let layer;
  try {
    layer = await EmbeddingLayer.fromPretrained(filesOf(name));
  } catch (refusal) {
    if (!(refusal instanceof WembedError)) throw refusal;
    if (REFUSED.test(name)) expect(refusal.message).toMatch(/have different token tables/);
    else expect([error, missing?.length]).not.toEqual([undefined, 0]);
    return;
  }
  const found = FOUND.some((names) => names.test(name));
  try {
    expect(REFUSED.test(name)).toBe(false);
    if (error) expect(name).toMatch(/one row more$/); // than the config says
    if (error || (missing.length && found)) return;
    expectNear(layer.embed(IDS).data, embed);
    if (missing.length) expect(layer.head).toBeUndefined();
    else if (logits) {
      expect(layer.head?.dim).toBe(head);
      expectNear(/** @type {any} */ (layer.head).logits(filled('hidden', [1, head])), logits, 2e-5);
    }
  } finally {
    layer.dispose();
  }
});
