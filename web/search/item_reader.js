// A caller's items and ids, each read once.
import { count, mustBe } from '../core/arguments.js';
import { WembedError, shown, isArray, isRevoked, refuseRevoked } from '../core/errors.js';
import { vectorsOf } from '../table/products.js';
import { checkId, idOf, noItems, pushItem } from './items.js';
import { checkFinite, toUnits } from './units.js';

/** @typedef {import('./index_settings.js').IndexSettings} IndexSettings */

/**
 * An item to be added.
 * @typedef {object} IndexItem
 * @property {import('./items.js').ItemId} id a string or a finite number
 * @property {string} [text] needed where there is no vector
 * @property {Float32Array | readonly number[]} [vector] (dim) needed where the index has no layer; the text is then one for
 *   keywords alone
 * @property {unknown} [meta] comes back with hits as it is; what JSON can hold, where the index is to be saved
 */

/**
 * Items as they were read, and what their rows are made of.
 * @typedef {import('./items.js').ItemColumns & { rowTexts: string[], rowVectors: (Float32Array | undefined)[] }} ReadItems
 *   rowVectors: of rows whose texts are not to be encoded; may end before the rows do
 */

/** More ids or items than these are no array but a mistake. */
const MOST = 1e8;
const MEMBERS = ['id', 'text', 'vector', 'meta'];

/**
 * @param {string} name for messages
 * @param {unknown} array
 */
function lengthOfList(name, array) {
  if (!isArray(array)) throw mustBe(name, 'an array', array);
  return count(`the length of ${name}`, array.length, { most: MOST });
}

/**
 * @param {string} name for messages
 * @param {unknown} array
 * @returns {unknown[]} a copy
 */
export function listOf(name, array) {
  const length = lengthOfList(name, array);
  const list = /** @type {unknown[]} */ (array);
  /** @type {unknown[]} */
  const copy = [];
  for (let i = 0; i < length; i++) copy.push(list[i]);
  return copy;
}

/**
 * @param {string} name for messages
 * @param {unknown} ids
 * @returns {import('./items.js').ItemId[]} a copy
 */
export const idsOf = (name, ids) => listOf(name, ids).map((id, i) => checkId(id, `${name}[${i}]`));

/**
 * @param {IndexSettings} settings
 * @param {readonly IndexItem[]} items
 * @param {string} call for messages
 * @returns {ReadItems} checked, but for ids that are there twice
 */
export function readItems(settings, items, call) {
  /** @type {ReadItems} */
  const read = { ...noItems(), rowTexts: [], rowVectors: [] };
  const length = lengthOfList(`the items of ${call}`, items);
  for (let i = 0; i < length; i++) readItem(settings, items[i], i, read);
  return read;
}

/**
 * @param {IndexSettings} settings
 * @param {unknown} given
 * @param {number} i
 * @param {ReadItems} read takes the item
 */
function readItem(settings, given, i, read) {
  if (isRevoked(given)) refuseRevoked(`item ${i}`, given);
  if (typeof given !== 'object' || given === null || isArray(given)) throw mustBe(`item ${i}`, 'an object', given);
  for (const key in given) {
    // Compared one by one: a search in MEMBERS takes longer than all else here.
    if (key === 'id' || key === 'text' || key === 'vector' || key === 'meta' || !Object.hasOwn(given, key)) continue;
    throw mustBe(`item ${i}`, `of ${MEMBERS.join(', ')}`, `'${shown(key)}'`);
  }
  const { id, text, vector, meta } = /** @type {IndexItem} */ (given);
  const own = idOf(id);
  if (own === undefined) throw mustBe(`the id of item ${i}`, 'a string or a finite number', id);
  if (text !== undefined && typeof text !== 'string') throw mustBe(`the text of item ${i}`, 'a string', text);
  if (vector !== undefined) {
    read.rowVectors[read.rowTexts.length] = vectorOf(settings, vector, `the vector of item ${i}`);
  } else if (text === undefined) throw mustBe(`item ${i}`, 'with a text or a vector', 'neither');
  else if (!settings.layer) throw mustBe(`item ${i}`, 'with a vector, since the index has no layer', 'a text alone');
  const all = vector === undefined && settings.passages && settings.split?.(String(text), settings.passages);
  const spans = all && all.length > 1 ? all : undefined;
  if (spans) for (const { begin, end } of spans) read.rowTexts.push(String(text).slice(begin, end));
  else read.rowTexts.push(text ?? '');
  pushItem(read, own, settings.texts ? text : undefined, meta, spans, spans?.length ?? 1);
}

/**
 * @param {IndexSettings} settings
 * @param {unknown} vector
 * @param {string} name for messages
 * @returns {Float32Array} (dim) a copy: finite, of length 1 where cosines are asked for
 */
export function vectorOf({ dim, metric }, vector, name) {
  const { data: own, many } = vectorsOf(name, /** @type {Float32Array} */ (vector), dim);
  if (many) throw mustBe(name, 'one vector', vector);
  const data = own.slice();
  checkFinite(name, data);
  if (metric === 'cosine') {
    toUnits(data, dim, () => {
      throw new WembedError('invalid_argument', `${name} is zero, which has no direction`);
    });
  }
  return data;
}
