import { WembedError } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';
import { readJson } from '../sources/whole.js';
import { FIRST_READ as GGUF_READ, readGgufHeader } from './gguf.js';
import { otherParts } from './gguf_files.js';
import { ModelFile } from './tensor_file.js';
import { readSafetensorsHeader } from './safetensors.js';
import { INDEX_NAME, checkedIndex, indexName, totalsOf } from './safetensors_index.js';

/** @typedef {import('./safetensors_index.js').Index} Index */

/**
 * One tensor of a model. `dtype` is its name in safetensors or GGUF, `shape` is row-major; `begin` and `end` count from
 * the first byte of its file.
 * @typedef {{ name: string, dtype: string, shape: number[], begin: number, end: number, file: string }} StoredTensor
 */

/** @typedef {import('../sources/reader.js').ReadOptions} ReadOptions */

const WEIGHTS = 'model.safetensors';
const INDEX = `${WEIGHTS}.index.json`;
const TORCH = 'pytorch_model.bin';

/** Bytes of header per tensor, besides the tensor's name: rarely fewer, rarely many more. */
const ENTRY = 96;
const FRAME = 256;

/** Bytes read of a single file before its header's length is known. */
const FIRST_READ = 8192;

/** Bytes of the first request for a later part of a GGUF: it has tensor positions, but no vocabulary. */
const PART_HEADER = 16384;

/** Shards whose headers are read at the same time. */
const AT_ONCE = 8;

/** Thrown when a tensor is requested whose shard's header has not been read. */
class Unread {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }
}

/**
 * Tensors by name. Of a sharded checkpoint all names are known, but a tensor's entry only once its shard's header has
 * been read.
 */
class Directory extends Map {
  /** The shard of each tensor. @type {Map<string, string>} */
  files = new Map();
  /** The estimated length of each shard's header. @type {Map<string, number>} */
  lengths = new Map();
  /** @param {string} name @returns {StoredTensor | undefined} */
  get(name) {
    const tensor = super.get(name);
    if (tensor === null) throw new Unread(/** @type {string} */ (this.files.get(name)));
    return tensor;
  }
}

/**
 * A model's tensors in one safetensors file, in the shards of a checkpoint, or in a GGUF file: names from the headers,
 * bytes of the requested tensors.
 */
export class TensorFiles {
  #files;
  #options;
  #directory = new Directory();
  /** Totals given by an index. @type {{ parameters?: number, bytes?: number }} */
  totals = {};
  /** @type {Map<string, ModelFile>} */
  #open = new Map();

  /**
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {string} name of the file or index, for messages
   * @param {ReadOptions} options
   */
  constructor(files, name, options) {
    this.#files = files;
    this.#options = options;
    this.name = name;
  }

  /**
   * Finds a safetensors checkpoint: one file, or an index of several.
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {ReadOptions} [options]
   * @param {string} [weights] the file's name, or its index's
   * @returns {Promise<TensorFiles>}
   */
  static async safetensors(files, options = {}, weights = WEIGHTS) {
    const source = INDEX_NAME.test(weights) ? null : await files.open(weights, { ranges: true });
    if (source) {
      const whole = new TensorFiles(files, weights, options);
      await whole.#closingOnError(() => whole.#readHeader(weights, source));
      return whole;
    }
    const name = indexName(weights);
    const index = name === undefined ? undefined : await readJson(files, name, options);
    if (index) return TensorFiles.#sharded(files, /** @type {string} */ (name), index, options);
    if (weights === WEIGHTS) throw await missing(files);
    throw new WembedError(
      'not_found',
      `${files.name} has no ${weights}${name && name !== weights ? ` and no ${name}` : ''}`,
    );
  }

