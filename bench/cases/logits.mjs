// Hidden states against a whole vocabulary: f32, f16 and bf16; i8; i4. Each family has its own process.
import { EmbeddingTable, Matrix, TiedHead } from '../../web/index.js';
import { checkSame, race, randomFrom } from '../measure.mjs';
import { startReader } from '../peers/native.mjs';
import { onnxDynamicInt8, onnxGemm, onnxMatMulNBits } from '../peers/onnx.mjs';
import { tfMatMul } from '../peers/tfjs.mjs';

/** @typedef {{ states: number, timings: import('../measure.mjs').Timing[] }} StateTimings */
/** @typedef {{ rows: number, dim: number }} Shape */
/** @typedef {(hidden: Float32Array) => Promise<Float32Array> | Float32Array} Peer */

/** The period of the numbers, which no row's length divides: drawing a billion random numbers would take too long. */
const PERIOD = 1_000_003;

/** From this many products per call, TensorFlow.js, which takes fifteen times as long as the others, is left out. */
const MANY = 1e10;

/**
 * @template {Float32Array | Int8Array} T
 * @param {T} target
 * @param {(i: number) => number} draw
 * @returns {T}
 */
function fill(target, draw) {
  const first = Math.min(PERIOD, target.length);
  for (let i = 0; i < first; i++) target[i] = draw(i);
  for (let done = first; done < target.length; done *= 2) target.copyWithin(done, 0, target.length - done);
  return target;
}

/**
 * Like `map`, which would run out of memory for this many numbers.
 * @template {Float32Array | Uint8Array} T
 * @param {T} target
 * @param {(i: number) => number} value
 * @returns {T}
 */
function compute(target, value) {
  for (let i = 0; i < target.length; i++) target[i] = value(i);
  return target;
}

/** @param {() => number} random @returns {number} roughly normal, with the spread of a trained table */
const weight = (random) => 0.04 * (random() + random() + random() - 1.5);

/**
 * A peer that cannot hold a table is left out, with a message.
 * @param {string} name
 * @param {() => Peer | Promise<Peer>} make
 * @returns {Promise<Record<string, Peer>>}
 */
async function attempt(name, make) {
  try {
    return { [name]: await make() };
  } catch (error) {
    console.error(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

/**
 * A family: heads, peers, and the tolerance of the peers' numbers relative to those of the first head.
 * @typedef {object} Family
 * @property {Record<string, TiedHead>} heads
 * @property {Record<string, Peer>} peers
 * @property {number} tolerance
 */

/** @type {Record<string, (shape: Shape, random: () => number) => Promise<Family>>} */
const FAMILIES = {
  async floats(shape, random) {
    const values = fill(new Float32Array(shape.rows * shape.dim), () => weight(random));
    const f32 = await EmbeddingTable.from(values, shape);
    const heads = { f32: new TiedHead(f32), f16: new TiedHead(await f32.quantize('f16')) };
    const peers = {
      ...(await attempt('ONNX Runtime Web, Gemm', () => onnxGemm(values, shape))),
      ...(await attempt('TensorFlow.js wasm, matMul', () => tfMatMul(values, shape))),
    };
    return { heads: { ...heads, bf16: new TiedHead(await f32.quantize('bf16')) }, peers, tolerance: 1e-4 };
  },

  async i8(shape, random) {
    const { rows, dim } = shape;
    const values = fill(new Int8Array(rows * dim), () => Math.round(random() * 254 - 127));
    const scale = Float32Array.from({ length: rows }, () => 1e-4 * (1 + random()));
    const table = await EmbeddingTable.from(values, { ...shape, scale });
    const perBlock = compute(new Float32Array((rows * dim) / 32), (i) => scale[Math.floor((32 * i) / dim)]);
    const peers = {
      ...(await attempt('ONNX Runtime Web, dynamic int8', () => onnxDynamicInt8(values, scale, shape))),
      ...(await attempt('ONNX Runtime Web, MatMulNBits 8 bit', () =>
        onnxMatMulNBits(
          compute(new Uint8Array(rows * dim), (i) => values[i] + 128),
          perBlock,
          shape,
          8,
        ),
      )),
    };
    return { heads: { i8: new TiedHead(table) }, peers, tolerance: 0.03 };
  },

  async i4(shape, random) {
    const size = shape.rows * shape.dim;
    // Whole numbers times a power of two, with -8 in every block: quantizing to i4 does not change them.
    const scale = 2 ** -9;
    const quanta = fill(new Int8Array(size), () => Math.floor(random() * 15) - 7);
    for (let i = 0; i < size; i += 32) quanta[i] = -8;
    const table = await EmbeddingTable.from(
      compute(new Float32Array(size), (i) => quanta[i] * scale),
      { ...shape, dtype: 'i4' },
    );
    const packed = compute(new Uint8Array(size / 2), (i) => (quanta[2 * i] + 8) | ((quanta[2 * i + 1] + 8) << 4));
    const scales = new Float32Array(size / 32).fill(scale);
    const peers = await attempt('ONNX Runtime Web, MatMulNBits 4 bit', () => onnxMatMulNBits(packed, scales, shape, 4));
    return { heads: { i4: new TiedHead(table) }, peers, tolerance: 0.03 };
  },
};

/**
 * @param {{ quick?: boolean, args: string[] }} options args: shape and family
 * @returns {Promise<StateTimings[]>}
 */
export async function run({ quick = false, args: [size, name] }) {
  const [rows, dim] = size.split('x').map(Number);
  const random = randomFrom(5);
  const { heads, peers, tolerance } = await FAMILIES[name]({ rows, dim }, random);
  const [main] = Object.values(heads);
  const reader = name === 'floats' ? startReader(4 * rows * dim) : undefined;
  const results = [];
  for (const states of [1, 64]) {
    const data = new Float32Array(states * dim);
    const draw = () => data.forEach((_, i) => (data[i] = random() - 0.5));
    draw();
    const hidden = states === 1 ? data : new Matrix(data, states, dim);
    const able = Object.entries(peers).filter(([peer]) => states * rows * dim < MANY || !peer.startsWith('TensorFlow'));
    const into = new Float32Array(states * rows);
    main.logits(/** @type {any} */ (hidden), { into });
    for (const [peer, scores] of able) checkSame(await scores(data), into, tolerance, peer);
    const contenders = Object.fromEntries([
      ...Object.entries(heads).map(([dtype, head]) => [
        `wembed ${dtype}, logits`,
        () => head.logits(/** @type {any} */ (hidden), { into }),
      ]),
      ...(states === 1 ? [[`wembed ${Object.keys(heads)[0]}, topK(50)`, () => main.topK(data, 50)]] : []),
      ...able.map(([peer, scores]) => [peer, () => scores(data)]),
    ]);
    const rounds = states === 1 ? (quick ? 7 : 21) : quick ? 3 : 5;
    const timings = await race(contenders, { rounds, warmUp: 1, prepare: draw });
    if (reader && states === 1) {
      const samples = [];
      for (let i = 0; i < rounds; i++) samples.push(Number(await reader.ask('')));
      timings.push({ name: 'native read of the f32 table', samples });
    }
    results.push({ states, timings });
  }
  reader?.end();
  return results;
}
