/**
 * The special and added tokens of transformers' classes for SentencePiece models, as `PreTrainedTokenizerBase` and
 * `TokenizersBackend` gather them from the settings files. (transformers 5.24, `_from_pretrained` and the constructors.)
 */
import { WembedError } from '../../core/errors.js';
import { Added, keyOf, settingsOf } from './class_settings.js';
import { ROLES, show } from './special_tokens.js';

/** @typedef {import('./special_tokens.js').AddedToken} AddedToken */
/** @typedef {import('./special_tokens.js').TokenizerSettings} TokenizerSettings */
/** @typedef {import('./sentencepiece_classes.js').SentencePieceClass} SentencePieceClass */
/** @typedef {string | Added} TokenOrText a token as the settings have it */

const MAX_COUNT = 65536;

export class ClassTokens {
  /** @type {Record<string, unknown>} */
  #settings;
  /** @type {Map<string, TokenOrText | null>} role → its token, and further names that the settings give */
  #named = new Map();
  /** @type {Added[]} */
  #listed;
  /** @type {TokenOrText[]} */
  #further;
  #kind;

  /**
   * @param {TokenizerSettings} settings
   * @param {SentencePieceClass} kind
   * @param {Added[]} own the model's control and user-defined pieces
   */
  constructor(settings, kind, own) {
    const { config, listed, byContent } = settingsOf(settings);
    this.#settings = config;
    this.#listed = listed;
    this.#kind = kind;
    for (const role of ROLES) {
      const given = config[role];
      const token = given === undefined ? (kind.roles[role] ?? null) : given;
      const known = given ? byContent.get(String(checked(role, given))) : undefined;
      this.#named.set(role, known ?? (token === null ? null : this.#marked(role, token)));
    }
    this.#nameFurther();
    this.#further = this.#furtherTokens(own);
  }

