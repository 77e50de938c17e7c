/**
 * The settings files of transformers' SentencePiece classes as one, as its `_from_pretrained` reads them.
 * (transformers 5.24, tokenization_utils_base.py.)
 */
import { WembedError } from '../../core/errors.js';
import { ROLES, settingsObject, show } from './special_tokens.js';

/** @typedef {import('./special_tokens.js').Flags} Flags */

/** A token with flags: transformers' AddedToken. */
export class Added {
  content;
  special;
  #given;

  /** @param {Flags & { content: string }} token */
  constructor({ content, lstrip = false, rstrip = false, single_word = false, normalized, special = false }) {
    this.content = content;
    this.special = special;
    this.#given = { lstrip, rstrip, single_word, normalized };
  }

  get flags() {
    // Unless the file says `normalized`, it goes with `special`, also where that is set later.
    return { ...this.#given, normalized: this.#given.normalized ?? !this.special, special: this.special };
  }

  asSpecial() {
    return new Added({ content: this.content, ...this.#given, special: true });
  }

  toString() {
    return this.content;
  }
}

/**
 * What tells tokens apart, as Python has it: a text is no token with flags; two with equal flags are one.
 * @param {unknown} token
 */
export const keyOf = (token) => JSON.stringify(token instanceof Added ? [token.content, token.flags] : token);

/**
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @returns {{ config: Record<string, unknown>, listed: Added[], byContent: Map<string, Added> }} `listed`: those that have an
 *   id, in its order; tokens with flags are `Added`
 */
export function settingsOf({ tokenizerConfig, specialTokensMap, addedTokens }) {
  /** @type {Record<string, unknown>} */
  const config = { ...settingsObject('tokenizer_config.json', tokenizerConfig) };
  if (!isEmpty(config.init_inputs)) bad(`init_inputs must be empty, got ${show(config.init_inputs)}`);
  // The older name counts only where the newer says nothing.
  if (config.additional_special_tokens !== undefined && isEmpty(config.extra_special_tokens)) {
    config.extra_special_tokens = config.additional_special_tokens;
  }
  moveNames(config);
  /** @type {Map<number, Added>} */
  const byId = new Map();
  /** @type {Map<string, Added>} */
  const byContent = new Map();
  const list = (/** @type {unknown} */ id, /** @type {Added} */ token) => {
    byId.set(checkedId(id, token.content), token);
    byContent.set(token.content, token);
  };
  if (config.added_tokens_decoder !== undefined) {
    const decoder = listOf('added_tokens_decoder', config.added_tokens_decoder);
    for (const [id, token] of decoder) list(/^\d+$/.test(id) ? Number(id) : id, withFlags(token));
  } else {
    // The older files count only where the newer list is not there.
    mergeMap(config, settingsObject('special_tokens_map.json', specialTokensMap));
    // A token of tokenizer_config.json with flags is not yet one here, so that its namesake is not special.
    const special = [...ROLES.map((role) => config[role]), ...[config.extra_special_tokens].flat()];
    const contents = new Set(
      special.filter((token) => typeof token === 'string' || token instanceof Added).map(String),
    );
    for (const [content, id] of listOf('added_tokens.json', addedTokens ?? {})) {
      const isSpecial = contents.has(content);
      list(id, new Added({ content, normalized: !isSpecial, special: isSpecial }));
    }
  }
  const listed = [...byId].sort(([a], [b]) => a - b).map(([, token]) => token);
  if (config.split_special_tokens) {
    const what = "the tokenizer's settings: split_special_tokens";
    throw new WembedError('unsupported', `${what} is not covered: special tokens are found in texts`);
  }
  const all = Object.entries(config).map(([name, value]) => [name, typed(value)]);
  return { config: Object.fromEntries(all), listed, byContent };
}

/** Further special tokens with names of their own. @param {Record<string, unknown>} config */
function moveNames(config) {
  const extra = config.extra_special_tokens;
  const named = Object.entries(config).filter(
    ([name, value]) => name.endsWith('_token') && !ROLES.includes(name) && typeof value === 'string',
  );
  for (const [name] of named) delete config[name];
  const isNamed = isObject(extra);
  if (isNamed) delete config.extra_special_tokens;
  const tokens = { ...Object.fromEntries(named), ...(isNamed ? extra : {}) };
  if (Object.keys(tokens).length > 0) config.model_specific_special_tokens = tokens;
}

/**
 * special_tokens_map.json may hold any setting, and wins.
 * @param {Record<string, unknown>} config
 * @param {Record<string, unknown>} map
 */
function mergeMap(config, map) {
  for (const [name, value] of Object.entries(map)) {
    // The model's own pieces take the older name's place afterwards.
    if (name === 'additional_special_tokens') continue;
    if (name === 'extra_special_tokens' && Array.isArray(value)) {
      config[name] = joined(config[name], value);
    } else if (name !== 'extra_special_tokens' && isObject(value)) {
      config[name] = withFlags({ ...value, special: true });
    } else config[name] = value;
  }
  if (!isObject(config.extra_special_tokens)) return;
  const before = config.model_specific_special_tokens;
  config.model_specific_special_tokens = { ...(isObject(before) ? before : {}), ...config.extra_special_tokens };
  delete config.extra_special_tokens;
}

/** @param {unknown} before @param {unknown[]} more */
function joined(before, more) {
  const tokens = isEmpty(before) ? [] : Array.isArray(before) ? [...before] : undefined;
  if (!tokens) return bad(`extra_special_tokens must be a list, got ${show(before)}`);
  const known = new Set(tokens.map(keyOf));
  for (const each of more) {
    const token = isObject(each) ? withFlags({ ...each, special: true }) : each;
    if (!known.has(keyOf(token))) tokens.push(token);
    known.add(keyOf(token));
  }
  return tokens;
}

/** @param {unknown} value @returns {unknown} with objects of the type AddedToken as `Added` */
function typed(value) {
  if (value instanceof Added) return value;
  if (Array.isArray(value)) return value.map(typed);
  if (!isObject(value)) return value;
  if (value.__type === 'AddedToken') return withFlags(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, typed(each)]));
}

const FLAGS = ['lstrip', 'rstrip', 'single_word', 'normalized', 'special'];

/** @param {unknown} token */
function withFlags(token) {
  if (!isObject(token) || typeof token.content !== 'string') bad(`a token must have content, got ${show(token)}`);
  const { content } = token;
  const flags = FLAGS.filter((name) => token[name] !== undefined).map((name) => {
    if (typeof token[name] === 'boolean') return [name, token[name]];
    return bad(`${name} of the token ${show(content)} must be true or false, got ${show(token[name])}`);
  });
  return new Added({ content, ...Object.fromEntries(flags) });
}

/** @param {string} name @param {unknown} value */
function listOf(name, value) {
  if (!isObject(value)) bad(`${name} must be an object, got ${show(value)}`);
  return Object.entries(value);
}

/** @param {unknown} id @param {string} token @returns {number} */
function checkedId(id, token) {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return id;
  return bad(`the added token ${show(token)} has the id ${show(id)}`);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** As Python's `not`. @param {unknown} value */
const isEmpty = (value) => !value || (typeof value === 'object' && Object.keys(value).length === 0);

/** @param {string} what @returns {never} */
function bad(what) {
  throw new WembedError('bad_file', `the tokenizer's settings: ${what}`);
}
