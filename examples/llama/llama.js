// A LLaMA in JavaScript between wembed's two ends: the layer gives the first block its input and scores the last
// block's output; the tokenizer and the rotation are wembed's too. Only the transformer's body is written here:
// attention and feed-forward.
import { EmbeddingLayer, EmbeddingTable, readGguf } from 'wembed';

/**
 * @typedef {object} Layer weights of a block, matrices row-major (out, in)
 * @property {Float32Array} attentionNorm (dim)
 * @property {Float32Array} query (dim, dim)
 * @property {Float32Array} key (kvDim, dim)
 * @property {Float32Array} value (kvDim, dim)
 * @property {Float32Array} output (dim, dim)
 * @property {Float32Array} feedNorm (dim)
 * @property {Float32Array} gate (hiddenDim, dim)
 * @property {Float32Array} down (dim, hiddenDim)
 * @property {Float32Array} up (hiddenDim, dim)
 */

/** ggml's names of a block's tensors. */
const NAMES = {
  attentionNorm: 'attn_norm',
  query: 'attn_q',
  key: 'attn_k',
  value: 'attn_v',
  output: 'attn_output',
  feedNorm: 'ffn_norm',
  gate: 'ffn_gate',
  down: 'ffn_down',
  up: 'ffn_up',
};

/**
 * Reads the blocks' weights from a GGUF file of a LLaMA whose tensors are F32 or F16.
 * @param {Uint8Array<ArrayBuffer>} file
 */
export async function readCheckpoint(file) {
  const { metadata, tensors } = await readGguf(file);
  const kind = metadata.get('general.architecture');
  if (kind === undefined) throw new Error('the file does not say what kind of model it holds');
  if (kind !== 'llama') throw new Error(`a LLaMA is needed, and this is a model of the kind “${kind}”`);
  const number = (/** @type {string} */ key) => {
    const value = Number(metadata.get(`llama.${key}`));
    if (!Number.isInteger(value) || value < 1) throw new Error(`the file has no llama.${key}`);
    return value;
  };
  const [dim, heads, kvHeads] = ['embedding_length', 'attention.head_count', 'attention.head_count_kv'].map(number);
  const [hidden, context] = [number('feed_forward_length'), number('context_length')];
  if (dim % heads !== 0 || heads % kvHeads !== 0) throw new Error(`${heads} heads do not share ${dim} numbers`);
  const kvDim = (dim / heads) * kvHeads;
  const take = (/** @type {string} */ name, /** @type {number} */ out, inside = 1) =>
    numbersOf(file, `${name}.weight`, tensors.get(`${name}.weight`), out, inside);
  const layers = [];
  for (let block = 0; block < number('block_count'); block++) {
    const of = (/** @type {keyof typeof NAMES} */ name, /** @type {number} */ out, inside = 1) =>
      take(`blk.${block}.${NAMES[name]}`, out, inside);
    layers.push({
      attentionNorm: await of('attentionNorm', dim),
      query: await of('query', dim, dim),
      key: await of('key', kvDim, dim),
      value: await of('value', kvDim, dim),
      output: await of('output', dim, dim),
      feedNorm: await of('feedNorm', dim),
      gate: await of('gate', hidden, dim),
      down: await of('down', dim, hidden),
      up: await of('up', hidden, dim),
    });
  }
  const epsilon = Number(metadata.get('llama.attention.layer_norm_rms_epsilon') ?? 1e-5);
  return { dim, heads, kvHeads, context, epsilon, norm: await take('output_norm', dim), layers };
}

/**
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {string} name
 * @param {ReturnType<import('wembed').Gguf['tensors']['get']>} tensor
 * @param {number} out
 * @param {number} inside
 * @returns {Promise<Float32Array>} (out, inside) row-major
 */
async function numbersOf(file, name, tensor, out, inside) {
  if (!tensor) throw new Error(`the file has no ${name}`);
  const { type, shape, begin, end } = tensor;
  const numbers = shape.reduce((product, size) => product * size, 1);
  if (numbers !== out * inside) throw new Error(`${name} has ${numbers} numbers, not ${out} × ${inside}`);
  const bytes = file.slice(begin, end).buffer;
  if (type === 'F32') return new Float32Array(bytes);
  if (type !== 'F16') throw new Error(`${name} is ${type}, where this example reads F32 and F16`);
  const table = await EmbeddingTable.from(new Uint16Array(bytes), { rows: out, dim: inside });
  try {
    return table.lookup(Uint32Array.from({ length: out }, (_, i) => i)).data;
  } finally {
    table.dispose();
  }
}

