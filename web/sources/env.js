/**
 * What holds for every download of this program unless a call says otherwise. Change its members as you like; nothing is
 * read from it at import.
 * @typedef {import('./address.js').DownloadOptions & { remoteHost: string, remotePathTemplate: string }} Environment `remoteHost` is the hub that
 *   `org/name` is at, and `remotePathTemplate` where on it a model's files are: `{model}` and `{revision}` are filled in
 */

/** @type {Environment} */
export const env = { remoteHost: 'https://huggingface.co/', remotePathTemplate: '{model}/resolve/{revision}/' };
