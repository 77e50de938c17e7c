// Shared by readers of vector files: how many rows are read at a time, and how a bad file is refused.
import { WembedError } from '../core/errors.js';

/** The largest dim of a word vector: longer vectors are an error. */
export const MAX_DIM = 2 ** 20;

/** Numbers per batch: 256 kB, which stay in the processor's cache until they are stored. */
const BATCH = 65536;

/**
 * @param {number} dim
 * @returns {number} rows per batch
 */
export const batchRows = (dim) => Math.max(1, Math.floor(BATCH / dim));

/** @param {string} name @param {string} what */
export const refusal = (name, what) => new WembedError('bad_file', `${name} is not a valid word vector file: ${what}`);

/** @param {Uint8Array} bytes */
export const latin1 = (bytes) => String.fromCharCode(...bytes);
