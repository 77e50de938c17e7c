// The demo page without a connection: its service worker, with the names of the files that it keeps.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

/**
 * Vite's last step: writes service_worker.js beside the built page.
 * @returns {import('vite').Plugin}
 */
export function offlineFiles() {
  return {
    name: 'offline-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const names = Object.keys(bundle).sort();
      const source = readFileSync(join(ROOT, 'web/demo/workers/service_worker.js'), 'utf8');
      const version = createHash('sha256').update(source);
      for (const name of names) {
        const file = bundle[name];
        version.update(name).update(file.type === 'chunk' ? file.code : file.source);
      }
      const kept = { version: version.digest('hex').slice(0, 16), files: ['./', ...names] };
      this.emitFile({
        type: 'asset',
        fileName: 'service_worker.js',
        source: `const KEPT = ${JSON.stringify(kept)};\n${source}`,
      });
    },
  };
}
