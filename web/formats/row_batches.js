// What readers of files of vectors share: how many rows pass at a time, and how a bad file is refused.
import { WembedError } from '../core/errors.js';

/** A longer vector is no word's. */
export const MAX_DIM = 2 ** 20;

/** Numbers in a batch: 256 kB, which stay in the processor's cache until they are stored. */
const BATCH = 65536;

/**
 * @param {number} dim
 * @returns {number} rows in a batch
 */
export const batchRows = (dim) => Math.max(1, Math.floor(BATCH / dim));

/** @param {string} name @param {string} what */
export const refusal = (name, what) => new WembedError('bad_file', `${name} is no valid file of word vectors: ${what}`);

/** @param {Uint8Array} bytes */
export const latin1 = (bytes) => String.fromCharCode(...bytes);
