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
 * @returns {{ words: string[], places: Float32Array, axes: Float64Array[], dim: number, alike?: number, paired: string }} `alike`:
 *   the mean cosine of the pairs' steps with their mean
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
  /** @type {number | undefined} */
  let alike;
  if (known.length > 1) {
    const steps = known.map(([a, b]) => minus(row(Number(b)), row(Number(a))));
    const step = steps[0].map((_, d) => steps.reduce((sum, each) => sum + each[d], 0) / steps.length);
    const middles = known.flatMap(([a, b]) => Array.from(row(Number(a)), (value, d) => value + row(Number(b))[d]));
    const main = pca(new Matrix(Float32Array.from(middles), known.length, dim), { components: 1 }).components.row(0);
    axes = [Float64Array.from(main), step];
    axes.reverse();
    orthonormalise(axes);
    axes.reverse();
    alike = steps.reduce((sum, each) => sum + cosineOf(each, step), 0) / steps.length;
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
  return { words, places: centred(places, known.length > 1 ? known.flat().map(Number) : []), axes, dim, alike, paired };
}

/**
 * Into a square of −1 to 1, both ways in one unit.
 * @param {Float32Array} places
 * @param {number[]} within the points that must lie in it; none: all
 */
function centred(places, within) {
  const chosen = within.length > 0 ? within : Array.from({ length: places.length / 2 }, (_, i) => i);
  const spans = [0, 1].map((side) => {
    const values = chosen.map((i) => places[2 * i + side]);
    return [Math.min(...values), Math.max(...values)];
  });
  const half = Math.max(...spans.map(([low, high]) => high - low)) / 2 || 1;
  return places.map((value, i) => (value - (spans[i % 2][0] + spans[i % 2][1]) / 2) / half);
}
