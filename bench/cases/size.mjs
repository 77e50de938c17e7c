import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { ROOT } from '../../tools/run.mjs';

/**
 * The scripts that a page which encodes text loads, minified, the core's glue included; without the parts that load on
 * demand.
 */
function bundle() {
  const { outputFiles, metafile } = buildSync({
    ...{
      entryPoints: [join(ROOT, 'web/models/layer.js')],
      absWorkingDir: ROOT,
      outdir: 'bundle',
      write: false,
      metafile: true,
    },
    ...{ bundle: true, splitting: true, minify: true, format: 'esm', target: 'es2022', logLevel: 'error' },
  });
  const loaded = Object.keys(metafile.outputs).filter(
    (path) => metafile.outputs[path].entryPoint === 'web/models/layer.js',
  );
  for (const path of loaded) {
    const statics = metafile.outputs[path].imports.filter(({ kind }) => kind === 'import-statement');
    loaded.push(...statics.map((each) => each.path).filter((each) => !loaded.includes(each)));
  }
  const files = outputFiles.filter(({ path }) => loaded.includes(relative(ROOT, path)));
  return files.map(({ contents }) => Buffer.from(contents));
}

/** @param {string} file of a package of bench/, minified by its authors */
function packaged(file) {
  const [scope, name] = file.split('/');
  const owner = scope.startsWith('@') ? `${scope}/${name}` : scope;
  const entry = createRequire(import.meta.url).resolve(owner);
  return readFileSync(join(dirname(entry), '..', file.slice(owner.length + 1)));
}

/** @returns {{ name: string, wasm: number[], js: number[] }[]} bytes: [uncompressed, gzipped] */
export function run() {
  const tf = '@tensorflow/tfjs-';
  const libraries = {
    'wembed, simd128': { wasm: [readFileSync(join(ROOT, 'dist/assets/simd128.wasm'))], js: bundle() },
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
  return Object.entries(libraries).map(([name, { wasm, js }]) => ({ name, wasm: sizes(wasm), js: sizes(js) }));
}

/** @param {Buffer[]} files */
const total = (files) => files.reduce((sum, file) => sum + file.length, 0);
