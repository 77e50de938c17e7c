/** The powers of ten that a double represents exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** A whole number of up to this many digits is exact in a double. */
const EXACT_DIGITS = 15;

const [TAB, SPACE, PLUS, MINUS, DOT, ZERO] = [9, 32, 43, 45, 46, 48];

/** What Python's float() accepts, except underscores between digits. */
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

/**
 * Reads numbers separated by spaces or tabs, each rounded to the nearest double and then to f32, like
 * numpy.float32(text). Digits that form an exact double, scaled by an exact power of ten, take one correctly rounded
 * division (Clinger 1990, "How to Read Floating Point Numbers Accurately"); all other numbers go through Number().
 * @param {Uint8Array} bytes in which the last number is followed by a character that is not a digit
 * @param {number} at the position of the space before the first number
 * @param {number} end the end of the last number
 * @param {Float32Array} out
 * @param {number} first the index in `out` of the first number
 * @param {number} count
 * @returns {boolean} whether there are exactly `count` numbers up to `end` and nothing else
 */
export function readNumbers(bytes, at, end, out, first, count) {
  for (let i = first; i < first + count; i++) {
    let c = bytes[at];
    while (c === SPACE || c === TAB) c = bytes[++at];
    const begin = at;
    const negative = c === MINUS;
    if (negative || c === PLUS) c = bytes[++at];
    let digits = at;
    let mantissa = 0;
    for (; (c -= ZERO) >= 0 && c <= 9; c = bytes[++at]) mantissa = mantissa * 10 + c;
    digits = at - digits;
    let exponent = 0;
    if (c === DOT - ZERO) {
      exponent = ++at;
      for (c = bytes[at]; (c -= ZERO) >= 0 && c <= 9; c = bytes[++at]) mantissa = mantissa * 10 + c;
      exponent -= at;
      digits -= exponent;
    }
    c += ZERO;
    if ((c | 0x20) === 0x65) {
      const power = readExponent(bytes, at + 1);
      exponent += power.value;
      c = bytes[(at = power.end)];
    }
    if (digits > 0 && digits <= EXACT_DIGITS && exponent >= -22 && exponent <= 22 && (at === end || isSpace(c))) {
      const value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
      out[i] = negative ? -value : value;
    } else {
      while (at < end && !isSpace(bytes[at])) at++;
      const value = readNumber(bytes, begin, at);
      if (value === undefined) return false;
      out[i] = value;
    }
  }
  return at === end;
}

/** @param {number} c */
const isSpace = (c) => c === SPACE || c === TAB;

/**
 * @param {Uint8Array} bytes
 * @param {number} at after the e
 * @returns {{ value: number, end: number }} the exponent and its end; the caller checks what follows
 */
function readExponent(bytes, at) {
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  const begin = at;
  let value = 0;
  for (let c; (c = bytes[at] - ZERO) >= 0 && c <= 9 && value < 1000; at++) value = value * 10 + c;
  return { value: at === begin ? NaN : negative ? -value : value, end: at };
}

/**
 * One number by the slow path: whatever Python's float() accepts, except underscores.
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {number} end
 * @returns {number | undefined} undefined if it is not a number
 */
export function readNumber(bytes, begin, end) {
  if (begin === end || end - begin > 4096) return undefined;
  const text = String.fromCharCode(...bytes.subarray(begin, end));
  if (!NUMBER.test(text)) return undefined;
  const special = /^([+-]?)(?:(inf)|nan)/i.exec(text);
  if (!special) return Number(text);
  if (!special[2]) return NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}
