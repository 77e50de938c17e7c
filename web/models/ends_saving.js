import { WembedError } from '../core/errors.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';
import { takeOut } from '../table/stored_rows.js';
import { storageOf } from '../table/table.js';
import { isValues } from './settings.js';

/** @typedef {import('./settings.js').Values} Values */
/** @typedef {import('./transformer_ends.js').TransformerEnds} TransformerEnds */

/** Dtypes that safetensors and transformers have; others are written as f32, which holds their numbers. */
const STORED = /** @type {const} */ ({ f32: 'F32', f16: 'F16', bf16: 'BF16' });

/** Settings that say how many blocks there are, and lists with an entry for each. */
const LAYERS = /^(num_hidden_layers|num_layers|n_layers?|(en|de)coder_layers|num_(en|de)coder_layers|num_decoder_layers)$/;
const OF_LAYERS = /^(layer_types|layers_block_type|mlp_layer_types)$/;

/** Other settings that may be a list with an entry for each block. */
const BY_LAYER = /layer|intermediate_size|activation_sparsity_pattern|attention_window/;

/**
 * A transformer's two ends as the files of a folder that transformers loads: a model without blocks. What there is between
 * embedding and blocks, and between blocks and scores, is as in the original; a last norm is not, for it is no part of the
 * ends.
 * @param {TransformerEnds} model
 * @param {unknown} dtype 'auto', or one of `STORED`
 * @returns {Promise<Map<string, Uint8Array<ArrayBuffer>>>}
 */
export async function savedEndFiles(model, dtype) {
  const { parts, scores, config, origin } = model.state;
  if (!origin) throw new WembedError('unsupported', 'only models of safetensors are saved, not GGUF files');
  if (parts.perLayerToken) {
    const what = 'a saved model has no blocks, so no inputs for them: load it without { perLayerInputs: true }';
    throw new WembedError('unsupported', what);
  }
  const { newTokens, masked } = config.family;
  if (newTokens || masked?.beside) {
    throw new WembedError('unsupported', `a ${config.modelType} keeps a table in two tensors, which are not saved`);
  }
  const tensors = origin.tensors.flatMap(({ name, part, shape }) => {
    const value = parts[part];
    return value === undefined ? [] : [tensorOf(name, value, shape, dtype)];
  });
  const source = await origin.tokenizerSource();
  const text = source instanceof Uint8Array ? Uint8Array.from(source) : source && utf8(JSON.stringify(source));
  const scored = scores === 'tied' || scores === 'own';
  const { decoderBlock, tiedHead } = config.family;
  // Of a T5 the number of the decoder's blocks says that it has one, and tie_word_embeddings another thing.
  const ends = {
    ...(decoderBlock ? { num_decoder_layers: scored ? 0 : undefined } : {}),
    ...(scored && !decoderBlock && !tiedHead ? { tie_word_embeddings: scores === 'tied' } : {}),
  };
  const edited = origin.edits.reduce((json, edit) => edit(json), marked(await origin.configText()));
  const json = { ...withoutBlocks(edited, !decoderBlock || scored), ...ends };
  return new Map([
    ['model.safetensors', writeSafetensors(tensors, { format: 'pt' })],
    ...(text ? /** @type {[string, Uint8Array<ArrayBuffer>][]} */ ([['tokenizer.json', text]]) : []),
    ['config.json', utf8(unmarked(JSON.stringify(json, null, 2)))],
  ]);
}

/**
 * @param {string} name
 * @param {import('../table/table.js').EmbeddingTable | Float32Array} value
 * @param {number[]} shape in the original file, of which the number of tokens may have changed
 * @param {unknown} dtype
 */
function tensorOf(name, value, shape, dtype) {
  if (value instanceof Float32Array) {
    return { name, dtype: 'F32', shape: [...shape.slice(0, -1), value.length], data: value };
  }
  const wanted = dtype === 'auto' ? (value.dtype in STORED ? value.dtype : 'f32') : dtype;
  if (typeof wanted !== 'string' || !Object.hasOwn(STORED, wanted)) {
    throw new WembedError('unsupported', `transformers reads no '${String(dtype)}': save as f32, f16 or bf16`);
  }
  const type = /** @type {keyof typeof STORED} */ (wanted);
  const table = type === value.dtype ? value : value.quantize(type);
  try {
    const whole = shape.length > 2 ? shape : [value.rows, value.dim];
    return { name, dtype: STORED[type], shape: whole, data: takeOut(storageOf(table)).data };
  } finally {
    if (table !== value) table.dispose();
  }
}

/**
 * @param {Values} json a config.json
 * @param {boolean} decoder it may say that it has one
 * @returns {Values} of a model without blocks, quantized or not
 */
function withoutBlocks(json, decoder) {
  const layers = Object.entries(json).find(([name]) => LAYERS.test(name))?.[1];
  /** @param {string} name @param {unknown} value */
  const changed = (name, value) => {
    if (LAYERS.test(name)) return decoder || name !== 'num_decoder_layers' ? 0 : undefined;
    if (Array.isArray(value) && (OF_LAYERS.test(name) || (value.length === layers && BY_LAYER.test(name)))) return [];
    return isValues(value) ? withoutBlocks(value, decoder) : value;
  };
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name]) => name !== 'quantization_config')
      .map(([name, value]) => [name, changed(name, value)]),
  );
}

/** What JSON.parse would not give back as it stood: 30.0, 1e6, NaN. transformers takes no 30 where it has a float. */
const NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/g;

/** @param {string} text a config.json @returns {Values} parsed, such numbers as strings with a mark */
const marked = (text) =>
  JSON.parse(text.replace(NUMBERS, (token) => (/^"|^-?\d+$/.test(token) ? token : `"\\u0000${token}"`)));

/** @param {string} json */
const unmarked = (json) => json.replace(/"\\u0000([^"]*)"/g, '$1');

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);
