import { WembedError, shown } from '../core/errors.js';
import { OTHER_TOWERS, PREFIXES } from './families/index.js';
import { whyRefused } from './families/refused.js';

/** @typedef {import('./config.js').ModelConfig} ModelConfig */

/**
 * A tensor to read: a `large` one is a table that may be converted to another dtype, a `table` stays as it is stored, a
 * `vector` becomes numbers.
 * @typedef {object} PlannedTensor
 * @property {string} name
 * @property {Part} part
 * @property {'large' | 'table' | 'vector'} as
 * @property {number} [more] rows of the table that other tensors hold
 * @property {number} [first] its rows are those of a table before it, from this one on
 * @property {string} [scales] of a table of 8-bit floats: the tensor that holds them, where there is one
 */

/**
 * What a tensor is. Token rows, and what should be copies of them; positions, types and their norm; the dense layer that
 * widens narrow rows; the head's own table and bias, and the dense layer and norm before a masked language model's scores.
 * @typedef {'token' | 'firstCopy' | 'secondCopy' | 'position' | 'type' | 'task' | 'normWeight' | 'normBias' | 'projectWeight' | 'projectBias' | 'head'
 *   | 'headBias' | 'denseWeight' | 'denseBias' | 'headNormWeight' | 'headNormBias' | 'perLayerToken' | 'perLayerProject' | 'perLayerNorm' | 'beside' | 'secondDense'} Part
 */

/**
 * Which of a checkpoint's tensors make up the input of its first block and its head.
 * @typedef {object} EndsPlan
 * @property {PlannedTensor[]} tensors with shapes that belong together
 * @property {'tied' | 'own' | 'equal or own' | 'none' | 'missing' | 'packed' | 'not made'} scores what the head scores against: the token table, or a
 *   table of its own; 'equal or own' where the config ties the two and the file holds both: they are tied if their numbers
 *   are equal, as in transformers; 'none' in a file without a head, 'missing' where the file should have one, 'packed'
 *   where the file has it in a quantized form that is not read, 'not made' where the family's is not
 */

/**
 * @param {Map<string, { shape: number[], dtype?: string }>} tensors by name
 * @param {ModelConfig} config
 * @param {string} file for messages
 * @param {boolean} [perLayer] the table of what each block is given besides is read, too
 * @returns {EndsPlan}
 */
export function planEnds(tensors, config, file, perLayer) {
  const planner = new Planner(tensors, config.modelType, file);
  const token = planInput(planner, config);
  const scores = planHead(planner, config, token);
  if (perLayer) planPerLayer(planner, config);
  return { tensors: planner.planned, scores };
}

/**
 * @param {unknown} modelType `model_type` of a config.json
 * @param {string} [more] what else is known
 * @returns {WembedError}
 */
export function unknownFamily(modelType, more) {
  const name = JSON.stringify(modelType);
  const why = whyRefused(modelType);
  const what = why
    ? `model_type ${name} cannot be loaded: a ${modelType} ${why}`
    : `model_type ${name} is not known; if its tensors are a plain decoder's, it loads with { family: 'llama' }`;
  return new WembedError('unsupported', `config.json: ${what}${more ? ` (${more})` : ''}`);
}

/** @param {Map<string, unknown>} tensors */
const someOf = (tensors) => [...tensors.keys()].slice(0, 8).join(', ') || 'nothing';

/** Tables that must be equal to the token table where a file has them too. @type {readonly Part[]} */
export const COPIES = ['firstCopy', 'secondCopy'];

/** `stored`: the name that the file has, where it is another. @typedef {{ shape: number[], dtype?: string, stored?: string }} NamedTensor */

/** What belongs to a parametrized tensor: its module and name, and what it is there. */
const PARAMETRIZED = /^(.*)\.parametrizations\.(\w+)\.(.+)$/;

/**
 * torch keeps a tensor that adapters change as `parametrizations.weight.original`. Without a task they leave it as it is;
 * other parametrizations, such as a norm of its own, always change it, so that it counts as missing.
 * @param {Map<string, NamedTensor>} tensors
 * @returns {Map<string, NamedTensor>}
 */
