import { EmbeddingTable, LearnedPositions, RotaryPositions, SinusoidalPositions } from '../../index.js';
import { dot } from './pairs.js';
import { divisorsOf } from './position_divisors.js';

export const DIM = 64;
export const REACH = 64; // distances of the chart, to both sides
export const LEARNED = 512; // positions that a learned table has a row for
export const TRAINED = 4096; // the longest text before a context was extended
export const TRAINED_THETA = 10_000;
export const FARTHEST = 131_072; // the last position that one can look at
export const FAR = 4 * TRAINED; // a position that shows what a factor of 4 does
export const SHIFT = 1000; // how much further on both tokens are looked at once more
export const THETAS = [100, 1_000, 10_000, 100_000, 500_000, 1_000_000];
export const LENGTHS = [1, 2, 4, 8, 16, 32].map((times) => times * TRAINED);

/** The positions that a slider stops at: sixteen to each doubling, 0 and all powers of two among them. */
export const STOPS = [...new Set([0, ...Array.from({ length: 16 * 17 + 1 }, (_, i) => Math.round(2 ** (i / 16)))])];

/** The length of LENGTHS that is nearest to one, as its place. @param {number} length */
export const lengthStop = (length) =>
  Math.max(0, Math.min(LENGTHS.length - 1, Math.round(Math.log2(length / TRAINED))));

/**
 * How much further on both tokens are looked at once more: further back where the text ends too early for that.
 * @param {number} position
 * @param {number} length of the text
 */
export const shiftIn = (position, length) => (position + SHIFT + REACH < length ? SHIFT : -SHIFT);

/** The stop that is nearest to a position. @param {number} position */
export const stopOf = (position) =>
  STOPS.reduce((best, stop, i) => (Math.abs(stop - position) < Math.abs(STOPS[best] - position) ? i : best), 0);

/**
 * What a type of scaling does, and its settings from one factor and θ. `byLength`: whether the text's length counts.
 * @type {Record<string, { name: string, about: string, byLength?: boolean, settings: (factor: number, theta: number) => object }>}
 */
export const SCALINGS = {
  default: {
    name: 'as trained',
    about: 'Every pair turns as fast as it was trained.',
    settings: () => ({}),
  },
  linear: {
    name: 'all pairs alike',
    about:
      'All pairs turn slower by the factor: far positions become near ones, and neighbours become harder to tell apart.',
    settings: (factor) => ({ scaling: { factor } }),
  },
  dynamic: {
    name: 'slower with length',
    about: 'Up to the trained length nothing changes; beyond it θ grows with the text’s length and the factor.',
    byLength: true,
    settings: (factor) => ({ scaling: { factor } }),
  },
  yarn: {
    name: 'the slow pairs',
    about:
      'Slow pairs are slowed down by the factor, fast ones stay, those between are mixed; and all products are made larger, so that attention stays sharp.',
    settings: (factor) => ({ scaling: { factor } }),
  },
  longrope: {
    name: 'a divisor per pair',
    about:
      'Texts longer than the trained length have a divisor for each pair, found by search; here they rise from 1 to the factor, which all pairs have that do not come around in the trained text. All products are made larger.',
    byLength: true,
    settings: (factor, theta) => ({
      scaling: {
        factor,
        short_factor: Array(DIM / 2).fill(1),
        long_factor: divisorsOf(factor, { theta, pairs: DIM / 2, trained: TRAINED }),
      },
    }),
  },
  llama3: {
    name: 'long waves only',
    about:
      'Pairs that come around less than once in the trained text are slowed down by the factor, those that come around more than four times stay, those between are mixed.',
    settings: (factor) => ({ scaling: { factor, low_freq_factor: 1, high_freq_factor: 4 } }),
  },
  proportional: {
    name: 'a quarter turns',
    about:
      'Not a way to longer texts: only the first quarter of the pairs turns at all; the rest carries meaning without position. A model of this type is trained with it.',
    settings: () => ({ scaling: { partial_rotary_factor: 0.25 } }),
  },
};

/** The longest text that a model with this scaling is made for: dynamic is told what it was trained on. @param {string} type @param {number} factor */
export const maxPositionsOf = (type, factor) =>
  ['default', 'dynamic', 'proportional'].includes(type) ? TRAINED : TRAINED * factor;

/** @param {{ type: string, theta: number, factor: number }} given */
export const rotaryOf = ({ type, theta, factor }) =>
  RotaryPositions.from({
    ...{ type, theta, headDim: DIM, interleaved: true },
    maxPositions: maxPositionsOf(type, factor),
    originalPositions: TRAINED,
    ...SCALINGS[type].settings(factor, theta),
  });

