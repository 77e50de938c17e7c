import { defineConfig } from 'vite';
import { offlineFiles } from './tools/demo_offline.mjs';

// The demo page only: the library itself is shipped as it stands in web/.
export default defineConfig({
  root: new URL('web/demo', import.meta.url).pathname,
  base: './', // works from any path
  resolve: { alias: { wembed: new URL('web/index.js', import.meta.url).pathname } }, // what examples/ import
  assetsInclude: ['**/*.gguf', '**/*.places'],
  server: { fs: { allow: [new URL('.', import.meta.url).pathname] } },
  plugins: [offlineFiles()],
  worker: { format: 'es' }, // what a worker needs later is loaded later
  build: {
    target: 'es2022',
    outDir: new URL('dist/demo', import.meta.url).pathname,
    emptyOutDir: true,
    assetsInlineLimit: 0, // the wasm and the model stay files, so that the page can show how they load
  },
});
