import { Matrix, pca } from '../../util.js';
import { cosineOf, dot } from './pairs.js';
import { minus, orthonormalise } from './word_space.js';

/** Directions tried between the two in which the middles of pairs differ most. */
const TURNS = 24;
/** A direction is left for another one only where that keeps the pairs so many times as far apart. */
const WORTH = 1.6;

/**
 * Words in a plane. Where there are pairs, the plane holds the mean step from one of a pair to the other, and among the
 * directions in which the pairs' middles differ the one that keeps them apart. Otherwise it is the plane in which the
 * words differ most.
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
    const middles = known.map(([a, b]) => Float64Array.from(row(Number(a)), (value, d) => value + row(Number(b))[d]));
    axes = [spreading(middles, step, before?.axes[0]), step];
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
    const old = known.length > 1 && i === 1 ? undefined : before?.axes[i]; // up is always along the steps
    if (old && old.length === dim && dot(axis, old) < 0) axes[i] = axis.map((value) => -value);
  });
  const places = new Float32Array(2 * words.length);
  words.forEach((_, i) => axes.forEach((axis, side) => (places[2 * i + side] = dot(row(i), axis))));
  return { words, places: centred(places, known.length > 1 ? known.flat().map(Number) : []), axes, dim, alike, paired };
}

/**
 * A direction across the step in which no two pairs' middles lie on one another, if there is one.
 * @param {Float64Array[]} middles
 * @param {Float64Array} step
 * @param {Float64Array} [last] the direction before, kept unless another one is much better
 */
function spreading(middles, step, last) {
  const dim = step.length;
  const all = new Matrix(Float32Array.from(middles.flatMap((each) => [...each])), middles.length, dim);
  const { components } = pca(all, { components: Math.min(2, dim, middles.length - 1) });
  const across = (/** @type {ArrayLike<number>} */ direction) => {
    const pair = [step.slice(), Float64Array.from(direction)];
    orthonormalise(pair);
    return pair[1];
  };
  const [first, second] = [0, 1].map((i) => components.row(Math.min(i, components.rows - 1)));
  const tried = Array.from({ length: TURNS }, (_, i) => {
    const angle = (i * Math.PI) / TURNS;
    return across(Float64Array.from(first, (value, d) => Math.cos(angle) * value + Math.sin(angle) * second[d]));
  });
  const best = tried.reduce((a, b) => (leastGap(middles, b) > leastGap(middles, a) ? b : a));
  if (!last || last.length !== dim) return best;
  const kept = across(last);
  return leastGap(middles, best) > WORTH * leastGap(middles, kept) ? best : kept;
}

/**
 * How near the two nearest middles come in a direction.
 * @param {Float64Array[]} middles
 * @param {Float64Array} direction
 */
function leastGap(middles, direction) {
  const along = middles.map((each) => dot(each, direction)).sort((p, q) => p - q);
  return Math.min(...along.slice(1).map((value, i) => value - along[i]));
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