/** As trained: no scaling, and the θ of the training. */
const trained = rotaryOf({ type: 'default', theta: TRAINED_THETA, factor: 1 });

/** How far each pair turns in a text as long as those of the training, in radians. */
export const TRAINED_ANGLES = trained.frequencies(TRAINED).map((frequency) => frequency * TRAINED);

/**
 * Where the hands of a position stand, in radians from 0 to a whole turn.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} position
 * @param {number} length of the text
 */
export const anglesAt = (rotary, position, length) =>
  rotary.frequencies(length).map((frequency) => (frequency * position) % (2 * Math.PI));

/**
 * Which pairs turn at all.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} length of the text
 */
export const turning = (rotary, length) => Array.from(rotary.frequencies(length), (frequency) => frequency > 0);

/** Whether two tokens of a training text can differ by this angle. @param {number} angle @param {number} pair */
export const wasSeen = (angle, pair) => angle <= TRAINED_ANGLES[pair] * (1 + 1e-6);

/**
 * By how much the type of scaling multiplies every product: it makes queries and keys longer.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} length of the text
 */
export function growthOf(rotary, length) {
  const [turned] = turnedTo(rotary, new Float32Array(DIM).fill(Math.SQRT1_2), [0], length);
  const growth = turned[0] ** 2 + turned[1] ** 2;
  return Math.abs(growth - 1) < 1e-6 ? 1 : growth;
}

/** A vector that stands for any query or key: the same every time. @param {number} seed */
function anyVector(seed) {
  let state = seed;
  return Float32Array.from({ length: DIM }, () => {
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
    return sum;
  });
}

/** A query, and two keys: one that has much of it, and one that has nothing of it. */
export const QUERY = anyVector(7);
export const KEYS = { like: QUERY.map((value, i) => 0.8 * value + 0.4 * anyVector(11)[i]), any: anyVector(11) };

/**
 * Turns the same vector to each of some positions of a text: its length, which some types of scaling look at, is that of
 * its last position.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {Float32Array} vector
 * @param {number[]} positions
 * @param {number} length of the text
 * @returns {Float32Array[]}
 */
export function turnedTo(rotary, vector, positions, length) {
  const all = new Float32Array((positions.length + 1) * DIM);
  for (let i = 0; i <= positions.length; i++) all.set(vector, i * DIM);
  const turned = rotary.rotate(all, { positions: [...positions, length - 1] });
  return positions.map((_, i) => turned.subarray(i * DIM, (i + 1) * DIM));
}

/**
 * Query times key by their distance: the query at `position`, the key from REACH before to REACH after it. NaN where
 * there is no token: before the text's first and after its last.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {Float32Array} vector the key, before it is turned
 * @param {number} position
 * @param {number} length of the text
 */
export function rotaryScores(rotary, vector, position, length) {
  const keys = Array.from({ length: 2 * REACH + 1 }, (_, i) => position + i - REACH);
  const there = keys.filter((key) => key >= 0 && key < length);
  const turned = turnedTo(rotary, vector, there, length);
  const [query] = turnedTo(rotary, QUERY, [position], length);
  return Float64Array.from(keys, (key) => (there.includes(key) ? dot(query, turned[key - there[0]]) : NaN));
}

/**
 * How many times slower each pair turns than as trained; NaN where it does not turn.
 * @param {{ type: string, theta: number, factor: number }} given
 * @param {number} length of the text
 */
export function slowedBy(given, length) {
  const plain = trained.frequencies(length);
  return rotaryOf(given)
    .frequencies(length)
    .map((frequency, i) => (frequency === 0 ? NaN : plain[i] / frequency));
}

export const sinusoidal = new SinusoidalPositions({ dim: DIM });

/** @returns {Promise<LearnedPositions>} an untrained table: random numbers, as before training */
export async function learnedPositions() {
  let state = 3;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const data = Float32Array.from({ length: LEARNED * DIM }, () => next() + next() + next());
  return new LearnedPositions(await EmbeddingTable.from(data, { rows: LEARNED, dim: DIM }));
}

/**
 * The product of one position's vector with those around it; NaN where there is none.
 * @param {{ lookup: (positions: number[]) => import('../../index.js').Matrix }} positions
 * @param {number} position
 * @param {number} [most] positions that there are
 */
export function positionScores(positions, position, most = Infinity) {
  const own = positions.lookup([position]).row(0);
  return Float64Array.from({ length: 2 * REACH + 1 }, (_, i) => {
    const other = position + i - REACH;
    return other >= 0 && other < most ? dot(own, positions.lookup([other]).row(0)) : NaN;
  });
}