export class Llama {
  #checkpoint;
  #layer;
  /** @type {{ keys: Float32Array[], values: Float32Array[] }[]} by block, then by position */
  #cache;

  /**
   * @param {Awaited<ReturnType<typeof readCheckpoint>>} checkpoint
   * @param {EmbeddingLayer} layer
   */
  constructor(checkpoint, layer) {
    this.#checkpoint = checkpoint;
    this.#layer = layer;
    this.#cache = checkpoint.layers.map(() => ({ keys: [], values: [] }));
  }

  /** @param {Uint8Array<ArrayBuffer>} file a GGUF file */
  static async load(file) {
    return new Llama(await readCheckpoint(file), await EmbeddingLayer.fromPretrained({ 'model.gguf': file }));
  }

  get tokenizer() {
    return this.#layer.tokenizer;
  }

  /** The most tokens that it was trained to read. */
  get context() {
    return this.#checkpoint.context;
  }

  /** The blocks of attention between the two ends. */
  get blocks() {
    return this.#checkpoint.layers.length;
  }

  /** How many numbers the blocks have; the table and the head come on top. */
  get bodySize() {
    const { norm, layers } = this.#checkpoint;
    const all = [norm, ...layers.flatMap((layer) => Object.values(layer))];
    return all.reduce((sum, { length }) => sum + length, 0);
  }

  /** Both ends: the table and the head are the layer's. */
  get layer() {
    return this.#layer;
  }

  /** The head, which scores hidden states. */
  get head() {
    return /** @type {import('wembed').TiedHead} */ (this.#layer.head);
  }

  /**
   * The hidden state after a token; those at earlier positions are remembered, later ones forgotten.
   * @param {number} id
   * @param {number} position at most one beyond the last
   * @returns {Float32Array} (dim)
   */
  next(id, position) {
    const { layers, norm, epsilon } = this.#checkpoint;
    const x = this.#layer.embed([id]).data;
    layers.forEach((layer, i) => {
      add(x, this.#attend(layer, i, normalized(x, layer.attentionNorm, epsilon), position));
      add(x, feedForward(layer, normalized(x, layer.feedNorm, epsilon)));
    });
    return normalized(x, norm, epsilon);
  }

  /**
   * @param {Layer} layer
   * @param {number} block
   * @param {Float32Array} x (dim)
   * @param {number} position
   */
  #attend(layer, block, x, position) {
    const { dim, heads, kvHeads } = this.#checkpoint;
    const size = dim / heads;
    const rotary = /** @type {import('wembed').RotaryPositions} */ (this.#layer.rotary);
    const turn = (/** @type {Float32Array} */ q, /** @type {number} */ of) =>
      rotary.rotate(q, { positions: [position], heads: of, into: q });
    const query = turn(times(layer.query, x), heads);
    const { keys, values } = this.#cache[block];
    keys.length = values.length = position;
    keys[position] = turn(times(layer.key, x), kvHeads);
    values[position] = times(layer.value, x);
    const mixed = new Float32Array(dim);
    for (let head = 0; head < heads; head++) {
      const from = Math.floor((head * kvHeads) / heads) * size; // heads share keys and values
      const scores = keys.map((key) => dot(query, head * size, key, from, size) / Math.sqrt(size));
      softmax(scores).forEach((weight, p) => {
        for (let d = 0; d < size; d++) mixed[head * size + d] += weight * values[p][from + d];
      });
    }
    return times(layer.output, mixed);
  }
}

/** SwiGLU. @param {Layer} layer @param {Float32Array} x */
function feedForward(layer, x) {
  const gate = times(layer.gate, x);
  const up = times(layer.up, x);
  return times(
    layer.down,
    gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]),
  );
}

/** RMSNorm. @param {Float32Array} x @param {Float32Array} weight @param {number} epsilon */
function normalized(x, weight, epsilon) {
  const scale = 1 / Math.sqrt(dot(x, 0, x, 0, x.length) / x.length + epsilon);
  return x.map((value, i) => weight[i] * (scale * value));
}

/** @param {Float32Array} matrix (out, in) @param {Float32Array} x (in) */
function times(matrix, x) {
  return Float32Array.from({ length: matrix.length / x.length }, (_, i) => dot(matrix, i * x.length, x, 0, x.length));
}

/** @param {Float32Array} a @param {number} i @param {Float32Array} b @param {number} j @param {number} n */
function dot(a, i, b, j, n) {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += a[i + d] * b[j + d];
  return sum;
}

/** @param {number[]} scores */
function softmax(scores) {
  const max = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - max));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** @param {Float32Array} x @param {Float32Array} y */
function add(x, y) {
  for (let d = 0; d < x.length; d++) x[d] += y[d];
}
