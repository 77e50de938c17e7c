// The classifier that model2vec saves beside a model, against its StaticModelPipeline (tools/golden/classifiers.py).
import { filesOf, madeTypes } from '../support/model_types.js';
import { EmbeddingLayer, errorOf, readJson } from '../support/wembed.js';

/** @typedef {{ name: string, files: Record<string, string>, predict: any[], proba?: number[][], strict?: string[][] }} Case */

/** @type {{ texts: string[], cases: Case[] }} */
const { texts, cases } = readJson('tests/golden/classifiers.json');

/** @param {Case} golden @param {Record<string, Uint8Array | string | undefined>} [changed] undefined: left out */
function folder({ files }, changed = {}) {
  const own = Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]);
  const all = { ...Object.fromEntries(own), ...changed };
  return new Map(Object.entries(all).filter(([, content]) => content !== undefined));
}
const named = (/** @type {string} */ name) => /** @type {Case} */ (cases.find((each) => each.name === name));
/** @param {Case} golden @param {(config: any) => void} change */
function withConfig(golden, change) {
  const config = JSON.parse(Buffer.from(golden.files['config.json'], 'base64').toString());
  change(config);
  return folder(golden, { 'config.json': JSON.stringify(config) });
}
/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected */
function expectNear(found, expected) {
  expect(found).toHaveLength(expected.length);
  Array.from(expected, (value, i) =>
    expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value))),
  );
}

describe.each(cases)("predictions are model2vec's: $name", (golden) => {
  test.each(['as it is', 'saved and loaded again', 'of fewer tokens'])('%s', async (how) => {
    let layer = await EmbeddingLayer.fromPretrained(folder(golden));
    if (how !== 'as it is') {
      const other = how === 'of fewer tokens' ? await layer.prune({ corpus: texts }) : undefined;
      const made = other ?? (await EmbeddingLayer.fromPretrained(await layer.save()));
      layer.dispose();
      layer = made;
    }
    const head = /** @type {NonNullable<typeof layer.classifier>} */ (layer.classifier);
    const found = /** @type {any} */ (head.predict(texts));
    if (head.activation === 'identity') {
      texts.forEach((text, i) => {
        expectNear(found.row(i), golden.predict[i]);
        expect(head.predict(text)).toEqual(found.row(i));
      });
      expect(() => head.predictProba(texts)).toThrow(/numbers, not classes/);
    } else {
      expect(found).toEqual(golden.predict);
      const proba = /** @type {any} */ (head.predictProba(texts));
      texts.forEach((text, i) => {
        expectNear(proba.row(i), /** @type {number[][]} */ (golden.proba)[i]);
        expect(head.predict(text)).toEqual(golden.predict[i]);
        expect(head.predictProba(text)).toEqual(proba.row(i));
      });
    }
    if (golden.strict) expect(head.predict(texts, { threshold: 0.8 })).toEqual(golden.strict);
    layer.dispose();
  });
});

test('a layer has no classifier where its folder has none, or where it is not wanted', async () => {
  const golden = named('one layer');
  const none = await EmbeddingLayer.fromPretrained(withConfig(golden, (config) => delete config.head_config));
  expect(none.classifier).toBeUndefined();
  none.dispose();
  const unwanted = await EmbeddingLayer.fromPretrained(folder(golden, { 'head.safetensors': undefined }), {
    classifier: false,
  });
  expect(unwanted.classifier).toBeUndefined();
  unwanted.dispose();
});

test('what is refused, with its reason', async () => {
  const golden = named('two layers');
  const load = (/** @type {any} */ files, options = {}) => EmbeddingLayer.fromPretrained(files, options);
  const bare = withConfig(golden, (config) => delete config.head_config);
  const wanted = { classifier: true };
  expect(await errorOf(() => load(bare, wanted), 'not_found')).toMatch('head_config');
  const old = new Map([...bare, ['pipeline.skops', new Uint8Array(9)]]);
  expect(await errorOf(() => load(old, wanted), 'unsupported')).toMatch(/pickle.*model2vec 0\.10/);
  const transformer = filesOf(/** @type {any} */ (madeTypes().get('llama')));
  expect(await errorOf(() => load(transformer, wanted), 'unsupported')).toMatch('blocks');
  expect(await errorOf(() => load(folder(golden, { 'head.safetensors': undefined })), 'not_found')).toMatch(
    'head.safetensors',
  );
  const configs = /** @type {[any, RegExp][]} */ ([
    [5, /head_config is 5/],
    [{ n_layers: -1 }, /n_layers -1/],
    [{ n_layers: 1e9 }, /n_layers/],
    [{ n_layers: 3 }, /head\.2\.weight.*missing/],
    [{ n_layers: 2, activation: 'relu' }, /activation/],
    [{ n_layers: 2, activation: 'softmax', classes: ['a'] }, /scores 2 classes.*names 1/],
    [{ n_layers: 2, activation: 'softmax', classes: [{}, 'b'] }, /classes/],
    [{ n_layers: 2, activation: 'softmax', classes: 'ab' }, /classes/],
    [{ n_layers: 0, activation: 'softmax', classes: ['a'] }, /scores 6 classes/],
  ]);
  for (const [head, message] of configs) {
    expect(await errorOf(() => load(withConfig(golden, (config) => (config.head_config = head))), 'bad_file')).toMatch(
      message,
    );
  }
  // A head of another model.
  const other = folder(golden, { 'head.safetensors': folder(named('one layer')).get('head.safetensors') });
  expect(await errorOf(() => load(other), 'bad_file')).toMatch('head.1.weight');
});

test('bad calls are refused, and the next good one works', async () => {
  const layer = await EmbeddingLayer.fromPretrained(folder(named('several labels')));
  const head = /** @type {any} */ (layer.classifier);
  for (const args of [[5], [['a', 5]], [texts, { threshold: 'x' }], [texts, { treshold: 1 }]]) {
    await errorOf(() => head.predict(...args), 'invalid_argument');
  }
  expect(await errorOf(() => head.predict(texts, { dimensions: 3 }), 'shape_mismatch')).toMatch('takes 6');
  expect(head.predict([])).toEqual([]);
  expect(head.predict(texts)).toEqual(named('several labels').predict);
  const unnamed = await EmbeddingLayer.fromPretrained(
    withConfig(named('several labels'), (config) => (config.head_config.classes = null)),
  );
  expect(await errorOf(() => /** @type {any} */ (unnamed.classifier).predict(texts), 'unsupported')).toMatch(
    'predictProba',
  );
  unnamed.dispose();
  layer.dispose();
  await errorOf(() => head.predict(texts), 'disposed');
  await errorOf(() => layer.classifier, 'disposed');
});
