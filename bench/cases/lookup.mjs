import { EmbeddingTable } from '../../web/index.js';
import { checkSame, race, randomFrom } from '../measure.mjs';
import { onnxGather } from '../peers/onnx.mjs';
import { tfGather } from '../peers/tfjs.mjs';

const SHAPE = { rows: 32_000, dim: 768, n: 8_192 };

/** f16 patterns of numbers in ±[2^-4, 2^-3): random fractions with one exponent. */
const randomHalf = (/** @type {() => number} */ random) =>
  (random() < 0.5 ? 0x8000 : 0) | (11 << 10) | (random() * 1024);

export async function run({ quick = false }) {
  const { rows, dim, n } = SHAPE;
  const random = randomFrom(1);
  const f32 = Float32Array.from({ length: rows * dim }, () => random() - 0.5);
  const f16 = Uint16Array.from({ length: rows * dim }, () => randomHalf(random));
  const i8 = Int8Array.from({ length: rows * dim }, () => random() * 256 - 128);
  const scale = Float32Array.from({ length: rows }, () => random());

  const tables = {
    f32: await EmbeddingTable.from(f32, { rows, dim }),
    f16: await EmbeddingTable.from(f16, { rows, dim }),
    bf16: await EmbeddingTable.from(f32, { rows, dim, dtype: 'bf16' }),
    i8: await EmbeddingTable.from(i8, { rows, dim, scale }),
    i4: await EmbeddingTable.from(f32, { rows, dim, dtype: 'i4' }),
  };
  const onnx = await onnxGather(f32, SHAPE);
  const tf = tfGather(f32, SHAPE);
  const into = new Float32Array(n * dim);

  const loop = (/** @type {Uint32Array} */ ids, out = new Float32Array(n * dim)) => {
    for (let i = 0; i < n; i++) out.set(f32.subarray(ids[i] * dim, (ids[i] + 1) * dim), i * dim);
    return out;
  };

  const ids = new Uint32Array(n);
  const drawIds = () => ids.forEach((_, i) => (ids[i] = random() * rows));
  drawIds();
  const expected = loop(ids);
  checkSame(tables.f32.lookup(ids).data, expected, 0, 'wembed');
  checkSame(await onnx(ids), expected, 0, 'ONNX Runtime Web');
  checkSame(tf(ids), expected, 0, 'TensorFlow.js');

  const timings = await race(
    {
      'wembed f32, new array': () => tables.f32.lookup(ids),
      'ONNX Runtime Web, Gather': () => onnx(ids),
      'TensorFlow.js wasm, gather': () => tf(ids),
      'JS loop of subarray and set, new array': () => loop(ids),
      'wembed f16, new array': () => tables.f16.lookup(ids),
      'wembed bf16, new array': () => tables.bf16.lookup(ids),
      'wembed i8, new array': () => tables.i8.lookup(ids),
      'wembed i4, new array': () => tables.i4.lookup(ids),
      'wembed f32, into an array': () => tables.f32.lookup(ids, { into }),
      'JS loop of subarray and set, into an array': () => loop(ids, into),
      'wembed f16, into an array': () => tables.f16.lookup(ids, { into }),
      'wembed bf16, into an array': () => tables.bf16.lookup(ids, { into }),
      'wembed i8, into an array': () => tables.i8.lookup(ids, { into }),
      'wembed i4, into an array': () => tables.i4.lookup(ids, { into }),
    },
    { rounds: quick ? 7 : 41, prepare: drawIds },
  );
  for (const table of Object.values(tables)) table.dispose();
  return timings;
}
