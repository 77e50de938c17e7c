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
 * @typedef {(model: any, options: import('../index.js').FromPretrainedOptions) => Promise<EmbeddingLayer> | EmbeddingLayer} LoadLayer
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

/**
 * Answered at once.
 * @type {Record<string, (session: Session, ...args: any[]) => unknown>}
 */
export const QUERIES = {
  encode: (session, texts, options) => layerOf(session).encode(texts, options),
  similarity: (session, a, b, options) => layerOf(session).similarity(a, b, options),
  mostSimilar: (session, query, options) => layerOf(session).mostSimilar(query, options),
  embed: (session, ids, options) => layerOf(session).embed(ids, options),
  describe: (session) => layerOf(session).describe(),
  tokenize(session, text, options) {
    const { ids, tokens, offsets } = tokenizerOf(session).encode(text, options);
    return offsets ? { ids, tokens: [...tokens], offsets } : { ids, tokens: [...tokens] };
  },
  decode: (session, ids, options) => tokenizerOf(session).decode(ids, options),
  count: (session, text, options) => tokenizerOf(session).count(text, options),
  isWithinLimit: (session, text, limit, options) => tokenizerOf(session).isWithinLimit(text, limit, options),
};

/**
 * Answered at once, of an index.
 * @type {Record<string, (index: VectorIndex, ...args: any[]) => unknown>}
 */
export const INDEX_QUERIES = {
  search: (index, query, options) => index.search(query, options),
  explain: (index, id, query, options) => index.explain(id, query, options),
  has: (index, id) => index.has(id),
  get: (index, id) => index.get(id),
  ids: (index) => index.ids(),
  describe: (index) => index.describe(),
};

/**
 * Done at once too, though they give promises.
 * @type {Record<string, (session: Session, ...args: any[]) => Promise<unknown>>}
 */
export const STARTS = {
  async index(session, { layer, ...options }) {
    const own = layer === false ? {} : { layer: layerOf(session) };
    return keep(session, await VectorIndex.create({ ...options, ...own }));
  },
  async loadIndex(session, source, options) {
    return keep(session, await VectorIndex.load(source, { layer: layerOf(session), ...options }));
  },
};

/**
 * Done in the order in which they were asked for, of an index.
 * @type {Record<string, (index: VectorIndex, ...args: any[]) => unknown>}
 */
export const INDEX_CHANGES = {
  remove: (index, ids) => index.remove(ids),
  save: (index, ...target) => index.save(...target),
  changes: (index) => index.changes(),
  dispose: (index) => index.dispose(),
};

/**
 * Lists, done in strips.
 * @type {Record<string, (session: Session, index: number, options: any, total: number | undefined) => ListWork>}
 */
export const LISTS = {
  encodeList(session, _, options, total) {
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
  tokenizeList(session, _, options) {
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
    return { status: 'update', each: (items) => indexOf(session, index).update(/** @type {any} */ (items)) };
  },
  'index.searchMany'(session, index, options) {
    /** @type {import('../search.js').SearchHit[][]} */
    const hits = [];
    return {
      status: 'search',
      each: (queries) => void hits.push(...indexOf(session, index).searchMany(/** @type {any} */ (queries), options)),
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
