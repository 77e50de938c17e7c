// TensorFlow.js on its WebAssembly backend with SIMD, on one thread.
import { createRequire } from 'node:module';

// Its ES modules do not load in Node; its CommonJS files do, and include the same .wasm.
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-wasm').setThreadsCount(1);
await tf.setBackend('wasm');
if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('TensorFlow.js found no SIMD');

/**
 * @param {() => any} compute a tensor
 * @returns {Float32Array} its numbers, read outside of `tidy`, which searches its result for tensors
 */
function numbersOf(compute) {
  const tensor = tf.tidy(compute);
  const numbers = tensor.dataSync();
  tensor.dispose();
  return numbers;
}

/** @param {Uint32Array} ids @returns {Int32Array} the same bits */
const signed = (ids) => new Int32Array(ids.buffer, ids.byteOffset, ids.length);

/**
 * @param {Float32Array} table (rows, dim)
 * @param {{ rows: number, dim: number }} shape
 * @returns {(ids: Uint32Array) => Float32Array}
 */
export function tfGather(table, { rows, dim }) {
  const weights = tf.tensor2d(table, [rows, dim]);
  return (ids) => numbersOf(() => tf.gather(weights, tf.tensor1d(signed(ids), 'int32')));
}

/**
 * @param {Float32Array} table (rows, dim)
 * @param {{ rows: number, dim: number, bags: number, size: number }} shape
 * @returns {(ids: Uint32Array) => Float32Array}
 */
export function tfMeanBags(table, { rows, dim, bags, size }) {
  const weights = tf.tensor2d(table, [rows, dim]);
  return (ids) => numbersOf(() => tf.mean(tf.gather(weights, tf.tensor2d(signed(ids), [bags, size], 'int32')), 1));
}

/**
 * @param {Float32Array} table (rows, dim)
 * @param {{ rows: number, dim: number }} shape
 * @returns {(hidden: Float32Array) => Float32Array} (n, dim) → (n, rows)
 */
export function tfMatMul(table, { rows, dim }) {
  const weights = tf.tensor2d(table, [rows, dim]);
  return (hidden) => numbersOf(() => tf.matMul(tf.tensor2d(hidden, [hidden.length / dim, dim]), weights, false, true));
}
