import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../../tools/run.mjs';
import { librarySize } from '../../tools/size.mjs';

/** @param {string} file of a package of bench/, minified by its authors */
function packaged(file) {
  const [scope, name] = file.split('/');
  const owner = scope.startsWith('@') ? `${scope}/${name}` : scope;
  const entry = createRequire(import.meta.url).resolve(owner);
  return readFileSync(join(dirname(entry), '..', file.slice(owner.length + 1)));
}

/**
 * wembed's as a page that encodes text has it, built by Vite: without the parts that load on demand.
 * @returns {Promise<{ name: string, wasm: number[], js: number[] }[]>} bytes: [uncompressed, gzipped]
 */
export async function run() {
  const tf = '@tensorflow/tfjs-';
  const libraries = {
    'ONNX Runtime Web, wasm only': {
      wasm: [packaged('onnxruntime-web/dist/ort-wasm-simd-threaded.wasm')],
      js: [packaged('onnxruntime-web/dist/ort.wasm.bundle.min.mjs')],
    },
    'TensorFlow.js core and wasm backend, SIMD': {
      wasm: [packaged(`${tf}backend-wasm/dist/tfjs-backend-wasm-simd.wasm`)],
      js: [packaged(`${tf}core/dist/tf-core.min.js`), packaged(`${tf}backend-wasm/dist/tf-backend-wasm.min.js`)],
    },
  };
  const sizes = (/** @type {Buffer[]} */ files) =>
    [files, files.map((file) => gzipSync(file, { level: 9 }))].map(total);
  const { js, minified } = await librarySize();
  const own = {
    name: 'wembed, simd128',
    wasm: sizes([readFileSync(join(ROOT, 'dist/assets/simd128.wasm'))]),
    js: [minified, js],
  };
  return [
    own,
    ...Object.entries(libraries).map(([name, { wasm, js: files }]) => ({ name, wasm: sizes(wasm), js: sizes(files) })),
  ];
}

/** @param {Buffer[]} files */
const total = (files) => files.reduce((sum, file) => sum + file.length, 0);
