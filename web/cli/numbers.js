// Float32 numbers as text: nine digits, which give the same number back, several times as fast as `String`.

const [COMMA, ZERO, OPEN, CLOSE] = [44, 48, 91, 93];
/** The three digits of 0 to 999, a byte each. */
const DIGITS = Int32Array.from({ length: 1000 }, (_, i) =>
  Buffer.from(`${String(i).padStart(3, '0')}\0`).readInt32LE(),
);

/** 10^9 … 10^15, by how many zeros follow the point. */
const SCALES = Array.from({ length: 7 }, (_, zeros) => 10 ** (9 + zeros));
/** The most bytes that a number takes or touches, with its comma. */
const MOST = 32;

const MINUS = 45;
/** `0.0` and `0000`, as they lie in memory. */
const [POINT, ZEROS] = ['0.00', '0000'].map((bytes) => Buffer.from(bytes).readInt32LE());

/**
 * Without branches that depend on the number: those are what formatting numbers costs.
 * @param {DataView} bytes with room for MOST
 * @param {number} at
 * @param {number} value a float32
 * @returns {number} where the next byte goes
 */
function putNumber(bytes, at, value) {
  const size = Math.abs(value);
  if (!(size >= 1e-6 && size < 0.999999999)) return putText(bytes, at, value);
  bytes.setInt8(at, MINUS);
  at += Number(value < 0);
  const zeros =
    Number(size < 0.1) + Number(size < 0.01) + Number(size < 0.001) + Number(size < 1e-4) + Number(size < 1e-5);
  bytes.setInt32(at, POINT, true);
  bytes.setInt32(at + 4, ZEROS, true);
  at += 2 + zeros;
  const nine = (size * SCALES[zeros] + 0.5) | 0;
  const six = (nine % 1000000) | 0;
  bytes.setInt32(at, DIGITS[(nine / 1000000) | 0], true); // the fourth byte is written over
  bytes.setInt32(at + 3, DIGITS[(six / 1000) | 0], true);
  bytes.setInt32(at + 6, DIGITS[(six % 1000) | 0], true);
  at += 9;
  while (bytes.getInt8(at - 1) === ZERO) at--;
  return at;
}

/** @param {DataView} bytes @param {number} at @param {number} value @returns {number} where the next byte goes */
function putText(bytes, at, value) {
  for (const letter of text(value)) bytes.setInt8(at++, letter.charCodeAt(0));
  return at;
}

/** @param {number} value @returns {string} JSON has no other numbers than finite ones */
const text = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(9))) : 'null');

/** @param {Buffer} bytes */
const viewOf = ({ buffer, byteOffset, length }) => new DataView(buffer, byteOffset, length);

/** JSON as bytes: texts and arrays of numbers, one after the other, in a buffer that is used again. */
export class JsonBytes {
  #bytes = Buffer.alloc(2 ** 16);
  #view = viewOf(this.#bytes);
  #length = 0;

  /** @param {number} more @returns {number} where they go */
  #room(more) {
    if (this.#length + more > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, this.#length + more));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
      this.#view = viewOf(larger);
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
    const view = this.#view;
    view.setInt8(at++, OPEN);
    for (let i = 0; i < row.length; i++) {
      if (i > 0) view.setInt8(at++, COMMA);
      at = putNumber(view, at, row[i]);
    }
    view.setInt8(at++, CLOSE);
    this.#length = at;
  }

  /** @returns {Buffer} all of it, valid until the next call; there is none afterwards */
  take() {
    const all = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return all;
  }
}
