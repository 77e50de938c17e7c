// What JSON would change of a meta, and say nothing of it.
import { WembedError, kindOf, shown } from '../core/errors.js';

/** Objects in objects: beyond, JSON.stringify refuses what is endless. */
const DEEPEST = 1000;
const NOTHING_LOST = ['string', 'boolean', 'undefined'];

/**
 * Refuses a meta that would be another after JSON.
 * @param {import('./items.js').ItemId} id
 * @param {unknown} meta
 */
export function checkMeta(id, meta) {
  const lost = lostIn(meta, 0);
  if (!lost) return;
  throw new WembedError('invalid_argument', `the meta of item ${shown(id)} holds what JSON cannot: meta${lost}`);
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {string | undefined} the path of the first part that would be another after JSON: a number that is not finite, a
 *   function, a Map; undefined where there is none. What has toJSON, as a Date, says itself what it becomes
 */
function lostIn(value, depth) {
  if (value === null || NOTHING_LOST.includes(typeof value) || Number.isFinite(value) || depth > DEEPEST)
    return undefined;
  const kind = kindOf(value);
  const isArray = kind === 'Array';
  if (typeof Object(value).toJSON === 'function') return undefined;
  if (!isArray && kind !== 'Object') return `: ${kind} ${shown(value)}`;
  for (const [key, part] of Object.entries(Object(value))) {
    const lost = isArray && part === undefined ? ': undefined' : lostIn(part, depth + 1);
    if (lost) return (isArray ? `[${key}]` : `.${key}`) + lost;
  }
  return undefined;
}
