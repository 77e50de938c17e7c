// A caller's items and ids, each read once.
import { count, mustBe } from '../core/arguments.js';
import { WembedError, shown, isA, isArray, refuseRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { vectorsOf } from '../table/products.js';
import { checkId } from './items.js';
import { checkFinite, toUnits } from './vector_rows.js';

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
 * @typedef {object} ReadItem
 * @property {import('./items.js').StoredItem} item
 * @property {Float32Array | undefined} vector undefined where its texts are to be encoded
 * @property {string[]} texts of its rows
 */

/** More ids or items than these are no array but a mistake. */
const MOST = 1e8;
const MEMBERS = ['id', 'text', 'vector', 'meta'];

/**
 * @param {string} name for messages
 * @param {unknown} array
 * @returns {unknown[]} a copy
 */
export function listOf(name, array) {
  if (!isArray(array)) throw mustBe(name, 'an array', array);
  const length = count(`the length of ${name}`, array.length, { most: MOST });
  /** @type {unknown[]} */
  const copy = [];
  for (let i = 0; i < length; i++) copy.push(array[i]);
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
 * @returns {ReadItem[]} checked; no two of the same id
 */
export function readItems(settings, items, call) {
  const seen = new Set();
  return listOf(`the items of ${call}`, items).map((given, i) => {
    const read = readItem(settings, given, `item ${i}`);
    const { id } = read.item;
    if (seen.has(id)) throw new WembedError('invalid_argument', `two items of ${call} have the id ${shown(id)}`);
    seen.add(id);
    return read;
  });
}

/**
 * @param {IndexSettings} settings
 * @param {unknown} given
 * @param {string} name for messages
 * @returns {ReadItem}
 */
function readItem(settings, given, name) {
  refuseRevoked(name, given);
  if (typeof given !== 'object' || given === null || isArray(given)) throw mustBe(name, 'an object', given);
  const unknown = Object.keys(given).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) throw mustBe(name, `of ${MEMBERS.join(', ')}`, `'${shown(unknown)}'`);
  const { id, text, vector, meta } = /** @type {IndexItem} */ (given);
  const checked = checkId(id, `the id of ${name}`);
  if (text !== undefined && typeof text !== 'string') throw mustBe(`the text of ${name}`, 'a string', text);
  const kept = settings.texts ? text : undefined;
  if (vector !== undefined) {
    const own = vectorOf(settings, vector, `the vector of ${name}`);
    return { item: { id: checked, text: kept, meta, spans: undefined }, vector: own, texts: [text ?? ''] };
  }
  if (text === undefined) throw mustBe(name, 'with a text or a vector', 'neither');
  if (!settings.layer) throw mustBe(name, 'with a vector, since the index has no layer', 'a text alone');
  const spans = settings.passages && settings.split?.(text, settings.passages);
  const several = spans && spans.length > 1;
  const texts = several ? spans.map(({ begin, end }) => text.slice(begin, end)) : [text];
  return { item: { id: checked, text: kept, meta, spans: several ? spans : undefined }, vector: undefined, texts };
}

/**
 * @param {IndexSettings} settings
 * @param {unknown} vector
 * @param {string} name for messages
 * @returns {Float32Array} (dim) a copy: finite, of length 1 where cosines are asked for
 */
export function vectorOf({ dim, metric }, vector, name) {
  if (isA(vector, Matrix)) throw mustBe(name, 'one vector', 'a Matrix');
  const data = vectorsOf(name, /** @type {Float32Array} */ (vector), dim).data.slice();
  checkFinite(name, data);
  if (metric === 'cosine') {
    toUnits(data, dim, () => {
      throw new WembedError('invalid_argument', `${name} is zero, which has no direction`);
    });
  }
  return data;
}
