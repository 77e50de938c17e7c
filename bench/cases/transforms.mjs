// Rotary positions and layer normalization, which do little computation per number: compared with a copy of the same
// numbers.
import { EmbeddingTable, RotaryPositions } from '../../web/index.js';
import { LayerNorm } from '../../web/nn/layer_norm.js';
import { checkSame, race, randomFrom } from '../measure.mjs';
import { onnxLayerNorm, onnxRotary } from '../peers/onnx.mjs';

const ROPE = { n: 2048, heads: 32, headDim: 128 };
const NORM = { n: 8192, dim: 1024 };

/** @param {{ quick?: boolean }} options @returns {Promise<Record<'rotary' | 'norm', import('../measure.mjs').Timing[]>>} */
export async function run({ quick = false }) {
  const random = randomFrom(7);
  const draw = (/** @type {number} */ length) => Float32Array.from({ length }, () => random() - 0.5);
  const rounds = quick ? 7 : 41;
  await EmbeddingTable.from([1], { rows: 1, dim: 1 }); // starts the core
  return { rotary: await rotary(draw, rounds), norm: await norm(draw, rounds) };
}

/** @param {(length: number) => Float32Array} draw @param {number} rounds */
async function rotary(draw, rounds) {
  const { n, heads, headDim } = ROPE;
  const rope = RotaryPositions.fromConfig({ head_dim: headDim });
  const q = draw(n * heads * headDim);
  const into = new Float32Array(q.length);
  const frequencies = rope.frequencies();
  const angles = Float64Array.from({ length: n * frequencies.length }, (_, i) => {
    return Math.floor(i / frequencies.length) * frequencies[i % frequencies.length];
  });
  const [cos, sin] = [Math.cos, Math.sin].map((f) => Float32Array.from(angles, f));
  const onnx = await onnxRotary(cos, sin, ROPE);
  checkSame(await onnx(q), rope.rotate(q, { heads, into }), 1e-6, 'ONNX Runtime Web');
  const loop = () => {
    for (let head = 0; head < n * heads; head++) {
      const [at, of] = [head * headDim, Math.floor(head / heads) * frequencies.length];
      for (let i = 0; i < frequencies.length; i++) {
        const [a, b, c, s] = [q[at + i], q[at + frequencies.length + i], cos[of + i], sin[of + i]];
        into[at + i] = a * c - b * s;
        into[at + frequencies.length + i] = b * c + a * s;
      }
    }
  };
  const contenders = {
    'wembed rotate, into an array': () => rope.rotate(q, { heads, into }),
    'copy into an array': () => into.set(q),
    'JS loop, into an array': loop,
    'ONNX Runtime Web, RotaryEmbedding': () => onnx(q),
  };
  return race(contenders, { rounds });
}

/** @param {(length: number) => Float32Array} draw @param {number} rounds */
async function norm(draw, rounds) {
  const { n, dim } = NORM;
  const [weight, bias, x] = [draw(dim), draw(dim), draw(n * dim)];
  const layerNorm = new LayerNorm({ weight, bias, epsilon: 1e-5 });
  const onnx = await onnxLayerNorm(weight, bias, NORM);
  const into = x.slice();
  layerNorm.apply(into);
  checkSame(await onnx(x), into, 1e-5, 'ONNX Runtime Web');
  const contenders = {
    'wembed LayerNorm, in place': () => layerNorm.apply(into),
    'copy into an array': () => into.set(x),
    'ONNX Runtime Web, LayerNormalization': () => onnx(x),
  };
  return race(contenders, { rounds });
}
