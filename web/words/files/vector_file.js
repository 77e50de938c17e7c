import { WembedError } from '../../core/errors.js';
import { latin1, refusal } from '../../formats/row_batches.js';
import { refuseForeign } from '../../sources/source.js';

/**
 * A file whose head has been read and checked.
 * @typedef {object} VectorFile
 * @property {number} dim
 * @property {number} [rows] how many rows will come at most, which the file is long enough for; undefined where that is
 *   not known
 * @property {() => AsyncGenerator<Float32Array>} batches rows (n, dim), each good until the next is asked for. Their keys
 *   have then been added to `keys`; of a key that comes twice the first counts
 */

/**
 * @typedef {object} VectorFileOptions
 * @property {import('../../core/key_index.js').KeyIndex} keys where the file's keys go
 * @property {number} limit so many rows at most
 * @property {number} [byteLength] the file's, where it is known
 * @property {Reopen} [reopen] goes on elsewhere in the file, where that is possible
 */

/**
 * @typedef {(start: number, end?: number) => Promise<import('../../formats/byte_window.js').ByteWindow>} Reopen end: where the bytes
 *   that are wanted end; where that is not known, they are read in pieces
 */

/** @typedef {'gzip' | 'fasttext' | 'npy' | 'word2vec'} VectorFormat */

/** A key that is longer is none. */
export const MAX_KEY = 2 ** 16;

/** Bytes that are enough to tell formats apart. */
export const HEAD = 512;

const SAVE_ADVICE =
  "save the vectors in another format, by gensim's kv.save_word2vec_format(path, binary=True) for one";

/** What else people have lying about, by its first bytes. */
const UNSUPPORTED = /** @type {[signature: number[], what: string][]} */ ([
  [[0x47, 0x47, 0x55, 0x46], 'a GGUF file: EmbeddingLayer.fromPretrained reads those'],
  [[0x89, 0x48, 0x44, 0x46], `an HDF5 file: ${SAVE_ADVICE}`],
  [[0x50, 0x41, 0x52, 0x31], `a Parquet file: ${SAVE_ADVICE}`],
  [[0x42, 0x5a, 0x68], 'compressed by bzip2: unpack it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed by xz: unpack it first'],
]);

const SIGNATURES = /** @type {[signature: number[], format: VectorFormat][]} */ ([
  [[0x1f, 0x8b], 'gzip'],
  [[0xba, 0x16, 0x4f, 0x2f], 'fasttext'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'npy'],
]);

/**
 * What a file is by its first bytes: names mean nothing. What is none of the others is taken for word2vec's or GloVe's,
 * which have no signature.
 * @param {Uint8Array} head the first HEAD bytes, or all there are
 * @param {string} name
 * @returns {VectorFormat}
 */
export function vectorFormat(head, name) {
  if (head.length === 0) throw refusal(name, 'it is empty');
  const found = SIGNATURES.find(([signature]) => beginsWith(head, signature));
  if (found) return found[1];
  const known = UNSUPPORTED.find(([signature]) => beginsWith(head, signature));
  const other = known?.[1] ?? pickle(head) ?? archive(head) ?? tensors(head);
  if (other) throw new WembedError('unsupported', `${name} is ${other}`);
  refuseForeign(name, head);
  return 'word2vec';
}

/** @param {Uint8Array} bytes @param {number[]} signature */
const beginsWith = (bytes, signature) => signature.every((byte, i) => bytes[i] === byte);

/** @param {Uint8Array} head */
function pickle(head) {
  const isPickle = head[0] === 0x80 && head[1] >= 2 && head[1] <= 5; // an opcode, and the protocols that have it
  return isPickle
    ? `a Python pickle (PyTorch's, or gensim's own format), which can run code: ${SAVE_ADVICE}`
    : undefined;
}

/** @param {Uint8Array} head */
function archive(head) {
  if (!beginsWith(head, [0x50, 0x4b, 3, 4])) return undefined;
  const first = latin1(head.subarray(30, 30 + (head[26] | (head[27] << 8))));
  if (/\.(pkl|pickle)$|\/data(\/|$)|\/version$/.test(first)) return `a PyTorch file, which is not read: ${SAVE_ADVICE}`;
  if (first.endsWith('.npy')) return 'an .npz archive: save its array by numpy.save';
  return `a zip archive that begins with '${first}': unpack it first`;
}

/** @param {Uint8Array} head */
function tensors(head) {
  const isSafetensors = head.length > 8 && head[8] === 0x7b && head[4] + head[5] + head[6] + head[7] === 0;
  return isSafetensors ? 'a safetensors file: EmbeddingLayer.fromPretrained reads those' : undefined;
}
