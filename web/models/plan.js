import { WembedError, shown } from '../core/errors.js';
import { PREFIXES, familyNames, familyOf, isFamily } from './families/families.js';

/**
 * A tensor to read: `large` ones are tables that may be converted, `table`s stay as they are stored, `vector`s become
 * numbers.
 * @typedef {object} Wanted
 * @property {string} name
 * @property {Part} part
 * @property {'large' | 'table' | 'vector'} as
 * @property {string} [scales] of a table of 8-bit floats: the tensor that holds them, where there is one
 */

/**
 * What a tensor is. Token rows, positions, types and their norm; the dense layer that widens narrow rows; the head's own
 * table and bias, and the dense layer and norm before a masked language model's scores.
 * @typedef {'token' | 'position' | 'type' | 'normWeight' | 'normBias' | 'projectWeight' | 'projectBias' | 'head'
 *   | 'headBias' | 'denseWeight' | 'denseBias' | 'headNormWeight' | 'headNormBias'} Part
 */

/**
 * Which of a checkpoint's tensors make up the input of its first block and its head.
 * @typedef {object} CheckpointPlan
 * @property {string} family
 * @property {Wanted[]} wanted with shapes that belong together
 * @property {'tied' | 'own' | 'none' | 'missing'} scores what the head scores against: the token table, a table of its
 *   own; nothing, in a file without a head, or in one that should have it
 */

/**
 * @param {Map<string, { shape: number[], dtype?: string }>} tensors by name
 * @param {any} config of a text model
 * @param {string} file for messages
 * @returns {CheckpointPlan}
 */
export function planCheckpoint(tensors, config, file) {
  if (!isFamily(config.model_type)) {
    const what = `model_type ${JSON.stringify(config.model_type)} is none of ${familyNames()}`;
    throw new WembedError('unsupported', `${file}: ${what}; found ${someOf(tensors)}`);
  }
  const family = familyOf(config.model_type);
  const planner = new Planner(tensors, config.model_type, file);
  const token = planInput(planner, family, config);
  const scores = planHead(planner, family, config, token);
  return { family: config.model_type, wanted: planner.wanted, scores };
}

/** @param {Map<string, unknown>} tensors */
const someOf = (tensors) => [...tensors.keys()].slice(0, 8).join(', ') || 'nothing';

/** Finds tensors by a family's names and checks their shapes. */
class Planner {
  /** @type {Wanted[]} */
  wanted = [];
  #tensors;
  #family;
  #file;

  /**
   * @param {Map<string, { shape: number[], dtype?: string }>} tensors
   * @param {string} family
   * @param {string} file
   */
  constructor(tensors, family, file) {
    this.#tensors = tensors;
    this.#family = family;
    this.#file = file;
  }

