import { count, plainArray, tagOf, mustBe } from '../core/arguments.js';
import { doublesOf } from '../core/numbers.js';
import { WembedError, shown, isArray } from '../core/errors.js';

/**
 * The number format of bytes: unsigned, signed, or 8-bit floats (Micikevicius et al. 2022) with 4 exponent bits
 * (torch's float8_e4m3fn, without infinities) or 5.
 * @typedef {'u8' | 'i8' | 'f8_e4m3' | 'f8_e5m2'} ByteFormat
 */

/**
 * @typedef {object} PackedOptions
 * @property {number} rows
 * @property {number} dim
 * @property {ByteFormat} [format] of the bytes; default: u8 for a Uint8Array, i8 for an Int8Array
 * @property {ArrayLike<number> | number} [scale] one for the table (default 1), or one per block
 * @property {ArrayLike<number> | number} [zeroPoint] one for the table (default 0), or one per block
 * @property {readonly [rows: number, numbers: number]} [block] default [1, dim]: one row
 */

/** Numbers converted at a time. */
const STRIP = 2 ** 15;

/** @type {Record<ByteFormat, (byte: number) => number>} */
const FORMATS = {
  u8: (byte) => byte,
  i8: (byte) => (byte << 24) >> 24,
  f8_e4m3: (byte) => ((byte & 127) === 127 ? NaN : floatOf(byte, 3, 7)),
  f8_e5m2: (byte) => ((byte & 124) < 124 ? floatOf(byte, 2, 15) : byte & 3 ? NaN : byte & 128 ? -Infinity : Infinity),
};

/**
 * Converts bytes to (byte - zeroPoint) × scale: ONNX's DequantizeLinear. With blocks of [128, 128] the scales are the
 * `weight_scale_inv` of DeepSeek's checkpoints.
 * @param {unknown} data (rows, dim)
 * @param {PackedOptions} options
 * @returns {(write: (bytes: Uint8Array) => void) => void} passes the rows to `write` as f32, in order
 */
export function widener(data, options) {
  const tag = tagOf(data);
  if (tag !== 'Uint8Array' && tag !== 'Int8Array') {
    const what = 'format, zeroPoint and block require a Uint8Array or Int8Array';
    throw new WembedError('invalid_argument', `${what}, got ${tag ?? shown(data)}`);
  }
  const bytes = plainArray(/** @type {Uint8Array | Int8Array} */ (data));
  const format = options.format ?? (tag === 'Uint8Array' ? 'u8' : 'i8');
  const widen = converter(format, options);
  return (write) => widen(bytes, write);
}

/**
 * The same for bytes that arrive in pieces of any length.
 * @param {ByteFormat} format
 * @param {PackedOptions} options
 * @param {(bytes: Uint8Array) => void} write receives the rows as f32, in order
 * @returns {(bytes: Uint8Array | Int8Array) => void}
 */
export function widening(format, options, write) {
  const widen = converter(format, options);
  return (bytes) => widen(bytes, write);
}

/**
 * @param {ByteFormat} format
 * @param {PackedOptions} options
 * @returns {(bytes: Uint8Array | Int8Array, write: (bytes: Uint8Array) => void) => void}
 */
function converter(format, options) {
  const { dim } = options;
  const values = valuesOf(format);
  const scale = gridOf('scale', options.scale ?? 1, options);
  const zero = gridOf('zeroPoint', options.zeroPoint ?? 0, options);
  const strip = new Float32Array(STRIP);
  let at = 0;
  return (bytes, write) => {
    for (let from = 0; from < bytes.length; from += STRIP) {
      const n = Math.min(STRIP, bytes.length - from);
      for (let i = 0; i < n; i++, at++) {
        const [row, d] = [Math.floor(at / dim), at % dim];
        strip[i] = (values[bytes[from + i] & 255] - zero(row, d)) * scale(row, d);
      }
      write(new Uint8Array(strip.buffer, 0, 4 * n));
    }
  };
}

/**
 * The block size that follows from the shape of a checkpoint's scales.
 * @param {number[]} shape of the scales: [] for one scale, [rows] for one per row, or one per block of a power of two
 * @param {number} rows
 * @param {number} dim
 * @returns {[number, number] | undefined} the block, or undefined if the shape fits no table of that size
 */
export function blockOf(shape, rows, dim) {
  const [down = 1, across = 1] = shape;
  const side = (/** @type {number} */ size, /** @type {number} */ parts) =>
    parts === 1 ? size : 2 ** Math.ceil(Math.log2(size / parts));
  const block = /** @type {[number, number]} */ ([side(rows, down), side(dim, across)]);
  return Math.ceil(rows / block[0]) === down && Math.ceil(dim / block[1]) === across ? block : undefined;
}

/**
 * The number that each byte represents.
 * @param {ByteFormat} name
 */
function valuesOf(name) {
  if (typeof name !== 'string' || !Object.hasOwn(FORMATS, name)) {
    const known = Object.keys(FORMATS).join(', ');
    throw new WembedError('unsupported', `format '${shown(name)}' is not one of ${known}`);
  }
  return Float64Array.from({ length: 256 }, (_, byte) => FORMATS[name](byte));
}

/**
 * Reads scales or zero points: one for the table, or one per block.
 * @param {string} name
 * @param {ArrayLike<number> | number} given
 * @param {PackedOptions} options
 * @returns {(row: number, d: number) => number}
 */
function gridOf(name, given, { rows, dim, block }) {
  const [down, across] = blockSize(block ?? [1, dim]);
  if (typeof given === 'number') return () => given;
  const numbers = doublesOf(name, given);
  const wide = Math.ceil(dim / across);
  const expected = Math.ceil(rows / down) * wide;
  if (numbers.length !== expected) {
    const what = `${numbers.length} numbers of ${name} for ${expected} blocks of ${down} × ${across}`;
    throw new WembedError('shape_mismatch', `${what} in a table of ${rows} × ${dim}`);
  }
  return (row, d) => numbers[Math.floor(row / down) * wide + Math.floor(d / across)];
}

/**
 * @param {readonly number[]} block
 * @returns {[down: number, across: number]}
 */
function blockSize(block) {
  if (!isArray(block) || block.length !== 2) {
    throw mustBe('block', '[rows, numbers]', block);
  }
  const [down, across] = block;
  return [count('block[0]', down, { least: 1 }), count('block[1]', across, { least: 1 })];
}

/**
 * @param {number} byte
 * @param {number} fractionBits
 * @param {number} bias of the exponent
 */
function floatOf(byte, fractionBits, bias) {
  const sign = byte & 128 ? -1 : 1;
  const exponent = (byte & 127) >> fractionBits;
  const fraction = (byte & ((1 << fractionBits) - 1)) / (1 << fractionBits);
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias));
}
