import { WembedError, asWembedError } from '../../core/errors.js';
import { TensorFiles } from '../../formats/tensors.js';
import { locate } from '../../sources/location.js';
import { rowFormat } from '../row_format.js';
import { CountedFiles } from './counted_files.js';

/** @typedef {import('../../formats/tensors.js').StoredTensor} StoredTensor */

/** Names of token tables, the most reliable first. */
const TOKEN_TABLES = [
  /(^|\.)(embed_tokens|word_embeddings|wte|tok_embeddings|embed_in)\.weight$/,
  /^token_embd\.weight$/,
  /(^|\.)shared\.weight$/,
  /^(embeddings|embedding\.weight)$/,
];

/** One tensor of a model's files, read by rows. */
export class RemoteTensor {
  #files;
  #tensors;
  #tensor;
  #source;

  /**
   * @param {CountedFiles} files
   * @param {TensorFiles} tensors
   * @param {StoredTensor} tensor
   * @param {import('../row_format.js').RowFormat} format
   */
  constructor(files, tensors, tensor, format) {
    this.#files = files;
    this.#tensors = tensors;
    this.#tensor = tensor;
    this.#source = tensors.sourceOf(tensor);
    /** How its stored rows are converted to rows of a table. */
    this.format = format;
    if (!this.#source.inOrder) return;
    const what = 'the server ignores ranges, so reading a row means downloading everything before it';
    throw new WembedError('unsupported', `${tensor.file}: ${what}: load the whole table with EmbeddingLayer`);
  }

  /**
   * Reads only the header of the file that contains the tensor.
   * @param {Parameters<typeof locate>[0]} location
   * @param {import('../../sources/address.js').FilesOptions & { file?: string, tensor?: string }} options
   * @returns {Promise<RemoteTensor>}
   */
  static async open(location, options) {
    const { files: uncounted, file } = await locate(location, options);
    const files = new CountedFiles(uncounted);
    /** @type {TensorFiles | undefined} */
    let tensors;
    try {
      tensors = await openTensors(files, file, options.signal);
      const tensor = await findTensor(tensors, options.tensor);
      return new RemoteTensor(files, tensors, tensor, await rowFormat(tensor));
    } catch (error) {
      await tensors?.close();
      await files.settle(error);
      throw error;
    }
  }

  /** Its name. */
  get name() {
    return this.#tensor.name;
  }
  get rows() {
    return this.#tensor.shape[0];
  }
  get dim() {
    return this.#tensor.shape[1];
  }
  /** Bytes read so far, headers included. */
  get bytesFetched() {
    return this.#files.bytes;
  }

  /**
   * @param {number} first
   * @param {number} last
   * @param {AbortSignal} signal
   * @returns {Promise<Uint8Array>} the stored bytes of the first row up to those of the last
   */
  async read(first, last, signal) {
    const { begin, name, file } = this.#tensor;
    const start = begin + first * this.format.bytes;
    const end = begin + (last + 1) * this.format.bytes;
    let found;
    try {
      found = new Uint8Array(await this.#source.slice(start, end, signal));
    } catch (error) {
      throw asWembedError(error, `rows of '${name}'`, signal);
    }
    if (found.length === end - start) return found;
    const what = `${file} is truncated: bytes ${start} to ${end} gave ${found.length} bytes`;
    throw new WembedError('bad_file', what, { reason: 'truncated' });
  }

  close() {
    this.#tensors.close().catch(() => {});
  }
}

/**
 * @param {TensorFiles} tensors
 * @param {string | undefined} name
 * @returns {Promise<StoredTensor>}
 */
async function findTensor(tensors, name) {
  return tensors.plan((map) => {
    const names = [...map.keys()];
    const found = name ?? TOKEN_TABLES.map((pattern) => names.find((each) => pattern.test(each))).find(Boolean);
    const tensor = found === undefined ? undefined : map.get(found);
    if (!tensor) {
      const what =
        name === undefined ? 'no table under a usual name; choose one with the option tensor' : `no tensor '${name}'`;
      throw new WembedError('not_found', `${tensors.name} has ${what}: ${names.slice(0, 8).join(', ')}`);
    }
    const scales = names.find((each) => each === `${found}_scale_inv` || each === `${found}_scale`);
    if (scales) throw new WembedError('unsupported', `${tensors.name}: '${found}' has scales of its own, '${scales}'`);
    return tensor;
  });
}

/**
 * @param {CountedFiles} files
 * @param {string | undefined} file
 * @param {AbortSignal | undefined} signal
 */
function openTensors(files, file, signal) {
  if (file && /\.gguf([?#]|$)/i.test(file)) return TensorFiles.gguf(files, file, { signal });
  return TensorFiles.safetensors(files, { signal }, file);
}
