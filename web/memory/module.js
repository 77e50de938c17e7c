import createCore from '../../dist/wasm/core.js';
import { optionsOf } from '../core/arguments.js';
import { fixSettings, setWasm, wasmSettings } from '../core/wasm_settings.js';
import { fileUrl, readLocalFile } from '../sources/platform.js';

/** @typedef {import('./core_exports.js').Core} Core */
/** @typedef {import('../core/wasm_settings.js').Variant} Variant */
/** @typedef {{ core: Core, memory: WebAssembly.Memory, variant: Variant }} LoadedCore */

/**
 * The addresses of the two .wasm files. The `new URL` calls are written out because bundlers look for exactly this
 * form.
 * @type {Record<Variant, () => URL>}
 */
const FILES = {
  simd128: () => new URL('../../dist/wasm/simd128.wasm', import.meta.url),
  scalar: () => new URL('../../dist/wasm/scalar.wasm', import.meta.url),
};

// (module (func (result v128) (i32x4.splat (i32.const 0)))): valid only with SIMD.
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11,
];

/** @returns {Variant} the best variant this engine runs */
export function bestVariant() {
  return WebAssembly.validate(new Uint8Array(SIMD_PROBE)) ? 'simd128' : 'scalar';
}

/**
 * Another way to set `env.wasm`, `env.textWasm` and `env.variant`.
 * @param {Partial<import('../core/wasm_settings.js').WasmSettings>} options
 */
export function configure(options) {
  const { wasm, textWasm, variant } = optionsOf('configure', options, ['wasm', 'textWasm', 'variant']);
  if (wasm !== undefined) setWasm('wasm', wasm);
  if (textWasm !== undefined) setWasm('textWasm', textWasm);
  if (variant !== undefined) setWasm('variant', variant);
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
  loading = start().catch((error) => {
    loading = undefined; // so that the next call tries again, with other settings if need be
    fixSettings(false);
    throw error;
  });
  return loading;
}

/** @returns {Promise<LoadedCore>} */
async function start() {
  return startModule((variant) => wasmSettings.wasm ?? FILES[variant](), 'env.wasm');
}

/**
 * @param {(variant: Variant) => string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module} source
 * @param {string} name for messages, where the source has none
 * @returns {Promise<LoadedCore>}
 */
export async function startModule(source, name) {
  /** @type {import('./load_failure.js').Attempt} */
  const attempt = { name };
  try {
    const variant = wasmSettings.variant ?? bestVariant();
    return { ...(await instantiate(await compile(source(variant), attempt))), variant };
  } catch (error) {
    throw await (await import('./load_failure.js')).loadFailure(/** @type {Error} */ (error), attempt);
  }
}

/**
 * @param {WebAssembly.Module} compiled
 * @returns {Promise<{ core: Core, memory: WebAssembly.Memory }>}
 */
async function instantiate(compiled) {
  /** @type {WebAssembly.Instance | undefined} */
  let instance;
  /** @type {Core} */
  const core = await new Promise((resolve, reject) => {
    /** @type {(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => object} */
    const instantiateWasm = (imports, done) => {
      WebAssembly.instantiate(compiled, imports)
        .then((made) => done((instance = made)))
        .catch(reject);
      return {};
    };
    createCore({ instantiateWasm }).then(resolve, reject);
  });
  // Found by what it is: a build for size gives exports short names.
  const exported = Object.values(/** @type {WebAssembly.Instance} */ (/** @type {unknown} */ (instance)).exports);
  const memory = /** @type {WebAssembly.Memory} */ (exported.find((value) => value instanceof WebAssembly.Memory));
  return { core, memory };
}

/** @param {unknown} source @returns {string} the kind of object, in whatever frame it was made */
const kindOf = (source) => Object.prototype.toString.call(source).slice(8, -1);

/**
 * @param {string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module} source
 * @param {import('./load_failure.js').Attempt} attempt to note in what is being loaded
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source, attempt) {
  if (kindOf(source) === 'WebAssembly.Module') return /** @type {WebAssembly.Module} */ (source);
  const isBytes = ArrayBuffer.isView(source) || /^(Shared)?ArrayBuffer$/.test(kindOf(source));
  if (!isBytes) attempt.name = String(source);
  attempt.bytes = isBytes ? /** @type {ArrayBuffer | ArrayBufferView} */ (source) : await read(attempt);
  return WebAssembly.compile(/** @type {BufferSource} */ (attempt.bytes));
}

/** @param {import('./load_failure.js').Attempt} attempt @returns {Promise<ArrayBuffer | ArrayBufferView>} */
async function read(attempt) {
  const { name } = attempt;
  const url = /^\w+:/.test(name) ? name : String((await fileUrl(name)) ?? name); // in Node a path is a file's
  const local = await readLocalFile(url);
  if (local) return local;
  attempt.url = url;
  const response = await fetch(url);
  attempt.status = response.status;
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
}