  /**
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {string} name of the index
   * @param {Index} index
   * @param {ReadOptions} options
   */
  static #sharded(files, name, index, options) {
    const sharded = new TensorFiles(files, name, options);
    sharded.totals = totalsOf(index);
    for (const [tensor, file] of checkedIndex(index, name)) {
      const { files: owners, lengths } = sharded.#directory;
      sharded.#directory.set(tensor, null);
      owners.set(tensor, file);
      lengths.set(file, (lengths.get(file) ?? FRAME) + ENTRY + tensor.length);
    }
    return sharded;
  }

  /**
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {string} name of a GGUF file among them, or of the first of several parts
   * @param {ReadOptions} [options]
   * @returns {Promise<TensorFiles & { gguf: import('./gguf.js').Gguf }>}
   */
  static async gguf(files, name, options = {}) {
    const source = await files.open(name, { ranges: GGUF_READ });
    if (!source) throw new WembedError('not_found', `${files.name} has no ${name}`);
    const tensors = new TensorFiles(files, name, options);
    return tensors.#closingOnError(async () => {
      const gguf = await tensors.#readGguf(name, source);
      for (const part of otherParts(name, gguf)) {
        const other = await files.open(part, { ranges: PART_HEADER });
        if (!other)
          throw new WembedError('not_found', `${files.name} has no ${part}, of which ${name} is the first part`);
        for (const [tensor, info] of (await tensors.#readGguf(part, other)).tensors) gguf.tensors.set(tensor, info);
      }
      return Object.assign(tensors, { gguf });
    });
  }

  /**
   * @param {string} name
   * @param {import('../sources/source.js').ByteSource} source
   */
  async #readGguf(name, source) {
    const file = this.#add(name, source);
    const { keepStrings } = await import('./gguf_values.js').catch(importFailed);
    const gguf = await readGgufHeader(asSource(file), name, keepStrings);
    file.headerLength = gguf.headerLength;
    for (const { type, ...tensor } of gguf.tensors.values()) {
      if (this.#directory.has(tensor.name))
        throw new WembedError('bad_file', `${name} has another tensor '${tensor.name}'`);
      this.#directory.set(tensor.name, { ...tensor, dtype: type, file: name });
    }
    return gguf;
  }

  /**
   * Computes something from the tensors' shapes; only the headers of shards that it needs are read.
   * @template T
   * @param {(tensors: Map<string, StoredTensor>) => T} use may be called several times
   * @returns {Promise<T>}
   */
  async plan(use) {
    for (;;) {
      try {
        return use(this.#directory);
      } catch (error) {
        if (!(error instanceof Unread)) throw error;
        await this.#readShard(error.file);
      }
    }
  }

  /**
   * Reads the headers of all shards, or of as many as fit a number of bytes.
   * @param {number} budget
   * @returns {Promise<boolean>} whether all have been read
   */
  async readHeaders(budget) {
    let left = budget;
    const unread = [...this.#directory.lengths].filter(([file]) => !this.#open.has(file));
    const within = unread.filter(([, length]) => (left -= length) >= 0).map(([file]) => file);
    for (let i = 0; i < within.length; i += AT_ONCE) {
      // Waits for all of them even if one fails, so that no file is opened after the error.
      const read = await Promise.allSettled(within.slice(i, i + AT_ONCE).map((file) => this.#readShard(file)));
      const failed = read.find(({ status }) => status === 'rejected');
      if (failed) throw /** @type {PromiseRejectedResult} */ (failed).reason;
    }
    return within.length === unread.length;
  }

  /** The tensors whose headers have been read. @returns {StoredTensor[]} */
  get known() {
    return [...this.#directory.values()].filter((tensor) => tensor !== null);
  }

  /** Bytes of all headers read, including their length fields. */
  get headerBytes() {
    return [...this.#open.values()].reduce((sum, { headerLength }) => sum + headerLength, 0);
  }

  /**
   * Renames tensors.
   * @param {Map<string, string>} names old → new
   */
  rename(names) {
    for (const [from, to] of names) {
      this.#directory.set(to, this.#directory.get(from));
      this.#directory.delete(from);
    }
  }

  /**
   * Reads tensors' bytes: each tensor's in order, in pieces that are valid until `take` returns.
   * @param {Map<StoredTensor, (bytes: Uint8Array) => void>} takers
   */
  async read(takers) {
    /** @type {Map<string, import('./tensor_file.js').ByteRange[]>} */
    const byFile = new Map([...this.#open.keys()].map((name) => [name, []]));
    for (const [{ file, begin, end }, take] of takers) byFile.get(file)?.push({ begin, end, take });
    for (const [name, parts] of byFile) await this.#open.get(name)?.read(parts);
  }

  /**
   * For reading single rows.
   * @param {StoredTensor} tensor
   * @returns {import('../sources/source.js').ByteSource} of the file that contains it
   */
  sourceOf({ file }) {
    return /** @type {ModelFile} */ (this.#open.get(file)).source;
  }

  /** Closes all open files. */
  async close() {
    await Promise.all([...this.#open.values()].map((file) => file.close()));
    this.#open.clear();
  }

  /**
   * @template T
   * @param {() => Promise<T>} call
   */
  async #closingOnError(call) {
    try {
      return await call();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * @param {string} name
   * @param {import('../sources/source.js').ByteSource} source
   */
  #add(name, source) {
    const file = new ModelFile(source, name, this.#options);
    this.#open.set(name, file);
    return file;
  }

  /** @param {string} name */
  async #readShard(name) {
    const length = /** @type {number} */ (this.#directory.lengths.get(name));
    const source = await this.#files.open(name, { ranges: length });
    if (!source) throw new WembedError('not_found', `${this.#files.name} has no ${name}, which ${this.name} names`);
    await this.#readHeader(name, source, length);
  }

  /**
   * @param {string} name of a safetensors file
   * @param {import('../sources/source.js').ByteSource} source
   * @param {number} [guess] its header's length
   */
  async #readHeader(name, source, guess = FIRST_READ) {
    const file = this.#add(name, source);
    const header = new HeaderReader(file, guess);
    const { tensors } = await readSafetensorsHeader(header, file.byteLength);
    file.headerLength = header.position;
    for (const { begin, end, ...tensor } of tensors.values()) {
      const owner = this.#directory.files.get(tensor.name);
      if (this.#directory.files.size > 0 && owner !== name) continue; // the index assigns it to another file, or omits it
      const position = { begin: header.position + begin, end: header.position + end };
      this.#directory.set(tensor.name, { ...tensor, ...position, file: name });
    }
    for (const [tensor, owner] of this.#directory.files) {
      if (owner !== name || tensors.has(tensor)) continue;
      throw new WembedError('bad_file', `${name} has no '${tensor}', although ${this.name} lists it there`, {
        reason: 'index',
      });
    }
  }
}

/** The reader for `readSafetensorsHeader`: a file's head, of which the first read gets more than requested. */
class HeaderReader {
  position = 0;
  #file;
  #guess;

  /**
   * @param {ModelFile} file
   * @param {number} guess the estimated length of the header
   */
  constructor(file, guess) {
    this.name = file.name;
    this.#file = file;
    this.#guess = guess;
  }

  /** @param {number} length */
  async read(length) {
    const begin = this.position;
    this.position += length;
    const least = Math.min(this.#guess, this.#file.byteLength ?? 0);
    const head = await this.#file.head(Math.max(this.position, least));
    if (head.length < this.position) throw this.#file.truncated(head.length, this.position);
    return head.subarray(begin, this.position);
  }
}

/**
 * @param {ModelFile} file
 * @returns {import('../sources/source.js').ByteSource}
 */
const asSource = (file) => ({
  byteLength: file.byteLength,
  slice: async (begin, end = begin) => /** @type {ArrayBuffer} */ ((await file.head(end)).slice(begin, end).buffer),
});

/**
 * The error for a model without safetensors.
 * @param {import('../sources/files.js').ModelFiles} files
 */
async function missing(files) {
  for (const name of [TORCH, `${TORCH}.index.json`]) {
    const source = await files.open(name, { ranges: true });
    if (!source) continue;
    await source.close?.();
    const how = "in Python: transformers' AutoModel.from_pretrained(…).save_pretrained(folder) writes safetensors";
    return new WembedError(
      'unsupported',
      `${files.name} has ${name} only, which runs code when it is loaded; convert it (${how})`,
    );
  }
  const others = ((await files.list?.()) ?? []).filter((name) => /\.(safetensors|gguf)$/.test(name));
  const found =
    others.length > 0 ? `it has ${others.slice(0, 4).join(', ')}: ` : 'for a file of another name or a GGUF: ';
  return new WembedError(
    'not_found',
    `${files.name} has neither ${WEIGHTS} nor ${INDEX}; ${found}name it with the option file`,
  );
}