function withoutParametrizations(tensors) {
  const [found, changed] = [new Map(), new Set()];
  for (const [stored, tensor] of tensors) {
    const [, module, own, part] = PARAMETRIZED.exec(stored) ?? [];
    if (part === 'original') found.set(`${module}.${own}`, { ...tensor, stored });
    else if (part && !/^\d+\.lora_[AB]$/.test(part)) changed.add(`${module}.${own}`);
  }
  for (const name of found.keys()) if (changed.has(name) || tensors.has(name)) found.delete(name);
  return found.size > 0 ? new Map([...tensors, ...found]) : tensors;
}

/** Finds tensors by a family's names and checks their shapes. */
class Planner {
  /** @type {PlannedTensor[]} */
  planned = [];
  /** The token table's full name. @type {string | undefined} */
  tokenName;
  #tensors;
  #family;
  #file;
  /** Prefixes of the token table's module and of those around it. @type {string[]} */
  #near = [];

  /**
   * @param {Map<string, { shape: number[], dtype?: string }>} tensors
   * @param {string} family
   * @param {string} file
   */
  constructor(tensors, family, file) {
    this.#tensors = withoutParametrizations(tensors);
    this.#family = family;
    this.#file = file;
  }

  /** @param {string | undefined} name without prefix */
  find(name) {
    return name && [...this.#near, ...PREFIXES].map((prefix) => prefix + name).find((full) => this.#tensors.has(full));
  }

  /**
   * Under a prefix that is not known a name counts where no other tensor has it.
   * @param {string} name without prefix
   */
  findAnywhere(name) {
    const known = this.find(name);
    if (known) return known;
    // An encoder's positions are not its decoder's.
    const other = this.tokenName?.includes('decoder.') ? 'encoder.' : undefined;
    const found = [...this.#tensors.keys()].filter(
      (full) => full.endsWith(`.${name}`) && !OTHER_TOWERS.test(full) && !(other && full.includes(other)),
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * The token table, under the first of its names that the file has. What else belongs to the model is near it.
   * @param {string[]} names
   * @returns {string}
   */
  tokenTable([name, ...others]) {
    const own = this.findAnywhere(name);
    const shared = others.find((each) => this.find(each));
    const short = own || !shared ? name : shared;
    const full = own ?? this.find(shared) ?? this.need('a token table', name);
    const parts = full.slice(0, -short.length).split('.');
    this.tokenName = full;
    this.#near = parts.map((_, i) => parts.slice(0, parts.length - 1 - i).map((part) => `${part}.`).join(''));
    return full;
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
   * @param {string | undefined} module
   * @returns {{ weight?: string }} nothing where the file has none
   */
  weightOf(module) {
    const weight = this.module(module).weight;
    return weight ? { weight } : {};
  }

  /**
   * @param {Part} part
   * @param {PlannedTensor['as']} as
   * @param {string | undefined} name
   * @param {(number | undefined)[]} shape undefined: any size
   * @returns {number[]} its shape
   */
  add(part, as, name, shape) {
    if (!name) return [];
    const tensor = /** @type {NamedTensor} */ (this.#tensors.get(name));
    const found = tensor.shape;
    const fits = found.length === shape.length && found.every((size, i) => size > 0 && size === (shape[i] ?? size));
    if (!fits) {
      const expected = shape.map((size) => size ?? '…');
      throw this.refusal(`'${name}' has shape [${found}], not [${expected}]`);
    }
    const narrow = tensor.dtype?.startsWith('F8_');
    const scales = [`${name}_scale_inv`, `${name}_scale`].find((each) => narrow && this.#tensors.has(each));
    this.planned.push({ name: tensor.stored ?? name, part, as, scales });
    return found;
  }

  /** @param {string | undefined} name without prefix @returns {number[] | undefined} the shape of a tensor that may be empty */
  sizeOf(name) {
    return this.#tensors.get(this.find(name) ?? '')?.shape;
  }

  /**
   * Quantized weights are packed into integers, which is no table's form.
   * @param {string} name of a tensor that is there
   */
  isPacked(name) {
    return /^[IU]\d+$/.test(this.#tensors.get(name)?.dtype ?? '');
  }

  /**
   * GPTQ's and AWQ's names of a module's weights.
   * @param {string | undefined} module
   */
  hasPacked(module) {
    return module !== undefined && ['qweight', 'weight_packed'].some((name) => this.find(`${module}.${name}`));
  }

  /**
   * @param {Part} part a table that has been planned
   * @param {string | undefined} name of a tensor with more of its rows
   * @param {number[]} shape of the table
   */
  addRows(part, name, [first, dim]) {
    const table = /** @type {PlannedTensor} */ (this.planned.find((each) => each.part === part));
    [table.more] = this.add(part, table.as, name, [undefined, dim]);
    if (name) Object.assign(/** @type {PlannedTensor} */ (this.planned.at(-1)), { first });
  }

  /**
   * @param {Part} part
   * @param {string | undefined} name that the token table has in other modules of the model
   * @param {number[]} shape
   */
  addCopy(part, name, shape) {
    const found = this.find(name);
    if (found && found !== this.tokenName) this.add(part, 'large', found, shape);
  }

  /**
   * @param {string} what
   * @param {string} name
   * @returns {string} its full name
   */
  need(what, name) {
    const found = this.findAnywhere(name);
    if (found) return found;
    throw this.refusal(`a ${this.#family} has ${what} '${name}', found ${someOf(this.#tensors)}`);
  }

  /** @param {string} what */
  refusal(what) {
    return new WembedError('bad_file', `${this.#file}: ${what}`);
  }

  /** @param {string} part @returns {boolean} some tensor's name begins with it, or has it after a dot */
  has(part) {
    return [...this.#tensors.keys()].some((name) => name.startsWith(part) || name.includes(`.${part}`));
  }
}

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 * @returns {number[]} the token table's shape
 */
function planInput(planner, { family, hiddenSize, learnedPositions, tied, normed, task, affine, neighbours, projected, typed }) {
  const table = planner.tokenTable(tokenNames(family, tied));
  const token = planner.add('token', 'large', table, [undefined, undefined]);
  const [, dim] = token;
  planner.addRows('token', planner.find(family.newTokens), token);
  const project = planner.module(projected ? family.project : undefined);
  const [hidden] = planner.add('projectWeight', 'table', project.weight, [undefined, neighbours ? 3 * dim : dim]);
  planner.add('projectBias', 'vector', project.bias, [hidden]);
  if ((hiddenSize ?? hidden ?? dim) !== (hidden ?? dim)) {
    const what = `rows of ${hidden ?? dim} numbers for blocks of ${shown(hiddenSize)}`;
    if (family.project && !hidden) planner.need(`${what}, so a dense layer`, `${family.project}.weight`);
    throw planner.refusal(`config.json has ${what}`);
  }
  const summed = family.projectsTokens ? (hidden ?? dim) : dim;
  if (learnedPositions) {
    const name = /** @type {string} */ (family.position);
    const found = planner.find(name) ?? (family.sinusoidal ? undefined : planner.need('positions', name));
    planner.add('position', 'table', found, [undefined, summed]);
  }
  COPIES.forEach((part, i) => planner.addCopy(part, family.sharedNames?.[i], token));
  planner.add('type', 'table', planner.find(typed ? family.type : undefined), [undefined, summed]);
  if (typeof family.rmsNorm === 'string') {
    planner.add('normWeight', 'vector', planner.need('a norm', `${family.rmsNorm}.weight`), [dim]);
  }
  if (task) planner.add('task', 'table', planner.need('a table of tasks', family.task ?? ''), [undefined, dim]);
  if (affine) planAffine(planner, affine, summed);
  else if (family.norm && normed) {
    planNorm(planner, family.norm, ['normWeight', 'normBias'], family.normsProjected ? (hidden ?? dim) : summed);
  }
  return token;
}

/**
 * @param {Planner} planner
 * @param {import('./families/family.js').Affine} affine
 * @param {number} dim
 */
function planAffine(planner, { weight, bias }, dim) {
  if (weight) planner.add('normWeight', 'vector', planner.need('a vector', weight), [dim]);
  if (bias) planner.add('normBias', 'vector', planner.need('a vector', bias), [dim]);
}

/**
 * A file holds a table that several modules share once, under whichever of its names.
 * @param {ModelConfig['family']} family
 * @param {boolean | undefined} tied
 * @returns {string[]}
 */
function tokenNames({ token, sharedNames = [], masked, head, decoder, decoderBlock, biased }, tied) {
  const scored = tied && (decoder || decoderBlock || biased || masked) ? [masked?.head ?? head] : [];
  return [token, ...sharedNames, ...scored.flatMap((module) => (module ? [`${module}.weight`] : []))];
}

/**
 * @param {Planner} planner
 * @param {string} name
 * @param {[Part, Part]} parts
 * @param {number} dim
 */
function planNorm(planner, name, [weight, bias], dim) {
  const norm = planner.module(name);
  planner.add(weight, 'vector', norm.weight ?? planner.need('a norm', `${name}.weight`), [dim]);
  planner.add(bias, 'vector', norm.bias, [dim]);
}

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 * @param {number[]} token the token table's shape
 * @returns {EndsPlan['scores']}
 */
function planHead(planner, { family, tied: says, tiedIfMissing, decoderOfNoBlocks }, [vocab, dim]) {
  const { masked, decoder, decoderBlock, biased } = family;
  if (family.noHead) return 'not made';
  const dense = planner.module(masked?.dense);
  const own = planner.module(masked?.head ?? family.head);
  const head = !own.weight && says ? { ...own, ...planner.weightOf(family.tiedHead) } : own;
  const hasHead = masked ? dense.weight : biased ? head.bias : decoder || (decoderBlock && (decoderOfNoBlocks || planner.has(decoderBlock)));
  if (!hasHead) return 'none';
  // A T5's tie_word_embeddings means its scores' scale; the file tells whether they have a table of their own.
  const tied = family.tiedHead ? false : decoder || biased || masked ? says === true || (tiedIfMissing && !head.weight) : !head.weight;
  const packed = head.weight && planner.isPacked(head.weight);
  if (packed && !tied) return 'packed';
  if (!tied && !head.weight) return planner.hasPacked(masked?.head ?? family.head) ? 'packed' : 'missing';
  // Where the token table itself has the head's name, the file holds one table.
  const both = tied && !packed && head.weight !== undefined && head.weight !== planner.tokenName;
  const [rows, width] = tied && !both ? [vocab, dim] : planner.add('head', 'large', head.weight, [undefined, masked ? undefined : dim]);
  const bias = head.bias ?? planner.find(masked?.bias ?? family.headBias);
  planner.add('headBias', 'vector', bias, bias?.endsWith('final_logits_bias') ? [1, rows] : [rows]);
  planTransform(planner, family, width, vocab);
  return both ? 'equal or own' : tied ? 'tied' : 'own';
}

/**
 * What is done to hidden states before they are scored.
 * @param {Planner} planner
 * @param {ModelConfig['family']} family
 * @param {number} width of the table that they are scored against
 * @param {number} vocab its rows
 */
function planTransform(planner, { masked, headNorm, headDense }, width, vocab) {
  if (headNorm) planNorm(planner, headNorm.norm, ['headNormWeight', 'headNormBias'], width);
  if (headDense) {
    const [inner] = planner.add('denseWeight', 'table', planner.need('a dense layer', `${headDense.first}.weight`), [undefined, width]);
    planner.add('secondDense', 'table', planner.need('a dense layer', `${headDense.second}.weight`), [width, inner]);
  }
  if (!masked) return;
  const dense = planner.module(masked.dense);
  const beside = planner.sizeOf(masked.beside);
  const whole = width + (beside?.[0] ?? 0);
  if (beside?.[0]) planner.add('beside', 'table', planner.find(masked.beside), [undefined, vocab]);
  planner.add('denseWeight', 'table', dense.weight, [whole, undefined]);
  planner.add('denseBias', 'vector', dense.bias, [whole]);
  planNorm(planner, masked.norm, ['headNormWeight', 'headNormBias'], whole);
}

/**
 * @param {Planner} planner
 * @param {ModelConfig} config
 */
function planPerLayer(planner, { family: { perLayer }, modelType }) {
  const table = perLayer && planner.find(perLayer.token);
  if (!table) {
    throw new WembedError('unsupported', `perLayerInputs: this ${modelType} gives its blocks no row of a second table`);
  }
  const [, dim] = planner.add('perLayerToken', 'large', table, [undefined, undefined]);
  const weight = planner.need('a projection', `${perLayer.project}.weight`);
  planner.add('perLayerProject', 'table', weight, [dim, undefined]);
  planner.add('perLayerNorm', 'vector', planner.need('a norm', `${perLayer.norm}.weight`), [undefined]);
}
