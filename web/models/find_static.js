import { WembedError, shown } from '../core/errors.js';
import { readJson } from '../sources/whole.js';
import { SENTENCE_TABLE } from './static_plan.js';

/** Where a table is in folders that model2vec reads, and where its first version put it. */
const PLACES = ['model.safetensors', '0_StaticEmbedding/model.safetensors', 'embeddings.safetensors'];

/**
 * Finds a static model's table where no config.json stands beside it: in the folder that modules.json names, or in one of
 * model2vec's places.
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string | undefined} file what it is called, where that has been said
 * @param {import('../sources/reader.js').ReadOptions} options
 * @returns {Promise<import('./static_model.js').FoundTable>}
 */
export async function findStatic(files, file, options) {
  const modules = file ? undefined : await readJson(files, 'modules.json', options);
  const own = modules ? `${staticFolder(modules)}model.safetensors` : undefined;
  const names = file ? [file] : [...new Set([...(own ? [own] : []), ...PLACES])];
  for (const name of names) {
    const source = await files.open(name);
    if (!source) continue;
    const sentence = name === own; // elsewhere only model2vec finds it, which does not read modules.json
    return { folder: name.replace(/[^/]*$/, ''), name, source, modules: sentence || file ? modules : null, sentence: sentence || undefined };
  }
  const have = files.name.endsWith('files given') ? 'have' : 'has';
  throw new WembedError('not_found', `${files.name} ${have} no weights: tried ${names.join(' and ')}`);
}

/** What a static model's file holds and no other's: its config.json may be that of the model it was made from. */
const NAMES = [SENTENCE_TABLE, 'embeddings', 'weights', 'mapping'];

/**
 * @param {Iterable<string>} names of a file's tensors
 * @returns {boolean}
 */
export function holdsStatic(names) {
  const all = [...names];
  return all.length > 0 && all.every((name) => NAMES.includes(name));
}

/**
 * @param {unknown} modules modules.json, parsed
 * @returns {string} the folder of its StaticEmbedding: '' or with a slash at its end
 */
export function staticFolder(modules) {
  const list = Array.isArray(modules) ? modules : [];
  const own = list.find((each) => /\.StaticEmbedding"$/.test(JSON.stringify(each?.type))) ?? list[0];
  if (typeof own?.path === 'string') return folderOf(own.path);
  throw new WembedError('bad_file', `modules.json is not a list of modules, each with its name, type and path: ${shown(modules)}`);
}

/**
 * @param {string} path of a module: '', '.', '1_Dense', './1_Dense/'
 * @returns {string} '' or with a slash at its end
 */
export const folderOf = (path) =>
  path
    .split('/')
    .filter((part) => part && part !== '.')
    .map((part) => `${part}/`)
    .join('');
