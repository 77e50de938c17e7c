// What a worker can be asked for.
import { EmbeddingLayer, Matrix, WembedError, env } from '../index.js';
import { loadMini } from '../mini.js';
import { VectorIndex } from '../search.js';

/** @typedef {import('./jobs.js').ListWork} ListWork */

/**
 * What one connection has.
 * @typedef {object} Session
 * @property {EmbeddingLayer | undefined} layer
 * @property {Map<number, VectorIndex>} indexes
 * @property {number} lastIndex
 */

/**
 * How a layer is loaded.
 * @typedef {(model: import('./create.js').WorkerOptions['model'], options: import('../index.js').FromPretrainedOptions) => Promise<EmbeddingLayer> | EmbeddingLayer} LoadLayer
 */

/** @type {LoadLayer} */
export const loadLayer = (model, options) =>
  model === undefined ? loadMini(options) : EmbeddingLayer.fromPretrained(model, options);

/** @param {Session} session */
function layerOf({ layer }) {
  if (layer) return layer;
  throw new WembedError('disposed', 'this connection has no layer');
}

/** @param {Session} session */
function tokenizerOf(session) {
  const { tokenizer } = layerOf(session);
  if (tokenizer) return tokenizer;
  throw new WembedError('unsupported', String(layerOf(session).describe().whyNoTokenizer));
}

/** @param {Session} session @param {number} index */
export function indexOf({ indexes }, index) {
  const found = indexes.get(index);
  if (found) return found;
  throw new WembedError('disposed', 'this VectorIndex has been disposed');
}

/** @param {Session} session @param {VectorIndex} made */
function keep(session, made) {
  const index = ++session.lastIndex;
  session.indexes.set(index, made);
  return { index, dim: made.dim, dtype: made.dtype, metric: made.metric };
}

/** @typedef {EmbeddingLayer} Layer */
/** @typedef {import('../index.js').Tokenizer} Tokenizer */

/**
 * Answered at once. Arguments are as they came: what they are handed to checks them.
 * @type {Record<string, (session: Session, args: never) => unknown>}
 */
export const QUERIES = {
  encode: (session, /** @type {Parameters<Layer['encode']>} */ args) => layerOf(session).encode(...args),
  similarity: (session, /** @type {Parameters<Layer['similarity']>} */ args) => layerOf(session).similarity(...args),
  mostSimilar: (session, /** @type {Parameters<Layer['mostSimilar']>} */ args) => layerOf(session).mostSimilar(...args),
  embed: (session, /** @type {Parameters<Layer['embed']>} */ args) => layerOf(session).embed(...args),
  describe: (session) => layerOf(session).describe(),
  tokenize(session, /** @type {Parameters<Tokenizer['encode']>} */ args) {
    const { ids, tokens, offsets } = tokenizerOf(session).encode(...args);
    return offsets ? { ids, tokens: [...tokens], offsets } : { ids, tokens: [...tokens] };
  },
  decode: (session, /** @type {Parameters<Tokenizer['decode']>} */ args) => tokenizerOf(session).decode(...args),
  count: (session, /** @type {Parameters<Tokenizer['count']>} */ args) => tokenizerOf(session).count(...args),
  isWithinLimit: (session, /** @type {Parameters<Tokenizer['isWithinLimit']>} */ args) =>
    tokenizerOf(session).isWithinLimit(...args),
};

/**
 * Answered at once, of an index.
 * @type {Record<string, (index: VectorIndex, args: never) => unknown>}
 */
export const INDEX_QUERIES = {
  search: (index, /** @type {Parameters<VectorIndex['search']>} */ args) => index.search(...args),
  explain: (index, /** @type {Parameters<VectorIndex['explain']>} */ args) => index.explain(...args),
  has: (index, /** @type {Parameters<VectorIndex['has']>} */ args) => index.has(...args),
  get: (index, /** @type {Parameters<VectorIndex['get']>} */ args) => index.get(...args),
  ids: (index) => index.ids(),
  describe: (index) => index.describe(),
};

/**
 * Done at once too, though they give promises.
 * @type {Record<string, (session: Session, args: never) => Promise<unknown>>}
 */
