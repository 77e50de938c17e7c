// Float32 numbers as JSON, written by WebAssembly, against what defines them: cpp/text/json_numbers.h.
import { JsonBytes, startNumberModule, text } from '../../web/cli/json_numbers.js';

describe('numbers as JSON', () => {
  /** @param {ArrayLike<number>} values @param {JsonBytes} json */
  function written(values, json = new JsonBytes(startNumberModule())) {
    json.numbers(Float32Array.from(values));
    return json.take().toString();
  }
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0);
  const floats = (/** @type {Uint32Array<ArrayBuffer>} */ bits) => new Float32Array(bits.buffer);
  const inexact = Math.fround(4.500175055e-5);

  /** Random mantissas of every exponent, 0 to 255, of both signs: subnormal numbers, infinities and NaN too. */
  const every = floats(
    Uint32Array.from({ length: 256 * 400 }, (_, i) => (((i & 255) << 23) | (random() & 0x807fffff)) >>> 0),
  );
  const usual = Float32Array.from({ length: 100_000 }, (_, i) => (random() / 2 ** 31 - 1) * 10 ** -(i % 7));
  /** Around every power of ten. */
  const limits = Float32Array.from(
    Array.from({ length: 60 }, (_, i) => new Uint32Array(Float32Array.of(10 ** (i - 45)).buffer)[0]).flatMap((bits) =>
      Array.from(floats(Uint32Array.from({ length: 41 }, (_, i) => Math.max(bits + i - 20, 0)))),
    ),
  );
  const extremes = [0, -0, 1, -1, 1.4e-45, 1.17549435e-38, 3.4028234e38, -3.4028234e38, 16777217, Infinity, NaN];

  test('are what `text` makes of them, at every exponent', () => {
    expect(startNumberModule()).toBeDefined();
    for (const values of [every, usual, limits, Float32Array.from(extremes)]) {
      const found = written(values).slice(1, -1).split(',');
      expect(found).toHaveLength(values.length);
      const wrong = found.filter((each, i) => each !== text(values[i]));
      expect(wrong).toEqual([]);
    }
  });

  test('give the same float32 back, -0 as 0', () => {
    for (const values of [every.filter(Number.isFinite), usual]) {
      const back = Float32Array.from(JSON.parse(written(values)));
      const same = values.map((value) => value + 0);
      expect(Buffer.from(back.buffer).equals(Buffer.from(same.buffer))).toBe(true);
    }
  });

  test('are nine digits without zeros at their end; the one that is not rounded exactly gives itself back', () => {
    expect(written([0.5, -0.25, 0, -0, 1, 1e9, 1e-7, 0.1, NaN])).toBe(
      '[0.5,-0.25,0,0,1,1000000000,1.00000001e-7,0.100000001,null]',
    );
    expect(written([])).toBe('[]');
    expect([written([inexact]), text(inexact)]).toEqual(['[0.0000450017506]', '0.0000450017505']);
    expect(Math.fround(0.0000450017506)).toBe(inexact);
  });

  test('are the same without SIMD, and beside long texts', () => {
    const part = every.subarray(0, 20_000);
    expect(written(part, new JsonBytes(undefined))).toBe(written(part));
    const json = new JsonBytes(startNumberModule());
    const long = 'ä'.repeat(300_000);
    json.text(long);
    json.numbers(Float32Array.of(0.5));
    json.text('\n');
    expect(json.take().toString()).toBe(`${long}[0.5]\n`);
  });
});
