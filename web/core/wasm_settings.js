import { WembedError, hasUser, shown } from './errors.js';

/** @typedef {'simd128' | 'scalar'} Variant */

/**
 * Which WebAssembly runs. `wasm` and `variant` must be set before the first load.
 * @typedef {object} WasmSettings
 * @property {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module | undefined} wasm the .wasm file: its address, its bytes, or
 *   the compiled module, for hosts where it is not next to this package's files: a bundler that moves assets, a worker
 *   that receives a module. Default: `dist/wasm/<variant>.wasm` of this package
 * @property {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module | undefined} textWasm the same for the second .wasm file,
 *   which is loaded only when a tokenizer needs it: BPE, and patterns that split text. It may be set until then. Default:
 *   `dist/wasm/text_<variant>.wasm` of this package
 * @property {Variant | undefined} variant default: 'simd128' if this engine has SIMD, 'scalar' otherwise
 */

/** @type {WasmSettings} what `env` and `configure` write and web/memory/module.js reads */
const settings = { wasm: undefined, textWasm: undefined, variant: undefined };

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
  if (fixed && name !== 'textWasm')
    throw new WembedError('invalid_argument', `env.${name} must be set before the first load`);
  const takes = name === 'variant' ? value === 'simd128' || value === 'scalar' : value && /^[so]/.test(typeof value);
  if (value !== undefined && !takes) {
    throw new WembedError('invalid_argument', `env.${name} cannot be ${shown(value)}`);
  }
  if ((typeof value === 'string' && URL.canParse(value)) || value instanceof URL) {
    if (hasUser(new URL(value))) {
      throw new WembedError('invalid_argument', `the address in env.${name} must not contain a user name or password`);
    }
  }
  settings[name] = value;
}
