// Option names of everything that reads files, for entry points that refuse unknown options.

/** Reading a file. */
export const READ_OPTIONS = /** @type {const} */ (['signal', 'onProgress']);

/** Retries and limits of downloads: see `Patience`. */
export const PATIENCE_OPTIONS = /** @type {const} */ (['attempts', 'delay', 'maxDelay', 'timeout', 'connections']);

/** Caching of downloads: see `CacheOptions`. */
export const CACHE_OPTIONS = /** @type {const} */ (['cache', 'localFilesOnly']);

/** Downloads in general; `env` may hold these too. */
export const DOWNLOAD_OPTIONS = /** @type {const} */ ([...PATIENCE_OPTIONS, ...CACHE_OPTIONS, 'fetch']);

/** Where files are: see `PlaceOptions`. */
export const PLACE_OPTIONS = /** @type {const} */ (['signal', 'headers', 'token', 'revision', 'subfolder', 'hub']);

/** All options of a call that reads files of a location. */
export const FILES_OPTIONS = /** @type {const} */ ([
  ...new Set([...DOWNLOAD_OPTIONS, ...PLACE_OPTIONS, ...READ_OPTIONS, 'file']),
]);

/** @typedef {(typeof FILES_OPTIONS)[number]} FilesOption */
