import { RotaryPositions, errorOf, readJson, sharedData } from '../support/wembed.js';

const HEAD = { head_dim: 8, max_position_embeddings: 64 };
const LISTS = { short_factor: [1, 2, 3, 4], long_factor: [5, 6, 7, 8] };
const values = (/** @type {number} */ length) => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7));

const rope = sharedData('rope/hf_rope_expected.json');
for (const type of ['default', 'dynamic', 'yarn', 'llama3']) {
  rope.test(`frequencies are those that transformers' tests expect: ${type}`, () => {
    const { config, expected_inv_freq: expected } = readJson('../shared/data/rope/hf_rope_expected.json')[type];
    const { head_dim, rope_theta, max_position_embeddings, seq_len, ...scaling } = config;
    const shape = { head_dim, rope_theta, max_position_embeddings };
    const forms = [
      { ...shape, rope_scaling: { type, ...scaling } },
      { head_dim, max_position_embeddings, rope_parameters: { rope_type: type, rope_theta, ...scaling } },
    ];
    for (const form of forms) {
      const found = RotaryPositions.fromConfig(form).frequencies(seq_len);
      expect(found.length).toBe(expected.length);
      found.forEach((value, i) => expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-4)); // printed to 5 digits
    }
  });
}

test("linear divides, longrope chooses its list by length, both attention factors are the papers'", () => {
  const plain = RotaryPositions.fromConfig(HEAD).frequencies();
  const linear = RotaryPositions.fromConfig({ ...HEAD, rope_scaling: { type: 'linear', factor: 4 } });
  expect([...linear.frequencies()]).toEqual([...plain].map((value) => value / 4));
  const scaling = { type: 'longrope', factor: 2, original_max_position_embeddings: 16, ...LISTS };
  const long = RotaryPositions.fromConfig({ ...HEAD, rope_scaling: scaling });
  expect([...long.frequencies(16)]).toEqual([...plain].map((value, i) => value / (i + 1)));
  expect([...long.frequencies(17)]).toEqual([...plain].map((value, i) => value / (i + 5)));
  expect(long.attentionFactor).toBeCloseTo(Math.sqrt(1 + Math.log(2) / Math.log(16)), 14);
  const yarn = RotaryPositions.fromConfig({ ...HEAD, rope_scaling: { type: 'yarn', factor: 10 } });
  expect(yarn.attentionFactor).toBeCloseTo(0.1 * Math.log(10) + 1, 14);
});

test.each([false, true])('each pair turns by position × frequency; the rest passes: interleaved %s', (interleaved) => {
  const rotary = RotaryPositions.fromConfig({ ...HEAD, partial_rotary_factor: 0.5 }, { interleaved });
  const q = values(3 * 2 * 8);
  const positions = BigInt64Array.of(-7n, 0n, 5000000003n);
  const turned = rotary.rotate(q, { positions, heads: 2 });
  for (let n = 0; n < 3; n++) {
    for (let at = n * 16; at < n * 16 + 16; at += 8) {
      [0, 1].forEach((pair) => {
        const [x, y] = interleaved ? [at + 2 * pair, at + 2 * pair + 1] : [at + pair, at + pair + 2];
        const angle = Number(positions[n]) * [1, 0.01][pair];
        expect(turned[x]).toBeCloseTo(q[x] * Math.cos(angle) - q[y] * Math.sin(angle), 6);
        expect(turned[y]).toBeCloseTo(q[x] * Math.sin(angle) + q[y] * Math.cos(angle), 6);
      });
      expect(turned.subarray(at + 4, at + 8)).toEqual(q.subarray(at + 4, at + 8));
    }
  }
});

test('inverse undoes a rotation in place, and into keeps what is after it', () => {
  const rotary = RotaryPositions.fromConfig({ ...HEAD, rope_scaling: { type: 'yarn', factor: 10 } });
  const q = values(24);
  const x = q.slice();
  const options = { positions: [1000000, -3, 9], into: x };
  expect(rotary.rotate(x, options)).toBe(x);
  expect(Math.abs(x[0] - q[0])).toBeGreaterThan(0.01);
  rotary.rotate(x, { ...options, inverse: true });
  x.forEach((value, i) => expect(value).toBeCloseTo(q[i], 6));
  const into = new Float32Array(10).fill(-1);
  rotary.rotate(q.subarray(0, 8), { into });
  expect([into[8], into[9]]).toEqual([-1, -1]);
  expect(rotary.rotate(new Float32Array(0)).length).toBe(0);
});

test('bad input is refused before anything is written', async () => {
  const rotary = RotaryPositions.fromConfig(HEAD);
  const scaled = (/** @type {any} */ rope_scaling) => () => RotaryPositions.fromConfig({ ...HEAD, rope_scaling });
  const x = values(16);
  /** @type {[string, () => unknown, RegExp][]} */
  const calls = [
    ['invalid_argument', () => RotaryPositions.fromConfig(null), /null/],
    ['invalid_argument', () => RotaryPositions.fromConfig({}), /head_dim.*NaN/],
    ['shape_mismatch', () => RotaryPositions.fromConfig({ head_dim: 7 }), /7 of 7/],
    ['shape_mismatch', () => RotaryPositions.fromConfig({ ...HEAD, partial_rotary_factor: 2 }), /16 of 8/],
    ['unsupported', scaled({ type: 'toString' }), /toString.*llama3/],
    ['invalid_argument', scaled({ type: 'linear' }), /factor.*undefined/],
    ['shape_mismatch', scaled({ type: 'longrope', ...LISTS, long_factor: [1] }), /long_factor has 1 .* 4/],
    ['invalid_argument', scaled({ type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 1 }), /1 .* 4/],
    ['shape_mismatch', () => rotary.rotate(x, { heads: 3 }), /16 .*3, 8/],
    ['invalid_argument', () => rotary.rotate(x, { heads: 0 }), /heads.*0/],
    ['shape_mismatch', () => rotary.rotate(x, { positions: [1], into: x }), /1 positions for 2/],
    ['invalid_argument', () => rotary.rotate(x, { positions: [1, 0.5], into: x }), /0.5 at index 1/],
    ['shape_mismatch', () => rotary.rotate(x, { into: new Float32Array(15) }), /15.*16/],
    ['invalid_argument', () => rotary.rotate(/** @type {any} */ ([1])), /Float32Array/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
  expect(x).toEqual(values(16));
});
