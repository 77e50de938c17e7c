import { Dense } from '../nn/linear.js';

/** @typedef {import('./families/family.js').FixedTable} FixedTable */
/** @typedef {import('./config.js').ModelConfig} ModelConfig */
/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */

/**
 * @param {FixedTable[]} tables
 * @returns {string[]} the name of each table once: the first is the part `fixed0`
 */
export const fixedNames = (tables) => [...new Set(tables.flatMap(({ name, plus }) => (plus === undefined ? [name] : [name, plus])))];

/**
 * Finds the tables whose rows are the same for every token, and what is made of these.
 * @param {import('./planner.js').Planner} planner
 * @param {ModelConfig} config
 * @param {number} dim of what a row is added to
 * @returns {number} numbers that stand beside a token's own
 */
export function planFixed(planner, { fixed, family }, dim) {
  if (!family.fixed || fixed.length === 0) return 0;
  const { rows, dense } = family.fixed;
  /** @type {Map<string, number[]>} */
  const shapes = new Map();
  fixedNames(fixed).forEach((name, i) => {
    shapes.set(name, planner.add(`fixed${i}`, 'table', planner.need('a table', name), [undefined, rows ? undefined : dim]));
  });
  /** @param {string} name @param {number} [row] @returns {number} */
  const sizeOf = (name, row = 0) => {
    const [length, size] = /** @type {number[]} */ (shapes.get(name));
    if (Number.isInteger(row) && row >= 0 && row < length) return size;
    throw planner.refusal(`'${name}' has ${length} rows, and config.json asks for row ${row}`);
  };
  const sizes = fixed.map(({ name, row, plus, plusRow }) => {
    const size = sizeOf(name, row);
    if (plus === undefined || sizeOf(plus, plusRow) === size) return size;
    throw planner.refusal(`rows of '${name}' and '${plus}' are not of one size`);
  });
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  if (dense) planDense(planner, dense, whole, dim);
  else if (rows === 'beside each other' && whole !== dim) {
    throw planner.refusal(`rows of ${whole} numbers are to be added to rows of ${dim}`);
  }
  return rows === 'beside the token' ? whole : 0;
}

/**
 * @param {import('./planner.js').Planner} planner
 * @param {[string, string]} names
 * @param {number} whole numbers that the first takes
 * @param {number} dim numbers that the second gives
 */
function planDense(planner, [first, second], whole, dim) {
  const [inner] = planner.add('fixedDense', 'table', planner.need('a dense layer', `${first}.weight`), [undefined, whole]);
  planner.add('fixedDenseBias', 'vector', planner.module(first).bias, [inner]);
  planner.add('fixedSecond', 'table', planner.need('a dense layer', `${second}.weight`), [dim, inner]);
  planner.add('fixedSecondBias', 'vector', planner.module(second).bias, [dim]);
}

/**
 * What each token has besides its own row.
 * @param {import('./tensor_reader.js').Parts} parts
 * @param {ModelConfig} config
 * @returns {Float32Array | undefined} to be added, or to stand beside its row, as the family has it
 */
export function fixedRow(parts, { fixed, family }) {
  if (!family.fixed || fixed.length === 0) return undefined;
  const names = fixedNames(fixed);
  const rowOf = (/** @type {string} */ name, row = 0) =>
    /** @type {EmbeddingTable} */ (parts[`fixed${names.indexOf(name)}`]).lookup([row]).data;
  const found = fixed.map(({ name, row, plus, plusRow }) => (plus === undefined ? rowOf(name, row) : sum(rowOf(name, row), rowOf(plus, plusRow))));
  if (!family.fixed.rows) return found.reduce(sum);
  const beside = Float32Array.from(found.flatMap((row) => [...row]));
  return family.fixed.dense ? densely(beside, parts) : beside;
}

/** @param {Float32Array} a @param {Float32Array} b */
const sum = (a, b) => a.map((value, i) => value + b[i]);

/**
 * @param {Float32Array} row
 * @param {import('./tensor_reader.js').Parts} parts
 */
function densely(row, { fixedDense, fixedDenseBias, fixedSecond, fixedSecondBias }) {
  const inner = product(row, /** @type {EmbeddingTable} */ (fixedDense), fixedDenseBias);
  return product(inner.map((value) => Math.max(value, 0)), /** @type {EmbeddingTable} */ (fixedSecond), fixedSecondBias);
}

/**
 * @param {Float32Array} row
 * @param {EmbeddingTable} weight (out, row.length)
 * @param {Float32Array} [bias]
 */
function product(row, weight, bias) {
  const dense = new Dense(weight, bias);
  try {
    return dense.apply(row);
  } finally {
    dense.dispose();
  }
}
