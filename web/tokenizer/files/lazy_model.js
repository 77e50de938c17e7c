import { importFailed } from '../../core/import_failed.js';
import { LISTS } from '../vocab_json.js';

/** @typedef {import('../lists.js').Lists} Lists */

/** As `Lists::Order` (cpp/text/lists.h): by the scores of normal pieces, by those of all, by ids. */
export const ORDER = { normalScores: 0, scores: 1, ids: 2 };

/**
 * A model whose vocabulary and merges are made when they are first read: the text module reads the file itself.
 * @param {object} model without them
 * @param {((lists: Lists) => boolean) | undefined} read fills the lists from the file; undefined where it cannot
 * @param {Record<string, () => unknown>} make `vocab` and `merges`
 * @returns {object} part of a tokenizer.json
 */
export function lazyModel(model, read, make) {
  for (const [name, value] of Object.entries(make)) {
    /** @type {unknown} */
    let made;
    Object.defineProperty(model, name, { get: () => (made ??= value()), enumerable: true });
  }
  if (read) LISTS.set(model, read);
  return model;
}

/**
 * Lists to look a file's tokens up in, while its settings are read.
 * @param {(lists: Lists) => boolean} read
 * @returns {Promise<Lists | undefined>} to be freed; undefined where JavaScript has to read the file
 */
export async function openLists(read) {
  const { Lists } = await import('../lists.js').catch(importFailed);
  const lists = await Lists.make().catch(() => undefined); // whoever needs the text module will say that it is not there
  if (!lists || read(lists)) return lists;
  lists.free();
  return undefined;
}
