// Float32 numbers as text: nine digits, which give the same number back, several times as fast as `String`.

const COMMA = 44;
/** The three digits of 0 to 999, a byte each. */
const DIGITS = Int32Array.from({ length: 1000 }, (_, i) =>
  Buffer.from(`${String(i).padStart(3, '0')}\0`).readInt32LE(),
);

/** 10^9 … 10^15, by how many zeros follow the point. */
const SCALES = Array.from({ length: 7 }, (_, zeros) => 10 ** (9 + zeros));
/** The most bytes that a number takes, with its comma. */
const MOST = 26;

/** @param {number} size of an absolute value from 1e-6 to below 1 @returns {number} zeros after the point */
function zerosOf(size) {
  if (size >= 0.1) return 0;
  if (size >= 0.01) return 1;
  if (size >= 0.001) return 2;
  if (size >= 1e-4) return 3;
  return size >= 1e-5 ? 4 : 5;
}

/** @param {Buffer} bytes @param {number} at @param {number} digits 0 to 999 */
function putThree(bytes, at, digits) {
  const three = DIGITS[digits];
  bytes[at] = three & 255;
  bytes[at + 1] = (three >> 8) & 255;
  bytes[at + 2] = three >> 16;
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number} value a finite float32
 * @returns {number} where the next byte goes
 */
function putNumber(bytes, at, value) {
  const size = Math.abs(value);
  if (!(size >= 1e-6 && size < 0.999999999)) return at + bytes.write(text(value), at, 'latin1');
  if (value < 0) bytes[at++] = 45;
  bytes[at] = 48;
  bytes[at + 1] = 46;
  at += 2;
  const zeros = zerosOf(size);
  for (let i = 0; i < zeros; i++) bytes[at++] = 48;
  const nine = Math.min(Math.round(size * SCALES[zeros]), 999999999) | 0;
  const six = (nine % 1000000) | 0;
  putThree(bytes, at, (nine / 1000000) | 0);
  putThree(bytes, at + 3, (six / 1000) | 0);
  putThree(bytes, at + 6, (six % 1000) | 0);
  at += 9;
  while (bytes[at - 1] === 48) at--;
  return at;
}

/** @param {number} value @returns {string} JSON has no other numbers than finite ones */
const text = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(9))) : 'null');

/** JSON as bytes: texts and arrays of numbers, one after the other, in a buffer that is used again. */
export class JsonBytes {
  #bytes = Buffer.alloc(2 ** 16);
  #length = 0;

  /** @param {number} more @returns {number} where they go */
  #room(more) {
    if (this.#length + more > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#length;
  }

  /** @param {string} json */
  text(json) {
    const at = this.#room(3 * json.length); // bytes of a UTF-16 unit in UTF-8, at most
    this.#length = at + this.#bytes.write(json, at);
  }

  /** @param {Float32Array} row `[0.5,-0.25]` */
  numbers(row) {
    let at = this.#room(row.length * MOST + 2);
    const bytes = this.#bytes;
    bytes[at++] = 91;
    for (let i = 0; i < row.length; i++) {
      if (i > 0) bytes[at++] = COMMA;
      at = putNumber(bytes, at, row[i]);
    }
    bytes[at++] = 93;
    this.#length = at;
  }

  /** @returns {Buffer} all of it, valid until the next call; there is none afterwards */
  take() {
    const all = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return all;
  }
}
