/** The options of `FilesOptions`: where a model's files are and how they are downloaded. */
export const FILES_OPTIONS = Object.freeze([
  ...['signal', 'headers', 'token', 'revision', 'subfolder', 'hub', 'fetch', 'cache', 'localFilesOnly'],
  ...['attempts', 'delay', 'maxDelay', 'timeout', 'connections'],
]);
