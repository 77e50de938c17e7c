// A setting of a config.json is another, null or left out, or is there though its model class does not know it: what comes of it
// is transformers', or is refused (tools/golden/stray_settings.py).
import { compared, madeTypes } from '../support/model_types.js';
import { readJson } from '../support/wembed.js';

/** @typedef {import('../support/model_types.js').Made} Made */

/**
 * What differs from the unchanged checkpoint: a row's first numbers, scores' first, turned queries; `missing`: tensors that the
 * files do not have, for which transformers takes random numbers.
 * @typedef {{ embed?: number[], logits?: number[] | null, rotary?: Made['rotary'] | null, missing?: string[] }} Outcome
 */

/** @typedef {Record<string, any>} Change settings at one level of the config; `{ left_out: true }` for one that is not there */

/**
 * Every change and every part of an outcome is meant by its number.
 * @type {{ trials: Change[], outcomes: Record<string, unknown[]>, types: Record<string, {
 *   changed: [path: string[], trial: number, outcome: Record<string, number>][], same: [path: string[], trials: number[]][] }> }}
 *   `same`: what changes nothing
 */
const { trials, outcomes, types } = readJson('tests/golden/stray_settings.json');

/** @param {Record<string, number>} numbers @returns {Outcome} */
const outcomeOf = (numbers) =>
  Object.fromEntries(Object.entries(numbers).map(([part, number]) => [part, outcomes[part][number]]));
const made = madeTypes();

/** One in so many is tried of the changes that change something, and of those that change nothing. */
const [STEP, STEP_OF_SAME] = process.env.WEMBED_FULL ? [1, 1] : [8, 40];

/** What is not yet as in transformers: a setting, of these types. */
const NOT_YET = [
  // Their files hold the frequencies themselves, as they were when they were saved: no other rope_theta was ever in them.
  ['rope_theta', 'esm'],
];

/** @param {string} name @param {Change} change */
const isNotYet = (name, change) =>
  NOT_YET.some(([setting, types]) => setting in change && types.split(' ').includes(name));

/**
 * Where the model's types of layer change, or its blocks do not run, what was seen to turn is not the same layer's.
 * @param {string} name
 * @param {Change} change
 */
const turnsUnseen = (name, change) =>
  'layer_types' in change ||
  (name === 'granitemoe_swa' && ('attention_multiplier' in change || 'residual_multiplier' in change));

/** @param {Made} golden @param {string[]} path @param {Change} change */
function configWith(golden, path, change) {
  const config = JSON.parse(golden.config);
  const level = path.reduce((at, key) => at[key], config);
  Object.assign(level, change);
  for (const [setting, value] of Object.entries(change)) if (value?.left_out) delete level[setting];
  return JSON.stringify(config);
}

/** What our loader refuses is no wrong number. @param {string} wrong */
const isRefusal = (wrong) => !/off by/.test(wrong);

/** @param {string} name @returns {[path: string[], change: Change, outcome: Outcome][]} */
function triedOf(name) {
  const { changed, same } = types[name];
  const all = same.flatMap(([path, numbers]) => numbers.map((number) => ({ path, number })));
  const some = all.filter(({ number }, i) => (i + number) % STEP_OF_SAME === 0);
  return [
    ...changed
      .filter((_, i) => i % STEP === 0)
      .map(([path, trial, outcome]) => /** @type {any} */ ([path, trials[trial], outcomeOf(outcome)])),
    ...some.map(({ path, number }) => /** @type {any} */ ([path, trials[number], {}])),
  ];
}

test.each(Object.keys(types))('a changed or stray setting means what it means in transformers: %s', async (name) => {
  const golden = /** @type {Made} */ (made.get(name));
  const wrong = [];
  for (const [path, change, outcome] of triedOf(name)) {
    if (isNotYet(name, change)) continue;
    const config = configWith(golden, path, change);
    const { missing, ...changed } = outcome;
    if (turnsUnseen(name, change)) changed.rotary = undefined;
    if (changed.logits === null) delete changed.logits; // not observed there
    const found = await compared({ ...golden, ...changed, config, short: Object.keys(changed) });
    if ('refused' in found) continue;
    const faults = found.wrong.filter((each) => !isRefusal(each));
    // What a tensor is missing for is random in transformers.
    const excused = (/** @type {string} */ each) =>
      missing && Object.keys(changed).some((part) => each.startsWith(part === 'logits' ? 'scores' : part));
    const what = `${path.join('.')} ${JSON.stringify(change)}`;
    wrong.push(...faults.filter((each) => !excused(each)).map((each) => `${what}: ${each}`));
  }
  expect(wrong).toEqual([]);
});
