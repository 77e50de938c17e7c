import { WembedError } from '../errors.js';

/** How llama.cpp names the parts of a model that it has split. */
const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * The .gguf file that is meant among others: the only one, or the first part of the only model. Where there are
 * safetensors too, those are meant.
 * @param {string} place for messages
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function onlyGguf(place, names) {
  const found = names.filter((name) => /\.gguf$/i.test(name));
  if (found.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return undefined;
  const [first, ...others] = found.sort();
  const [, model, number, count] = PART.exec(first) ?? [];
  const parts = Number(number) === 1 && others.every((name, i) => name === partName(model, i + 2, count));
  if (others.length === 0 || parts) return first;
  throw new WembedError('invalid_argument', `${place} has ${found.join(', ')}: the option file says which is meant`);
}

/**
 * The other parts of a model, in their order.
 * @param {string} name of the first part
 * @param {import('./gguf.js').Gguf} gguf
 * @returns {string[]} none where the file is the whole model
 */
export function otherParts(name, { metadata }) {
  const count = metadata.get('split.count') ?? 1;
  if (count === 1 || count === 0) return [];
  const [path, query] = [name.replace(/[?#].*$/, ''), name.replace(/^[^?#]*/, '')];
  const [, model, number, of] = PART.exec(path) ?? [];
  if (typeof count !== 'number' || Number(of) !== count || !(count > 0)) {
    throw new WembedError('bad_file', `${name} is one of ${String(count)} parts, which its name does not say`);
  }
  if (Number(number) !== 1) {
    const first = partName(model, 1, of);
    throw new WembedError('invalid_argument', `${name} is a part of a model that begins with ${first}`);
  }
  return Array.from({ length: count - 1 }, (_, i) => partName(model, i + 2, of) + query);
}

/** @param {string} model @param {number} number @param {string} count */
const partName = (model, number, count) => `${model}-${String(number).padStart(5, '0')}-of-${count}.gguf`;
