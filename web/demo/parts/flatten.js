import { Matrix, pca } from '../../util.js';
import { cosineOf, dot } from './pairs.js';
import { minus, orthonormalise } from './word_space.js';

/**
 * Words in a plane. Where there are pairs, the plane holds the mean step from one of a pair to the other, and the
 * direction in which the pairs' middles differ most; otherwise the plane in which the words differ most.
 * @param {string[]} words
 * @param {Float32Array} vectors (words.length, dim)
 * @param {string[][]} pairs
 * @param {{ axes: Float64Array[] }} [before] so that the picture does not turn over
 * @returns {{ words: string[], places: Float32Array, axes: Float64Array[], paired: string }}
 */
export function flatten(words, vectors, pairs, before) {
  const dim = vectors.length / words.length;
  const at = new Map(words.map((word, i) => [word, i]));
  const row = (/** @type {number} */ i) => vectors.subarray(i * dim, (i + 1) * dim);
  const known = pairs
    .map((pair) => pair.map((word) => at.get(word)))
    .filter((pair) => pair.every((i) => i !== undefined));
  /** @type {Float64Array[]} */
  let axes;
  let paired = 'the plane in which they differ most';
  if (known.length > 1) {
    const steps = known.map(([a, b]) => minus(row(Number(b)), row(Number(a))));
    const step = steps[0].map((_, d) => steps.reduce((sum, each) => sum + each[d], 0) / steps.length);
    const middles = known.flatMap(([a, b]) => Array.from(row(Number(a)), (value, d) => value + row(Number(b))[d]));
    const main = pca(new Matrix(Float32Array.from(middles), known.length, dim), { components: 1 }).components.row(0);
    axes = [Float64Array.from(main), step];
    axes.reverse();
    orthonormalise(axes);
    axes.reverse();
    const alike = steps.reduce((sum, each) => sum + cosineOf(each, step), 0) / steps.length;
    paired = `the steps of its pairs have a cosine of ${alike.toFixed(2)} with their mean`;
  } else {
    const { components } = pca(new Matrix(vectors, words.length, dim), { components: Math.min(2, dim, words.length) });
    axes = [0, 1].map((i) => Float64Array.from(components.row(Math.min(i, components.rows - 1))));
  }
  axes.forEach((axis, i) => {
    const old = before?.axes[i];
    if (old && old.length === dim && dot(axis, old) < 0) axes[i] = axis.map((value) => -value);
  });
  const places = new Float32Array(2 * words.length);
  words.forEach((_, i) => axes.forEach((axis, side) => (places[2 * i + side] = dot(row(i), axis))));
  return { words, places: centred(places), axes, paired };
}

/** Into a square of −1 to 1. @param {Float32Array} places */
function centred(places) {
  for (const side of [0, 1]) {
    const values = Array.from({ length: places.length / 2 }, (_, i) => places[2 * i + side]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const half = (high - low) / 2 || 1;
    values.forEach((value, i) => (places[2 * i + side] = (value - (low + high) / 2) / half));
  }
  return places;
}
