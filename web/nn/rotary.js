import {
  count,
  floatsOf,
  lengthOf,
  optionsOf,
  outputArray,
  plainArray,
  putFloats,
  tagOf,
  mustBe,
} from '../core/arguments.js';
import { flag, positive, wholeNumbersOf } from '../core/numbers.js';
import { WembedError, shown, isA, refuseRevoked } from '../core/errors.js';
import { runningHeap } from '../memory/heap.js';
import { RopeFrequencies, ropeFrequencies } from './rope_rules.js';

/** @typedef {import('./rope_rules.js').RopeScaling} RopeScaling */

/**
 * Cosines and sines, each (positions, rotaryDim / 2).
 * @typedef {object} RopeCaches
 * @property {Float32Array} cos cosines
 * @property {Float32Array} sin sines
 */

/**
 * The settings of rotary positions.
 * @typedef {object} RotarySettings
 * @property {string} [type] 'default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3' or 'proportional', as in
 *   transformers; default 'default'
 * @property {number} [theta] the base of the frequencies; default 10000
 * @property {number} headDim numbers per head
 * @property {number} [rotaryDim] the first numbers of a head, which rotate; the others are unchanged; default headDim
 * @property {boolean} [interleaved] true: number 2i is paired with 2i + 1; false (default): i with i + rotaryDim / 2
 * @property {boolean} [reversed] rotates by the negative angle, as NanoChat does; default false
 * @property {number} [maxPositions] the longest sequence, for the types that need it
 * @property {number} [originalPositions] the longest sequence before the context was extended; default maxPositions
 * @property {RopeScaling} [scaling] how frequencies change for longer sequences; what is asked for depends on `type`
 */

/**
 * Where queries or keys stand, and how they lie in memory.
 * @typedef {object} RotateOptions
 * @property {import('../core/arguments.js').IntegerArray} [positions] (n), any whole numbers; default 0 … n - 1
 * @property {number} [heads] default 1
 * @property {boolean} [inverse] rotates back, and divides by the attention factor: undoes a rotation
 * @property {Float32Array} [into] an array for the result, at least q.length numbers; may be q itself
 */

/** A call's cosines and sines are cached for the next call up to this many: 8 MB of both. */
const CACHED_TURNS = 2 ** 20;

/** The maximum headDim: no model has heads this wide, so nothing is allocated for a larger one. */
const MAX_HEAD = 65536;

const SETTINGS = [
  'type',
  'theta',
  'headDim',
  'rotaryDim',
  'interleaved',
  'reversed',
  'maxPositions',
  'originalPositions',
  'scaling',
];

/**
 * Rotary positions (Su et al. 2021): pair i of a head rotates by position × frequency i. Equals transformers'
 * `LlamaRotaryEmbedding` with `apply_rotary_pos_emb`, with angles in f64 instead of f32, so that far positions are
 * exact. It works without the core, but is several times as fast once a table has started it; the bits are the same.
 */
export class RotaryPositions {
  #frequencies;
  #shape;
  /** @type {(RopeCaches & { positions: Float64Array, inverse: boolean, frequencies: Float64Array }) | undefined} */
  #cached;

  /**
   * @internal
   * @param {RopeFrequencies} frequencies
   * @param {{ type: string, headDim: number, rotaryDim: number, interleaved: boolean }} shape
   */
  constructor(frequencies, shape) {
    if (!isA(frequencies, RopeFrequencies)) {
      throw new WembedError(
        'invalid_argument',
        'rotary positions are made by RotaryPositions.from or RotaryPositions.fromConfig',
      );
    }
    this.#frequencies = frequencies;
    this.#shape = shape;
  }

  /**
   * Creates rotary positions from their parameters.
   * @param {RotarySettings} settings alias of `theta`: `base`
   * @returns {RotaryPositions} errors: `unsupported`, `invalid_argument`, `shape_mismatch`
   */
  static from(settings) {
    const given = optionsOf('RotaryPositions.from', settings, SETTINGS, { base: 'theta' });
    const { type = 'default', theta = 10000, rotaryDim = given.headDim, interleaved = false, maxPositions } = given;
    const { originalPositions = maxPositions, scaling = {} } = given;
    checkDims(rotaryDim, given.headDim);
    refuseRevoked('scaling', scaling);
    if (typeof scaling !== 'object' || scaling === null) {
      throw mustBe('scaling', 'an object', scaling);
    }
    const shape = { type, headDim: given.headDim, rotaryDim, interleaved: flag('interleaved', interleaved) };
    positive('theta', theta);
    const frequencies = ropeFrequencies({
      ...{ type, theta, rotaryDim, maxPositions, originalPositions },
      scaling: { ...scaling },
    });
    return new this(flag('reversed', given.reversed ?? false) ? reversed(frequencies) : frequencies, shape);
  }

