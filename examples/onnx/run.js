// npm install --no-save onnxruntime-web && node examples/onnx/run.js
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { SplitModel } from './model.js';

const read = (/** @type {string} */ name) => new Uint8Array(readFileSync(new URL(name, import.meta.url)));
ort.env.wasm.numThreads = 1;
const model = await SplitModel.load(ort, read('body.onnx'), new Float32Array(read('table.f32').buffer), 32);
console.log((await model.continue([7, 200, 31], 12)).join(' '));
