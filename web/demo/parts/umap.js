// UMAP of rows: in a worker of the page, and in tools/demo_umap.mjs, which writes the map that the page opens with.
import { EmbeddingTable } from '../../index.js';

const NEIGHBOURS = 15;

/**
 * @typedef {object} UmapOptions
 * @property {number} seed the same places for the same seed
 * @property {(step: string, done?: number) => void} onProgress a step in words, and how much of all is done, 0 to 1; `done` is
 *   left out of a step that cannot be interrupted
 * @property {(places: Float32Array) => void} onPlaces where the points are on their way, (n, 2)
 * @property {() => Promise<boolean>} isStopped asked every now and then; may wait, so that messages arrive
 */

/**
 * Places of rows in two dimensions, so that those near by cosine are near.
 * @param {Float32Array} rows (n, dim) of length 1
 * @param {number} dim
 * @param {UmapOptions} options
 * @returns {Promise<{ places: Float32Array, isWhole: boolean } | null>} null where it was stopped before there were places
 */
export async function umapOf(rows, dim, { seed, onProgress, onPlaces, isStopped }) {
  const { UMAP } = await import('umap-js');
  const near = await neighbours(rows, dim, onProgress, isStopped);
  if (!near) return null;
  const map = new UMAP({ nNeighbors: NEIGHBOURS, minDist: 0.08, random: randomFrom(seed) });
  onProgress('weighing the neighbours, which takes as long');
  if (await isStopped()) return null;
  map.setPrecomputedKNN(near.indices, near.distances);
  // The neighbours are known, so that UMAP needs the points for their number alone.
  const epochs = map.initializeFit(near.indices.map(() => [0]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    map.step();
    if (epoch % 5 > 0) continue;
    onProgress('moving the points', 0.4 + (0.6 * epoch) / epochs);
    if (epoch % 20 === 0) onPlaces(flat(map.getEmbedding()));
    if (await isStopped()) return { places: flat(map.getEmbedding()), isWhole: false };
  }
  return { places: flat(map.getEmbedding()), isWhole: true };
}

/**
 * The nearest rows of each row, and how far they are.
 * @param {Float32Array} rows
 * @param {number} dim
 * @param {UmapOptions['onProgress']} onProgress
 * @param {UmapOptions['isStopped']} isStopped
 */
async function neighbours(rows, dim, onProgress, isStopped) {
  const many = rows.length / dim;
  const lookup = await EmbeddingTable.from(rows, { rows: many, dim, dtype: 'i8' });
  /** @type {number[][]} */
  const indices = [];
  /** @type {number[][]} */
  const distances = [];
  try {
    for (let i = 0; i < many; i++) {
      const near = lookup.nearest(rows.subarray(i * dim, (i + 1) * dim), NEIGHBOURS, { metric: 'cosine' });
      indices.push(Array.from(near.ids));
      distances.push(Array.from(near.scores, (score) => Math.max(0, 1 - score)));
      if (i % 200 > 0) continue;
      onProgress('finding neighbours', (0.4 * i) / many);
      if (await isStopped()) return null;
    }
  } finally {
    lookup.dispose();
  }
  return { indices, distances };
}

/** @param {number[][]} points */
const flat = (points) => Float32Array.from(points.flat());

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
