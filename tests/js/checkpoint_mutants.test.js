// Checkpoints whose config or header says something else than it did: each is used or refused, never more.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filesOf, madeTypes } from '../support/model_types.js';
import { EmbeddingLayer, WembedError, readBytes, readJson } from '../support/wembed.js';

const FOLDER = fileURLToPath(new URL('../golden/checkpoints/', import.meta.url));
const JUNK = [
  ...[null, true, '', 'x', '24', 'toString', -1, 0, 1, 0.5, 12, 24, 1e308, 2 ** 31, 2 ** 53, [], [1], {}],
  ...[{ a: {} }, { rope_type: 'yarn' }, { rope_type: 'longrope', short_factor: {} }, { full_attention: null }],
  ...[{ full_attention: { rope_type: 'linear' } }, { rope_theta: 'x' }, { model_type: 'llama' }],
];
const ADDED = [
  'rope_scaling',
  'rope_local_base_freq',
  'rotary_dim',
  'partial_rotary_factor',
  'text_config',
  'layer_types',
];
const NAMES = ['x', 'lm_head.weight', 'model.norm.weight', 'cls.predictions.bias', 'embeddings_project.weight'];
const DTYPES = ['F16', 'BF16', 'F8_E4M3', 'I32', 'F64', 'U8'];

let state = 1;
const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
const oneOf = (/** @type {any} */ list) => list[random(list.length)];

/** @param {any} config */
function changeConfig(config) {
  const text = config.text_config;
  const target = typeof text === 'object' && text !== null && random(2) ? text : config;
  target[oneOf([...Object.keys(target), ...ADDED])] = structuredClone(oneOf(JUNK));
}

/** @param {any} header */
function changeHeader(header) {
  const name = oneOf(Object.keys(header));
  const entry = header[name];
  const change = entry.shape ? random(4) : 0;
  if (change === 0) {
    delete header[name];
    header[oneOf(NAMES)] = entry;
  }
  if (change === 1) entry.shape.reverse();
  if (change === 2)
    entry.shape = [entry.shape.reduce((/** @type {number} */ all, /** @type {number} */ n) => all * n, 1)];
  if (change === 3) entry.dtype = oneOf(DTYPES);
}

/** @param {any} config @param {Uint8Array} bytes */
function originalOf(config, bytes) {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end)));
  return { config, header, data: bytes.subarray(end) };
}

const originals = readdirSync(FOLDER).map((name) =>
  originalOf(
    readJson(`tests/golden/checkpoints/${name}/config.json`),
    readBytes(`tests/golden/checkpoints/${name}/model.safetensors`),
  ),
);

/** Tiny checkpoints of every model type, whose configs leave out what their class has. */
const types = [...madeTypes().values()].filter(({ sparse }) => sparse);

/** One of few or one of many, equally often. */
function original() {
  if (random(2)) return oneOf(originals);
  const { sparse, ...made } = oneOf(types);
  const files = filesOf({ ...made, ...sparse });
  return originalOf(JSON.parse(files['config.json']), files['model.safetensors']);
}

/** @returns {Record<string, any>} */
function mutant() {
  const from = original();
  const [config, header] = [structuredClone(from.config), structuredClone(from.header)];
  for (let changes = random(2); changes >= 0; changes--) {
    if (random(3)) changeConfig(config);
    else changeHeader(header);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + from.data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(from.data, 8 + json.length);
  return { 'config.json': JSON.stringify(config), 'model.safetensors': file };
}

/** @type {((layer: EmbeddingLayer) => unknown)[]} */
const USES = [
  (layer) => layer.describe(),
  (layer) => layer.embed([1, 2]),
  (layer) => layer.head?.topK(new Float32Array(layer.head.dim), 1),
  (layer) => layer.rotary?.rotate(new Float32Array(layer.rotary.headDim)),
  (layer) => layer.alibi?.bias([0], [1]),
];

test('mutants are used or refused, never more', async () => {
  const runs = process.env.WEMBED_FULL ? 100_000 : 600;
  let [used, refused] = [0, 0];
  /** @param {() => unknown} use */
  const attempt = async (use) => {
    try {
      await use();
      used++;
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
      refused++;
    }
  };
  for (let run = 0; run < runs; run++) {
    /** @type {EmbeddingLayer | undefined} */
    let layer;
    await attempt(async () => {
      layer = await EmbeddingLayer.fromPretrained(mutant());
    });
    if (!layer) continue;
    for (const use of USES) await attempt(() => use(/** @type {EmbeddingLayer} */ (layer)));
    layer.dispose();
  }
  expect(used).toBeGreaterThan(runs);
  expect(refused).toBeGreaterThan(runs / 10);
}, 1_800_000);
