// npm install --no-save onnxruntime-web && node examples/onnx/run.js
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { SplitModel } from './model.js';

ort.env.wasm.numThreads = 1;
const body = new Uint8Array(readFileSync(new URL('body.onnx', import.meta.url)));
const model = await SplitModel.load(ort, body, new URL('ends/', import.meta.url));
console.log((await model.continue([7, 200, 31], 12)).join(' '));
