import { WembedError } from '../core/errors.js';
import { readJson } from '../sources/whole.js';
import { FIRST_READ as GGUF_READ, readGgufHeader } from './gguf.js';
import { otherParts } from './gguf_files.js';
import { ModelFile } from './tensor_file.js';
import { readSafetensorsHeader } from './safetensors.js';

/**
 * One tensor of a model. `dtype` is what safetensors or GGUF call it, `shape` row-major; `begin` and `end` count from the
 * first byte of its file.
 * @typedef {{ name: string, dtype: string, shape: number[], begin: number, end: number, file: string }} StoredTensor
 */

/** @typedef {import('../sources/reader.js').ReadOptions} ReadOptions */

const WEIGHTS = 'model.safetensors';
const INDEX = `${WEIGHTS}.index.json`;
const TORCH = 'pytorch_model.bin';

/** A shard is a file beside its index: no path leads elsewhere. */
const SHARD = /^\w[\w.+-]*\.safetensors$/;

/** What a header takes for a tensor beside its name, and for itself: rarely less, hardly ever much more. */
const ENTRY = 96;
const FRAME = 256;

/** What is read of a single file before its header's length is known. */
const FIRST_READ = 8192;

/** What is asked for of a later part of a GGUF: tensors' places, no vocabulary. */
const PART_HEADER = 16384;

/** Shards whose headers are read at once. */
const AT_ONCE = 8;

/** What a tensor is asked for whose shard's header has not been read. */
class Unread {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }
}

