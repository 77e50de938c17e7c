import { WembedError } from '../../core/errors.js';
import { latin1, refusal } from '../../formats/row_batches.js';
import { refuseForeign } from '../../sources/source.js';

/**
 * A file whose header has been read and checked.
 * @typedef {object} VectorFile
 * @property {number} dim
 * @property {number} [rows] the maximum number of rows, checked against the file's length; undefined if unknown
 * @property {() => AsyncGenerator<Float32Array>} batches rows (n, dim), each batch valid until the next is requested.
 *   Their keys have then been added to `keys`; if a key occurs twice, its first row is used
 */

/**
 * @typedef {object} VectorFileOptions
 * @property {import('../../core/key_index.js').KeyIndex} keys receives the file's keys
 * @property {number} limit the maximum number of rows
 * @property {number} [byteLength] of the file, if known
 * @property {Reopen} [reopen] continues elsewhere in the file, if the source can
 */

/**
 * @typedef {(start: number, end?: number) => Promise<import('../../formats/byte_window.js').ByteWindow>} Reopen end:
 *   the end of the needed bytes; if it is unknown, they are read in pieces
 */

/** @typedef {'gzip' | 'fasttext' | 'npy' | 'word2vec'} VectorFormat */

/** Longer keys are refused. */
export const MAX_KEY = 2 ** 16;

/** Bytes that suffice to recognize every format. */
export const HEAD = 512;

const SAVE_ADVICE =
  "save the vectors in another format, for example with gensim's kv.save_word2vec_format(path, binary=True)";

/** Other formats that users may try, by their first bytes. */
const UNSUPPORTED = /** @type {[signature: number[], what: string][]} */ ([
  [[0x47, 0x47, 0x55, 0x46], 'a GGUF file: load it with EmbeddingLayer.fromPretrained'],
  [[0x89, 0x48, 0x44, 0x46], `an HDF5 file: ${SAVE_ADVICE}`],
  [[0x50, 0x41, 0x52, 0x31], `a Parquet file: ${SAVE_ADVICE}`],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2: decompress it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed with xz: decompress it first'],
]);

const SIGNATURES = /** @type {[signature: number[], format: VectorFormat][]} */ ([
  [[0x1f, 0x8b], 'gzip'],
  [[0xba, 0x16, 0x4f, 0x2f], 'fasttext'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'npy'],
]);

/**
 * The format of a file by its first bytes; its name is ignored. Unrecognized files are read as word2vec or GloVe, which
 * have no signature.
 * @param {Uint8Array} head the first HEAD bytes, or the whole file
 * @param {string} name
 * @returns {VectorFormat}
 */
export function vectorFormat(head, name) {
  if (head.length === 0) throw refusal(name, 'it is empty');
  const found = SIGNATURES.find(([signature]) => beginsWith(head, signature));
  if (found) return found[1];
  if (isOldFasttext(head)) return 'fasttext';
  const known = UNSUPPORTED.find(([signature]) => beginsWith(head, signature));
  const other = known?.[1] ?? pickle(head) ?? archive(head) ?? tensors(head);
  if (other) throw new WembedError('unsupported', `${name} is ${other}`);
  refuseForeign(name, head);
  return 'word2vec';
}

/**
 * fastText's first files have no signature: they begin with dim, window, epochs, least count, negatives, n-grams of words,
 * loss, model, buckets, the shortest and longest n-gram, rate of updates and a sampling threshold. No text does.
 * @param {Uint8Array} head
 */
function isOldFasttext(head) {
  if (head.length < 68) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [dim, , epoch, , , words, loss, model, bucket, minn, maxn, rate, , , size, known] = Array.from(
    { length: 16 },
    (_, i) => view.getInt32(4 * i, true),
  );
  const small = [dim, epoch, words].every((each) => each > 0 && each < 65536);
  const kinds = loss >= 1 && loss <= 4 && model >= 1 && model <= 3;
  const grams = bucket >= 0 && minn >= 0 && maxn >= 0 && maxn <= 100 && rate > 0;
  const threshold = view.getFloat64(48, true);
  return small && kinds && grams && threshold >= 0 && threshold <= 1 && known >= 0 && size >= known;
}

/** @param {Uint8Array} bytes @param {number[]} signature */
const beginsWith = (bytes, signature) => signature.every((byte, i) => bytes[i] === byte);

/** @param {Uint8Array} head */
function pickle(head) {
  const isPickle = head[0] === 0x80 && head[1] >= 2 && head[1] <= 5; // an opcode, and the protocols that use it
  return isPickle
    ? `a Python pickle (PyTorch's, or gensim's own format), which can run code: ${SAVE_ADVICE}`
    : undefined;
}

/** @param {Uint8Array} head */
function archive(head) {
  if (!beginsWith(head, [0x50, 0x4b, 3, 4])) return undefined;
  const first = latin1(head.subarray(30, 30 + (head[26] | (head[27] << 8))));
  if (/\.(pkl|pickle)$|\/data(\/|$)|\/version$/.test(first))
    return `a PyTorch file, which is not supported: ${SAVE_ADVICE}`;
  if (first.endsWith('.npy')) return 'an .npz archive: save its array with numpy.save';
  return `a zip archive that begins with '${first}': unpack it first`;
}

/** @param {Uint8Array} head */
function tensors(head) {
  const isSafetensors = head.length > 8 && head[8] === 0x7b && head[4] + head[5] + head[6] + head[7] === 0;
  return isSafetensors ? 'a safetensors file: load it with EmbeddingLayer.fromPretrained' : undefined;
}