export const STARTS = {
  async index(session, /** @type {[import('./embedding_worker.js').WorkerIndexOptions]} */ [{ layer, ...options }]) {
    const own = layer === false ? {} : { layer: layerOf(session) };
    return keep(session, await VectorIndex.create({ ...options, ...own }));
  },
  async loadIndex(session, /** @type {[import('../search.js').IndexSource, object]} */ [source, options]) {
    return keep(session, await VectorIndex.load(source, { layer: layerOf(session), ...options }));
  },
};

/**
 * Done in the order in which they were asked for, of an index.
 * @type {Record<string, (index: VectorIndex, args: never) => unknown>}
 */
export const INDEX_CHANGES = {
  remove: (index, /** @type {Parameters<VectorIndex['remove']>} */ args) => index.remove(...args),
  save: (index, /** @type {Parameters<VectorIndex['save']>} */ args) => index.save(...args),
  changes: (index) => index.changes(),
  dispose: (index) => index.dispose(),
};

/**
 * Lists, done in strips.
 * @type {Record<string, (session: Session, index: number, options: never, total: number | undefined) => ListWork>}
 */
export const LISTS = {
  encodeList(session, _, /** @type {import('../index.js').EncodeOptions} */ options, total) {
    /** @type {Float32Array[]} */
    const strips = [];
    let dim = 0;
    let rows = 0;
    return {
      status: 'encode',
      each(texts) {
        const data = strips[0]?.subarray(rows * dim);
        const room = data && data.length >= texts.length * dim ? { into: data } : {};
        const matrix = layerOf(session).encode(/** @type {string[]} */ (texts), { ...options, ...room });
        dim = matrix.dim;
        if (!data) strips.push(withRoom(matrix, Number(total)));
        else if (!('into' in room))
          throw new WembedError('invalid_argument', 'the texts of encode have changed meanwhile');
        rows += texts.length;
      },
      finish: () => new Matrix(strips[0].subarray(0, rows * dim), rows, dim),
    };
  },
  tokenizeList(session, _, /** @type {import('../index.js').TokenizeOptions} */ options) {
    /** @type {Uint32Array[]} */
    const found = [];
    return {
      status: 'tokenize',
      each: (texts) => void found.push(...tokenizerOf(session).encodeBatch(/** @type {string[]} */ (texts), options)),
      finish: () => found,
    };
  },
  'index.add'(session, index, options) {
    refuseOptions('add', options);
    /** @type {import('../search.js').ItemId[]} */
    const ids = [];
    return {
      status: 'add',
      each(items) {
        const list = /** @type {import('../search.js').IndexItem[]} */ (items);
        indexOf(session, index).add(list);
        for (const { id } of list) ids.push(id);
      },
      undo: () => indexOf(session, index).remove(ids),
    };
  },
  'index.update'(session, index, options) {
    refuseOptions('update', options);
    return {
      status: 'update',
      each: (items) => indexOf(session, index).update(/** @type {import('../search.js').IndexItem[]} */ (items)),
    };
  },
  'index.searchMany'(session, index, /** @type {import('../search.js').SearchOptions} */ options) {
    /** @type {import('../search.js').SearchHit[][]} */
    const hits = [];
    return {
      status: 'search',
      each: (queries) =>
        void hits.push(
          ...indexOf(session, index).searchMany(/** @type {import('../search.js').SearchQuery[]} */ (queries), options),
        ),
      finish: () => hits,
    };
  },
};

/**
 * @param {Matrix} matrix the first rows
 * @param {number} total
 * @returns {Float32Array} of room for all
 */
function withRoom({ data, dim }, total) {
  try {
    const all = new Float32Array(total * dim);
    all.set(data);
    return all;
  } catch (cause) {
    throw new WembedError('out_of_memory', `no memory for ${total} vectors of ${dim} numbers`, { cause });
  }
}

/** @param {string} call @param {object | undefined} options */
function refuseOptions(call, options) {
  const [name] = Object.keys(options ?? {});
  if (name === undefined) return;
  throw new WembedError('invalid_argument', `${call} has no option '${name}': it takes signal, onProgress, transfer`);
}

/** @param {Partial<import('../index.js').Environment> | undefined} settings */
export function setEnv(settings) {
  for (const [name, value] of Object.entries(settings ?? {})) {
    const members = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (env));
    if (members[name] !== value) members[name] = value;
  }
}