/** Tensors by name. Of a sharded checkpoint all names are known, but a tensor only once its shard's header has been read. */
class Directory extends Map {
  /** Which shard has it. @type {Map<string, string>} */
  files = new Map();
  /** About how long a shard's header is. @type {Map<string, number>} */
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
 * bytes of those that are asked for.
 */
export class TensorFiles {
  #files;
  #options;
  #directory = new Directory();
  /** What an index says of the whole. @type {{ parameters?: number, bytes?: number }} */
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
   * Finds a checkpoint in safetensors: one file, or an index of several.
   * @param {import('../sources/files.js').ModelFiles} files
   * @param {ReadOptions} [options]
   * @param {string} [weights] what the file is called
   * @returns {Promise<TensorFiles>}
   */
  static async safetensors(files, options = {}, weights = WEIGHTS) {
    const source = await files.open(weights, { ranges: true });
    if (source) {
      const whole = new TensorFiles(files, weights, options);
      await whole.#closingOnError(() => whole.#readHeader(weights, source));
      return whole;
    }
    if (weights !== WEIGHTS) throw new WembedError('not_found', `${files.name} has no ${weights}`);
    const index = await readJson(files, INDEX, options);
    if (!index) throw await missing(files);
    const sharded = new TensorFiles(files, INDEX, options);
    sharded.totals = totalsOf(index);
    for (const [name, file] of checkedIndex(index)) {
      const { files: owners, lengths } = sharded.#directory;
      sharded.#directory.set(name, null);
      owners.set(name, file);
      lengths.set(file, (lengths.get(file) ?? FRAME) + ENTRY + name.length);
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
    const gguf = await readGgufHeader(asSource(file), name);
    file.headerLength = gguf.headerLength;
    for (const { type, ...tensor } of gguf.tensors.values()) {
      if (this.#directory.has(tensor.name)) throw new WembedError('bad_file', `${name} has '${tensor.name}' once more`);
      this.#directory.set(tensor.name, { ...tensor, dtype: type, file: name });
    }
    return gguf;
  }

  /**
   * Works something out from the tensors' shapes, reading the headers of no more shards than it asks about.
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
   * Reads the headers of all shards, or of as many as a number of bytes allows.
   * @param {number} budget
   * @returns {Promise<boolean>} whether it was enough
   */
  async readHeaders(budget) {
    let left = budget;
    const unread = [...this.#directory.lengths].filter(([file]) => !this.#open.has(file));
    const within = unread.filter(([, length]) => (left -= length) >= 0).map(([file]) => file);
    for (let i = 0; i < within.length; i += AT_ONCE) {
      // All of them, whatever happens to one, so that nothing is opened behind an error.
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

  /** The bytes of all headers that have been read, lengths included. */
  get headerBytes() {
    return [...this.#open.values()].reduce((sum, { headerLength }) => sum + headerLength, 0);
  }

  /**
   * Gives tensors other names.
   * @param {Map<string, string>} names old → new
   */
  rename(names) {
    for (const [from, to] of names) {
      this.#directory.set(to, this.#directory.get(from));
      this.#directory.delete(from);
    }
  }

  /**
   * Reads tensors' bytes: each is handed over in order, in pieces that are good until `take` returns.
   * @param {Map<StoredTensor, (bytes: Uint8Array) => void>} wanted
   */
  async read(wanted) {
    /** @type {Map<string, import('./tensor_file.js').ByteRange[]>} */
    const byFile = new Map([...this.#open.keys()].map((name) => [name, []]));
    for (const [{ file, begin, end }, take] of wanted) byFile.get(file)?.push({ begin, end, take });
    for (const [name, parts] of byFile) await this.#open.get(name)?.read(parts);
  }

  /**
   * For rows here and there.
   * @param {StoredTensor} tensor
   * @returns {import('../sources/source.js').ByteSource} of the file that has it
   */
  sourceOf({ file }) {
    return /** @type {ModelFile} */ (this.#open.get(file)).source;
  }

  /** Gives up whatever is open. */
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
    if (!source) throw new WembedError('not_found', `${this.#files.name} has no ${name}, which ${INDEX} names`);
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
      if (this.name === INDEX && owner !== name) continue; // the index says that it is elsewhere, or nothing of it
      const place = { begin: header.position + begin, end: header.position + end };
      this.#directory.set(tensor.name, { ...tensor, ...place, file: name });
    }
    for (const [tensor, owner] of this.#directory.files) {
      if (owner !== name || tensors.has(tensor)) continue;
      throw new WembedError('bad_file', `${name} has no '${tensor}', which ${INDEX} says it has`, { reason: 'index' });
    }
  }
}

/** What `readSafetensorsHeader` reads from: a file's head, more of it than asked for the first time. */
class HeaderReader {
  position = 0;
  #file;
  #guess;

  /**
   * @param {ModelFile} file
   * @param {number} guess the header's length
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

/** @typedef {{ metadata?: { total_parameters?: unknown, total_size?: unknown }, weight_map?: unknown }} Index */

/** @param {Index} index model.safetensors.index.json, parsed */
function totalsOf({ metadata }) {
  const count = (/** @type {unknown} */ value) => (Number.isSafeInteger(value) ? Number(value) : undefined);
  return { parameters: count(metadata?.total_parameters), bytes: count(metadata?.total_size) };
}

/**
 * @param {Index | null} index model.safetensors.index.json, parsed
 * @returns {[tensor: string, file: string][]}
 */
function checkedIndex(index) {
  const map = index?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new WembedError('bad_file', `${INDEX} has no weight_map of tensors to files`, { reason: 'index' });
  }
  const entries = Object.entries(map);
  for (const [tensor, file] of entries) {
    if (typeof file === 'string' && SHARD.test(file)) continue;
    const what = `'${tensor}' is in ${JSON.stringify(file)}, which is not the name of a shard`;
    throw new WembedError('bad_file', `${INDEX}: ${what}`, { reason: 'index' });
  }
  return entries;
}

/**
 * Says what is wrong with a model that has no safetensors.
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
      `${files.name} has ${name} only, which runs as code when read; convert it (${how})`,
    );
  }
  const gguf = 'a GGUF file has to be named by the option file';
  return new WembedError('not_found', `${files.name} has neither ${WEIGHTS} nor ${INDEX}; ${gguf}`);
}
