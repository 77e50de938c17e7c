// Writes what configs leave out, of tests/golden/class_defaults.json, as two files of web/models/families: rotary_facts.js, with
// what the families and class defaults say of rotary positions, so that a page with RotaryPositions alone loads no more, and
// class_defaults.js with the rest: node tools/model_facts.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FAMILIES } from '../web/models/families/families.js';
import * as rules from '../web/models/families/rotary_rules.js';
import { ROOT } from './run.mjs';

/** @type {{ versions: { transformers: string }, types: Record<string, import('../web/models/families/family.js').ClassDefaults> }} */
const { versions, types: CLASSES } = JSON.parse(readFileSync(join(ROOT, 'tests/golden/class_defaults.json'), 'utf8'));

/** The settings that web/models/rope_config.js and the rules look at. */
const SETTINGS = [
  ...['max_position_embeddings', 'original_max_position_embeddings', 'rope_theta', 'rope_parameters', 'default_theta'],
  ...['rope_scaling', 'qk_rope_head_dim', 'head_dim', 'head_dims', 'global_head_dim', 'hidden_size', 'n_embd'],
  ...['num_attention_heads', 'n_head', 'partial_rotary_factor', 'rotary_pct', 'rotary_dim', 'rotary_emb_base'],
  ...['rope_interleave', 'rotary_emb_interleaved', 'rope_local_base_freq', 'global_rope_theta', 'local_rope_theta'],
  ...['layer_rope_theta', 'compress_rope_theta', 'layer_types', 'per_layer_config', 'sliding_window'],
];

/** Whether these defaults alone show that a class has rotary positions. */
const SHOWS = /^(rope_|qk_rope|partial_rotary)/;

/** A config inside a config inside a config: class_settings.js goes no deeper. */
const MOST_NESTED = 4;

/** @param {object | undefined} values @param {(name: string, value: unknown) => boolean} isKept */
const part = (values, isKept) =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([name, value]) => isKept(name, value)));

/** @param {object | undefined} values @returns {Record<string, unknown>} undefined in place of an empty object */
const some = (values) => /** @type {any} */ (values && Object.keys(values).length > 0 ? values : undefined);

/** What stands most often in the facts, which call it by a letter, the first one a. The texts are downloaded. */
const SHORT = [
  ...['hidden_size', 'num_attention_heads', 'max_position_embeddings', 'head_dim', 'rope_theta', 'rotary'],
  ...['rope_parameters', 'partial_rotary_factor', 'interleaved', 'qk_rope_head_dim', 'text', 'full_attention'],
  ...[
    'sliding_attention',
    'default_theta',
    'names',
    'layers',
    'still',
    'original_max_position_embeddings',
    'rope_type',
  ],
  ...['factor', 'when', 'rope_interleave', 'baseCounts', 'inner', 'beta_fast', 'beta_slow'],
];

/** @param {unknown} value @returns {unknown} the same with short names */
function shortened(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const letter = (/** @type {string} */ name) => {
    if (name.length < 2) throw new Error(`a setting is called ${name}, which stands for another`);
    return SHORT.includes(name) ? String.fromCharCode(97 + SHORT.indexOf(name)) : name;
  };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [letter(name), shortened(each)]));
}

/** What rope parameters say that changes nothing. */
const SAYS_NOTHING = ['max_position_embeddings', 'llama_4_scaling_beta'];

/** @param {any} rope @returns {any} rope parameters, of all layers or by type of layer */
export function shortRope(rope) {
  if (typeof rope !== 'object' || rope === null || Array.isArray(rope)) return rope;
  const says = ([name, value]) =>
    !SAYS_NOTHING.includes(name) &&
    !(name === 'type' && rope.rope_type) &&
    !(name === 'rope_type' && value === 'default');
  return Object.fromEntries(
    Object.entries(rope)
      .filter(says)
      .map(([name, value]) => [name, shortRope(value)]),
  );
}

/**
 * Where the size of a head is known, the hidden size says nothing.
 * @param {object | undefined} own
 */
function shortDefaults(own) {
  const { hidden_size: size, rope_parameters: rope, ...others } = /** @type {any} */ (own ?? {});
  const sized = ('head_dim' in others || 'qk_rope_head_dim' in others) && !('num_attention_heads' in others);
  return {
    ...(size === undefined || sized ? {} : { hidden_size: size }),
    ...others,
    ...(rope === undefined ? {} : { rope_parameters: shortRope(rope) }),
  };
}

/** The text model of many types is called as they are. @param {string} type @param {unknown} text */
const shortText = (type, text) => (text === `${type}_text` ? '*_text' : text);

/** @param {string} type @returns {Record<string, unknown>} */
function factsOf(type) {
  const [family, own] = [FAMILIES[type], CLASSES[type]];
  const isSetting = (/** @type {string} */ name) => SETTINGS.includes(name) || name === family?.rotary?.when?.[0];
  const record = {
    ...shortDefaults(part(own, isSetting)),
    text: shortText(type, family?.text ?? own?.text),
    inner: some(part(own?.inner, isSetting)),
    names: some(part(own?.names, (_, name) => isSetting(/** @type {string} */ (name)))),
    insideOnly: family?.insideOnly,
    outer: some(family?.outer?.filter(isSetting)),
    defaults: some(part(family?.defaults, (name, value) => isSetting(name) && own?.[name] !== value)),
    rotary: family?.rotary,
  };
  return part(record, (_, value) => value !== undefined);
}

/** @param {string} type @returns {boolean} */
const turns = (type) =>
  FAMILIES[type] ? !!FAMILIES[type].rotary : Object.keys(CLASSES[type] ?? {}).some((name) => SHOWS.test(name));

