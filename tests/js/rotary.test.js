import { readdirSync } from 'node:fs';
import { readTensor } from '../support/onnx.js';
import { EmbeddingTable, RotaryPositions, errorOf, readJson, sharedData } from '../support/wembed.js';

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

// tools/golden/rotary.py: transformers computes in f32, so its far angles have rounding errors.
test.each(readJson('tests/golden/rotary.json').cases)('rotates like transformers: $name', (golden) => {
  const { config, positions, rotaryDim, attentionFactor, q, turned } = /** @type {any} */ (golden);
  const rotary = RotaryPositions.fromConfig(config);
  expect(rotary.rotaryDim).toBe(rotaryDim);
  expect(rotary.attentionFactor).toBeCloseTo(attentionFactor, 12);
  const found = rotary.rotate(Float32Array.from(q), { positions, heads: 2 });
  const bound = 4e-7 * (2 + Math.max(...positions));
  found.forEach((value, i) => expect(Math.abs(value - turned[i])).toBeLessThan(bound));
});

test.each(readJson('tests/golden/rotary.json').layers)(
  'each type of layer turns as transformers reads an older config: $config.model_type $config.rope_theta',
  async (/** @type {any} */ { config, layers }) => {
    expect(RotaryPositions.layerTypes(config).sort()).toEqual(Object.keys(layers).sort());
    for (const [layerType, { frequencies, attentionFactor }] of Object.entries(/** @type {any} */ (layers))) {
      const rotary = RotaryPositions.fromConfig(config, { layerType });
      expect(rotary.attentionFactor).toBeCloseTo(attentionFactor, 6);
      rotary.frequencies().forEach((value, i) => expect(Math.abs(value / frequencies[i] - 1)).toBeLessThan(1e-6));
    }
    expect(await errorOf(() => RotaryPositions.fromConfig(config), 'invalid_argument')).toMatch(
      /sliding_attention.*undef/,
    );
  },
);

const onnx = sharedData('onnx-node');
onnx.test("ONNX's RotaryEmbedding node tests", () => {
  const cases = readdirSync(onnx.path).filter((name) => name.startsWith('test_rotary'));
  expect(cases).toHaveLength(8);
  for (const name of cases) {
    const read = (/** @type {string} */ file) => readTensor(`${onnx.path}/${name}/test_data_set_0/${file}.pb`);
    const [input, cos, sin, expected] = ['input_0', 'input_1', 'input_2', 'output_0'].map(read);
    // (batch, heads, n, headDim), or (batch, n, heads × headDim) with four heads
    const flat = input.shape.length === 3;
    const [batch, heads, n, headDim] = flat ? [input.shape[0], 4, input.shape[1], input.shape[2] / 4] : input.shape;
    const ids = name.includes('no_position_ids') ? null : read('input_3').data;
    const rotaryDim = 2 * /** @type {number} */ (cos.shape.at(-1));
    const shape = { headDim, rotaryDim, interleaved: name.includes('interleaved') };
    const rotary = RotaryPositions.fromCaches({ cos: cos.data, sin: sin.data }, shape);
    for (let b = 0; b < batch; b++) {
      const of = (/** @type {Float32Array} */ data) =>
        data.subarray(b * heads * n * headDim, (b + 1) * heads * n * headDim);
      const positions = ids ? ids.subarray(b * n, (b + 1) * n) : Array.from({ length: n }, (_, i) => b * n + i);
      const perHead = Array.from({ length: heads }, () => [...positions]).flat();
      const found = flat
        ? rotary.rotate(of(input.data), { positions, heads })
        : rotary.rotate(of(input.data), { positions: perHead });
      of(expected.data).forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(1e-6));
    }
  }
});

test('layers of several types, and the names of GPT-NeoX and GPT-J', async () => {
  const gemma3 = {
    ...{ head_dim: 8, max_position_embeddings: 64 },
    rope_parameters: {
      full_attention: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
      sliding_attention: { rope_type: 'default', rope_theta: 1e4 },
    },
  };
  expect(await errorOf(() => RotaryPositions.fromConfig(gemma3), 'invalid_argument')).toMatch('sliding_attention');
  const sliding = RotaryPositions.fromConfig(gemma3, { layerType: 'sliding_attention' });
  expect(sliding.frequencies()[1]).toBeCloseTo(0.1, 12);
  expect(RotaryPositions.fromConfig(gemma3, { layerType: 'full_attention' }).frequencies()[0]).toBe(1 / 8);
  // Newer files leave out the default type, and a layer type may have no rotation at all.
  const nested = { sliding_attention: { rope_theta: 100 }, full_attention: null };
  const still = { head_dim: 4, layer_types: Object.keys(nested), rope_parameters: nested };
  const near = RotaryPositions.fromConfig(still, { layerType: 'sliding_attention' });
  expect([...near.frequencies()]).toEqual([1, 0.1]);
  const none = () => RotaryPositions.fromConfig(still, { layerType: 'full_attention' });
  expect(await errorOf(none, 'invalid_argument')).toMatch('full_attention do not turn');
  expect(RotaryPositions.layerTypes({ ...still, layer_types: 5 })).toEqual(['sliding_attention']);
  expect(RotaryPositions.layerTypes(HEAD)).toEqual([]);
  expect(RotaryPositions.fromConfig({ text_config: { ...HEAD, model_type: 'llama' } }).headDim).toBe(8);
  const image = { type: 'mrope', mrope_section: [1, 1, 2] };
  expect(RotaryPositions.fromConfig({ ...HEAD, rope_scaling: image }).frequencies()).toEqual(
    RotaryPositions.fromConfig(HEAD).frequencies(),
  );
  const neox = { hidden_size: 64, num_attention_heads: 4, rotary_pct: 0.25, rotary_emb_base: 100 };
  expect([...RotaryPositions.fromConfig(neox).frequencies()]).toEqual([1, 0.1]);
  expect(RotaryPositions.fromConfig({ n_embd: 64, n_head: 4, rotary_dim: 8 }).rotaryDim).toBe(8);
  const caches = { cos: Float32Array.of(1, 1), sin: Float32Array.of(0, 0) };
  const cached = RotaryPositions.fromCaches(caches, { headDim: 2 });
  expect(await errorOf(() => cached.rotate(new Float32Array(2), { positions: [2] }), 'id_out_of_range')).toMatch('2');
  await errorOf(() => RotaryPositions.fromCaches(caches, { headDim: 6 }), 'shape_mismatch');
});

