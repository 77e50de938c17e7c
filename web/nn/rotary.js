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
import { WembedError, shown } from '../core/errors.js';
import { runningHeap } from '../memory/heap.js';
import { RopeFrequencies, ropeFrequencies } from './rope_rules.js';

/** @typedef {import('./rope_rules.js').RopeScaling} RopeScaling */

/** Cosines and sines, each (positions, rotaryDim / 2). @typedef {{ cos: Float32Array, sin: Float32Array }} RopeCaches */

/**
 * How queries and keys turn.
 * @typedef {object} RotarySettings
 * @property {string} [type] 'default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3' or 'proportional', as transformers
 *   calls them; default 'default'
 * @property {number} [theta] the base of the frequencies; default 10000
 * @property {number} headDim how many numbers a head has
 * @property {number} [rotaryDim] the first so many of them turn, the others pass; default headDim
 * @property {boolean} [interleaved] true: number 2i turns with 2i + 1; false (default): i with i + rotaryDim / 2
 * @property {number} [maxPositions] the longest sequence, for the types that need it
 * @property {number} [originalPositions] the longest sequence before the context was extended; default maxPositions
 * @property {RopeScaling} [scaling]
 */

/**
 * @typedef {object} RotateOptions
 * @property {import('../core/arguments.js').IntegerArray} [positions] (n), any whole numbers; default 0 … n - 1
 * @property {number} [heads] default 1
 * @property {boolean} [inverse] turns back, and divides by the attention factor: undoes a rotation
 * @property {Float32Array} [into] at least q.length numbers, written instead of a new array; may be q itself
 */

/** Cosines and sines of a call are kept for the next one up to this many: 8 MB of both. */
const KEPT_TURNS = 2 ** 20;

/** No model has heads near this wide: a config that says so is wrong, and nothing is allocated for it. */
const MAX_HEAD = 65536;

const SETTINGS = [
  'type',
  'theta',
  'headDim',
  'rotaryDim',
  'interleaved',
  'maxPositions',
  'originalPositions',
  'scaling',
];

/**
 * Rotary positions (Su et al. 2021): pair i of a head turns by position × frequency i. Equals transformers'
 * `LlamaRotaryEmbedding` with `apply_rotary_pos_emb`, with angles in f64 instead of f32, so that far positions are exact.
 * It needs no core, but is several times as fast where a table has started it; the bits are the same.
 */
export class RotaryPositions {
  #frequencies;
  #shape;
  /** @type {(RopeCaches & { positions: Float64Array, inverse: boolean, frequencies: Float64Array }) | undefined} */
  #kept;

  /**
   * @internal
   * @param {RopeFrequencies} frequencies
   * @param {{ type: string, headDim: number, rotaryDim: number, interleaved: boolean }} shape
   */
  constructor(frequencies, shape) {
    if (!(frequencies instanceof RopeFrequencies)) {
      throw new WembedError('invalid_argument', 'rotary positions are made by RotaryPositions.fromConfig(config)');
    }
    this.#frequencies = frequencies;
    this.#shape = shape;
  }

  /**
   * Makes rotary positions of their parameters.
   * @param {RotarySettings} settings `base` is another name for `theta`
   * @returns {RotaryPositions} errors: `unsupported`, `invalid_argument`, `shape_mismatch`
   */
  static from(settings) {
    const given = optionsOf('RotaryPositions.from', settings, SETTINGS, { base: 'theta' });
    const { type = 'default', theta = 10000, rotaryDim = given.headDim, interleaved = false, maxPositions } = given;
    const { originalPositions = maxPositions, scaling = {} } = given;
    checkDims(rotaryDim, given.headDim);
    if (typeof scaling !== 'object' || scaling === null) {
      throw mustBe('scaling', 'an object', scaling);
    }
    const shape = { type, headDim: given.headDim, rotaryDim, interleaved: flag('interleaved', interleaved) };
    positive('theta', theta);
    return new this(
      ropeFrequencies({ ...{ type, theta, rotaryDim, maxPositions, originalPositions }, scaling: { ...scaling } }),
      shape,
    );
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
   * Rotates by cosines and sines that were worked out before, as exported models hold them: the inputs of ONNX's
   * RotaryEmbedding. They are copied.
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
      const what = `${cos.length} cosines and ${sin.length} sines, ${rotaryDim / 2} for each position`;
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
  /** How many numbers a head has. */
  get headDim() {
    return this.#shape.headDim;
  }
  /** The first so many numbers of a head turn, the others pass. */
  get rotaryDim() {
    return this.#shape.rotaryDim;
  }
  /** Whether neighbours turn with each other, or halves. */
  get interleaved() {
    return this.#shape.interleaved;
  }
  /** What multiplies cos and sin: 1 but for yarn and longrope. */
  get attentionFactor() {
    return this.#frequencies.attentionFactor;
  }

  /**
   * Radians per position, for each pair.
   * @param {number} [sequenceLength] counts for dynamic and longrope; default 0, a short sequence
   * @returns {Float64Array} (rotaryDim / 2)
   */
  frequencies(sequenceLength = 0) {
    count('sequenceLength', sequenceLength, { most: Number.MAX_SAFE_INTEGER });
    return this.#frequencies.of(sequenceLength).slice();
  }

  /**
   * Turns queries or keys to their positions.
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
    // Numbers that lie partly over each other move first.
    const moved = to.buffer === from.buffer && to.byteOffset !== from.byteOffset;
    if (moved) putFloats(to, from);
    this.#turn(moved ? to : from, to, heads, turns);
    return out;
  }

  /**
   * @param {Float32Array} from (n, heads, headDim)
   * @param {Float32Array} to the same numbers, or others
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
   * The cosines and sines of positions, kept for the next call, which is often another layer's at the same positions.
   * @param {Float64Array} positions
   * @param {boolean} inverse
   */
  #turnsAt(positions, inverse) {
    const { caches, attentionFactor } = this.#frequencies;
    const frequencies = this.#frequencies.of(positions.reduce((most, each) => Math.max(most, each), -1) + 1);
    const kept = this.#kept;
    if (kept?.inverse === inverse && isSame(kept.positions, positions) && isSame(kept.frequencies, frequencies)) {
      return kept;
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
    if (cos.length <= KEPT_TURNS) this.#kept = turns;
    return turns;
  }
}

const SHAPE = ['headDim', 'rotaryDim', 'interleaved'];
const ROTATE = ['positions', 'heads', 'inverse', 'into'];

/**
 * Turns without the core, to the same bits: cpp/kernels/rotary.h.
 * @param {Float32Array} x (n, heads, headDim), turned in place
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
  throw new WembedError('shape_mismatch', `${rotaryDim} of ${headDim} numbers of a head cannot turn in pairs`);
}

/** @param {Float64Array} positions @param {number} rows */
function checkCached(positions, rows) {
  const bad = positions.findIndex((position) => position < 0 || position >= rows);
  if (bad < 0) return;
  throw new WembedError(
    'id_out_of_range',
    `position ${positions[bad]} at index ${bad} is not among the ${rows} cached`,
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
