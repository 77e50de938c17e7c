// Small models made in memory, whole or broken on purpose.

/**
 * A safetensors file. `data` may be any typed array; `edit` changes the header before it is written.
 * @param {Record<string, { dtype: string, shape: number[], data: ArrayBufferView }>} tensors
 * @param {{ edit?: (header: any) => any, header?: string, length?: bigint }} [options] `header` replaces the JSON,
 *   `length` the length that is claimed
 * @returns {Uint8Array}
 */
export function safetensors(tensors, { edit = (header) => header, header, length } = {}) {
  /** @type {Record<string, any>} */
  const entries = {};
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    entries[name] = { dtype, shape, data_offsets: [at, (at += data.byteLength)] };
  }
  const json = new TextEncoder().encode(header ?? JSON.stringify(edit(entries)));
  const file = new Uint8Array(8 + json.length + at);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  let offset = 8 + json.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

export const WORDS = ['[PAD]', '[UNK]', 'red', 'green', 'blue', '##ish'];

/** A WordPiece tokenizer of six tokens. */
export function smallTokenizer(words = WORDS) {
  const special = ['[PAD]', '[UNK]'].map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));
  return {
    version: '1.0',
    added_tokens: special,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  };
}

/** The (6, 4) table that goes with it: row i is i + 0, 0.25, 0.5, 0.75. */
export function smallTable() {
  return Float32Array.from({ length: 24 }, (_, i) => i / 4);
}

/**
 * A whole model in memory.
 * @param {Record<string, any>} [replace] files to put in place of the good ones; null leaves one out
 */
export function smallModel(replace = {}) {
  const files = {
    'config.json': JSON.stringify({ model_type: 'model2vec', normalize: false }),
    'tokenizer.json': JSON.stringify(smallTokenizer()),
    'model.safetensors': safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data: smallTable() } }),
    ...replace,
  };
  return new Map(Object.entries(files).filter(([, content]) => content !== null));
}
