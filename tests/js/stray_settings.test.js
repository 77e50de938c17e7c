// One setting of a config.json is another, or is there though its model class does not know it: what comes of it is
// transformers', or is refused (tools/golden/stray_settings.py).
import { compared, madeTypes } from '../support/model_types.js';
import { readJson } from '../support/wembed.js';

/** @typedef {import('../support/model_types.js').Made} Made */

/**
 * What differs from the unchanged checkpoint: a row's first numbers, scores' first, turned queries; `missing`: tensors that the
 * files do not have, for which transformers takes random numbers; `error`: transformers builds no such model.
 * @typedef {{ embed?: number[], logits?: number[] | null, rotary?: Made['rotary'] | null, missing?: string[], error?: string }} Outcome
 */

/** @type {Record<string, [path: string[], setting: string, value: unknown, outcome: Outcome][]>} */
const types = readJson('tests/golden/stray_settings.json').types;
const made = madeTypes();

/** Loading makes the row of padding zeros in these, though the file has numbers: how they begin is set after they are read. */
const ZEROED = ['funnel', 'youtu'];

/** @param {Made} golden @param {string[]} path @param {string} setting @param {unknown} value */
function configWith(golden, path, setting, value) {
  const config = JSON.parse(golden.config);
  const level = path.reduce((at, key) => at[key], config);
  level[setting] = value;
  return JSON.stringify(config);
}

/** What our loader refuses is no wrong number. @param {string} wrong */
const isRefusal = (wrong) => !/off by/.test(wrong);

test.each(Object.keys(types))('a changed or stray setting means what it means in transformers: %s', async (name) => {
  const golden = /** @type {Made} */ (made.get(name));
  const wrong = [];
  for (const [path, setting, value, outcome] of types[name]) {
    if (outcome.error || (ZEROED.includes(name) && setting === 'pad_token_id')) continue;
    const config = configWith(golden, path, setting, value);
    const { missing, ...changed } = outcome;
    if (changed.logits === null) delete changed.logits; // not observed there
    const found = await compared({ ...golden, ...changed, config, short: Object.keys(changed) });
    if ('refused' in found) continue;
    const faults = found.wrong.filter((each) => !isRefusal(each));
    // What a tensor is missing for is random in transformers.
    const excused = (/** @type {string} */ each) =>
      missing && Object.keys(changed).some((part) => each.startsWith(part === 'logits' ? 'scores' : part));
    const what = `${[...path, setting].join('.')} = ${JSON.stringify(value)}`;
    wrong.push(...faults.filter((each) => !excused(each)).map((each) => `${what}: ${each}`));
  }
  expect(wrong).toEqual([]);
});
