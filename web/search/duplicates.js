// Texts that say the same.
import { mustBe, optionsOf, textsOf } from '../core/arguments.js';
import { refuseRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { canRead } from '../core/own.js';
import { finite } from '../core/numbers.js';
import { startCore } from '../table/storage.js';
import { matrixOf } from './embeddings.js';
import { checkFinite, toUnits } from './units.js';
import { VectorRows } from './vector_rows.js';

/** @typedef {import('./embeddings.js').Embeddings} Embeddings */

/**
 * One that another stands for.
 * @typedef {object} Duplicate
 * @property {number} index of the duplicate
 * @property {number} of index of the one kept that it is most like
 * @property {number} score their cosine
 */

/**
 * Which to keep, and which are duplicates: each in one of both.
 * @typedef {object} Deduplicated
 * @property {number[]} kept indices of what stays
 * @property {Duplicate[]} duplicates what does not, and of what it is a duplicate
 */

/** Vectors that are compared with those before together. */
const GROUP = 64;

/**
 * Finds vectors that are nearly the same: one after the other is a duplicate if its cosine with one that was kept before is
 * at least the threshold, and kept if not. Exact: all are compared.
 * @param {Embeddings} embeddings (n, dim); a vector of zeros is like nothing
 * @param {{ threshold?: number }} [options] default 0.9
 * @returns {Promise<Deduplicated>} errors: `invalid_argument`
 */
export async function duplicateEmbeddings(embeddings, options) {
  const { threshold = 0.9 } = optionsOf('duplicates', options, ['threshold']);
  const least = finite('threshold', threshold);
  const { data: given, rows: n, dim } = matrixOf('embeddings', embeddings);
  const data = given.slice();
  checkFinite('embeddings', data);
  toUnits(data, dim, () => {});
  await startCore();
  const before = new VectorRows(dim, 'f32', true);
  /** @type {Deduplicated} */
  const found = { kept: [], duplicates: [] };
  try {
    for (let first = 0; first < n; first += GROUP) {
      const size = Math.min(GROUP, n - first);
      addGroup(before, new Matrix(data.subarray(first * dim, (first + size) * dim), size, dim), first, least, found);
    }
  } finally {
    before.dispose();
  }
  return found;
}

/**
 * @param {VectorRows} before those kept
 * @param {Matrix} group of length 1
 * @param {number} first the index of its first
 * @param {number} least
 * @param {Deduplicated} found
 */
function addGroup(before, group, first, least, found) {
  const { count } = before;
  const scores = new Float32Array(group.rows * count);
  if (count > 0) before.score(group.data, group.rows, scores);
  /** @type {Float32Array[]} */
  const kept = [];
  for (let i = 0; i < group.rows; i++) {
    const x = group.row(i);
    let [of, score] = [-1, -Infinity];
    const isNearest = (/** @type {number} */ number, /** @type {number} */ value) => {
      if (value > score) [of, score] = [number, value];
    };
    for (let row = 0, at = i * count; row < count; row++, at++) if (scores[at] > score) isNearest(row, scores[at]);
    kept.forEach((vector, row) => isNearest(count + row, cosineOf(x, vector)));
    if (score >= least && x.some((value) => value !== 0)) {
      found.duplicates.push({ index: first + i, of: found.kept[of], score });
    } else {
      found.kept.push(first + i);
      kept.push(x);
    }
  }
  const data = new Float32Array(kept.length * group.dim);
  kept.forEach((vector, row) => data.set(vector, row * group.dim));
  before.append(data, kept.length);
}

/**
 * @param {Float32Array} a of length 1
 * @param {Float32Array} b of length 1
 */
function cosineOf(a, b) {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return Math.max(-1, Math.min(1, sum));
}

/**
 * Finds texts that say nearly the same, as `duplicateEmbeddings` does; equal texts are duplicates whatever they say.
 * @param {{ encode: (texts: string[]) => Matrix }} layer what encodes them
 * @param {readonly string[]} texts
 * @param {{ threshold?: number }} [options] the least cosine of duplicates; default 0.9
 * @returns {Promise<Deduplicated>} errors: `invalid_argument`
 * @example
 * const { kept, duplicates } = await duplicates(layer, lines, { threshold: 0.95 });
 */
export async function duplicates(layer, texts, options) {
  refuseRevoked('layer', layer);
  if (typeof Object(layer).encode !== 'function' || !canRead(layer, 'dim'))
    throw mustBe('layer', 'an EmbeddingLayer', layer);
  const all = textsOf('duplicates', texts);
  const first = new Map();
  for (const [i, text] of all.entries()) if (!first.has(text)) first.set(text, i);
  const different = [...first.values()];
  const found =
    different.length === 0
      ? { kept: [], duplicates: [] }
      : await duplicateEmbeddings(layer.encode([...first.keys()]), options);
  const kept = found.kept.map((i) => different[i]);
  const like = new Map(
    found.duplicates.map(({ index, of, score }) => [different[index], { of: different[of], score }]),
  );
  /** @type {Duplicate[]} */
  const repeated = [];
  for (const [index, text] of all.entries()) {
    const same = first.get(text);
    const other = like.get(same);
    if (other) repeated.push({ index, ...other });
    else if (same !== index) repeated.push({ index, of: same, score: 1 });
  }
  return { kept, duplicates: repeated };
}
