// The flat maps of many rows, computed off the page's thread: PCA at once, UMAP when asked for.
import { Matrix, pca } from '../../util.js';

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

const NEIGHBOURS = 15;

/**
 * @param {{ rows: Float32Array, dim: number }} table rows of length 1
 * @param {number} seed
 */
async function umap({ rows, dim }, seed) {
  stopped = false;
  const many = rows.length / dim;
  const { UMAP } = await import('umap-js');
  const { EmbeddingTable } = await import('../../index.js');
  const lookup = await EmbeddingTable.from(rows, { rows: many, dim, dtype: 'i8' });
  /** @type {number[][]} */
  const indices = [];
  /** @type {number[][]} */
  const distances = [];
  for (let i = 0; i < many; i++) {
    const near = lookup.nearest(rows.subarray(i * dim, (i + 1) * dim), NEIGHBOURS, { metric: 'cosine' });
    indices.push(Array.from(near.ids));
    distances.push(Array.from(near.scores, (score) => Math.max(0, 1 - score)));
    if (i % 200 === 0) {
      answer({ kind: 'progress', step: 'finding neighbours', done: (0.4 * i) / many });
      await breathe();
      if (stopped) return end(lookup);
    }
  }
  lookup.dispose();
  const map = new UMAP({ nNeighbors: NEIGHBOURS, minDist: 0.08, random: randomFrom(seed) });
  map.setPrecomputedKNN(indices, distances);
  // The neighbours are known, so that UMAP needs the points for their number alone.
  const places = Array.from({ length: many }, () => [0]);
  const epochs = map.initializeFit(places);
  for (let epoch = 0; epoch < epochs; epoch++) {
    map.step();
    if (epoch % 5 === 0) {
      answer({ kind: 'progress', step: 'moving the points', done: 0.4 + (0.6 * epoch) / epochs });
      if (epoch % 20 === 0) answer({ kind: 'places', places: flat(map.getEmbedding()) });
      await breathe();
      if (stopped) break;
    }
  }
  answer({ kind: 'umap', places: flat(map.getEmbedding()), whole: !stopped });
}

/** @param {{ dispose: () => void }} lookup */
function end(lookup) {
  lookup.dispose();
  answer({ kind: 'stopped' });
}

/** @param {number[][]} points */
const flat = (points) => Float32Array.from(points.flat());

/** Lets the message to stop arrive. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** @param {number} seed @returns {() => number} 0 to 1: the same for the same seed (mulberry32) */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
