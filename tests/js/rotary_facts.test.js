// RotaryPositions.fromConfig knows of model types what rotary positions need (web/models/families/rotary_facts.js): it must
// read every config as a whole model does.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { classDefaultsFile, rotaryFacts } from '../../tools/model_facts.mjs';
import { ROOT } from '../../tools/run.mjs';
import { settingsOf } from '../../web/models/class_settings.js';
import { FACTS, FAMILIES } from '../../web/models/families/index.js';
import { ROTARY_FAMILIES } from '../../web/models/families/rotary_families.js';
import { RopeConfig } from '../../web/models/rope_config.js';
import { madeTypes } from '../support/made_types.js';
import { WembedError, readJson } from '../support/wembed.js';

/** @typedef {Record<string, unknown>} Values */

test('rotary_facts.js and class_defaults.js are what tools/model_facts.mjs writes', () => {
  const folder = join(ROOT, 'web/models/families');
  expect(readFileSync(join(folder, 'rotary_facts.js'), 'utf8')).toBe(rotaryFacts());
  expect(readFileSync(join(folder, 'class_defaults.js'), 'utf8')).toBe(classDefaultsFile());
});

/** @param {Values} config @param {import('../../web/models/families/family.js').Facts} facts */
function ropes(config, facts) {
  const { settings, family } = /** @type {NonNullable<ReturnType<typeof settingsOf>>} */ (settingsOf(config, facts));
  const rope = new RopeConfig(settings, family?.rotary);
  return [undefined, 'full_attention', 'sliding_attention', ...attempt(() => rope.layerTypes)].map((layerType) => [
    ...[layerType, ...attempt(() => [rope.of(layerType)])],
  ]);
}

/** @template T @param {() => T[]} call @returns {(T | string)[]} its result, or the library's error */
function attempt(call) {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return [`${error.code}: ${error.message}`];
  }
}

const { forms } = /** @type {{ forms: Record<string, Values> }} */ (readJson('tests/golden/rope_configs.json'));

/** Settings that configs leave out or say, beside those of the golden forms. @type {Values[]} */
const MORE = [
  ...[{}, { head_dim: 64 }, { head_dim: null }, { hidden_size: 512 }, { num_attention_heads: 4, hidden_size: 512 }],
  ...[
    { rotary_dim: 8 },
    { rotary_pct: 0.5 },
    { rope_interleave: false },
    { sliding_window: null },
    { n_embd: 256, n_head: 2 },
  ],
  ...[{ qk_rope_head_dim: 16 }, { layer_types: ['full_attention', 'sliding_attention'] }, { rope_local_base_freq: 5 }],
  ...[{ n_positions: 77 }, { max_seq_len: 88 }, { global_rope_theta: 9, local_rope_theta: 8 }, { rotary_emb_base: 77 }],
];

const FORMS = [...Object.values(forms), ...MORE, ...MORE.map((more) => ({ ...forms['base and scaling'], ...more }))];

/** Types of which nothing turns: no rotary positions are right or wrong. @param {string} type */
const isKnown = (type) => ROTARY_FAMILIES.classDefaults(type) !== undefined;
const TYPES = [
  ...new Set([...Object.keys(FAMILIES), ...Object.keys(readJson('tests/golden/class_defaults.json').types)]),
].filter(isKnown);

test.each(TYPES)('%s: every form of a config is read as by a whole model', (type) => {
  const wrong = [];
  for (const own of FORMS) {
    const around = { model_type: 'llava', text_config: { model_type: type, ...own } };
    for (const config of [{ model_type: type, ...own }, { model_type: type, text_config: own }, around]) {
      const [found, expected] = [ROTARY_FAMILIES, FACTS].map((facts) => JSON.stringify(ropes(config, facts)));
      if (found !== expected) wrong.push({ config, found, expected });
    }
  }
  expect(wrong).toEqual([]);
});

test('every model type whose queries turn is known, and every golden config of one is read as by a whole model', () => {
  const turning = Object.keys(FAMILIES).filter((type) => FAMILIES[type].rotary);
  expect(turning.filter((type) => !isKnown(type))).toEqual([]);
  const folder = join(ROOT, 'tests/golden/checkpoints');
  const configs = [
    ...[...madeTypes()].map(([, { config }]) => JSON.parse(config)),
    ...readdirSync(folder).map((name) => readJson(`tests/golden/checkpoints/${name}/config.json`)),
    ...Object.values(readJson('tests/golden/own_code.json').cases).map(({ config }) => config),
  ].map((config) => (typeof config === 'string' ? JSON.parse(config) : config));
  const read = configs.filter(
    (config) => FAMILIES[/** @type {any} */ (settingsOf(config, FACTS))?.settings.get('model_type')]?.rotary,
  );
  expect(read.length).toBeGreaterThan(200);
  for (const config of read) expect(ropes(config, ROTARY_FAMILIES)).toEqual(ropes(config, FACTS));
});
