import { WembedError } from '../core/errors.js';
import { publicUrl } from './request.js';

/**
 * Where the cache stores its entries. An entry is bytes under a key: an address, the version of the file there, and the
 * part of it ('whole', or 'start-end'). A record is a small object that belongs to an address.
 * @typedef {object} Store
 * @property {(url: string) => Promise<FileRecord | undefined>} record
 * @property {(url: string, record: FileRecord) => Promise<void>} setRecord
 * @property {(key: Key) => Promise<import('./source.js').ByteSource | undefined>} get a stored, undamaged entry
 * @property {(key: Key, expected: Expected) => Promise<Writer>} put
 * @property {(url: string, keep?: string) => Promise<void>} remove removes an address's entries of versions other than
 *   `keep`; without `keep`, all its entries and its record
 * @property {(prefix: string) => Promise<void>} removeAll entries and records of addresses that begin with it
 */

/** @typedef {{ url: string, version: string, part: string }} Key */

/** @typedef {{ length?: number, sha256?: string }} Expected what is known in advance about an entry's bytes */

/**
 * What is recorded about an address: `missing` if there is no file; `parts` that a finished load of a model used.
 * @typedef {object} FileRecord
 * @property {string} [etag]
 * @property {string} [lastModified]
 * @property {number} [size]
 * @property {string} [sha256] of the whole file, according to the server
 * @property {boolean} [missing]
 * @property {boolean} [open] whether the server has given it without a token or other headers of the caller's
 * @property {Key[]} [parts]
 */

/**
 * Receives an entry's bytes. The entry becomes visible when `commit` returns; after `abort` nothing is left of it.
 * @typedef {object} Writer
 * @property {(bytes: Uint8Array) => Promise<void>} write
 * @property {() => Promise<void>} commit
 * @property {() => Promise<void>} abort
 */

/**
 * @param {string} url
 * @param {string} found
 * @param {string} expected
 */
export const wrongHash = (url, found, expected) =>
  new WembedError('bad_file', `${publicUrl(url)}: its bytes have the sha256 ${found}, the server says ${expected}`, {
    url: publicUrl(url),
    reason: 'wrong_hash',
  });
