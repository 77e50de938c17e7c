import { EmbeddingTable, LearnedPositions, RotaryPositions, SinusoidalPositions } from '../../index.js';
import { dot } from './pairs.js';

export const DIM = 64;
export const REACH = 64; // distances of the chart, to both sides
export const LEARNED = 512; // positions that a learned table has a row for
const TRAINED = 4096; // the longest text before a context was extended

/** What a type of scaling does, and its settings from one factor. */
export const SCALINGS = /** @type {Record<string, { about: string, settings: (factor: number) => object }>} */ ({
  default: { about: 'every pair turns as fast as it was trained', settings: () => ({}) },
  linear: {
    about:
      'all pairs turn slower by the factor: far positions become near ones, neighbours become harder to tell apart',
    settings: (factor) => ({ scaling: { factor } }),
  },
  dynamic: {
    about: 'θ grows with the length of the text: short texts stay as they were',
    settings: (factor) => ({ scaling: { factor } }),
  },
  yarn: {
    about: 'slow pairs are slowed down, fast pairs stay, those between are mixed; scores get a little sharper',
    settings: (factor) => ({ scaling: { factor } }),
  },
  longrope: {
    about: 'a divisor per pair, found by search; here they rise from 1 to the factor',
    settings: (factor) => ({
      scaling: {
        factor,
        short_factor: Array(DIM / 2).fill(1),
        long_factor: Array.from({ length: DIM / 2 }, (_, i) => 1 + ((factor - 1) * i) / (DIM / 2 - 1)),
      },
    }),
  },
  llama3: {
    about: 'pairs whose wave is longer than the trained text are slowed down, short waves stay',
    settings: (factor) => ({ scaling: { factor, low_freq_factor: 1, high_freq_factor: 4 } }),
  },
  proportional: {
    about: 'only the first quarter of the pairs turns at all; the rest carries meaning without position',
    settings: () => ({ scaling: { partial_rotary_factor: 0.25 } }),
  },
});

/** @param {{ type: string, theta: number, factor: number }} given */
export const rotaryOf = ({ type, theta, factor }) =>
  RotaryPositions.from({
    ...{ type, theta, headDim: DIM, interleaved: true },
    maxPositions: TRAINED * (type === 'default' || type === 'proportional' ? 1 : factor),
    originalPositions: TRAINED,
    ...SCALINGS[type].settings(factor),
  });

/** A vector that stands for any query or key: the same every time. @param {number} seed */
function anyVector(seed) {
  let state = seed;
  return Float32Array.from({ length: DIM }, () => {
    let sum = 0;
    for (let i = 0; i < 6; i++) sum += (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
    return sum;
  });
}

/** A query, and a key that has something of it: as a token that looks for another. */
export const QUERY = anyVector(7);
export const KEY = QUERY.map((value, i) => 0.8 * value + 0.4 * anyVector(11)[i]);

/**
 * Query times key by their distance: the query at `position`, the key from REACH before to REACH after it.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} position
 */
export function rotaryScores(rotary, position) {
  const many = 2 * REACH + 1;
  const keys = new Float32Array(many * DIM);
  for (let i = 0; i < many; i++) keys.set(KEY, i * DIM);
  const positions = Int32Array.from({ length: many }, (_, i) => position + i - REACH);
  const turned = rotary.rotate(keys, { positions });
  const query = rotary.rotate(QUERY, { positions: [position] });
  return Float64Array.from({ length: many }, (_, i) => dot(query, turned.subarray(i * DIM, (i + 1) * DIM)));
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
