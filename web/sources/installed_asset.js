import { builtin, fileUrl, readLocalFile } from './platform.js';

/**
 * In Node, a file of the package as it is installed where the program runs: what a bundler has made of a server may have
 * left the file behind.
 * @param {import('./assets.js').AssetName} name
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} undefined if it is not installed there
 */
export async function installedAsset(name) {
  const [module, process] = [await builtin('module'), await builtin('process')];
  if (!module || !process) return undefined;
  try {
    const own = module.createRequire(`${process.cwd()}/package.json`).resolve('wembed/package.json');
    const url = await fileUrl(own.replace(/package\.json$/, `dist/assets/${name}`));
    return (url && (await readLocalFile(url.href))) ?? undefined;
  } catch {
    return undefined;
  }
}
