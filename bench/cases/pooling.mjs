import { EmbeddingTable } from '../../web/index.js';
import { checkSame, race, randomFrom } from '../measure.mjs';
import { onnxMeanBags } from '../peers/onnx.mjs';
import { tfMeanBags } from '../peers/tfjs.mjs';

const SHAPE = { rows: 30_000, dim: 256, bags: 512, size: 17 };

export async function run({ quick = false }) {
  const { rows, dim, bags, size } = SHAPE;
  const random = randomFrom(2);
  const data = Float32Array.from({ length: rows * dim }, () => random() - 0.5);
  const table = await EmbeddingTable.from(data, { rows, dim });
  const onnx = await onnxMeanBags(data, SHAPE);
  const tf = tfMeanBags(data, SHAPE);
  const offsets = Uint32Array.from({ length: bags + 1 }, (_, b) => b * size);

  const loop = (/** @type {Uint32Array} */ ids) => {
    const out = new Float32Array(bags * dim);
    for (let j = 0; j < ids.length; j++) {
      const to = Math.floor(j / size) * dim;
      const from = ids[j] * dim;
      for (let d = 0; d < dim; d++) out[to + d] += data[from + d];
    }
    for (let d = 0; d < out.length; d++) out[d] /= size;
    return out;
  };

  const ids = new Uint32Array(bags * size);
  const drawIds = () => ids.forEach((_, i) => (ids[i] = random() * rows));
  drawIds();
  const expected = loop(ids);
  checkSame(table.bag(ids, offsets).data, expected, 1e-6, 'wembed');
  checkSame(await onnx(ids), expected, 1e-6, 'ONNX Runtime Web');
  checkSame(tf(ids), expected, 1e-6, 'TensorFlow.js');

  const timings = await race(
    {
      'wembed bag': () => table.bag(ids, offsets),
      'ONNX Runtime Web, Gather and ReduceMean': () => onnx(ids),
      'TensorFlow.js wasm, gather and mean': () => tf(ids),
      'JS loop': () => loop(ids),
    },
    { rounds: quick ? 15 : 101, warmUp: 5, prepare: drawIds },
  );
  table.dispose();
  return timings;
}
