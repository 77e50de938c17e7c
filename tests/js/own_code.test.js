// Models whose code lies beside their weights on the hub: their config.json names it, and it is not transformers'
// (tools/golden/own_code.py).
import { compared, filesOf, madeTypes } from '../support/model_types.js';
import { EmbeddingLayer, errorOf, inspect, readJson } from '../support/wembed.js';

/** @typedef {import('../support/model_types.js').Made} Made */

/** @type {Record<string, Made & { slopes?: number[] }>} */
const cases = readJson('tests/golden/own_code.json').cases;

test.each(Object.keys(cases))('%s', async (name) => {
  expect(await compared(cases[name])).toEqual({ wrong: [] });
  const { logits, rotary, slopes } = cases[name];
  const layer = await EmbeddingLayer.fromPretrained(filesOf(cases[name]));
  expect(layer.head !== undefined).toBe(logits !== undefined);
  expect(layer.describe().positions).toBe(rotary ? 'rotary' : slopes ? 'alibi' : 'learned');
  if (slopes) {
    const bias = /** @type {any} */ (layer.alibi).bias([5], [4]);
    slopes.forEach((slope, i) => expect(bias[i]).toBeCloseTo(-slope, 6));
  }
  layer.dispose();
  const info = await inspect(filesOf(cases[name]));
  expect(info.layer?.dim).toBe(cases[name].dim);
});

test.each([
  ['kimi_k2', 'deepseek_v3', 'configuration_deepseek.DeepseekV3Config'],
  ['phi4mm', 'phi4_multimodal', 'configuration_phi4mm.Phi4MMConfig'],
])('%s has the code of %s under a name of its own', async (type, known, code) => {
  const made = /** @type {Made} */ (madeTypes().get(known));
  const config = { ...JSON.parse(made.config), model_type: type, auto_map: { AutoConfig: code } };
  expect(await compared({ ...made, config: JSON.stringify(config) })).toEqual({ wrong: [] });
});

describe('what such code would do and wembed does not make is refused', () => {
  /** @param {string} name @param {Record<string, unknown>} more */
  const withSettings = (name, more) =>
    filesOf({ ...cases[name], config: JSON.stringify({ ...JSON.parse(cases[name].config), ...more }) });

  test.each([
    ['gte-base-en-v1.5', { rope_scaling: { type: 'ntk', factor: 2, mixed_b: 0.5 } }],
    ['gte-base-en-v1.5', { rope_scaling: { type: 'ntk', factor: 1 } }],
    ['jina-embeddings-v3', { rotary_emb_scale_base: 512 }],
    ['nomic-embed-text-v1.5', { rotary_emb_scale_base: 512, rotary_scaling_factor: 2 }],
  ])('%s with %j turns no queries', async (name, more) => {
    const layer = await EmbeddingLayer.fromPretrained(withSettings(name, more));
    expect(layer.embed([5]).rows).toBe(1);
    expect(await errorOf(() => layer.rotary, 'unsupported')).toMatch(/rope_type|type/);
    layer.dispose();
  });

  test('a parametrization that always changes its tensor', async () => {
    const { 'config.json': config } = filesOf(cases['jina-embeddings-v3']);
    const { tensors } = cases['jina-embeddings-v3'];
    const table = 'roberta.embeddings.word_embeddings.parametrizations.weight';
    const changed = Object.fromEntries(
      Object.entries(tensors).map(([name, shape]) => [name.replace(`${table}.0.lora_A`, `${table}.0._u`), shape]),
    );
    const load = () =>
      EmbeddingLayer.fromPretrained(filesOf({ ...cases['jina-embeddings-v3'], config, tensors: changed }));
    expect(await errorOf(load, 'bad_file')).toMatch(/token table/);
  });
});

test('code of another name changes nothing', async () => {
  const config = { ...JSON.parse(cases['jina-embeddings-v2'].config), auto_map: { AutoConfig: 'other.Config' } };
  const load = () =>
    EmbeddingLayer.fromPretrained(filesOf({ ...cases['jina-embeddings-v2'], config: JSON.stringify(config) }));
  expect(await errorOf(load, 'bad_file')).toMatch(/a bert has positions/);
});
