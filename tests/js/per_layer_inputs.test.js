// What each block of a Gemma 3n or 4 is given besides the hidden state, as transformers' own code makes it
// (tools/golden/model_types.py), and what the call refuses.
import { IDS, filesOf, madeTypes } from '../support/model_types.js';
import { EmbeddingLayer, Matrix, errorOf } from '../support/wembed.js';

/** @typedef {{ layers: number, dim: number, out: number[] }} PerLayer */

const TYPES = ['gemma3n', 'gemma3n_text', 'gemma4', 'gemma4_text'];
const made = madeTypes();
const load = (/** @type {any} */ golden) => EmbeddingLayer.fromPretrained(filesOf(golden), { perLayerInputs: true });

/** A tiny checkpoint whose config says everything, or sizes alone. @param {string} type @param {boolean} sparse @returns {any} */
const caseOf = (type, sparse) => {
  const golden = made.get(type);
  return sparse ? { ...golden, ...golden?.sparse } : golden;
};

test.each(TYPES.flatMap((type) => [false, true].map((sparse) => ({ type, sparse }))))(
  "inputs per layer are transformers': $type, config of sizes alone: $sparse",
  async ({ type, sparse }) => {
    const golden = caseOf(type, sparse);
    const layer = await load(golden);
    const { layers, dim, out } = /** @type {PerLayer} */ (golden.per_layer);
    expect(layer.describe().perLayerInputs).toEqual({ layers, size: dim });
    const { data, rows, dim: width } = layer.perLayerInputs(IDS);
    expect([rows, width]).toEqual([IDS.length, layers * dim]);
    // The golden values are the first eight numbers of each layer, for the first id.
    const first = Array.from({ length: layers }, (_, i) => [...data.subarray(i * dim, i * dim + 8)]).flat();
    const most = Math.max(...out.map(Math.abs));
    first.forEach((value, i) => expect(Math.abs(value - out[i]) / most).toBeLessThan(5e-6));
    layer.dispose();
  },
);

test("the second table's rows alone, of other embeddings, and into a caller's array", async () => {
  const layer = await load(made.get('gemma3n_text'));
  const own = layer.perLayerInputs(IDS);
  const embeds = layer.embed(IDS);
  const into = new Float32Array(own.data.length + 3).fill(9);
  expect(layer.perLayerInputs(IDS, { embeds, into }).data).toEqual(own.data);
  expect([...into.subarray(own.data.length)]).toEqual([9, 9, 9]);
  const others = layer.perLayerInputs(IDS, {
    embeds: new Matrix(
      embeds.data.map((x) => 2 - x),
      IDS.length,
      embeds.dim,
    ),
  });
  expect(others.data).not.toEqual(own.data);
  const rows = layer.perLayerInputs(IDS, { project: false });
  // What is projected has a norm of 8 numbers, so a root mean square of at most the norm's largest weight.
  const projected = own.data.map((value, i) => value / Math.SQRT1_2 - rows.data[i]);
  expect(Math.max(...projected.map(Math.abs))).toBeLessThan(Math.sqrt(8) + 1e-5);
  layer.dispose();
});

test('ids beyond the second table: the row of id 0 in Gemma 3n, refused in Gemma 4', async () => {
  for (const type of ['gemma3n_text', 'gemma4_text']) {
    const golden = structuredClone(caseOf(type, false));
    golden.tensors['model.embed_tokens_per_layer.weight'][0] = 12;
    const layer = await load(golden);
    if (type === 'gemma4_text') {
      expect(() => layer.perLayerInputs([12])).toThrow(/12/);
    } else {
      const options = { project: false };
      expect(layer.perLayerInputs([12, 39], options).data).toEqual(layer.perLayerInputs([0, 0], options).data);
      expect(await errorOf(() => layer.save(), 'unsupported')).toMatch(/no blocks/);
    }
    layer.dispose();
  }
});

test('a layer of fewer tokens gives the same for those it has', async () => {
  const golden = structuredClone(caseOf('gemma3n_text', false));
  golden.tensors['model.embed_tokens_per_layer.weight'][0] = 30;
  const vocab = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`word${i}`, i]));
  const tokenizer = { model: { type: 'WordLevel', unk_token: 'word0', vocab }, pre_tokenizer: { type: 'Whitespace' } };
  const files = { ...filesOf(golden), 'tokenizer.json': JSON.stringify(tokenizer) };
  const layer = await EmbeddingLayer.fromPretrained(files, { perLayerInputs: true });
  const pruned = await layer.prune({
    corpus: new Map([
      ['word7', 2],
      ['word35', 1],
    ]),
  });
  const ids = ['word35', 'word7'].map((word) => Number(pruned.tokenizer.tokenToId(word)));
  expect(pruned.table.vocabSize).toBeLessThan(40);
  expect(pruned.perLayerInputs(ids).data).toEqual(layer.perLayerInputs([35, 7]).data);
  pruned.dispose();
  layer.dispose();
});

test('what is refused, with its reason', async () => {
  const golden = made.get('gemma4_text');
  const without = await EmbeddingLayer.fromPretrained(filesOf(/** @type {any} */ (golden)));
  expect(without.describe().perLayerInputs).toBeNull();
  expect(await errorOf(() => without.perLayerInputs([1]), 'unsupported')).toMatch('{ perLayerInputs: true }');
  without.dispose();
  expect(await errorOf(() => load(made.get('llama')), 'unsupported')).toMatch(/no row of a second table/);
  const odd = structuredClone(caseOf('gemma4_text', false));
  odd.tensors['model.per_layer_projection_norm.weight'] = [100];
  expect(await errorOf(() => load(odd), 'bad_file')).toMatch(/no layers of 100/);
  const layer = await load(golden);
  const calls = /** @type {[string, any[]][]} */ ([
    ['id_out_of_range', [[40]]],
    ['shape_mismatch', [[1, 2], { embeds: new Float32Array(32) }]],
    ['invalid_argument', [[1], { embeds: new Float32Array(32), project: false }]],
    ['invalid_argument', [[1], { projected: true }]],
    ['shape_mismatch', [[1], { into: new Float32Array(4) }]],
  ]);
  for (const [code, args] of calls) {
    await errorOf(() => /** @type {any} */ (layer).perLayerInputs(...args), code);
  }
  expect(layer.perLayerInputs([]).shape).toEqual([0, 512]);
  layer.dispose();
});
