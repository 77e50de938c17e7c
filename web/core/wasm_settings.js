import { WembedError, hasUser, shown, isA } from './errors.js';

/** Which WebAssembly runs: with SIMD, or for engines that have none. @typedef {'simd128' | 'scalar'} Variant */

/**
 * The files that come with the package, all in the folder `dist/assets`.
 * @typedef {`${'' | 'text_' | 'train_'}${Variant}.wasm` | 'mini.bin'} AssetName
 */

/** @typedef {Partial<Record<AssetName, string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module>>} AssetFiles */

/**
 * Which WebAssembly runs. `wasm` and `variant` must be set before the first load.
 * @typedef {object} WasmSettings
 * @property {string | URL | AssetFiles | undefined} assets where the package's files are: `dist/assets` of this package
 *   as a whole, moved to another address (in Node: folder). Or an object of those that you have in hand:
 *   `{ 'simd128.wasm': module, 'mini.bin': bytes }`. Default: beside the scripts. May be set at any time; what is
 *   already loaded stays
 * @property {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module | undefined} wasm the .wasm file: its address, its bytes, or
 *   the compiled module, for hosts where it is not next to this package's files: a bundler that moves assets, a worker
 *   that receives a module. Default: `<variant>.wasm` of the assets
 * @property {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module | undefined} textWasm the same for the second .wasm file,
 *   which is loaded only when a tokenizer needs it: BPE, and patterns that split text. It may be set until then. Default:
 *   `text_<variant>.wasm` of the assets
 * @property {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module | undefined} trainWasm the same for the third .wasm file,
 *   which `wembed/train` loads. Default: `train_<variant>.wasm` of the assets
 * @property {Variant | undefined} variant default: 'simd128' if this engine has SIMD, 'scalar' otherwise
 */

/** What `env` and `configure` write and web/memory/module.js reads: one that is not set is missing. @type {Partial<WasmSettings>} */
const settings = {};

/** The current settings. */
export const wasmSettings = /** @type {Readonly<WasmSettings>} */ (settings);

let fixed = false;

/** @param {boolean} started whether the core has been started or is about to be: then the settings are fixed */
export function fixSettings(started) {
  fixed = started;
}

/**
 * @template {keyof WasmSettings} Name
 * @param {Name} name
 * @param {WasmSettings[Name]} value
 */
export function setWasm(name, value) {
  if (fixed && (name === 'wasm' || name === 'variant'))
    throw new WembedError('invalid_argument', `env.${name} must be set before the first load`);
  const takes = name === 'variant' ? value === 'simd128' || value === 'scalar' : value && /^[so]/.test(typeof value);
  if (value !== undefined && !takes) {
    throw new WembedError('invalid_argument', `env.${name} cannot be ${shown(value)}`);
  }
  if ((typeof value === 'string' && URL.canParse(value)) || isA(value, URL)) {
    if (hasUser(new URL(value))) {
      throw new WembedError('invalid_argument', `the address in env.${name} must not contain a user name or password`);
    }
  }
  if (name === 'assets' && value?.constructor === Object) {
    const wrong = Object.keys(value).find((file) => !/^(((text|train)_)?(simd128|scalar)\.wasm|mini\.bin)$/.test(file));
    if (wrong) throw new WembedError('invalid_argument', `env.assets: dist/assets has no file '${shown(wrong)}'`);
  }
  settings[name] = value;
}
