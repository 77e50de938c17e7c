import { WembedError } from '../core/errors.js';
import { OTHER_TOWERS, PREFIXES } from './families/index.js';

/** @typedef {import('./plan.js').Part} Part */
/** @typedef {import('./plan.js').PlannedTensor} PlannedTensor */

/** @param {Map<string, unknown>} tensors */
const someOf = (tensors) => [...tensors.keys()].slice(0, 8).join(', ') || 'nothing';

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

/** What quantized weights of a module are called. */
const PACKED = ['qweight', 'weight_packed', 'weight._data', 'W_q', 'codes', 'weight_qdata', '_weight_qdata'];

/** Finds tensors by a family's names and checks their shapes. */
export class Planner {
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
    const full = own ?? this.find(shared) ?? this.#needTable(name);
    const why = this.whyPacked(full);
    if (why) throw this.#packed(full, why);
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
    const why = this.whyPacked(name);
    if (why && tensor.dtype?.startsWith('F8_')) throw this.#packed(name, why);
    this.planned.push({ name: tensor.stored ?? name, part, as, scales: this.#scalesOf(name) });
    return found;
  }

  /** @param {string | undefined} name without prefix @returns {number[] | undefined} the shape of a tensor that may be empty */
  sizeOf(name) {
    return this.#tensors.get(this.find(name) ?? '')?.shape;
  }

  /**
   * Quantized weights are packed into integers, or 8-bit floats with scales of another name: no table's form.
   * @param {string} name of a tensor that is there
   * @returns {string | undefined} why it is not read
   */
  whyPacked(name) {
    const { dtype = '' } = /** @type {NamedTensor} */ (this.#tensors.get(name));
    if (/^[IU]\d+$/.test(dtype)) return `it is ${dtype}`;
    if (!dtype.startsWith('F8_') || this.#scalesOf(name)) return undefined;
    const module = name.replace(/weight$/, '');
    const isScale = (/** @type {string} */ each) => each.startsWith(module) && /scale/.test(each) && !/(in|out)put_scale/.test(each);
    const other = [...this.#tensors.keys()].find(isScale);
    return other && `beside it stands '${other}'`;
  }

  /** @param {string} name of a table @returns {string | undefined} the tensor that holds its scales, of 8-bit floats */
  #scalesOf(name) {
    const narrow = this.#tensors.get(name)?.dtype?.startsWith('F8_');
    return [`${name}_scale_inv`, `${name}_scale`].find((each) => narrow && this.#tensors.has(each));
  }

  /**
   * Names of a module's weights where they are quantized: GPTQ's, AWQ's, compressed-tensors', quanto's, HQQ's, AQLM's, torchao's.
   * @param {string | undefined} module
   */
  hasPacked(module) {
    return module !== undefined && PACKED.some((name) => this.find(`${module}.${name}`));
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

  /** @param {string} name of the token table, without prefix */
  #needTable(name) {
    const module = name.replace(/\.weight$/, '');
    const found = PACKED.map((each) => this.findAnywhere(`${module}.${each}`)).find((each) => each);
    if (found) throw this.#packed(module, `the file has '${found}'`);
    return this.need('a token table', name);
  }

  /** @param {string} name @param {string} why */
  #packed(name, why) {
    return new WembedError('unsupported', `${this.#file}: '${name}' is quantized in a form that is not read: ${why}`);
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
