import { WembedError, shown } from '../../core/errors.js';

/**
 * A token that is found in the text before anything splits it, as tokenizer.json's `added_tokens` has them.
 * @typedef {{ id: number, content: string, special: boolean, lstrip: boolean, rstrip: boolean, single_word: boolean,
 *   normalized: boolean }} AddedToken
 */

/** @typedef {Partial<Omit<AddedToken, 'id' | 'content'>>} Flags */

/**
 * The settings files beside a vocabulary, parsed; null where there is none.
 * @typedef {object} TokenizerSettings
 * @property {any} [tokenizerConfig] tokenizer_config.json
 * @property {any} [specialTokensMap] special_tokens_map.json
 * @property {any} [addedTokens] added_tokens.json
 * @property {any} [config] config.json
 */

/** In the order in which transformers adds them. */
export const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

const MAX_ID = 2 ** 24;

/**
 * Which kind of tokenizer a model has.
 * @param {TokenizerSettings} settings
 * @returns {{ named: unknown, type: string | undefined }} the class as the file names it, and in lower case without
 *   "Tokenizer" and "Fast"; where no file names it, the model's type
 */
export function tokenizerClass({ tokenizerConfig, config }) {
  const named = tokenizerConfig?.tokenizer_class;
  if (!named) return { named, type: config?.model_type };
  if (typeof named !== 'string') throw new WembedError('bad_file', `tokenizer_class is ${shown(named)}`);
  const type = named.replace(/(Tokenizer)?(Fast)?$/, '');
  return { named, type: type.toLowerCase() };
}

/** The special and added tokens that a model's settings files name. (transformers, `PreTrainedTokenizerBase`.) */
export class SpecialTokens {
  /** @type {Map<string, Flags & { id?: number, optional?: boolean }>} by content */
  #tokens = new Map();
  /** @type {Map<string, string>} role → content */
  #roles = new Map();
  #config;