  /**
   * The same as `from`.
   * @param {RotarySettings} settings
   * @returns {RotaryPositions}
   */
  static fromParameters(settings) {
    return this.from(settings);
  }

  /**
   * Rotates by precomputed cosines and sines, as exported models contain them: the inputs of ONNX's RotaryEmbedding.
   * They are copied.
   * @param {RopeCaches} caches each (positions, rotaryDim / 2)
   * @param {{ headDim: number, rotaryDim?: number, interleaved?: boolean }} shape rotaryDim: default headDim
   * @returns {RotaryPositions}
   */
  static fromCaches(caches, shape) {
    const given = optionsOf('RotaryPositions.fromCaches', caches, ['cos', 'sin']);
    const { headDim, rotaryDim = headDim, interleaved = false } = optionsOf('RotaryPositions.fromCaches', shape, SHAPE);
    checkDims(rotaryDim, headDim);
    const [cos, sin] = [floatsOf('cos', given.cos), floatsOf('sin', given.sin)].map((each) => each.slice());
    if (cos.length !== sin.length || cos.length % (rotaryDim / 2)) {
      const what = `${cos.length} cosines and ${sin.length} sines, with ${rotaryDim / 2} per position`;
      throw new WembedError('shape_mismatch', what);
    }
    const zeros = new Float64Array(rotaryDim / 2);
    return new this(new RopeFrequencies(() => zeros, 1, { cos, sin }), {
      ...{ type: 'caches', headDim, rotaryDim, interleaved: flag('interleaved', interleaved) },
    });
  }

  /** The rope type. */
  get type() {
    return this.#shape.type;
  }
  /** Numbers per head. */
  get headDim() {
    return this.#shape.headDim;
  }
  /** The first numbers of a head, which rotate; the others are unchanged. */
  get rotaryDim() {
    return this.#shape.rotaryDim;
  }
  /** Whether neighbouring numbers are paired; otherwise the two halves. */
  get interleaved() {
    return this.#shape.interleaved;
  }
  /** The factor of cos and sin: 1 except for yarn and longrope. */
  get attentionFactor() {
    return this.#frequencies.attentionFactor;
  }

  /**
   * Radians per position, for each pair.
   * @param {number} [sequenceLength] matters for dynamic and longrope; default 0, a short sequence
   * @returns {Float64Array} (rotaryDim / 2)
   */
  frequencies(sequenceLength = 0) {
    count('sequenceLength', sequenceLength, { most: Number.MAX_SAFE_INTEGER });
    return this.#frequencies.of(sequenceLength).slice();
  }

  /**
   * Rotates queries or keys by their positions.
   * @param {Float32Array} q (n, heads, headDim)
   * @param {RotateOptions} [options]
   * @returns {Float32Array} (n, heads, headDim). Errors: `shape_mismatch`, `invalid_argument`, `id_out_of_range`
   */
  rotate(q, options) {
    const { positions, heads = 1, inverse = false, into } = optionsOf('rotate', options, ROTATE);
    const stride = count('heads', heads, { least: 1 }) * this.headDim;
    flag('inverse', inverse);
    if (tagOf(q) !== 'Float32Array') {
      throw new WembedError('invalid_argument', `rotate takes a Float32Array, got ${shown(q)}`);
    }
    const given = positions === undefined ? undefined : wholeNumbersOf('positions', positions);
    const from = plainArray(q);
    const size = lengthOf(from);
    if (size % stride)
      throw new WembedError('shape_mismatch', `${size} numbers are not (n, ${heads}, ${this.headDim})`);
    const rows = checkedPositions(given, size / stride);
    const { caches } = this.#frequencies;
    if (caches) checkCached(rows, caches.cos.length / (this.rotaryDim / 2));
    const out = outputArray(into, size);
    const to = plainArray(out);
    const turns = this.#turnsAt(rows, inverse);
    // If the two arrays overlap, the numbers are moved first.
    const moved = to.buffer === from.buffer && to.byteOffset !== from.byteOffset;
    if (moved) putFloats(to, from);
    this.#turn(moved ? to : from, to, heads, turns);
    return out;
  }

