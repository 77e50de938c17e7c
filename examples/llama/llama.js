// A LLaMA in JavaScript between wembed's two ends: the layer gives the first block its input and scores the last
// block's output; the tokenizer and the rotation are wembed's too. Only the transformer's body is written here:
// attention and feed-forward.
import { EmbeddingLayer, readGguf } from 'wembed';

const EPSILON = 1e-5;

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
 * Reads the blocks' weights from a GGUF file whose tensors are all F32.
 * @param {Uint8Array} file
 */
export async function readCheckpoint(file) {
  const { metadata, tensors } = await readGguf(file);
  const number = (/** @type {string} */ key) => Number(metadata.get(`llama.${key}`));
  const take = (/** @type {string} */ name) => {
    const tensor = tensors.get(`${name}.weight`);
    if (tensor?.type !== 'F32') throw new Error(`${name}.weight is ${tensor?.type ?? 'missing'}, but must be F32`);
    return new Float32Array(file.slice(tensor.begin, tensor.end).buffer);
  };
  const layers = Array.from({ length: number('block_count') }, (_, block) => {
    const weights = Object.entries(NAMES).map(([name, ggml]) => [name, take(`blk.${block}.${ggml}`)]);
    return /** @type {Layer} */ (Object.fromEntries(weights));
  });
  return {
    dim: number('embedding_length'),
    heads: number('attention.head_count'),
    kvHeads: number('attention.head_count_kv'),
    norm: take('output_norm'),
    layers,
  };
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

  /** The head, which scores hidden states. */
  get head() {
    return /** @type {import('wembed').TiedHead} */ (this.#layer.head);
  }

  /**
   * The hidden state after a token; earlier tokens are remembered.
   * @param {number} id
   * @param {number} position
   * @returns {Float32Array} (dim)
   */
  next(id, position) {
    const { layers, norm } = this.#checkpoint;
    const x = this.#layer.embed([id]).data;
    layers.forEach((layer, i) => {
      add(x, this.#attend(layer, i, normalized(x, layer.attentionNorm), position));
      add(x, feedForward(layer, normalized(x, layer.feedNorm)));
    });
    return normalized(x, norm);
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

/** RMSNorm. @param {Float32Array} x @param {Float32Array} weight */
function normalized(x, weight) {
  const scale = 1 / Math.sqrt(dot(x, 0, x, 0, x.length) / x.length + EPSILON);
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
