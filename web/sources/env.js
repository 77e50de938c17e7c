import { setWasm, wasmSettings } from '../core/wasm_settings.js';

/**
 * What holds for every download of this program unless a call says otherwise. Change its members as you like; nothing is
 * read from it at import.
 * @typedef {import('./address.js').DownloadOptions & HubPlace & import('../core/wasm_settings.js').WasmSettings} Environment
 */

/**
 * @typedef {object} HubPlace
 * @property {string} remoteHost the address of the hub that `org/name` is at
 * @property {string} remotePathTemplate where on it a model's files are: `{model}` and `{revision}` are filled in
 */

/**
 * Settings that hold for every call unless the call says otherwise: downloads, the hub, the `.wasm` file.
 * @type {Environment}
 */
export const env = {
  remoteHost: 'https://huggingface.co/',
  remotePathTemplate: '{model}/resolve/{revision}/',
  get wasm() {
    return wasmSettings.wasm;
  },
  set wasm(value) {
    setWasm('wasm', value);
  },
  get variant() {
    return wasmSettings.variant;
  },
  set variant(value) {
    setWasm('variant', value);
  },
};
