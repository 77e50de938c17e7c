// Tiny checkpoints of transformers' model types, and how near wembed comes to what transformers makes of them
// (tools/golden/model_types.py).
import { filesOf, filled } from './made_types.js';
import { EmbeddingLayer, Matrix } from './wembed.js';

export { filesOf, filled, madeTypes } from './made_types.js';

/** The ids that transformers was given, and the positions of its queries: tools/golden/observed.py, model_types.py. */
export const IDS = [5, 1, 39, 7, 12];
const AT = [1, 4];

/** @typedef {import('./made_types.js').Made} Made */

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @returns {number} relative to the largest */
function distance(found, expected) {
  const most = Math.max(...Array.from(expected, Math.abs)) || 1;
  if (found.length !== expected.length) return Infinity;
  return Array.from(expected).reduce((worst, each, i) => Math.max(worst, Math.abs(found[i] - each) / most), 0);
}

/**
 * @param {Made} made
 * @param {object} [options] of fromPretrained
 * @returns {Promise<{ refused: string } | { wrong: string[] }>} refused: why it does not load; wrong: what is not transformers'
 */
export async function compared(made, options) {
  let layer;
  try {
    layer = await EmbeddingLayer.fromPretrained(filesOf(made), options);
  } catch (error) {
    return { refused: /** @type {Error} */ (error).message };
  }
  const wrong = [];
  const check = (/** @type {string} */ what, /** @type {() => number} */ call, /** @type {number} */ bound) => {
    try {
      const found = call();
      if (!(found <= bound)) wrong.push(`${what} off by ${found.toPrecision(2)}`);
    } catch (error) {
      wrong.push(`${what}: ${/** @type {Error} */ (error).message}`);
    }
  };
  check('embed', () => embedDistance(/** @type {any} */ (layer), made), 5e-6);
  if (made.logits) check('scores', () => scoresDistance(/** @type {any} */ (layer), made), 2e-5);
  for (const [type, turned] of Object.entries(made.rotary ?? {})) {
    check(`rotary ${type}`, () => rotaryDistance(/** @type {any} */ (layer), type, turned), 5e-6);
  }
  layer.dispose();
  return { wrong };
}

/** @param {EmbeddingLayer} layer @param {Made} made */
function embedDistance(layer, { kind, dim, embed, short }) {
  const { data, dim: size } = layer.embed(IDS);
  if (size !== dim) return Infinity;
  const whole = kind === 'other' && !short?.includes('embed');
  const rows = embed.length / (whole ? dim : 8);
  const kept = whole ? dim : 8;
  const found = Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, row * dim + kept)]).flat();
  return distance(found, embed);
}

/** @param {EmbeddingLayer} layer @param {Made} made */
function scoresDistance(layer, { logits, head, short }) {
  if (!layer.head) throw new Error(`no head (${layer.describe().whyNoHead})`);
  const { dim } = layer.head;
  if (head !== undefined && head !== dim) return Infinity;
  const hidden = new Matrix(filled('hidden', [1, dim]), 1, dim);
  const { data } = layer.head.logits(hidden);
  const expected = /** @type {number[]} */ (logits);
  return distance(short?.includes('logits') ? data.subarray(0, expected.length) : data, expected);
}

/** @param {EmbeddingLayer} layer @param {string} type @param {{ dim: number, step: number, out: number[] } | null} turned */
function rotaryDistance(layer, type, turned) {
  if (!turned) {
    try {
      return layer.rotaryOf(type || undefined) ? Infinity : 0;
    } catch {
      return 0;
    }
  }
  const rotary = layer.rotaryOf(type || undefined);
  if (!rotary) throw new Error('no rotary');
  const { headDim } = rotary;
  if (headDim < turned.dim) return trailingDistance(rotary, turned);
  const query = new Float32Array(AT.length * headDim);
  AT.forEach((_, i) => query.set(filled('query', [turned.dim]), i * headDim));
  const out = rotary.rotate(query, { positions: AT });
  const rows = AT.flatMap((_, i) =>
    [...out.subarray(i * headDim, i * headDim + turned.dim)].filter((_, at) => at % turned.step === 0),
  );
  return distance(rows, turned.out);
}

/**
 * Of some types the last numbers of a head turn and the others stay.
 * @param {import('../../web/nn/rotary.js').RotaryPositions} rotary of the last numbers
 * @param {{ dim: number, step: number, out: number[] }} turned
 */
function trailingDistance(rotary, { dim, step, out }) {
  const query = filled('query', [dim]);
  const rows = AT.flatMap((position) => {
    const last = rotary.rotate(query.slice(dim - rotary.headDim), { positions: [position] });
    return [...query.subarray(0, dim - rotary.headDim), ...last].filter((_, at) => at % step === 0);
  });
  return distance(rows, out);
}

/**
 * All that a checkpoint's two ends give, as text: embedded rows, scores, turned queries, or why there are none.
 * @param {Record<string, any>} files
 */
export async function outputsOf(files) {
  let layer;
  try {
    layer = await EmbeddingLayer.fromPretrained(files);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  /** @param {() => ArrayLike<number> | undefined} call */
  const text = (call) => {
    try {
      return Array.from(call() ?? [], (each) => each.toPrecision(5)).join();
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  };
  const { head } = layer;
  const types = [undefined, 'full_attention', 'sliding_attention', 'compress'];
  const out = [
    text(() => layer.embed(IDS).data),
    text(() => head && head.logits(filled('hidden', [1, head.dim]))),
    ...types.map((type) =>
      text(() => {
        const rotary = layer.rotaryOf(type);
        return rotary?.rotate(filled('query', [rotary.headDim]), { positions: [3] });
      }),
    ),
  ];
  layer.dispose();
  return out.join('\n');
}
