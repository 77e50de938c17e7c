// ggml's block types that few files have, widened to f32 as the gguf package does it. Loaded only for such a file.
import { f16ToNumber } from '../core/halves.js';
import { GRIDS } from './ggml_grids.js';
import { GGML_TYPES } from './ggml_types.js';

/** Writes one block's numbers. @typedef {(block: DataView, out: Float32Array, at: number) => void} Widen */

/** Blocks that are handed on at a time. */
const STRIP = 64;

/** Numbers of a block of the types of 256 that share what a sign byte and an index of a grid give. */
const EIGHT = 8;

/** The numbers of a 4-bit float, doubled. (OCP Microscaling Formats, E2M1) */
const E2M1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** The numbers of IQ4's nibbles. */
const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** IQ1's numbers lie an eighth above or below the grid's. */
const DELTA = 0.125;

/** @type {Record<string, Widen>} */
const WIDEN = {
  ...{ TQ1_0: tq1, TQ2_0: tq2, MXFP4: mxfp4, NVFP4: nvfp4, IQ4_XS: iq4xs },
  ...{ IQ2_XXS: iq2xxs, IQ2_XS: iq2xs, IQ2_S: iq2s, IQ3_XXS: iq3xxs, IQ3_S: iq3s, IQ1_S: iq1s, IQ1_M: iq1m },
};

/**
 * Converts blocks that arrive in pieces of any length.
 * @param {string} type one that `isRareBlock` knows
 * @param {(bytes: Uint8Array) => void} write receives the numbers as f32, in order
 * @returns {(bytes: Uint8Array) => void}
 */
