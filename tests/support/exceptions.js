// What does not obey the rules of house.test.js and types.test.js yet.

/** By rule. These lists only become shorter. @type {Record<string, string[]>} */
export const EXCEPTIONS = {
  imports: ['web/nn/rotary.js imports web/models/families/families.js'],
  memory: [
    'web/models/layer.js',
    'web/models/prune.js',
    'web/models/save.js',
    'web/models/static_model.js',
    'web/models/transformer_ends.js',
    'web/table/remote/remote_table.js',
    'web/table/row_store.js',
    'web/table/table.js',
    'web/tokenizer/tokenizer.js',
    'web/tokenizer/vocab_section.js',
    'web/words/loader.js',
    'web/words/word_vectors.js',
  ],
  model_type: ['web/models/gguf_config.js', 'web/nn/rotary.js'],
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
    'web/models/layer.js',
    'web/models/transformer_ends.js',
    'web/nn/rotary.js',
    'web/table/remote/remote_table.js',
    'web/table/table.js',
    'web/tokenizer/compile.js',
    'web/words/word_vectors.js',
  ],
  'class lines': [
    'web/models/layer.js: EmbeddingLayer',
    'web/table/remote/remote_table.js: RemoteTable',
    'web/table/table.js: EmbeddingTable',
    'web/words/word_vectors.js: WordVectors',
  ],
  'class lines, C++': ['cpp/engine/head.h: Head', 'cpp/text/bpe.h: Bpe', 'cpp/text/tokenizer.h: Tokenizer'],
  any: [
    'web/core/arguments.js',
    'web/core/dispose.js',
    'web/demo/main.js',
    'web/memory/module.js',
    'web/models/families/families.js',
    'web/models/gguf_config.js',
    'web/models/inspect.js',
    'web/models/plan.js',
    'web/models/save.js',
    'web/models/static_model.js',
    'web/models/static_plan.js',
    'web/models/transformer_ends.js',
    'web/nn/positions.js',
    'web/nn/rotary.js',
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
    'ReadOptions: web/sources/reader.js, web/words/loader.js',
    'Family: web/models/families/families.js, web/tokenizer/files/bpe.js, web/tokenizer/files/sentencepiece.js',
    'LoadOptions: web/models/static_model.js, web/tokenizer/tokenizer.js',
    'Encoding: web/tokenizer/files/tiktoken.js, web/tokenizer/tokenizer.js',
  ],
  'README files': [
    'web/memory: table/storage.js',
    'web/models: open.js',
    'web/models: config.js',
    'web/models: text_encoder.js',
    'web/table: storage.js',
  ],
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
