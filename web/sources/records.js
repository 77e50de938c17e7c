// What the cache records about files, and its names for their versions and parts.

/** @typedef {import('./store.js').FileRecord} FileRecord */

/** The name of the part that is the whole file. */
export const WHOLE = 'whole';

/**
 * Damaged records count as missing.
 * @param {FileRecord | undefined} record
 * @returns {FileRecord | undefined}
 */
export function soundRecord(record) {
  const { etag = '', lastModified = '', sha256 = '', size = 0 } = record ?? {};
  const texts = [etag, lastModified, sha256].every((text) => typeof text === 'string' && /^[ -~]*$/.test(text));
  return texts && Number.isSafeInteger(size) && size >= 0 ? record : undefined;
}

/**
 * Identifies one version of a file.
 * @param {FileRecord} record
 */
export const versionOf = ({ etag, lastModified, size, missing }) =>
  missing ? 'missing' : `${etag?.replace(/^W\//, '') ?? lastModified ?? ''} ${size ?? ''}`;

/** Whether the server says which version of a file it has. @param {FileRecord} record */
export const isVersioned = ({ etag, lastModified }) => !!(etag ?? lastModified);

/**
 * The name of a part of a file.
 * @param {number} start
 * @param {number | undefined} end
 * @param {number | undefined} size the file's
 */
export const partOf = (start, end, size) => (start === 0 && end === size ? WHOLE : `${start}-${end ?? ''}`);

/**
 * Failures of a cache are ignored.
 * @template T
 * @param {Promise<T> | undefined} promise
 * @returns {Promise<T | undefined>}
 */
export async function quietly(promise) {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}