  /**
   * @param {Float32Array} from (n, heads, headDim)
   * @param {Float32Array} to may be `from`
   * @param {number} heads
   * @param {RopeCaches} turns
   */
  #turn(from, to, heads, { cos, sin }) {
    const heap = runningHeap();
    if (!heap) {
      if (to !== from) putFloats(to, from);
      turnHeads(to, heads, this.#shape, { cos, sin });
      return;
    }
    const { headDim, rotaryDim, interleaved } = this.#shape;
    const pairs = rotaryDim / 2;
    heap.changeRows(from, to, heads * headDim, (address, first, rows) => {
      const turns = heap.scratch('turns', 8 * rows * pairs);
      heap.f32.set(cos.subarray(first * pairs, (first + rows) * pairs), turns / 4);
      heap.f32.set(sin.subarray(first * pairs, (first + rows) * pairs), turns / 4 + rows * pairs);
      heap.core.rotary(address, rows, heads, headDim, pairs, interleaved, turns, turns + 4 * rows * pairs);
    });
  }

  /**
   * The cosines and sines of positions, cached for the next call, which is often another layer's with the same
   * positions.
   * @param {Float64Array} positions
   * @param {boolean} inverse
   */
  #turnsAt(positions, inverse) {
    const { caches, attentionFactor } = this.#frequencies;
    const frequencies = this.#frequencies.of(positions.reduce((most, each) => Math.max(most, each), -1) + 1);
    const cached = this.#cached;
    if (cached?.inverse === inverse && isSame(cached.positions, positions) && isSame(cached.frequencies, frequencies)) {
      return cached;
    }
    const pairs = frequencies.length;
    const scale = inverse ? 1 / attentionFactor : attentionFactor;
    const cos = new Float32Array(positions.length * pairs);
    const sin = new Float32Array(positions.length * pairs);
    positions.forEach((position, n) => {
      for (let i = 0, at = n * pairs; i < pairs; i++, at++) {
        const angle = position * frequencies[i];
        cos[at] = (caches ? caches.cos[position * pairs + i] : Math.cos(angle)) * scale;
        sin[at] = (caches ? caches.sin[position * pairs + i] : Math.sin(angle)) * (inverse ? -scale : scale);
      }
    });
    const turns = { positions, inverse, frequencies, cos, sin };
    if (cos.length <= CACHED_TURNS) this.#cached = turns;
    return turns;
  }
}

const SHAPE = ['headDim', 'rotaryDim', 'interleaved'];
const ROTATE = ['positions', 'heads', 'inverse', 'into'];

/**
 * Rotates without the core, with the same bits: cpp/kernels/rotary.h.
 * @param {Float32Array} x (n, heads, headDim), rotated in place
 * @param {number} heads
 * @param {{ headDim: number, rotaryDim: number, interleaved: boolean }} shape
 * @param {RopeCaches} turns
 */
function turnHeads(x, heads, { headDim, rotaryDim, interleaved }, { cos, sin }) {
  const [f32, pairs] = [Math.fround, rotaryDim / 2];
  const [step, apart] = interleaved ? [2, 1] : [1, pairs];
  for (let head = 0; head < x.length / headDim; head++) {
    const at = Math.floor(head / heads) * pairs;
    for (let i = 0, first = head * headDim; i < pairs; i++, first += step) {
      const [a, b, c, s] = [x[first], x[first + apart], cos[at + i], sin[at + i]];
      x[first] = f32(a * c) - f32(b * s);
      x[first + apart] = f32(b * c) + f32(a * s);
    }
  }
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
const isSame = (a, b) => a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

/** @param {number} rotaryDim @param {number} headDim */
function checkDims(rotaryDim, headDim) {
  count('headDim', headDim, { least: 1 });
  count('rotaryDim', rotaryDim, { least: 1 });
  if (headDim > MAX_HEAD) throw new WembedError('invalid_argument', `head_dim ${headDim} is above ${MAX_HEAD}`);
  if (rotaryDim >= 2 && rotaryDim % 2 === 0 && rotaryDim <= headDim) return;
  throw new WembedError('shape_mismatch', `rotaryDim must be an even number up to headDim: ${rotaryDim} of ${headDim}`);
}

/** @param {Float64Array} positions @param {number} rows */
function checkCached(positions, rows) {
  const bad = positions.findIndex((position) => position < 0 || position >= rows);
  if (bad < 0) return;
  throw new WembedError(
    'id_out_of_range',
    `position ${positions[bad]} at index ${bad} is not among the ${rows} cached positions`,
  );
}

/**
 * @param {Float64Array | undefined} positions
 * @param {number} n
 * @returns {Float64Array} (n)
 */
function checkedPositions(positions, n) {
  if (positions === undefined) return Float64Array.from({ length: n }, (_, i) => i);
  if (positions.length === n) return positions;
  throw new WembedError('shape_mismatch', `${positions.length} positions for ${n} rows`);
}

/**
 * @param {RopeFrequencies} frequencies
 * @returns {RopeFrequencies} that turn the other way round
 */
function reversed({ of, attentionFactor }) {
  return new RopeFrequencies((length) => of(length).map((each) => -each), attentionFactor);
}
