import { WembedError, nearest } from '../core/errors.js';
import { setWasm, wasmSettings } from '../core/wasm_settings.js';
import { DOWNLOAD_OPTIONS } from './option_names.js';
import { checkOption } from './options.js';

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
export const env = guarded({
  remoteHost: 'https://huggingface.co/',
  remotePathTemplate: '{model}/resolve/{revision}/',
  get assets() {
    return wasmSettings.assets;
  },
  set assets(value) {
    setWasm('assets', value);
  },
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
  get trainWasm() {
    return wasmSettings.trainWasm;
  },
  set trainWasm(value) {
    setWasm('trainWasm', value);
  },
  get variant() {
    return wasmSettings.variant;
  },
  set variant(value) {
    setWasm('variant', value);
  },
});

/**
 * Refuses unknown members and wrong values as soon as they are set.
 * @param {Environment} members
 * @returns {Environment}
 */
function guarded(members) {
  return new Proxy(members, {
    set: (target, name, value) => {
      check(String(name), value);
      return Reflect.set(target, name, value);
    },
  });
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function check(name, value) {
  const names = [
    'remoteHost',
    'remotePathTemplate',
    'assets',
    'wasm',
    'textWasm',
    'trainWasm',
    'variant',
    ...DOWNLOAD_OPTIONS,
  ];
  if (!names.includes(name)) {
    const similar = nearest(name, names);
    throw new WembedError('invalid_argument', `env has no '${name}': did you mean ${similar ?? names.join(', ')}?`);
  }
  const option = DOWNLOAD_OPTIONS.find((each) => each === name);
  if (option && value !== undefined) checkOption(option, value, `env.${name}`);
  if (name === 'remoteHost') checkOption('hub', value, `env.${name}`);
  if (name === 'remotePathTemplate') checkOption('subfolder', value, `env.${name}`);
}