  /** A token that its class gives flags, where the settings give none. @param {string} role @param {unknown} token */
  #marked(role, token) {
    const { marks } = this.#kind;
    if (typeof token !== 'string' || !marks?.[role]) return checked(role, token);
    return new Added({ content: token, ...marks[role] });
  }

  /** Names of transformers 5: extra_special_tokens as an object, and settings like image_token. */
  #nameFurther() {
    const specific = this.#settings.model_specific_special_tokens ?? {};
    if (typeof specific !== 'object' || Array.isArray(specific)) bad('model_specific_special_tokens must be an object');
    const found = Object.entries(this.#settings).filter(
      ([name, value]) =>
        name.endsWith('_token') && (typeof value === 'string' || value === null || value instanceof Added),
    );
    for (const [name, token] of Object.entries({ ...this.#kind.named, ...Object.fromEntries(found) })) {
      if (!ROLES.includes(name) && token !== null) this.#named.set(name, checked(name, token));
    }
    for (const [name, token] of Object.entries(specific)) {
      if (ROLES.includes(name)) notCovered(`${name} among the further special tokens`);
      this.#named.set(name, checked(name, token));
    }
  }

  /** @param {Added[]} own @returns {TokenOrText[]} */
  #furtherTokens(own) {
    const extra = this.#settings.extra_special_tokens;
    // A list of the files', be it empty, stands for all of the model's pieces and the class's tokens.
    if (extra === undefined) return this.#kind.further?.(this, own) ?? own;
    if (extra === null) return this.#kind.ownBesideNull ? own : [];
    if (!Array.isArray(extra)) return bad(`extra_special_tokens must be a list or an object, got ${show(extra)}`);
    return extra.map((token) => checked('a further special token', token));
  }

  /** @param {string} role @returns {string | undefined} undefined where the files take it away, or no one gives it */
  content(role) {
    const token = this.#named.get(role);
    return token === null || token === undefined ? undefined : String(token);
  }

  /** @param {string} name of the class's own `named` @returns {TokenOrText | null} as its constructor is given it */
  named(name) {
    const given = this.#settings[name];
    const token = given === undefined ? (this.#kind.named?.[name] ?? null) : given;
    return token === null ? null : checked(name, token);
  }

  /** @param {string} role @returns {string} as the class puts it into its vocabulary: Python's None, where it is none */
  piece(role) {
    return this.content(role) ?? 'None';
  }

  /** @param {string} name @param {boolean} otherwise @returns {boolean} a setting; null is false, as in Python */
  flag(name, otherwise) {
    const value = this.#settings[name];
    if (value === undefined) return otherwise;
    if (value === null || typeof value === 'boolean') return value === true;
    return bad(`${name} must be true or false, got ${show(value)}`);
  }

  /** @param {string} name @param {number} least @param {number} otherwise @returns {number} a setting */
  count(name, least, otherwise) {
    const value = this.#settings[name] === undefined ? otherwise : Number(this.#settings[name]);
    if (this.#settings[name] !== null && Number.isInteger(value) && value >= least && value <= MAX_COUNT) return value;
    return bad(`${name} must be an integer from ${least} to ${MAX_COUNT}, got ${show(this.#settings[name])}`);
  }

  /** @param {string} name @returns {unknown} a setting as it stands */
  setting(name) {
    return this.#settings[name];
  }

  /**
   * What tokenizer.json says of them. A token that the vocabulary lacks comes after it, whatever id the files give it.
   * @param {(content: string) => number | undefined} idOf
   * @param {number} size of the vocabulary
   * @returns {AddedToken[]}
   */
  list(idOf, size) {
    /** @type {Map<string, AddedToken>} */
    const found = new Map();
    let next = size;
    /** @param {Added} token */
    const add = (token) => {
      const { content } = token;
      if (content === '') return;
      const before = found.get(content);
      // The last flags count, but what was special once stays so.
      const special = token.special || before?.special === true;
      found.set(content, { id: before?.id ?? idOf(content) ?? next++, content, ...token.flags, special });
    };
    this.#gathered().forEach(add);
    if (this.#kind.addedAgain) this.#again().forEach(add);
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  /** What the constructor adds. @returns {Added[]} */
  #gathered() {
    const contents = new Set(this.#listed.map(({ content }) => content));
    const names = new Set([...this.#named.values()].filter((token) => token !== null).map(String));
    /** @type {TokenOrText[]} */
    const tokens = [...this.#listed];
    const known = new Set(tokens.map(keyOf));
    for (const token of [...this.#named.values(), ...this.#further]) {
      if (token === null || contents.has(String(token)) || known.has(keyOf(token))) continue;
      known.add(keyOf(token));
      tokens.push(token);
    }
    return tokens.map((token) => {
      const added = token instanceof Added ? token : new Added({ content: token, special: true });
      return names.has(added.content) ? added.asSpecial() : added;
    });
  }

  /** What `_post_init` adds. @returns {Added[]} */
  #again() {
    const tokens = [...this.#named.values(), ...this.#further].filter((token) => token !== null);
    return tokens.map((token) =>
      token instanceof Added ? token.asSpecial() : new Added({ content: token, special: true, normalized: false }),
    );
  }
}

/** @param {string} what @param {unknown} token @returns {TokenOrText} */
function checked(what, token) {
  if (typeof token === 'string' || token instanceof Added) return token;
  const isObject = typeof token === 'object' && token !== null && 'content' in token;
  const typed = isObject ? '; an object needs "__type": "AddedToken" in tokenizer_config.json' : '';
  return bad(`${what} must be a string or an AddedToken, got ${show(token)}${typed}`);
}

/** @param {string} what @returns {never} */
function bad(what) {
  throw new WembedError('bad_file', `the tokenizer's settings: ${what}`);
}

/** @param {string} what @returns {never} */
function notCovered(what) {
  throw new WembedError('unsupported', `the tokenizer's settings: ${what} is not covered: it needs a tokenizer.json`);
}
