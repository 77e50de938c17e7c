import { WembedError } from '../core/errors.js';
import { gather } from '../table/stored_rows.js';
import { storageOf, tableOf } from '../table/table.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { readConfig } from './config.js';
import { isValues } from './settings.js';
import { TransformerEnds } from './transformer_ends.js';

/** @typedef {import('./settings.js').Values} Values */
/** @typedef {import('../table/table.js').EmbeddingTable} EmbeddingTable */
/** @typedef {import('./tensor_reader.js').Parts} Parts */

/** Parts that have a row, or a number, for each token. */
const OF_TOKENS = ['token', 'head', 'headBias', 'perLayerToken'];

/** Settings that are ids of tokens. */
const ID = /_(token_id|token_index|token_idx)$|^(image|video|audio)_token$/;

/**
 * A transformer's two ends with fewer tokens: the rows of the token table and of the head that are kept, as they are.
 * @param {TransformerEnds} model
 * @param {import('../tokenizer/prune.js').PrunedTokenizer} pruned
 * @returns {Promise<TransformerEnds>}
 */
export async function prunedEnds(model, { json: text, kept }) {
  const { parts, origin, ...ends } = model.state;
  if (!origin) throw new WembedError('unsupported', 'only models of safetensors are pruned, not GGUF files');
  const most = kept.reduce((max, id) => Math.max(max, id), -1);
  const edit = (/** @type {Values} */ json) => prunedConfig(json, kept, ends.config.paddingId);
  const json = edit(origin.json);
  const config = readConfig(json, origin.family);
  if (!config) throw new WembedError('bad_file', 'the model has no config.json');
  const bytes = new TextEncoder().encode(JSON.stringify(text));
  /** @type {{ dispose(): void }[]} */
  const owned = [];
  /** @type {Record<string, EmbeddingTable | Float32Array>} */
  const own = {};
  try {
    for (const [part, value] of Object.entries(/** @type {Record<string, EmbeddingTable | Float32Array>} */ (parts))) {
      const rows = value instanceof Float32Array ? value.length : value.rows;
      const all = OF_TOKENS.includes(part);
      const first = part === 'perLayerToken' && ends.config.family.perLayer?.outsideIsFirst;
      if (all && most >= rows && !first) throw tooFew(part, most, rows);
      const ids = all ? kept.map((id) => (id < rows ? id : 0)) : Uint32Array.from({ length: rows }, (_, i) => i);
      own[part] = value instanceof Float32Array ? numbersOf(value, ids) : tableOf(gather(storageOf(value), ids));
      if (!(value instanceof Float32Array)) owned.push(/** @type {EmbeddingTable} */ (own[part]));
    }
    const tokenizer = await Tokenizer.from(bytes);
    owned.push(tokenizer);
    const edits = [...origin.edits, edit];
    const pruned = { ...origin, json, edits, tokenizerSource: async () => bytes };
    return new TransformerEnds({ ...ends, parts: /** @type {Parts} */ (/** @type {unknown} */ (own)), config, tokenizer, owned: owned.slice(0, -1), origin: pruned });
  } catch (error) {
    owned.forEach((each) => each.dispose());
    throw error;
  }
}

/** @param {Float32Array} values @param {Uint32Array} ids */
const numbersOf = (values, ids) => Float32Array.from(ids, (id) => values[id]);

/** @param {string} part @param {number} id @param {number} rows */
const tooFew = (part, id, rows) =>
  new WembedError('shape_mismatch', `the tokenizer has id ${id}, the ${part} table has ${rows} rows`);

/**
 * The config of a model of fewer tokens: its size, and the ids that it names, at whatever depth. An id whose token has gone
 * is -1, which no token has: many of transformers' classes take no null there. Padding, which names a row, is null.
 * @param {Values} json
 * @param {Uint32Array} kept the old id of each new one
 * @param {number | undefined} paddingId of the model, which its config may leave out
 * @returns {Values}
 */
function prunedConfig(json, kept, paddingId) {
  const newId = new Map(Array.from(kept, (id, i) => [id, i]));
  const idOf = (/** @type {unknown} */ id) => (typeof id === 'number' ? (newId.get(id) ?? -1) : id);
  const idsOf = (/** @type {unknown[]} */ ids) => {
    const left = ids.map(idOf).filter((id) => id !== -1);
    return left.length > 0 || ids.length === 0 ? left : -1;
  };
  const padding = (/** @type {unknown} */ id) => (idOf(id) === -1 ? null : idOf(id));
  /** @param {Values} values @returns {Values} */
  const changed = (values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        if (name === 'vocab_size') return [name, kept.length];
        if (name === 'pad_token_id') return [name, padding(value)];
        if (ID.test(name)) return [name, Array.isArray(value) ? idsOf(value) : idOf(value)];
        return [name, isValues(value) ? changed(value) : value];
      }),
    );
  const padded = paddingId === undefined || 'pad_token_id' in json ? {} : { pad_token_id: padding(paddingId) };
  return { vocab_size: kept.length, ...padded, ...changed(json) };
}
