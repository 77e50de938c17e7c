// The flat maps of many rows, computed off the page's thread: PCA at once, UMAP when asked for.
import { Matrix, pca } from '../../util.js';
import { umapOf } from '../parts/umap.js';

/** @typedef {{ kind: 'rows', rows: Float32Array, dim: number } | { kind: 'umap', seed: number } | { kind: 'stop' }} Ask */

/** @type {{ rows: Float32Array, dim: number } | undefined} */
let table;
let stopped = false;

const answer = (/** @type {unknown} */ message, /** @type {Transferable[]} */ transfer = []) =>
  /** @type {Worker} */ (/** @type {unknown} */ (globalThis)).postMessage(message, transfer);

/** @param {MessageEvent} event from the page */
export async function receive({ data }) {
  try {
    if (data.kind === 'rows') {
      table = { rows: data.rows, dim: data.dim };
      answer({ kind: 'pca', ...flatView(table) });
    }
    if (data.kind === 'umap' && table) await umap(table, data.seed);
    if (data.kind === 'stop') stopped = true;
  } catch (error) {
    answer({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
}

/** One row in four is enough to find the plane, in a third of the time. */
const SAMPLED = 4;

/** @param {{ rows: Float32Array, dim: number }} table */
function flatView({ rows, dim }) {
  const many = Math.ceil(rows.length / dim / SAMPLED);
  const sample = new Float32Array(many * dim);
  for (let i = 0; i < many; i++) sample.set(rows.subarray(SAMPLED * i * dim, (SAMPLED * i + 1) * dim), i * dim);
  const { mean, components, explainedVarianceRatio } = pca(new Matrix(sample, many, dim));
  return { mean, axes: components.data, share: explainedVarianceRatio[0] + explainedVarianceRatio[1] };
}

/**
 * @param {{ rows: Float32Array, dim: number }} table rows of length 1
 * @param {number} seed
 */
async function umap({ rows, dim }, seed) {
  stopped = false;
  const made = await umapOf(rows, dim, {
    seed,
    onProgress: (step, done) => answer({ kind: 'progress', step, done }),
    onPlaces: (places) => answer({ kind: 'places', places }),
    isStopped: async () => {
      await new Promise((resolve) => setTimeout(resolve)); // lets the message to stop arrive
      return stopped;
    },
  });
  if (made) answer({ kind: 'umap', places: made.places, whole: made.isWhole });
  else answer({ kind: 'stopped' });
}