/** @param {string} type @returns {boolean} whether it turns, or the text model inside it does */
function leadsToTurning(type, depth = 0) {
  const text = FAMILIES[type]?.text ?? CLASSES[type]?.text;
  const inner = Array.isArray(text) ? text[1] : text;
  return turns(type) || (!!inner && depth <= MOST_NESTED && leadsToTurning(inner, depth + 1));
}

/** @param {unknown} value @returns {string} as JavaScript */
function script(value) {
  if (typeof value === 'function') {
    const name = Object.entries(rules).find(([, rule]) => rule === value)?.[0];
    if (name) return name;
    throw new Error(`a rule of rotary positions is not in rotary_rules.js: ${value}`);
  }
  if (Array.isArray(value)) return `[${value.map(script).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${script(each)}`)
      .join(', ')} }`.replace('{  }', '{}');
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/**
 * @param {(type: string) => object | undefined} recordOf
 * @returns {string[]} lines: the types that have the same record, and it
 */
function grouped(recordOf) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const type of [...new Set([...Object.keys(FAMILIES), ...Object.keys(CLASSES)])].sort()) {
    const record = recordOf(type);
    if (!record) continue;
    const text = script(record);
    groups.set(text, [...(groups.get(text) ?? []), type]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([facts, types]) => `  ['${types.join(' ')}', ${facts}],`);
}

/** @param {string} type */
const rotaryOf = (type) => (leadsToTurning(type) ? factsOf(type) : undefined);

/** @type {{ types: Record<string, string> }} */
const { types: POSITIONS } = JSON.parse(readFileSync(join(ROOT, 'tests/golden/positions.json'), 'utf8'));

/** @param {string} type @returns {string | undefined} how a type whose queries do not turn gets its positions */
export function positionsOf(type) {
  if (leadsToTurning(type)) return undefined;
  const family = FAMILIES[type];
  if (POSITIONS[type] || !family) return POSITIONS[type];
  if (family.alibi) return 'alibi';
  return family.position ? 'learned' : family.sinusoidal ? 'waves' : undefined;
}

/** The end of a text model's type, after that of the whole. */
const OF_TEXT = /_text(_model)?$/;

/** How messages call the kinds of tests/golden/positions.json. @type {Record<string, string>} */
export const INSTEAD = {
  ...{ learned: 'but learned', waves: 'but waves', alibi: 'but ALiBi', relative: 'but relative' },
  ...{ convolution: 'but a convolution', none: 'nor others' },
};

/** @returns {string[]} lines: how they get their positions, and which types */
function stillTypes() {
  /** @type {Record<string, string[]>} */
  const byKind = {};
  for (const type of [...new Set([...Object.keys(FAMILIES), ...Object.keys(POSITIONS)])].sort()) {
    const kind = positionsOf(type);
    // Said of the whole, it is said of its text model.
    if (kind && positionsOf(type.replace(OF_TEXT, '')) === kind && OF_TEXT.test(type)) continue;
    if (kind) (byKind[kind] ??= []).push(type);
  }
  return Object.entries(byKind)
    .sort()
    .map(([kind, types]) => `  ['${types.join(' ')}', '${INSTEAD[kind]}'],`);
}

/** @returns {string} the text of rotary_facts.js */
export function rotaryFacts() {
  const lines = grouped((type) => /** @type {object | undefined} */ (shortened(rotaryOf(type))));
  const used = Object.keys(rules).filter((name) => lines.some((line) => new RegExp(`: ${name}\\b`).test(line)));
  return `// Made by tools/model_facts.mjs out of the families and tests/golden/class_defaults.json and positions.json: not edited by hand.
import { ${used.join(', ')} } from './rotary_rules.js';

/** What the letters a, b, … below stand for, in the same order. */
export const SHORT_NAMES =
  '${SHORT.join(' ')}';

/**
 * Model types that have rotary positions, or whose text model has, and what is known of these.
 * @type {[types: string, facts: object][]}
 */
// prettier-ignore
export const ROTARY_FACTS = [
${lines.join('\n')}
];

/**
 * Model types whose queries do not turn, and how they get their positions instead.
 * @type {[types: string, positions: string][]}
 */
// prettier-ignore
export const STILL_TYPES = [
${stillTypes().join('\n')}
];
`;
}

/** @param {string} type @returns {object | undefined} of a class's defaults, what rotary_facts.js has not */
function othersOf(type) {
  const facts = rotaryOf(type) ?? {};
  const shortened = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    name === 'rope_parameters' ? shortRope(value) : name === 'text' ? shortText(type, value) : value;
  const isOther = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    script(shortened(name, value)) !== script(/** @type {any} */ (facts)[name]);
  return CLASSES[type] && part(CLASSES[type], isOther);
}

/** @returns {string} the text of class_defaults.js */
export const classDefaultsFile =
  () => `// Made by tools/model_facts.mjs out of tests/golden/class_defaults.json (transformers ${versions.transformers}): not edited by hand.

/**
 * The settings of a model's two ends that a config.json may leave out, as transformers' class for its \`model_type\` has them,
 * beside those in rotary_facts.js. \`text\`: the setting that holds the text model's own (default: text_config) and that model's
 * type. \`names\`: what these types call a setting.
 * @type {[types: string, import('./family.js').ClassDefaults][]}
 */
// prettier-ignore
export const CLASS_DEFAULTS = [
${grouped(othersOf).join('\n')}
];
`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(ROOT, 'web/models/families');
  writeFileSync(join(folder, 'rotary_facts.js'), rotaryFacts());
  writeFileSync(join(folder, 'class_defaults.js'), classDefaultsFile());
}
