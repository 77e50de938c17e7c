// examples/onnx: a model whose middle part runs in ONNX Runtime Web, compared with ONNX's reference implementation of
// the whole.
import { existsSync } from 'node:fs';
import { SplitModel } from '../../examples/onnx/model.js';
import { readBytes, readJson } from '../support/wembed.js';

const { ids, logits } = readJson('tests/golden/onnx_body.json');

/** ONNX Runtime Web is one of the bench's packages; `npm run bench` installs it. */
const RUNTIME = new URL('../../bench/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs', import.meta.url);
const installed = existsSync(RUNTIME);
if (!installed) process.stderr.write('skipped: ONNX Runtime Web is not here (npm ci --prefix bench)\n');

(installed ? test : test.skip)('embeddings go into ONNX Runtime Web, and its hidden states into the head', async () => {
  const ort = await import(RUNTIME.href);
  ort.env.wasm.numThreads = 1;
  const ends = new URL('../../examples/onnx/ends/', import.meta.url);
  const model = await SplitModel.load(ort, readBytes('examples/onnx/body.onnx'), ends);
  const hidden = await model.hidden(ids.slice(0, 3));
  const scores = model.head.logits(hidden).row(2);
  scores.forEach((score, id) => expect(Math.abs(score - logits[id])).toBeLessThan(1e-4));
  expect(await model.continue(ids.slice(0, 3), ids.length - 3)).toEqual(ids);
  model.dispose();
});