  /** @param {string | undefined} name without prefix */
  find(name) {
    return name && PREFIXES.map((prefix) => prefix + name).find((full) => this.#tensors.has(full));
  }

  /**
   * Older files call a norm's weight gamma and its bias beta.
   * @param {string | undefined} module
   * @returns {{ weight: string | undefined, bias: string | undefined }}
   */
  module(module) {
    const old = module && this.find(`${module}.gamma`);
    if (old) return { weight: old, bias: this.find(`${module}.beta`) };
    return { weight: module && this.find(`${module}.weight`), bias: module && this.find(`${module}.bias`) };
  }

  /**
   * @param {Part} part
   * @param {Wanted['as']} as
   * @param {string | undefined} name
   * @param {(number | undefined)[]} shape undefined: any size
   * @returns {number[]} its shape
   */
  want(part, as, name, shape) {
    if (!name) return [];
    const tensor = /** @type {{ shape: number[], dtype?: string }} */ (this.#tensors.get(name));
    const found = tensor.shape;
    const fits = found.length === shape.length && found.every((size, i) => size > 0 && size === (shape[i] ?? size));
    if (!fits) {
      const expected = shape.map((size) => size ?? '…');
      throw this.refusal(`'${name}' has shape [${found}], not [${expected}]`);
    }
    const narrow = tensor.dtype?.startsWith('F8_');
    const scales = [`${name}_scale_inv`, `${name}_scale`].find((each) => narrow && this.#tensors.has(each));
    this.wanted.push({ name, part, as, scales });
    return found;
  }

  /**
   * @param {string} what
   * @param {string} name
   * @returns {string} its full name
   */
  need(what, name) {
    const found = this.find(name);
    if (found) return found;
    throw this.refusal(`a ${this.#family} has ${what} '${name}', found ${someOf(this.#tensors)}`);
  }

  /** @param {string} what */
  refusal(what) {
    return new WembedError('bad_file', `${this.#file}: ${what}`);
  }

  /** @param {RegExp} pattern */
  some(pattern) {
    return [...this.#tensors.keys()].some((name) => pattern.test(name));
  }
}

/**
 * @param {Planner} planner
 * @param {import('./families/families.js').Family} family
 * @param {any} config
 * @returns {number[]} the token table's shape
 */
function planInput(planner, family, config) {
  const token = planner.want('token', 'large', planner.need('a token table', family.token), [undefined, undefined]);
  const [, dim] = token;
  const project = planner.module(family.project);
  const [hidden] = planner.want('projectWeight', 'table', project.weight, [undefined, dim]);
  planner.want('projectBias', 'vector', project.bias, [hidden]);
  const size = config.hidden_size ?? config.n_embd ?? config.d_model ?? config.dim;
  if ((size ?? hidden ?? dim) !== (hidden ?? dim)) {
    const what = `rows of ${hidden ?? dim} numbers for blocks of ${shown(size)}`;
    if (family.project && !hidden) planner.need(`${what}, so a dense layer`, `${family.project}.weight`);
    throw planner.refusal(`config.json has ${what}`);
  }
  if (family.position && (family.positioned?.(config) ?? true)) {
    const wide = family.projectsTokens && hidden ? hidden : dim;
    const found = planner.find(family.position) ?? (family.sinusoidal || planner.need('positions', family.position));
    if (found !== true) planner.want('position', 'table', found, [undefined, wide]);
  }
  planner.want('type', 'table', planner.find(family.type), [undefined, dim]);
  if (family.norm) planNorm(planner, family.norm, ['normWeight', 'normBias'], dim);
  return token;
}

/**
 * @param {Planner} planner
 * @param {string} name
 * @param {[Part, Part]} parts
 * @param {number} dim
 */
function planNorm(planner, name, [weight, bias], dim) {
  const norm = planner.module(name);
  planner.want(weight, 'vector', norm.weight ?? planner.need('a norm', `${name}.weight`), [dim]);
  planner.want(bias, 'vector', norm.bias, [dim]);
}

/**
 * @param {Planner} planner
 * @param {import('./families/families.js').Family} family
 * @param {any} config
 * @param {number[]} token the token table's shape
 * @returns {CheckpointPlan['scores']}
 */
function planHead(planner, { masked, ...family }, config, [vocab, dim]) {
  const dense = planner.module(masked?.dense);
  const encodes = masked ? !dense.weight : !family.decoder && !planner.some(/(^|\.)decoder\.block\.0\./);
  if (encodes) return 'none';
  const head = planner.module(masked?.head ?? family.head);
  // A T5's tie_word_embeddings means its scores' scale; the file tells whether they have a table of their own.
  const says = family.decoder || masked ? (config.tie_word_embeddings ?? family.tied) : !head.weight;
  const tied = says === true;
  if (!tied && !head.weight) return 'missing';
  const [rows] = tied ? [vocab] : planner.want('head', 'large', head.weight, [undefined, dim]);
  const bias = head.bias ?? planner.find(masked?.bias ?? family.headBias);
  planner.want('headBias', 'vector', bias, bias?.endsWith('final_logits_bias') ? [1, rows] : [rows]);
  if (masked) {
    planner.want('denseWeight', 'table', dense.weight, [dim, undefined]);
    planner.want('denseBias', 'vector', dense.bias, [dim]);
    planNorm(planner, masked.norm, ['headNormWeight', 'headNormBias'], dim);
  }
  return tied ? 'tied' : 'own';
}
