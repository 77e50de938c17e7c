// The files of the model in this package. They are one asset, `mini.bin`, which the build makes of models/mini: a
// bundler moves it as it is, where it would make scripts of .json files or write small ones into the scripts.
import { WembedError, isOfCaller, kindOf, shown } from '../core/errors.js';
import { wasmSettings } from '../core/wasm_settings.js';
import { whyFailed } from '../memory/why_failed.js';
import { absolute, assetSource, inFolder } from '../sources/assets.js';
import { sharedDownload } from '../sources/shared_download.js';
import { bytesSource, refuseForeign } from '../sources/source.js';
import { lazyParts } from './lazy_parts.js';

/** @type {import('../core/wasm_settings.js').AssetName} */
const NAME = 'mini.bin';

/** Written out, because bundlers look for exactly this form. */
const packaged = (file = new URL('../../dist/assets/mini.bin', import.meta.url)) => file;

/** @typedef {{ signal?: AbortSignal, onProgress?: import('../sources/source.js').OnProgress }} MiniReading */

/**
 * @param {string | URL | undefined} base the folder that `mini.bin` was moved to
 * @param {MiniReading} options
 * @returns {import('../sources/files.js').ModelFiles}
 */
export function miniFiles(base, options) {
  /** @type {Promise<Map<string, Uint8Array>> | undefined} */
  let files;
  const opened = () => (files ??= read(base, options));
  return {
    name: 'wembed/mini',
    open: async (file) => {
      const pack = await opened();
      const content = pack.get(file) ?? (file === 'tokenizer.json' ? await writtenOut(pack) : undefined);
      return content ? bytesSource(content) : null;
    },
    savedTokenizer: async () => (await opened()).get('tokenizer.saved'),
    settle: async () => {
      files = undefined; // the layer remembers this object: not the model's bytes with it
    },
    later: () => miniFiles(base, {}),
  };
}

/**
 * The pack has the tokenizer compiled. Pruning and saving need its tokenizer.json.
 * @param {Map<string, Uint8Array>} pack
 */
const writtenOut = async (pack) =>
  (await lazyParts()).miniTokenizerJson(
    /** @type {Uint8Array} */ (pack.get('tokenizer.saved')),
    /** @type {Uint8Array} */ (pack.get('tokenizer.frame.json')),
  );

/**
 * @param {string | URL | undefined} base
 * @param {MiniReading} options
 * @returns {Promise<Map<string, Uint8Array>>}
 */
async function read(base, { signal, onProgress }) {
  /** @type {import('../memory/load_failure.js').Attempt} */
  const attempt = { name: NAME, option: base === undefined ? undefined : 'loadMini({ base })' };
  try {
    const source = base === undefined ? assetSource(NAME, packaged) : inFolder(String(base), NAME);
    if (!(typeof source === 'string' || source instanceof URL)) return filesOf(viewOf(source), 'env.assets');
    const url = await absolute(source);
    if (!url.startsWith('file:')) attempt.url = url;
    const name = base === undefined && wasmSettings.assets === undefined ? NAME : undefined;
    return filesOf(await sharedDownload(url, { name, file: NAME, signal, onProgress }), url);
  } catch (error) {
    throw isOfCaller(error) || signal?.aborted ? error : await whyFailed('readFailure', error, attempt);
  }
}

/**
 * @param {Exclude<import('../sources/assets.js').AssetSource, string | URL>} source
 * @returns {Uint8Array}
 */
function viewOf(source) {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (kindOf(source) === 'ArrayBuffer') {
    return new Uint8Array(/** @type {ArrayBuffer} */ (source));
  }
  throw new WembedError('invalid_argument', `the ${NAME} of env.assets must be bytes or an address, got ${shown(source)}`);
}

/**
 * The files in the pack, which has safetensors' own layout: the header's length (u64, little-endian), a header in JSON
 * that gives each file's first byte and the one past its last, and the bytes.
 * @param {Uint8Array} pack
 * @param {string} name for messages
 * @returns {Map<string, Uint8Array>}
 */
function filesOf(pack, name) {
  refuseForeign(name, pack);
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const length = pack.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  try {
    const start = 8 + length;
    /** @type {Record<string, { data_offsets: [number, number] }>} */
    const header = JSON.parse(new TextDecoder().decode(pack.subarray(8, start)));
    const files = Object.entries(header).map(([file, { data_offsets: [from, to] }]) => ({ file, from, to }));
    if (start + Math.max(...files.map(({ to }) => to)) === pack.length) {
      return new Map(files.map(({ file, from, to }) => [file, pack.subarray(start + from, start + to)]));
    }
  } catch {
    // is said below
  }
  throw new WembedError('bad_file', `${name} is not the whole ${NAME} of this package`, { reason: 'truncated' });
}
