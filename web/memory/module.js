import createCore from '../../dist/wasm/core.js';
import { optionsOf } from '../core/arguments.js';
import { kindOf } from '../core/errors.js';
import { fixSettings, setWasm, wasmSettings } from '../core/wasm_settings.js';
import { absolute, assetSource, readAddress } from '../sources/assets.js';
import { whyFailed } from './why_failed.js';

/** @typedef {import('./core_exports.js').Core} Core */
/** @typedef {import('../core/wasm_settings.js').Variant} Variant */
/** @typedef {import('../sources/assets.js').AssetSource} AssetSource */
/** @typedef {import('./load_failure.js').Content} Content */
/** @typedef {import('./load_failure.js').Setting} Setting */
/** @typedef {{ core: Core, memory: WebAssembly.Memory, variant: Variant }} LoadedCore */

/**
 * The addresses of the two .wasm files, written out as bundlers look for them: `new URL` with these arguments, and
 * as a value of its own, which Vercel's tracer of server files wants (Nuxt, Next).
 * @type {Record<Variant, () => URL>}
 */
const FILES = {
  simd128: (file = new URL('../../dist/assets/simd128.wasm', import.meta.url)) => file,
  scalar: (file = new URL('../../dist/assets/scalar.wasm', import.meta.url)) => file,
};

// (module (type (func (param v128)))): valid only where the engine has SIMD, and the processor what that needs.
const SIMD_PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 123, 0];

/** @returns {Variant} the best variant this engine runs */
export function bestVariant() {
  return WebAssembly.validate(new Uint8Array(SIMD_PROBE)) ? 'simd128' : 'scalar';
}

/**
 * Another way to set `env.assets`, `env.wasm`, `env.textWasm`, `env.trainWasm` and `env.variant`.
 * @param {Partial<import('../core/wasm_settings.js').WasmSettings>} options
 */
export function configure(options) {
  const names = /** @type {const} */ (['assets', 'wasm', 'textWasm', 'trainWasm', 'variant']);
  const given = optionsOf('configure', options, names);
  for (const name of names) if (given[name] !== undefined) setWasm(name, given[name]);
}

/** @type {Promise<LoadedCore> | undefined} */
let loading;

/**
 * Loads and starts the core, once.
 * @returns {Promise<LoadedCore>}
 */
export function loadCore() {
  if (loading) return loading;
  fixSettings(true);
  loading = startModule('wasm', '', FILES).catch((error) => {
    loading = undefined; // so that the next call tries again, with other settings if need be
    fixSettings(false);
    throw error;
  });
  return loading;
}

/**
 * @param {Setting} setting of `env`: what it gives is taken instead of the asset
 * @param {'' | 'text_' | 'train_'} prefix of the asset's name
 * @param {Record<Variant, () => AssetSource>} packaged
 * @returns {Promise<LoadedCore>}
 */
export async function startModule(setting, prefix, packaged) {
  const given = wasmSettings[setting];
  /** @type {import('./load_failure.js').Attempt} */
  const attempt = { name: `env.${setting}`, setting, given };
  try {
    const variant = wasmSettings.variant ?? bestVariant();
    const name = /** @type {const} */ (`${prefix}${variant}.wasm`);
    if (!(given ?? wasmSettings.assets)) attempt.asset = name;
    const source = given ?? assetSource(name, packaged[variant]);
    return { ...(await createCore(await compile(source, attempt), setting)), variant };
  } catch (error) {
    throw await whyFailed('loadFailure', error, attempt);
  }
}

/**
 * @param {AssetSource} source
 * @param {import('./load_failure.js').Attempt} attempt to note in what is being loaded
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source, attempt) {
  const kind = kindOf(source);
  if (ArrayBuffer.isView(source) || /(WebAssembly.Module|ArrayBuffer)$/.test(kind))
    attempt.bytes = /** @type {Content} */ (source);
  else await read(/** @type {string | URL} */ (source), attempt);
  if (kind === 'WebAssembly.Module') return /** @type {WebAssembly.Module} */ (source);
  return WebAssembly.compile(/** @type {BufferSource} */ (attempt.bytes));
}

/** @param {string | URL} source @param {import('./load_failure.js').Attempt} attempt takes the bytes */
async function read(source, attempt) {
  attempt.name = String(source);
  const url = await absolute(source);
  if (!url.startsWith('file:')) attempt.url = url;
  attempt.bytes = await readAddress(url, { name: attempt.asset });
}