export function rareWidening(type, write) {
  const found = Object.values(GGML_TYPES).find(([name]) => name === type);
  const [, numbers, size] = /** @type {[string, number, number]} */ (found);
  const widen = WIDEN[type];
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  const out = new Float32Array(numbers * STRIP);
  let [filled, at] = [0, 0];
  const flush = () => {
    write(new Uint8Array(out.buffer, 0, 4 * at));
    at = 0;
  };
  return (bytes) => {
    for (let from = 0; from < bytes.length;) {
      const taken = Math.min(size - filled, bytes.length - from);
      block.set(bytes.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
      if (filled < size) break;
      filled = 0;
      widen(view, out, at);
      at += numbers;
      if (at === out.length) flush();
    }
    if (at > 0) flush();
  };
}

/** @type {Map<string, Int8Array>} */
const grids = new Map();

/**
 * @param {string} name
 * @returns {Int8Array} its rows one after the other
 */
function gridOf(name) {
  const known = grids.get(name);
  if (known) return known;
  const { values, packed } = GRIDS[name];
  const bytes = Uint8Array.from(atob(packed.join('')), (letter) => letter.charCodeAt(0));
  const bits = values.length > 4 ? 4 : 2;
  const each = 8 / bits;
  const grid = Int8Array.from({ length: bytes.length * each }, (_, i) => {
    const index = (bytes[Math.floor(i / each)] >> (bits * (i % each))) & ((1 << bits) - 1);
    return values[index];
  });
  grids.set(name, grid);
  return grid;
}

/** @param {DataView} block @param {number} at @returns {number} */
const half = (block, at) => f16ToNumber(block.getUint16(at, true));

/** @param {DataView} block @param {number} at of bytes with two numbers each @param {number} i which number */
const nibble = (block, at, i) => (block.getUint8(at + (i >> 1)) >> (4 * (i & 1))) & 15;

/**
 * Seven sign bits; the eighth makes the number of minuses even.
 * @param {number} bits
 */
function evenSigns(bits) {
  let parity = bits;
  for (const shift of [4, 2, 1]) parity ^= parity >> shift;
  return bits | ((parity & 1) << 7);
}

/**
 * Eight numbers of one scale and one byte of signs, out of one row of a grid of eight or two of four.
 * @param {Float32Array} out
 * @param {number} at
 * @param {number} scale
 * @param {number} signs
 * @param {Int8Array} grid
 * @param {number[]} indices of rows
 */
function putSigned(out, at, scale, signs, grid, indices) {
  const wide = EIGHT / indices.length;
  for (let j = 0; j < EIGHT; j++) {
    const value = scale * grid[indices[Math.floor(j / wide)] * wide + (j % wide)];
    out[at + j] = signs & (1 << j) ? -value : value;
  }
}

/** @type {Widen} */
function iq2xxs(block, out, at) {
  const [d, grid] = [half(block, 0), gridOf('IQ2_XXS')];
  for (let group = 0; group < 8; group++) {
    const from = 2 + 8 * group;
    const bits = block.getUint32(from + 4, true);
    const scale = d * (0.5 + (bits >>> 28)) * 0.25;
    for (let i = 0; i < 4; i++) {
      putSigned(out, at + 32 * group + 8 * i, scale, evenSigns((bits >>> (7 * i)) & 127), grid, [
        block.getUint8(from + i),
      ]);
    }
  }
}

/** @type {Widen} */
function iq3xxs(block, out, at) {
  const [d, grid] = [half(block, 0), gridOf('IQ3_XXS')];
  for (let group = 0; group < 8; group++) {
    const bits = block.getUint32(66 + 4 * group, true);
    const scale = d * (0.5 + (bits >>> 28)) * 0.5;
    for (let i = 0; i < 4; i++) {
      const from = 2 + 8 * group + 2 * i;
      const rows = [block.getUint8(from), block.getUint8(from + 1)];
      putSigned(out, at + 32 * group + 8 * i, scale, evenSigns((bits >>> (7 * i)) & 127), grid, rows);
    }
  }
}

/** @type {Widen} */
function iq2xs(block, out, at) {
  const [d, grid] = [half(block, 0), gridOf('IQ2_XS')];
  for (let i = 0; i < 32; i++) {
    const index = block.getUint16(2 + 2 * i, true);
    const scale = d * (0.5 + nibble(block, 66, i >> 1)) * 0.25;
    putSigned(out, at + 8 * i, scale, evenSigns(index >> 9), grid, [index & 511]);
  }
}

/** @type {Widen} */
function iq2s(block, out, at) {
  const [d, grid] = [half(block, 0), gridOf('IQ2_S')];
  for (let i = 0; i < 32; i++) {
    const high = (block.getUint8(66 + (i >> 2)) >> (2 * (i & 3))) & 3;
    const scale = d * (0.5 + nibble(block, 74, i >> 1)) * 0.25;
    putSigned(out, at + 8 * i, scale, block.getUint8(34 + i), grid, [block.getUint8(2 + i) | (high << 8)]);
  }
}

/** @type {Widen} */
function iq3s(block, out, at) {
  const [d, grid] = [half(block, 0), gridOf('IQ3_S')];
  const index = (/** @type {number} */ i) =>
    block.getUint8(2 + i) | (((block.getUint8(66 + (i >> 3)) >> (i & 7)) & 1) << 8);
  for (let i = 0; i < 32; i++) {
    const scale = d * (1 + 2 * nibble(block, 106, i >> 2));
    putSigned(out, at + 8 * i, scale, block.getUint8(74 + i), grid, [index(2 * i), index(2 * i + 1)]);
  }
}

/**
 * @param {Float32Array} out
 * @param {number} at
 * @param {number} scale
 * @param {number} delta
 * @param {number} row of the grid
 */
function putShifted(out, at, scale, delta, row) {
  const grid = gridOf('IQ1_S');
  for (let j = 0; j < EIGHT; j++) out[at + j] = scale * (grid[EIGHT * row + j] + delta);
}

/** @type {Widen} */
function iq1s(block, out, at) {
  const d = half(block, 0);
  for (let i = 0; i < 32; i++) {
    const bits = block.getUint16(34 + 2 * (i >> 2), true);
    const row = block.getUint8(2 + i) | (((bits >> (3 * (i & 3))) & 7) << 8);
    putShifted(out, at + 8 * i, d * (2 * ((bits >> 12) & 7) + 1), bits & 0x8000 ? -DELTA : DELTA, row);
  }
}

/** Its f16 scale is the high nibbles of four numbers. @type {Widen} */
function iq1m(block, out, at) {
  const parts = [0, 1, 2, 3].map((i) => block.getUint16(48 + 2 * i, true));
  const d = f16ToNumber(parts.reduce((bits, part, i) => bits | ((part >> 12) << (4 * i)), 0));
  for (let i = 0; i < 32; i++) {
    const high = nibble(block, 32, i);
    const scale = (parts[i >> 3] >> (3 * ((i >> 1) & 3))) & 7;
    const row = block.getUint8(i) | ((high & 7) << 8);
    putShifted(out, at + 8 * i, d * (2 * scale + 1), high & 8 ? -DELTA : DELTA, row);
  }
}

/** @type {Widen} */
function iq4xs(block, out, at) {
  const [d, high] = [half(block, 0), block.getUint16(2, true)];
  for (let group = 0; group < 8; group++) {
    const scale = d * ((nibble(block, 4, group) | (((high >> (2 * group)) & 3) << 4)) - 32);
    putNibbles(block, 8 + 16 * group, 16, out, at + 32 * group, scale, IQ4);
  }
}

/**
 * The low halves of some bytes, then the high ones.
 * @param {DataView} block
 * @param {number} from
 * @param {number} bytes
 * @param {Float32Array} out
 * @param {number} at
 * @param {number} scale
 * @param {number[]} values by nibble
 */
function putNibbles(block, from, bytes, out, at, scale, values) {
  for (let i = 0; i < bytes; i++) {
    const byte = block.getUint8(from + i);
    out[at + i] = scale * values[byte & 15];
    out[at + bytes + i] = scale * values[byte >> 4];
  }
}

/** @type {Widen} */
function mxfp4(block, out, at) {
  const e = block.getUint8(0);
  putNibbles(block, 1, 16, out, at, 2 ** (e - 128), E2M1);
}

/** @type {Widen} */
function nvfp4(block, out, at) {
  for (let group = 0; group < 4; group++) {
    const byte = block.getUint8(group);
    const [exponent, fraction] = [(byte >> 3) & 15, byte & 7];
    const value = exponent ? (1 + fraction / 8) * 2 ** (exponent - 7) : fraction * 2 ** -9;
    putNibbles(block, 4 + 8 * group, 8, out, at + 16 * group, byte === 0x7f ? 0 : value / 2, E2M1);
  }
}

/**
 * Five numbers of three values each in a byte: the digits of a fraction in base 3.
 * @param {DataView} block
 * @param {number} from
 * @param {number} bytes
 * @param {number} digits
 * @param {Float32Array} out
 * @param {number} at
 * @param {number} scale
 */
function putTernary(block, from, bytes, digits, out, at, scale) {
  for (let digit = 0, power = 1; digit < digits; digit++, power *= 3) {
    for (let i = 0; i < bytes; i++) {
      const shifted = (block.getUint8(from + i) * power) & 255;
      out[at + digit * bytes + i] = scale * (((shifted * 3) >> 8) - 1);
    }
  }
}

/** @type {Widen} */
function tq1(block, out, at) {
  const d = half(block, 52);
  putTernary(block, 0, 32, 5, out, at, d);
  putTernary(block, 32, 16, 5, out, at + 160, d);
  putTernary(block, 48, 4, 4, out, at + 240, d);
}

/** @type {Widen} */
function tq2(block, out, at) {
  const d = half(block, 64);
  for (let i = 0; i < 256; i++) {
    const byte = block.getUint8(32 * (i >> 7) + (i & 31));
    out[at + i] = d * (((byte >> (2 * ((i >> 5) & 3))) & 3) - 1);
  }
}