  /**
   * @param {TokenizerSettings} settings
   * @param {Record<string, string>} defaults role → content, for roles that the files do not give
   */
  constructor({ tokenizerConfig, specialTokensMap, addedTokens }, defaults) {
    this.#config = settingsObject('tokenizer_config.json', tokenizerConfig);
    const decoder = settingsObject('added_tokens_decoder', this.#config.added_tokens_decoder);
    // As transformers has it, the older files count only where the newer list is not there.
    const older = this.#config.added_tokens_decoder === undefined;
    const map = older ? settingsObject('special_tokens_map.json', specialTokensMap) : {};
    for (const [id, token] of Object.entries(decoder)) this.#add(token, checkedId(Number(id), id));
    for (const role of ROLES) this.#setRole(role, map[role], this.#config[role], defaults[role]);
    const more = [map, this.#config].flatMap(({ additional_special_tokens: further, extra_special_tokens: extra }) =>
      // The older name does not count beside a list of the newer.
      Array.isArray(extra) && extra.length > 0 ? [extra] : [further, extra],
    );
    for (const list of more) if (Array.isArray(list)) list.forEach((token) => this.#add(token, undefined, true));
    if (!older) return;
    for (const [content, id] of Object.entries(settingsObject('added_tokens.json', addedTokens))) {
      this.#add({ content, special: this.#tokens.has(content) }, checkedId(id, content));
    }
  }

  /**
   * @param {string} role
   * @param {...any} sources the first that says anything counts, the last is the default; null takes it away
   */
  #setRole(role, ...sources) {
    const from = sources.findIndex((source) => source !== undefined);
    if (from < 0 || sources[from] === null) return;
    this.#roles.set(role, this.#add(sources[from], undefined, true, from === sources.length - 1));
  }

  /**
   * @param {any} token its content, or an object of content and flags
   * @param {number} [id]
   * @param {boolean} [special]
   * @param {boolean} [optional] where the vocabulary does not have it, it is no token
   * @returns {string} its content
   */
  #add(token, id, special, optional = false) {
    const given = typeof token === 'string' ? { content: token } : token;
    const content = given?.content;
    if (typeof content !== 'string') {
      throw new WembedError('bad_file', `a special token must be a string or have content, got ${show(token)}`);
    }
    if (content === '') return content;
    /** @type {Flags & { id?: number, optional?: boolean }} */
    const flags = this.#tokens.get(content) ?? {
      ...{ lstrip: !!given.lstrip, rstrip: !!given.rstrip, single_word: !!given.single_word },
      ...{ special: special ?? !!given.special, optional, normalized: given.normalized },
    };
    if (special) flags.special = true;
    if (id !== undefined) flags.id = id;
    this.#tokens.set(content, flags);
    return content;
  }

  /** @param {string} role such as 'cls_token' @returns {string | undefined} */
  content(role) {
    return this.#roles.get(role);
  }

  /** @param {string} name @param {boolean} otherwise @returns {boolean} a setting of tokenizer_config.json's */
  flag(name, otherwise) {
    const value = this.#config[name] ?? otherwise;
    if (typeof value === 'boolean') return value;
    throw new WembedError('bad_file', `tokenizer_config.json: ${name} must be true or false, got ${show(value)}`);
  }

  /** @param {string} name @returns {any} a setting of tokenizer_config.json's as it stands */
  setting(name) {
    return this.#config[name];
  }

  /**
   * What tokenizer.json says of them. A token that the vocabulary lacks comes after it, as it does in transformers, unless
   * the files give it an id; a default that it lacks is left out.
   * @param {(content: string) => number | undefined} idOf
   * @param {number} size one more than the vocabulary's largest id
   * @returns {AddedToken[]}
   */
  list(idOf, size) {
    const listed = [];
    let next = size;
    for (const [content, { id: given, optional, ...flags }] of /** @type {[string, any][]} */ ([...this.#tokens])) {
      const own = idOf(content);
      if (own === undefined && given === undefined && optional) continue;
      if (own !== undefined && given !== undefined && own !== given) {
        throw new WembedError('bad_file', `the token ${show(content)} has the id ${own}, but is added with ${given}`);
      }
      const id = own ?? given ?? next;
      next = Math.max(next, id + 1);
      listed.push({ id, content, ...flags, normalized: flags.normalized ?? !flags.special });
    }
    return listed.sort((a, b) => a.id - b.id);
  }
}

/**
 * @param {AddedToken[]} added
 * @param {(content: string) => number | undefined} idOf
 * @returns {(content: string | undefined) => { id: number, content: string } | undefined}
 */
export const tokenFinder = (added, idOf) => (content) => {
  if (content === undefined) return undefined;
  const id = added.find((token) => token.content === content)?.id ?? idOf(content);
  return id === undefined ? undefined : { id, content };
};

/**
 * What is put around one text, and around two.
 * @param {{ id: number, content: string } | undefined} before
 * @param {{ id: number, content: string } | undefined} after
 * @param {{ between?: 'after' | 'after after' | 'after before', oneType?: boolean }} [pair] what stands between two texts;
 *   `oneType`: both have the token type 0
 */
export function template(before, after, { between = 'after', oneType = false } = {}) {
  const around = [before, after].filter((token) => token !== undefined);
  if (around.length === 0) return null;
  const side = (/** @type {{ content: string } | undefined} */ token, type = 0) =>
    token ? [{ SpecialToken: { id: token.content, type_id: type } }] : [];
  const text = (/** @type {'A' | 'B'} */ id, type = 0) => [{ Sequence: { id, type_id: type } }];
  const second = oneType ? 0 : 1;
  const middle = between === 'after after' ? side(after) : between === 'after before' ? side(before, second) : [];
  return {
    type: 'TemplateProcessing',
    single: [...side(before), ...text('A'), ...side(after)],
    pair: [...side(before), ...text('A'), ...side(after), ...middle, ...text('B', second), ...side(after, second)],
    special_tokens: Object.fromEntries(
      around.map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}

/**
 * @param {string} name
 * @param {any} value
 * @returns {Record<string, any>}
 */
export function settingsObject(name, value) {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new WembedError('bad_file', `${name} must be an object, got ${show(value)}`);
}

/** @param {any} id @param {string} token @returns {number} */
function checkedId(id, token) {
  if (Number.isInteger(id) && id >= 0 && id < MAX_ID) return id;
  throw new WembedError('bad_file', `the added token ${show(token)} has the id ${show(id)}`);
}

/** @param {unknown} value */
export const show = (value) => JSON.stringify(value)?.slice(0, 80) ?? String(value);
