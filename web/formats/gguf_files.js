import { WembedError } from '../core/errors.js';
import { GGUF_PART as PART, partName } from '../sources/file_names.js';

/**
 * The other parts of a model, in order.
 * @param {string} name of the first part
 * @param {import('./gguf.js').Gguf} gguf
 * @returns {string[]} empty if the file is the whole model
 */
export function otherParts(name, { metadata }) {
  const count = metadata.get('split.count') ?? 1;
  if (count === 1 || count === 0) return [];
  const [path, query] = [name.replace(/[?#].*$/, ''), name.replace(/^[^?#]*/, '')];
  const [, model, number, of] = PART.exec(path) ?? [];
  if (typeof count !== 'number' || Number(of) !== count || !(count > 0)) {
    throw new WembedError('bad_file', `${name} is one of ${String(count)} parts, but its name has no part number`);
  }
  if (Number(number) !== 1) {
    const first = partName(model, 1, of);
    throw new WembedError('invalid_argument', `${name} is a later part of a model: load its first part, ${first}`);
  }
  return Array.from({ length: count - 1 }, (_, i) => partName(model, i + 2, of) + query);
}
