import { WembedError } from '../../core/errors.js';
import { MAX_DIM, batchRows, refusal } from '../../formats/row_batches.js';
import { MAX_KEY } from './vector_file.js';

/** @typedef {import('../../formats/byte_window.js').ByteWindow} ByteWindow */

/**
 * The longest n-grams: models have shorter ones, and without a limit a hostile file's long words would take forever.
 */
const MAX_NGRAM = 100;

/** What all but the oldest files begin with. */
const MAGIC = 793712314;

const SUPERVISED = 3; // model_name::sup

/** Centroids per part of a product quantizer. */
const CENTROIDS = 256;

/**
 * How the rows of a word's subwords are found.
 * @typedef {object} SubwordRule
 * @property {number} minn
 * @property {number} maxn in characters, `<` and `>` at the word's ends included; 0 for no subwords
 * @property {number} bucket the number of buckets, the modulus of the hashes
 * @property {Map<number, number>} [pruned] the rows left after pruning, by bucket
 * @property {boolean} supervised
 */

/**
 * A fastText model whose dictionary has been read.
 * @typedef {object} FasttextFile
 * @property {number} dim
 * @property {number} words the number of words read, whose keys have been added
 * @property {Map<number, Uint8Array>} raw the bytes of words that are not UTF-8, by index
 * @property {SubwordRule} subwords
 * @property {number} firstSubword the row of bucket 0
 * @property {number} subwordRows 0 for a model without subwords
 * @property {boolean} anyOrder whether rows may be read in any order; otherwise each `rows` continues after the last
 * @property {(first: number, end: number) => AsyncGenerator<Float32Array>} rows in batches, each valid until the next
 */

/**
 * Reads a fastText model (.bin), or a quantized one (.ftz), up to its vectors: arguments, dictionary, and the input
 * matrix, which has one row per word and then one row per bucket. The output matrix is not read. Labels of supervised
 * models have no vectors. (facebookresearch/fastText: args.cc, dictionary.cc, quantmatrix.cc, productquantizer.cc)
 * @param {ByteWindow} window
 * @param {string} name for messages
 * @param {import('./vector_file.js').VectorFileOptions} options
 * @returns {Promise<FasttextFile>}
 */
export async function openFasttext(window, name, options) {
  const fields = new Fields(window, name, options.byteLength);
  const args = await readArguments(fields);
  const { words, taken, raw, prunedSize, pruned } = await readDictionary(fields, options, args.old);
  const rows = words + (prunedSize < 0 ? args.bucket : prunedSize);
  const isQuantised = !args.old && (await fields.view(1)).getUint8(0) !== 0;
  const read = isQuantised
    ? await openQuantised(fields, rows, args.dim)
    : await openDense(fields, rows, args.dim, options.reopen);
  return {
    ...{ dim: args.dim, words: taken, raw, rows: read, firstSubword: words, subwords: { ...args, pruned } },
    subwordRows: args.maxn > 0 ? rows - words : 0,
    anyOrder: isQuantised || options.reopen !== undefined,
  };
}

/** Reads fields from the front of a file. */
class Fields {
  #name;
  #byteLength;

  /**
   * @param {ByteWindow} window
   * @param {string} name
   * @param {number} [byteLength]
   */
  constructor(window, name, byteLength) {
    this.window = window;
    this.#name = name;
    this.#byteLength = byteLength ?? Infinity;
  }

