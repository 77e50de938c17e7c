// The rope parameters that transformers' config classes make of the forms in which config.json files write them, and their own
// where a file says nothing (tools/golden/model_defaults.py).
import { settingsOf } from '../../web/models/class_settings.js';
import { FACTS } from '../../web/models/families/index.js';
import { RopeConfig } from '../../web/models/rope_config.js';
import { WembedError, readJson } from '../support/wembed.js';

/** @typedef {Record<string, any>} Values */

/** @type {{ forms: Record<string, Values>, types: Record<string, Record<string, Values | null>> }} */
const { forms, types } = readJson('tests/golden/rope_configs.json');

/** What these types must say for their queries to turn. @type {Record<string, Values>} */
const SAID = { granitemoehybrid: { position_embedding_type: 'rope' } };

/** @param {string} type @param {Values} form @param {string} [layerType] */
function ours(type, form, layerType) {
  const { settings, family } = /** @type {any} */ (
    settingsOf({ model_type: type, head_dim: 64, ...SAID[type], ...form }, FACTS)
  );
  return new RopeConfig(settings, family?.rotary).of(layerType);
}

/** @param {Values | null} rope @returns {[layerType: string | undefined, rope: Values | null][]} */
function byLayer(rope) {
  const nested = Object.entries(rope ?? {}).filter(
    ([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return nested.length > 0 ? Object.entries(/** @type {Values} */ (rope)) : [[undefined, rope]];
}

/** Types that turn queries in ways that are not made, and one whose parameters are those of its sounds. */
const NOT_MADE = ['mistral_large4_text', 'neomme', 'musicflamingo'];

/** Types whose blocks look for parameters by type of layer: others build no model in transformers, though a config. */
const NESTED = ['zaya', 'ultrabert'];

const TYPES = Object.keys(types).filter((type) => !NOT_MADE.includes(type));

test.each(TYPES)('rope parameters of each form: %s', (type) => {
  const wrong = [];
  let compared = 0;
  for (const [form, settings] of Object.entries(forms)) {
    for (const [layerType, expected] of byLayer(types[type][form])) {
      if (NESTED.includes(type) && layerType === undefined) {
        expect(() => ours(type, settings, layerType)).toThrow(/by type of layer|layerType must be one of/);
        continue;
      }
      if (!expected || expected.rope_theta == null) continue;
      try {
        const found = ours(type, settings, layerType);
        compared++;
        const pairs = {
          theta: [found.theta, expected.rope_theta],
          type: [found.type, expected.rope_type],
          factor: [found.scaling?.factor, expected.factor],
        };
        for (const [what, [a, b]] of Object.entries(pairs))
          if (a !== b) wrong.push(`${form} ${layerType ?? ''} ${what}: ${a}, not ${b}`);
      } catch (error) {
        if (!(error instanceof WembedError)) throw error;
        wrong.push(`${form} ${layerType ?? ''}: ${error.message}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(0);
});

test("Muse's layers turn where their base is not 0, whatever their type", () => {
  const layers = {
    layer_types: ['full_attention', 'sliding_attention'],
    rope_theta: 9,
    rope_parameters: { rope_theta: 77 },
  };
  const still = (/** @type {number[]} */ bases, /** @type {string} */ type) => () =>
    ours('muse_spark_text', { ...layers, layer_rope_theta: bases }, type);
  expect(still([77, 0], 'full_attention')().theta).toBe(77);
  expect(still([77, 0], 'sliding_attention')).toThrow(/do not turn/);
  expect(still([0, 77], 'full_attention')).toThrow(/do not turn/);
});
