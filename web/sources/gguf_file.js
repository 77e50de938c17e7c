import { WembedError } from '../errors.js';

/**
 * An address or path of a .gguf file, as the folder that it is in and the file.
 * @param {import('./files.js').ModelLocation} location
 * @returns {[location: import('./files.js').ModelLocation, file: string | undefined]}
 */
export function splitGguf(location) {
  const address = location instanceof URL ? location.href : location;
  const match = typeof address === 'string' && /^(.*\/)([^/?#]+\.gguf(?:[?#].*)?)$/i.exec(address);
  return match ? [match[1], match[2]] : [location, undefined];
}

/**
 * The .gguf file among files that can be listed, where it is the only one and there are no safetensors.
 * @param {import('./files.js').ModelFiles} files
 * @returns {Promise<string | undefined>}
 */
export async function onlyGguf(files) {
  const names = (await files.list?.()) ?? [];
  const found = names.filter((name) => /\.gguf$/i.test(name));
  if (found.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return undefined;
  if (found.length === 1) return found[0];
  throw new WembedError(
    'invalid_argument',
    `${files.name} has ${found.join(', ')}: the option file says which is meant`,
  );
}
