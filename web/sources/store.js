import { WembedError } from '../core/errors.js';
import { publicUrl } from './request.js';

/**
 * What the cache keeps its entries in. An entry is bytes under a key: an address, the version of the file there, and which
 * part of it ('whole', or 'start-end'). A record is a small object that goes with an address.
 * @typedef {object} Store
 * @property {(url: string) => Promise<FileRecord | undefined>} record
 * @property {(url: string, record: FileRecord) => Promise<void>} setRecord
 * @property {(key: Key) => Promise<import('./source.js').ByteSource | undefined>} get of what was put and is unharmed
 * @property {(key: Key, expected: Expected) => Promise<Writer>} put
 * @property {(url: string, keep?: string) => Promise<void>} remove an address's entries of other versions than `keep`;
 *   without it, all and its record
 * @property {(prefix: string) => Promise<void>} removeAll entries and records of addresses that begin so
 */

/** @typedef {{ url: string, version: string, part: string }} Key */

/** @typedef {{ length?: number, sha256?: string }} Expected what an entry's bytes must have, as far as it is known */

/**
 * What is known of an address: `missing` where there is no file; `parts` that a finished load of a model has used.
 * @typedef {object} FileRecord
 * @property {string} [etag]
 * @property {string} [lastModified]
 * @property {number} [size]
 * @property {string} [sha256] of the whole file, as the server says
 * @property {boolean} [missing]
 * @property {Key[]} [parts]
 */

/**
 * Takes an entry's bytes. Nothing is to be seen of it before `commit` has returned, and nothing after `abort`.
 * @typedef {object} Writer
 * @property {(bytes: Uint8Array) => Promise<void>} write
 * @property {() => Promise<void>} commit
 * @property {() => Promise<void>} abort
 */

/**
 * @param {string} url
 * @param {string} found
 * @param {string} wanted
 */
export const wrongHash = (url, found, wanted) =>
  new WembedError('bad_file', `${publicUrl(url)}: its bytes have the sha256 ${found}, the server says ${wanted}`, {
    url: publicUrl(url),
    reason: 'wrong_hash',
  });
