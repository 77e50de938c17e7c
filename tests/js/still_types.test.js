// Model types whose queries do not turn (tools/golden/positions.py): RotaryPositions says so, and what there is instead, and so
// does a model's own layer.
import { INSTEAD } from '../../tools/model_facts.mjs';
import { readConfig, positionKind } from '../../web/models/config.js';
import { FAMILIES } from '../../web/models/families/index.js';
import { ROTARY_FAMILIES } from '../../web/models/families/rotary_families.js';
import { madeTypes } from '../support/made_types.js';
import { RotaryPositions, WembedError, readJson } from '../support/wembed.js';

/** @type {{ types: Record<string, string> }} */
const { types } = readJson('tests/golden/positions.json');

/** What a message says of a kind. @param {string} kind */
const says = (kind) => `has no rotary positions, ${INSTEAD[kind]}`;

/** @param {object} config @returns {string} why there are no rotary positions; '' where there are */
function whyNone(config) {
  try {
    RotaryPositions.fromConfig(config);
    return '';
  } catch (error) {
    if (!(error instanceof WembedError) || error.code !== 'unsupported') return '';
    return error.message;
  }
}

test('every model type of transformers whose queries do not turn is refused, whatever else its config says', () => {
  expect(Object.keys(types).length).toBeGreaterThan(200);
  const rope = { head_dim: 64, hidden_size: 128, num_attention_heads: 2, rope_theta: 500, max_position_embeddings: 64 };
  const wrong = Object.entries(types).filter(([type, kind]) =>
    [{}, rope].some((settings) => !whyNone({ model_type: type, ...settings }).endsWith(says(kind))),
  );
  expect(wrong).toEqual([]);
});

/** What a layer calls its positions → what RotaryPositions may say. @type {Record<string, string[]>} */
const SAME = {
  learned: ['learned', 'relative'], // DeBERTa has both
  sinusoidal: ['waves'],
  alibi: ['alibi'],
  null: ['relative', 'convolution', 'none'],
};

test("a model's layer has rotary positions if and only if its config alone gives them", () => {
  const wrong = [];
  let still = 0;
  for (const [name, { config, tensors }] of madeTypes()) {
    const json = JSON.parse(config);
    const read = readConfig(json);
    if (!read) continue;
    const why = whyNone(json);
    const isStill = /no rotary positions/.test(why);
    if (isStill !== (read.rope === undefined)) wrong.push(`${name}: ${why}`);
    if (!isStill || / its \w+ is /.test(why)) continue;
    still++;
    const { position, axes = [] } = read.family;
    const isTable = (/** @type {string} */ tensor) =>
      [position, ...axes].some((table) => tensor.endsWith(String(table)));
    const table = read.learnedPositions && Object.keys(tensors).some(isTable);
    const kinds = SAME[String(positionKind(read, table))];
    if (!kinds.some((kind) => why.endsWith(says(kind)))) wrong.push(`${name}: ${why}, not ${kinds.join(' or ')}`);
  }
  expect(still).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});

test('a setting can say that nothing turns, and so can the text model inside', () => {
  const falcon = { model_type: 'falcon', hidden_size: 64, num_attention_heads: 2 };
  expect(whyNone(falcon)).toBe('');
  expect(whyNone({ ...falcon, alibi: true })).toMatch('no rotary positions: its alibi is true');
  expect(whyNone({ model_type: 'zamba2' })).toMatch('no rotary positions: its use_mem_rope is false');
  expect(whyNone({ model_type: 'zamba2', use_mem_rope: true })).toBe('');
  expect(whyNone({ model_type: 'esm', position_embedding_type: 'absolute' })).toMatch(
    'position_embedding_type is absolute',
  );
  expect(whyNone({ model_type: 'llava', text_config: { model_type: 'opt' } })).toMatch(
    '(a opt) has no rotary positions',
  );
  // A class around any text model: what that one does counts.
  const inside = { model_type: 'blip-2', text_config: { model_type: 'llama', head_dim: 8 } };
  expect(RotaryPositions.fromConfig(inside).headDim).toBe(8);
  expect(whyNone({ model_type: 'blip-2', text_config: {} })).toMatch('(a blip-2) has no rotary positions');
  expect(RotaryPositions.layerTypes({ model_type: 'bert' })).toEqual([]);
});

test('types that nobody knows turn as their configs say, images and sounds do not', () => {
  const shape = { hidden_size: 64, num_attention_heads: 2 };
  expect(RotaryPositions.fromConfig({ model_type: 'unheard_of', ...shape }).headDim).toBe(32);
  expect(RotaryPositions.fromConfig(shape).headDim).toBe(32);
  for (const settings of [{ image_size: 224, patch_size: 16 }, { num_mel_bins: 80 }, { sampling_rate: 16000 }]) {
    expect(whyNone({ model_type: 'unheard_of', ...shape, ...settings })).toMatch(/images or sounds/);
    expect(RotaryPositions.fromConfig({ ...settings, ...shape, vocab_size: 9, model_type: 'unheard_of' }).headDim).toBe(
      32,
    );
  }
  expect(whyNone({ model_type: 'dinov3_vit', ...shape, image_size: 224 })).toMatch(/images or sounds/);
});

test('families of own code that do not turn are listed, too', () => {
  const missing = Object.keys(FAMILIES).filter(
    (type) => !FAMILIES[type].rotary && !ROTARY_FAMILIES.familyOf(type) && !ROTARY_FAMILIES.classDefaults(type),
  );
  expect(missing).toEqual([]);
});
