import { setWasm, wasmSettings } from '../core/wasm_settings.js';

/**
 * Defaults for every download of this program; options of a call override them. Members may be changed at any time;
 * nothing is read from it at import.
 * @typedef {import('./address.js').DownloadOptions & HubPlace & import('../core/wasm_settings.js').WasmSettings} Environment
 */

/**
 * @typedef {object} HubPlace
 * @property {string} remoteHost the address of the hub that serves `org/name`
 * @property {string} remotePathTemplate the path of a model's files on the hub: `{model}` and `{revision}` are filled
 *   in
 */

/**
 * Defaults for every call: downloads, the hub, the `.wasm` file. Options of a call override them.
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
  get textWasm() {
    return wasmSettings.textWasm;
  },
  set textWasm(value) {
    setWasm('textWasm', value);
  },
  get variant() {
    return wasmSettings.variant;
  },
  set variant(value) {
    setWasm('variant', value);
  },
};