test("linear divides, longrope chooses its list by length, both attention factors equal the papers'", () => {
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

test.each([false, true])(
  'each pair rotates by position × frequency, other numbers are unchanged: interleaved %s',
  (interleaved) => {
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
  },
);

test('inverse undoes a rotation in place, and numbers after the result in into are unchanged', () => {
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
    ['invalid_argument', () => RotaryPositions.fromConfig({}), /head_dim, or hidden_size and num_attention_heads/],
    ['shape_mismatch', () => RotaryPositions.fromConfig({ head_dim: 7 }), /7 of 7/],
    ['invalid_argument', () => RotaryPositions.fromConfig({ head_dim: 2 ** 31 }), /2147483648 is above 65536/],
    ['shape_mismatch', () => RotaryPositions.fromConfig({ ...HEAD, partial_rotary_factor: 2 }), /16 of 8/],
    ['invalid_argument', () => RotaryPositions.fromConfig({ ...HEAD, rotary_dim: '4' }), /rotary_dim.*4/],
    ['invalid_argument', () => RotaryPositions.fromConfig({ ...HEAD, rope_theta: -1 }), /rope_theta.*-1/],
    ['invalid_argument', scaled('yarn'), /object, got yarn/],
    ['shape_mismatch', scaled({ type: 'longrope', short_factor: LISTS.short_factor }), /long_factor has no numbers/],
    ['invalid_argument', scaled({ type: 'yarn', factor: -1 }), /factor.*-1/],
    ['invalid_argument', scaled({ type: 'dynamic', factor: 'x' }), /factor.*x/],
    ['unsupported', scaled({ type: 'toString' }), /toString.*llama3/],
    ['invalid_argument', scaled({ type: 'linear' }), /factor.*undefined/],
    ['shape_mismatch', scaled({ type: 'longrope', ...LISTS, long_factor: [1] }), /long_factor has 1 .* 4/],
    ['invalid_argument', scaled({ type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 1 }), /1 .* 4/],
    ['shape_mismatch', () => rotary.rotate(x, { heads: 3 }), /16 .*3, 8/],
    ['invalid_argument', () => rotary.rotate(x, { heads: 0 }), /heads.*0/],
    ['shape_mismatch', () => rotary.rotate(x, { positions: [1], into: x }), /1 positions for 2/],
    ['invalid_argument', () => rotary.rotate(x, { positions: [1, 0.5], into: x }), /positions\[1\].*0\.5/],
    ['shape_mismatch', () => rotary.rotate(x, { into: new Float32Array(15) }), /15.*16/],
    ['invalid_argument', () => rotary.rotate(/** @type {any} */ ([1])), /Float32Array/],
  ];
  for (const [code, call, pattern] of calls) expect(await errorOf(call, code)).toMatch(pattern);
  expect(x).toEqual(values(16));
});

test('the core gives the same bits at all positions, in place and with overlapping arrays', async () => {
  const config = { head_dim: 20, partial_rotary_factor: 0.7, rope_scaling: { type: 'yarn', factor: 10 } };
  const forms = [false, true].map((interleaved) =>
    RotaryPositions.fromConfig({ ...config, max_position_embeddings: 64 }, { interleaved }),
  );
  const [n, heads] = [400, 3]; // more rows than pass through the core at a time
  const q = values(n * heads * 20);
  const places = [Array.from({ length: n }, (_, i) => i * 7 - 50), Array.from({ length: n }, (_, i) => i)];
  const turn = () =>
    forms.flatMap((rotary) =>
      places.flatMap((positions) => [
        rotary.rotate(q, { positions, heads }),
        rotary.rotate(q, { positions, heads, inverse: true }),
        rotary.rotate(q, { heads }),
      ]),
    );
  const without = turn();
  expect(without[1]).not.toEqual(without[0]);
  expect(without[2]).toEqual(without[3]); // positions 0 … n - 1 are the default
  await EmbeddingTable.from([1], { rows: 1, dim: 1 }); // starts the core
  expect(turn()).toEqual(without);
  const room = new Float32Array(q.length + 60);
  for (const [from, to] of [
    [0, 60],
    [60, 0],
    [0, 0],
  ]) {
    room.set(q, from);
    const [source, into] = [from, to].map((at) => room.subarray(at, at + q.length));
    expect(forms[0].rotate(source, { positions: places[0], heads, into })).toEqual(without[0]);
  }
});
