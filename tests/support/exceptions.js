// What does not obey the rules of house.test.js and types.test.js yet.

/** By rule. These lists only become shorter. @type {Record<string, string[]>} */
export const EXCEPTIONS = {
  imports: [],
  memory: [
    'web/models/prune.js',
    'web/models/save.js',
    'web/models/static_model.js',
    'web/models/tensor_reader.js',
    'web/table/remote/remote_table.js',
    'web/table/row_store.js',
    'web/table/table.js',
    'web/tokenizer/tokenizer.js',
    'web/tokenizer/vocab_section.js',
    'web/words/loader.js',
    'web/words/word_vectors.js',
  ],
  model_type: [],
  'rotary golden': [
    'qwen2_vl',
    'qwen2_vl_text',
    'qwen2_5_vl',
    'qwen2_5_vl_text',
    'qwen3_vl_text',
    'olmo3',
    'olmo_hybrid',
  ],
  'file lines': [
    'web/sources/http.js',
    'web/table/remote/remote_table.js',
    'web/table/table.js',
    'web/tokenizer/compile.js',
    'web/words/word_vectors.js',
  ],
  'class lines': [
    'web/sources/http.js: HttpSource',
    'web/table/remote/remote_table.js: RemoteTable',
    'web/table/table.js: EmbeddingTable',
    'web/words/word_vectors.js: WordVectors',
  ],
  'class lines, C++': ['cpp/engine/head.h: Head', 'cpp/text/bpe.h: Bpe', 'cpp/text/tokenizer.h: Tokenizer'],
  any: [
    'web/core/arguments.js',
    'web/core/dispose.js',
    'web/demo/main.js',
    'web/formats/gguf.js',
    'web/formats/safetensors.js',
    'web/formats/tensors.js',
    'web/memory/module.js',
    'web/models/save.js',
    'web/nn/positions.js',
    'web/sources/folder.js',
    'web/sources/platform.js',
    'web/sources/request.js',
    'web/sources/store_cache.js',
    'web/sources/store_folder.js',
    'web/sources/whole.js',
    'web/table/dequantize.js',
    'web/table/table.js',
    'web/tokenizer/compile.js',
    'web/tokenizer/files/bpe.js',
    'web/tokenizer/files/detect.js',
    'web/tokenizer/files/gguf.js',
    'web/tokenizer/files/special_tokens.js',
    'web/tokenizer/js_engine.js',
    'web/tokenizer/prune.js',
    'web/tokenizer/tokenizer.js',
    'web/tokenizer/vocab_section.js',
    'web/tokenizer/vocabulary.js',
    'web/words/key_index.js',
    'web/words/word_vectors.js',
  ],
  'type names': [
    'IntegerArray: web/core/arguments.js, web/core/dtypes.js',
    'Tensor: web/formats/safetensors.js, web/formats/tensors.js',
    'ReadOptions: web/formats/tensors.js, web/sources/whole.js, web/words/loader.js',
    'CacheOptions: web/models/cache.js, web/sources/cached.js',
    'Family: web/tokenizer/files/bpe.js, web/tokenizer/files/sentencepiece.js',
    'Encoding: web/tokenizer/files/tiktoken.js, web/tokenizer/tokenizer.js',
  ],
  'README files': ['web/memory: table/storage.js', 'web/table: storage.js'],
  'kernel tests': ['dot', 'exp_sum', 'first_above', 'layer_norm', 'normalize', 'rotary', 'small_halves'],
  'engine tests': ['cpp/engine/head.h: Head', 'cpp/engine/text_encoder.h: TextEncoder'],
};

/**
 * Fails for what breaks a rule and is no exception, and for exceptions that are not needed.
 * @param {string} rule
 * @param {string[] | Map<string, string>} found what breaks it; a map adds what the message says of each
 */
export function expectNone(rule, found) {
  const details = found instanceof Map ? found : new Map(found.map((each) => [each, '']));
  const listed = EXCEPTIONS[rule] ?? [];
  const unlisted = [...details].filter(([each]) => !listed.includes(each));
  expect({
    'breaks the rule': unlisted.map(([each, detail]) => (detail ? `${each}: ${detail}` : each)),
    'no longer an exception, delete it': listed.filter((each) => !details.has(each)),
  }).toEqual({ 'breaks the rule': [], 'no longer an exception, delete it': [] });
}
