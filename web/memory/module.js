import createCore from '../../dist/wasm/core.js';
import { WembedError, asWembedError } from '../core/errors.js';
import { readLocalFile } from '../sources/platform.js';

/**
 * The functions that cpp/bindings/embind.cc exports. Handles and pointers are byte addresses.
 * @typedef {object} Core
 * @property {() => number} errorWhat a C string
 * @property {() => number} errorValue
 * @property {() => number} errorLimit
 * @property {() => number} errorIndex
 * @property {() => number} takeOutOfMemory the bytes that the trapped call asked for, 0 if it was not that
 * @property {(dtype: number, rows: number, dim: number, perRowScales: boolean, vocab: number, tokenWeights: boolean,
 *   tokenMapping: boolean) => number} tableCreate 0 on failure
 * @property {(table: number) => void} tableFree
 * @property {(table: number) => number} tableData
 * @property {(table: number) => number} tableRowScales
 * @property {(table: number) => number} tableTokenWeights
 * @property {(table: number) => number} tableTokenMapping
 * @property {(table: number, scale: number) => void} tableSetScale
 * @property {(table: number, rows: number) => void} tableTruncate
 * @property {(table: number) => number} tableCheckTokens
 * @property {(table: number) => number} tableBlockScales
 * @property {(table: number, dtype: number, data: number, rows: number, scale: number, first: number) => number} tableStore
 * @property {(table: number, from: number) => number} tableConvert
 * @property {(table: number, original: number, out: number) => number} tableCompare out: three f64
 * @property {(table: number, ids: number, n: number, out: number) => number} tableLookup
 * @property {(table: number, ids: number, n: number, offsets: number, bags: number, mode: number,
 *   perSampleWeights: number, paddingIdx: number, out: number) => number} tableBag
 * @property {(bias: number, rows: number, scale: number, softcap: number) => number} headCreate
 * @property {(head: number) => void} headFree
 * @property {(head: number, table: number, hidden: number, n: number, out: number) => number} headLogits
 * @property {(head: number, table: number, hidden: number, n: number, k: number, out: number) => number} headTopK
 *   out: ids, scores, probabilities, (n, k) each
 * @property {(head: number, table: number, hidden: number, temperature: number, topK: number, topP: number, minP: number,
 *   u: number, out: number) => number} headSample out: an id
 * @property {(head: number, table: number, hidden: number, n: number, targets: number, out: number) => number} headLogProbs
 *   out: score, largest score and Σ e^(score - largest) of each, f64
 * @property {(spec: number, size: number, out: number) => number} textCreate out: the handle, 0 on failure
 * @property {(json: number, size: number, out: number) => boolean} findVocab out: begin and end
 * @property {(json: number, size: number, out: number) => number} writeVocabSection the bytes written, 0 where it cannot
 * @property {(text: number) => void} textFree
 * @property {(text: number) => number} textVocabSize
 * @property {(text: number) => number} textUnkId
 * @property {(text: number) => number} textMedianTokenLength
 * @property {(text: number, utf8: number, size: number, addSpecialTokens: boolean, maxIds: number, spans: boolean,
 *   out: number) => void} textEncode out: ids, their number, spans
 * @property {(text: number, ids: number, n: number, skipSpecialTokens: boolean, out: number) => void} textDecode
 *   out: UTF-8, its length
 * @property {(text: number, id: number, out: number) => void} textToken out: UTF-8 or 0, its length
 * @property {(text: number, table: number, utf8: number, ends: number, n: number, maxCodePoints: number,
 *   maxIds: number, mode: number, dimensions: number, epsilon: number, out: number) => number} textEncodePooled
 * @property {(x: number, n: number, dim: number, epsilon: number) => void} normalize
 * @property {(a: number, b: number, dim: number) => number} dot
 * @property {(a: number, b: number, dim: number) => number} cosine
 * @property {(x: number, n: number, dim: number, weight: number, bias: number, epsilon: number) => void} layerNorm
 * @property {(x: number, n: number, heads: number, headDim: number, pairs: number, interleaved: boolean, cos: number,
 *   sin: number) => void} rotary
 * @property {() => number} stackSave
 * @property {(top: number) => void} stackRestore
 * @property {(bytes: number) => number} _malloc
 * @property {(address: number) => void} _free
 */

/** @typedef {'simd128' | 'scalar'} Variant */

/**
 * Where the two .wasm files are. The `new URL` calls stand in full because bundlers look for exactly this form.
 * @type {Record<Variant, () => URL>}
 */
const FILES = {
  simd128: () => new URL('../../dist/wasm/simd128.wasm', import.meta.url),
  scalar: () => new URL('../../dist/wasm/scalar.wasm', import.meta.url),
};

// (module (func (result v128) (i32x4.splat (i32.const 0)))): valid only where SIMD is.
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 17, 11,
];

/** @returns {Variant} the best variant this engine runs */
export function bestVariant() {
  return WebAssembly.validate(new Uint8Array(SIMD_PROBE)) ? 'simd128' : 'scalar';
}

/** @type {{ variant?: Variant, wasm?: string | URL | BufferSource | WebAssembly.Module }} */
let settings = {};

/** @type {Promise<{ core: Core, memory: WebAssembly.Memory, variant: Variant }> | undefined} */
let loading;

/**
 * Says which .wasm to run, for hosts that cannot find it next to this file: a bundler that moves assets, a worker with a
 * precompiled module. To be called before anything is loaded; the default picks the variant by feature detection.
 * @param {{ variant?: Variant, wasm?: string | URL | BufferSource | WebAssembly.Module }} options
 */
export function configure(options) {
  if (loading) throw new WembedError('invalid_argument', 'configure() must be called before the first load');
  settings = { ...settings, ...options };
}

/** @type {Variant | undefined} */
let running;

/** @returns {Variant} the variant that was started */
export const variantRunning = () => running ?? bestVariant();

/**
 * Loads and starts the core, once.
 * @returns {Promise<{ core: Core, memory: WebAssembly.Memory, variant: Variant }>}
 */
export function loadCore() {
  loading ??= start().catch((error) => {
    loading = undefined; // so that the next call tries again
    throw error;
  });
  return loading;
}

async function start() {
  const variant = settings.variant ?? bestVariant();
  const compiled = await compile(settings.wasm ?? FILES[variant]());
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
  const exported = Object.values(/** @type {WebAssembly.Instance} */ (/** @type {any} */ (instance)).exports);
  const memory = /** @type {WebAssembly.Memory} */ (exported.find((value) => value instanceof WebAssembly.Memory));
  running = variant;
  return { core, memory, variant };
}

/**
 * @param {string | URL | BufferSource | WebAssembly.Module} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return WebAssembly.compile(source);
  const url = String(source);
  try {
    const local = await readLocalFile(url);
    return await WebAssembly.compile(local ?? (await (await fetchOk(url)).arrayBuffer()));
  } catch (error) {
    throw asWembedError(error, url);
  }
}

/** @param {string} url */
async function fetchOk(url) {
  const response = await fetch(url);
  if (!response.ok) throw new WembedError('network', `${url} answered ${response.status}`);
  return response;
}
