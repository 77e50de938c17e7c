/**
 * What holds for every download of this program unless a call says otherwise. Change its members as you like; nothing is
 * read from it at import.
 * @typedef {import('./address.js').DownloadOptions & HubPlace & { wasm?: string | URL | BufferSource | WebAssembly.Module }}
 *   Environment `wasm`: the core's .wasm file, where it is not found beside the library's own files
 */

/**
 * @typedef {object} HubPlace
 * @property {string} remoteHost the address of the hub that `org/name` is at
 * @property {string} remotePathTemplate where on it a model's files are: `{model}` and `{revision}` are filled in
 */

/** @type {Environment} */
export const env = { remoteHost: 'https://huggingface.co/', remotePathTemplate: '{model}/resolve/{revision}/' };
