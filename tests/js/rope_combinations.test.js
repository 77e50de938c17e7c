// Several rope settings of a config.json at once: what transformers' rotary modules make of them
// (tools/golden/rope_combinations.py).
import { RotaryPositions, WembedError, readJson } from '../support/wembed.js';

/** @typedef {Record<string, any>} Values */

/** By type of layer: how many frequencies, three of them and the factor, of a short text, and of a long one if that differs. */
/** @typedef {Record<string, number[][]>} Outcome */

/**
 * @type {{ configs: Values[], outcomes: Outcome[], types: Record<string, { path?: string[], said?: Values, made: (number | null)[] }> }} `made`:
 *   by config, which outcome; null where transformers makes no model of it. `path`: where in a config the settings stand
 */
const { configs, outcomes, types } = readJson('tests/golden/rope_combinations.json');
const LENGTHS = [1, 300];

/** One in so many is tried. */
const STEP = process.env.WEMBED_FULL ? 1 : 4;

/** It turns the other way round. */
const REVERSED = ['nanochat'];

/** Known to transformers, but not here: a setting means what it means in most models. */
const UNKNOWN = ['qwen4_exp_text'];

/** What is refused though transformers takes it. */
const REFUSED = [
  /^this config has rope parameters for/, // of which its class does not know the types of layer
  /^rotary positions need head_dim/, // a null in place of the class's own head_dim, which alone is known
  /must be a whole number|must be an even number/, // sizes that no model has
  /^this model turns queries/,
];

/** @param {RotaryPositions} rotary @param {string} type @returns {number[][]} */
const seen = (rotary, type) =>
  LENGTHS.map((length) => {
    const all = rotary.frequencies(length).map((each) => (REVERSED.includes(type) ? -each : each));
    const at = [...new Set([1 % all.length, all.length >> 1, all.length - 1])].sort((a, b) => a - b);
    return [all.length, ...at.map((i) => all[i]), rotary.attentionFactor];
  });

/** @param {number} a @param {number} b */
const isNear = (a, b) => Math.abs(a - b) <= 1e-4 * Math.abs(b);

test.each(Object.keys(types).filter((type) => !UNKNOWN.includes(type)))('several rope settings at once: %s', (type) => {
  const { path = [], said, made } = types[type];
  const wrong = [];
  let [tried, refused, equal] = [0, 0, 0];
  for (let i = 0; i < configs.length; i += STEP) {
    const number = made[i];
    if (number === null) continue;
    const own = path.reduceRight((settings, key) => ({ [key]: settings }), { ...configs[i], ...said });
    for (const [layerType, expected] of Object.entries(outcomes[number])) {
      tried++;
      const what = `${layerType} ${JSON.stringify(configs[i])}`;
      try {
        const options = layerType ? { layerType } : {};
        const found = seen(RotaryPositions.fromConfig({ model_type: type, ...own }, options), type);
        const [short, long = short] = expected;
        const isSame = [short, long].every(
          (each, k) => each.length === found[k].length && each.every((value, j) => isNear(found[k][j], value)),
        );
        if (isSame) equal++;
        else wrong.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
      } catch (error) {
        if (!(error instanceof WembedError)) throw error;
        const { message } = error;
        if (REFUSED.some((pattern) => pattern.test(message))) refused++;
        else wrong.push(`${what}: ${message}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  if (tried > refused) expect(equal).toBeGreaterThan(0);
});
