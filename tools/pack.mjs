// Before and after `npm pack`: builds, the demo page too, and puts a folder for each entry point into the package. Programs that do not
// know "exports" (Parcel, TypeScript's node10) look for wembed/mini/package.json.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, main, node } from './run.mjs';

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** @param {string} path from the package's root @returns {string} from a folder in it */
const above = (path) => path.replace('./', '../');

/** @returns {{ folder: string, manifest: Record<string, string> }[]} */
function entryPoints() {
  return Object.entries(exports)
    .filter(([name, target]) => /^\.\/[\w-]+$/.test(name) && typeof target === 'object')
    .map(([name, target]) => {
      const { types, default: module } = target.default === undefined || target.types ? target : target.default;
      const manifest = { main: above(target.require?.default ?? module), module: above(module), types: above(types) };
      return { folder: join(ROOT, name), manifest };
    });
}

main(() => {
  const clean = process.argv.includes('--clean');
  if (!clean) {
    node([join(ROOT, 'tools/build.mjs')]);
    node([join(ROOT, 'tools/demo.mjs'), '--build', '--page']); // for `wembed demo`
  }
  for (const { folder, manifest } of entryPoints()) {
    rmSync(folder, { recursive: true, force: true });
    if (clean) continue;
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  }
});