  /** @param {string} what */
  refuse(what) {
    return refusal(this.#name, `${what} (before byte ${this.window.position})`);
  }

  /** @param {string} what */
  unsupported(what) {
    return new WembedError('unsupported', `${this.#name} is ${what}`);
  }

  /** @param {number} length of data that must follow in the file */
  expect(length) {
    const left = this.#byteLength - this.window.position;
    if (length > left) throw this.refuse(`it needs ${length} more bytes, but has ${left}`);
  }

  /**
   * The next bytes, valid until the next call.
   * @param {number} length
   * @returns {Promise<Uint8Array>}
   */
  async bytes(length) {
    const window = this.window;
    if (window.length < length) {
      this.expect(length);
      if (!(await window.fill(length))) throw this.refuse('it is truncated');
    }
    window.begin += length;
    return window.bytes.subarray(window.begin - length, window.begin);
  }

  /**
   * The next bytes as numbers.
   * @param {number} length
   */
  async view(length) {
    const bytes = await this.bytes(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /**
   * Skips bytes.
   * @param {number} length
   */
  async skip(length) {
    this.expect(length);
    for (let left = length; left > 0;) {
      const step = Math.min(left, 65536);
      await this.bytes(step);
      left -= step;
    }
  }
}

/**
 * The first files of fastText begin with the arguments; later ones have a magic number and a version before them, and
 * say of the dictionary whether it is pruned, of the matrix whether it is quantized. (gensim, _fasttext_bin.py)
 * @param {Fields} fields
 */
async function readArguments(fields) {
  await fields.window.fill(4);
  const old =
    fields.window.length >= 4 &&
    new DataView(fields.window.bytes.buffer, fields.window.bytes.byteOffset + fields.window.begin).getInt32(0, true) !==
      MAGIC;
  const view = await fields.view(old ? 56 : 64);
  const int = (/** @type {number} */ index) => view.getInt32(4 * (old ? index - 2 : index), true);
  const version = old ? 11 : int(1);
  if (version !== 11 && version !== 12)
    throw fields.unsupported(`a fastText model of version ${version}, not 11 or 12`);
  const [dim, model, bucket, minn] = [int(2), int(9), int(10), int(11)];
  // Supervised models had no subwords before version 12, even if their arguments have some.
  const maxn = version === 11 && model === SUPERVISED ? 0 : int(12);
  if (dim < 1 || dim > MAX_DIM) throw fields.refuse(`its vectors have ${dim} numbers`);
  if (bucket < 0 || minn < 0 || maxn < 0 || maxn > MAX_NGRAM) {
    throw fields.refuse(`it has subwords of ${minn} to ${maxn} characters in ${bucket} buckets`);
  }
  return { dim, bucket, minn, maxn, supervised: model === SUPERVISED, old };
}

/**
 * @param {Fields} fields
 * @param {import('./vector_file.js').VectorFileOptions} options
 * @param {boolean} old
 */
async function readDictionary(fields, { limit, keys }, old) {
  const view = await fields.view(old ? 20 : 28);
  const [size, words, labels] = [0, 4, 8].map((at) => view.getInt32(at, true));
  const prunedSize = old ? -1 : Number(view.getBigInt64(20, true));
  if (words < 0 || labels < 0 || size !== words + labels || prunedSize < -1 || prunedSize >= 2 ** 31) {
    throw fields.refuse(
      `it has ${size} entries, ${words} words, ${labels} labels, ${prunedSize} buckets after pruning`,
    );
  }
  fields.expect(10 * size + 8 * Math.max(0, prunedSize));
  const taken = Math.min(words, limit);
  const raw = await readWords(fields, words, taken, keys);
  for (let i = 0; i < labels; i++) await readEntry(fields, 1);
  /** @type {Map<number, number> | undefined} */
  const pruned = prunedSize < 0 ? undefined : new Map();
  for (let i = 0; i < prunedSize; i++) {
    const pair = await fields.view(8);
    const row = pair.getInt32(4, true);
    if (row < 0 || row >= prunedSize) throw fields.refuse(`a bucket has the row ${row} of ${prunedSize}`);
    pruned?.set(pair.getInt32(0, true), row);
  }
  return { words, taken, raw, prunedSize, pruned };
}

/**
 * @param {Fields} fields
 * @param {number} words the number in the file
 * @param {number} taken the number to read, from the first
 * @param {import('../../core/key_index.js').KeyIndex} keys
 */
async function readWords(fields, words, taken, keys) {
  /** @type {Map<number, Uint8Array>} */
  const raw = new Map();
  for (let i = 0; i < words; i++) {
    const word = await readEntry(fields, 0);
    if (i >= taken) continue;
    keys.addAnyway(word);
    if (!sameBytes(keys.utf8(i), word)) raw.set(i, word.slice());
  }
  return raw;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const sameBytes = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * A dictionary's entry: its bytes, a 0, a count of 8 bytes, its type.
 * @param {Fields} fields
 * @param {number} type 0 for a word, 1 for a label
 * @returns {Promise<Uint8Array>} valid until the next call
 */
async function readEntry(fields, type) {
  const { window } = fields;
  for (let searched = 0; ;) {
    const zero = window.bytes.indexOf(0, window.begin + searched);
    searched = zero >= 0 && zero < window.end ? zero - window.begin : window.length;
    if (searched > MAX_KEY) throw fields.refuse(`a word has more than ${MAX_KEY} bytes`);
    if (zero >= 0 && zero + 10 <= window.end) {
      const entry = window.bytes.subarray(window.begin, zero);
      if (window.bytes[zero + 9] !== type)
        throw fields.refuse(`an entry has the type ${window.bytes[zero + 9]}, not ${type}`);
      window.begin = zero + 10;
      return entry;
    }
    if (window.done) throw fields.refuse('it is truncated within its dictionary');
    await window.more();
  }
}

/**
 * Reads a matrix's size and checks it.
 * @param {Fields} fields
 * @param {number} rows the required number
 * @param {number} dim
 */
async function readSize(fields, rows, dim) {
  const view = await fields.view(16);
  const [m, n] = [view.getBigInt64(0, true), view.getBigInt64(8, true)];
  if (m !== BigInt(rows) || n !== BigInt(dim)) throw fields.refuse(`a matrix is ${m} × ${n}, not ${rows} × ${dim}`);
}

/**
 * @param {Fields} fields
 * @param {number} rows
 * @param {number} dim
 * @param {import('./vector_file.js').Reopen} [reopen]
 * @returns {Promise<FasttextFile['rows']>}
 */
async function openDense(fields, rows, dim, reopen) {
  await readSize(fields, rows, dim);
  fields.expect(4 * rows * dim);
  const begin = fields.window.position;
  let at = 0;
  return async function* (first, end) {
    if (first !== at && reopen) fields.window = await reopen(begin + 4 * dim * first, begin + 4 * dim * end);
    else await fields.skip(4 * dim * (first - at));
    const batch = new Float32Array(batchRows(dim) * dim);
    const bytes = new Uint8Array(batch.buffer);
    for (at = first; at < end;) {
      const count = Math.min(batchRows(dim), end - at);
      bytes.set(await fields.bytes(4 * dim * count));
      at += count;
      yield batch.subarray(0, count * dim);
    }
  };
}

/**
 * A quantized matrix: a row has one code per part, each the number of a centroid; its norm may be a code too.
 * @param {Fields} fields
 * @param {number} rows
 * @param {number} dim
 * @returns {Promise<FasttextFile['rows']>}
 */
async function openQuantised(fields, rows, dim) {
  const hasNorms = (await fields.view(1)).getUint8(0) !== 0;
  await readSize(fields, rows, dim);
  const codeBytes = (await fields.view(4)).getInt32(0, true);
  if (codeBytes < 0 || codeBytes > rows * dim)
    throw fields.refuse(`it has ${codeBytes} codes for ${rows} rows of ${dim}`);
  const codes = (await fields.bytes(codeBytes)).slice();
  const quantizer = await readQuantizer(fields, dim);
  const { parts } = quantizer;
  if (codeBytes !== rows * parts) throw fields.refuse(`it has ${codeBytes} codes for ${rows} rows of ${parts} parts`);
  const normCodes = hasNorms ? (await fields.bytes(rows)).slice() : undefined;
  const norms = hasNorms ? (await readQuantizer(fields, 1)).centroids : undefined;
  return async function* (first, end) {
    const batch = new Float32Array(batchRows(dim) * dim);
    for (let at = first; at < end;) {
      const count = Math.min(batchRows(dim), end - at);
      for (let i = 0; i < count; i++) {
        const row = batch.subarray(i * dim, (i + 1) * dim);
        const norm = norms && normCodes ? norms[normCodes[at + i]] : 1;
        quantizer.decode(codes.subarray((at + i) * parts, (at + i + 1) * parts), norm, row);
      }
      at += count;
      yield batch.subarray(0, count * dim);
    }
  };
}

/**
 * @param {Fields} fields
 * @param {number} dim
 */
async function readQuantizer(fields, dim) {
  const view = await fields.view(16);
  const [size, parts, width, last] = [0, 4, 8, 12].map((at) => view.getInt32(at, true));
  if (size !== dim || width < 1 || parts !== Math.ceil(dim / width) || last !== (dim % width || width)) {
    throw fields.refuse(`a quantizer has ${parts} parts of ${width} and ${last} numbers for ${size}`);
  }
  const centroids = new Float32Array((await fields.bytes(4 * dim * CENTROIDS)).slice().buffer);
  /** @type {(codes: Uint8Array, norm: number, row: Float32Array) => void} */
  const decode = (codes, norm, row) => {
    for (let part = 0; part < parts; part++) {
      const length = part === parts - 1 ? last : width;
      const from = part * CENTROIDS * width + codes[part] * length;
      for (let i = 0; i < length; i++) row[part * width + i] = norm * centroids[from + i];
    }
  };
  return { parts, centroids, decode };
}

const encoder = new TextEncoder();

const [OPEN, CLOSE] = [0x3c, 0x3e]; // < and >
const END_OF_SENTENCE = encoder.encode('</s>');

/**
 * The rows, counted from bucket 0, of a word's subwords: its character n-grams, with `<` and `>` around the word,
 * except the two brackets alone. A row is passed once per n-gram. The end of a sentence, `</s>`, has no subwords in
 * fastText, but has them in gensim, which reads unsupervised models only: for those, gensim is followed.
 * (dictionary.cc, `computeSubwords`; gensim's `compute_ngrams_bytes` and `ft_hash_bytes`)
 * @param {string | Uint8Array} word or its bytes
 * @param {SubwordRule} rule
 * @param {(row: number) => void} take
 */
export function eachSubword(word, { minn, maxn, bucket, pruned, supervised }, take) {
  const utf8 = typeof word === 'string' ? encoder.encode(word) : word;
  if (supervised && sameBytes(utf8, END_OF_SENTENCE)) return;
  const bytes = new Uint8Array(utf8.length + 2);
  bytes.set([OPEN]);
  bytes.set(utf8, 1);
  bytes[utf8.length + 1] = CLOSE;
  const inside = (/** @type {number} */ at) => at < bytes.length && (bytes[at] & 0xc0) === 0x80;
  for (let first = 0; first < bytes.length; first++) {
    if (inside(first)) continue;
    let hash = 2166136261; // FNV-1a over signed bytes
    for (let at = first, n = 1; at < bytes.length && n <= maxn; n++) {
      do {
        hash = Math.imul(hash ^ ((bytes[at++] << 24) >> 24), 16777619);
      } while (inside(at));
      if (n < minn || (n === 1 && (first === 0 || at === bytes.length))) continue;
      const row = (hash >>> 0) % bucket;
      if (!pruned) take(row);
      else if (pruned.has(row)) take(/** @type {number} */ (pruned.get(row)));
    }
  }
}
