// The names of the options of everything that reads, for faces that refuse others.

/** How a file is read. */
export const READ_OPTIONS = /** @type {const} */ (['signal', 'onProgress']);

/** How patient downloads are: see `Patience`. */
export const PATIENCE_OPTIONS = /** @type {const} */ (['attempts', 'delay', 'maxDelay', 'timeout', 'connections']);

/** Whether downloads are kept: see `CacheOptions`. */
export const CACHE_OPTIONS = /** @type {const} */ (['cache', 'localFilesOnly']);

/** How files come from servers: what `env` may hold too. */
export const DOWNLOAD_OPTIONS = /** @type {const} */ ([...PATIENCE_OPTIONS, ...CACHE_OPTIONS, 'fetch']);

/** Where files are: see `PlaceOptions`. */
export const PLACE_OPTIONS = /** @type {const} */ (['signal', 'headers', 'token', 'revision', 'subfolder', 'hub']);

/** All that a call takes which reads files of a location. */
export const FILES_OPTIONS = /** @type {const} */ ([
  ...new Set([...DOWNLOAD_OPTIONS, ...PLACE_OPTIONS, ...READ_OPTIONS, 'file']),
]);

/** @typedef {(typeof FILES_OPTIONS)[number]} FilesOption */
