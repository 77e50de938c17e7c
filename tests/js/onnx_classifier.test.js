// Classifiers that model2vec exported to ONNX, against ONNX Runtime and model2vec (tools/golden/onnx_classifiers.py).
import { gunzipSync } from 'node:zlib';
import { MUTANTS, mutantBytes, randomFrom } from '../support/mutants.js';
import { EmbeddingLayer, WembedError, errorOf, readJson } from '../support/wembed.js';

/** @typedef {{ name: string, files: Record<string, string>, plain: Record<string, string>, onnxruntime: number[][], model2vec: number[][] }} Case */

/** @type {{ texts: string[], cases: Case[] }} */
const { texts, cases } = readJson('tests/golden/onnx_classifiers.json');

/** @param {Record<string, string>} files */
const unpacked = (files) =>
  new Map(Object.entries(files).map(([name, text]) => [name, new Uint8Array(gunzipSync(Buffer.from(text, 'base64')))]));

/** @param {Map<string, any>} files */
const load = (files) => EmbeddingLayer.fromPretrained(files, { classifier: true });

/** @param {EmbeddingLayer} layer */
function scoresOf(layer) {
  const head = /** @type {NonNullable<typeof layer.classifier>} */ (layer.classifier);
  return /** @type {any} */ (head.activation === 'identity' ? head.predict(texts) : head.predictProba(texts));
}

/** @param {Case} golden @param {any} found */
function expectScores(golden, found) {
  // ONNX Runtime rounds every step of a float16 model to float16; model2vec the vector.
  const bound = golden.name === 'float16' ? 2e-3 : 2e-6;
  for (const [i, expected] of [...golden.onnxruntime, ...golden.model2vec].entries()) {
    if (expected.length === 0) continue; // the float16 export divides by 0 there
    const row = found.row(i % texts.length);
    expect(row).toHaveLength(expected.length);
    expected.forEach((value, j) =>
      expect(Math.abs(row[j] - value)).toBeLessThanOrEqual(bound * Math.max(1, Math.abs(value))),
    );
  }
}

describe.each(cases)('$name', (golden) => {
  test('a folder with nothing but the export', async () => {
    const layer = await load(unpacked(golden.files));
    expectScores(golden, scoresOf(layer));
    const head = /** @type {NonNullable<typeof layer.classifier>} */ (layer.classifier);
    expect(head.labels).toBeNull(); // they are in none of its files
    if (head.activation !== 'identity') expect(() => head.predict(texts)).toThrow(/no names for its classes/);
    const again = await EmbeddingLayer.fromPretrained(await layer.save());
    expectScores(golden, scoresOf(again));
    [layer, again].forEach((each) => each.dispose());
  });

  test.each(['model.onnx', 'onnx/model.onnx'])('%s beside a model of safetensors and an older head', async (name) => {
    const { 'model.onnx': onnx, 'tokenizer.json': tokenizer } = Object.fromEntries(unpacked(golden.files));
    const files = new Map([
      ...unpacked(golden.plain),
      ['tokenizer.json', tokenizer],
      [name, onnx],
      ['pipeline.skops', new Uint8Array(9)],
    ]);
    const layer = await load(/** @type {any} */ (files));
    expectScores(golden, scoresOf(layer));
    layer.dispose();
    const plain = await EmbeddingLayer.fromPretrained(files); // without being asked, nothing of it is read
    expect(plain.classifier).toBeUndefined();
    plain.dispose();
  });
});

/** @param {string} name @param {(bytes: Uint8Array) => Uint8Array} change */
function changed(name, change) {
  const files = unpacked(/** @type {Case} */ (cases.find((each) => each.name === name)).files);
  return files.set('model.onnx', /** @type {any} */ (change(/** @type {Uint8Array} */ (files.get('model.onnx')))));
}

/** The bytes with a text in place of another as long. @param {string} from @param {string} to */
const replaced = (from, to) => (/** @type {Uint8Array} */ bytes) =>
  new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(from, to), 'latin1'));

test.each([
  ['another operation in the head', 'two layers, vectors of length 1', 'Relu', 'Tanh'],
  ['another end', 'one layer', 'Softmax', 'Softsin'],
  ['another operation below it', 'one layer', 'ReduceSum', 'ReduceMax'],
  ['another norm', 'two layers, vectors of length 1', 'ReduceL2', 'ReduceL1'],
  ['tokens that are left out in another way', 'one layer', 'ScatterND', 'ScatterNX'],
  ['ids of another kind', 'weighted tokens and shared rows', 'GatherND', 'GatherXD'],
  ['a tensor that is not there', 'one layer', 'layers.0.bias\x12', 'layers.0.bios\x12'],
])('a graph of another kind is refused: %s', async (_, name, from, to) => {
  const files = changed(name, replaced(from, to));
  expect(await errorOf(() => load(files), 'unsupported')).toMatch(
    /model\.onnx is no classifier that model2vec exported: its graph has/,
  );
});

test('what is no ONNX file', async () => {
  for (const bytes of [
    new Uint8Array(),
    new Uint8Array(9),
    new TextEncoder().encode('{"a": 1}'),
    Uint8Array.of(58, 255, 255, 255, 127),
  ]) {
    expect(await errorOf(() => load(changed('one layer', () => bytes)), 'bad_file')).toMatch(
      /model\.onnx is no ONNX file|unexpected/,
    );
  }
});

test('a folder without a head says what it lacks', async () => {
  const files = changed('one layer', (bytes) => bytes);
  files.delete('model.onnx');
  expect(await errorOf(() => load(files), 'not_found')).toMatch(/weights|head_config/);
});

test('mutants are refused, or classify', async () => {
  const random = randomFrom(5);
  const count = process.env.WEMBED_FULL ? MUTANTS : 200;
  for (let i = 0; i < count; i++) {
    const files = changed(cases[i % cases.length].name, (bytes) => mutantBytes(bytes, random));
    try {
      const layer = await load(files);
      scoresOf(layer);
      layer.dispose();
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
    }
  }
});
