import { oneOf, putFloats } from '../core/arguments.js';
import { BAG_MODES } from '../core/codes.js';
import { checkIds } from './lookup.js';

/** @typedef {import('../core/arguments.js').Integer32Array} Integer32Array */
/** @typedef {import('./storage.js').TableStorage} TableStorage */

/**
 * How a bag's rows are reduced to one, with the names of `torch.nn.EmbeddingBag`.
 * @typedef {'sum' | 'mean' | 'max'} BagMode
 */

/**
 * @param {BagMode} mode
 * @returns {number} its code in the core
 */
export const bagMode = (mode) => oneOf('mode', mode, BAG_MODES);

/**
 * How the rows of a bag become one, as in `torch.nn.EmbeddingBag`.
 * @typedef {object} BagOptions
 * @property {BagMode} [mode] how a bag's rows are reduced to one; default 'mean'
 * @property {ArrayLike<number>} [perSampleWeights] (ids.length) the factor of each id's row; with mode 'sum' only
 * @property {number} [paddingIdx] an id that is ignored, also in the mean's denominator; a negative one counts from the
 *   end, so that -1 is the last id; default: no id
 * @property {Float32Array} [into] an array for the result, at least bags × dim numbers, instead of a new one
 */

/**
 * One row per bag of ids.
 * @param {TableStorage} storage
 * @param {Integer32Array} ids
 * @param {Integer32Array} offsets (bags + 1), at least one
 * @param {{ mode: number, weights?: Float32Array, paddingIdx: number }} options mode: the core's code
 * @param {Float32Array} data (bags, dim)
 */
export function bagRows(storage, ids, offsets, { mode, weights, paddingIdx }, data) {
  const { heap, handle } = storage;
  const [n, bags] = [ids.length, offsets.length - 1];
  const idsAt = heap.integers('ids', ids);
  checkIds(storage, idsAt, ids);
  const offsetsAt = heap.integers('offsets', offsets);
  const weightsAt = weights ? heap.floats('weights', weights) : 0;
  const size = bags * storage.shape.dim;
  const out = heap.scratch('out', 4 * size);
  heap.check(heap.core.tableBag(handle, idsAt, n, offsetsAt, bags, mode, weightsAt, paddingIdx, out));
  putFloats(data, heap.f32.subarray(out >>> 2, (out >>> 2) + size));
}
