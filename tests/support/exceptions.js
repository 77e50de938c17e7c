// The present exceptions from the rules of house.test.js and types.test.js.

/** By rule. These lists only become shorter. @type {Record<string, string[]>} */
export const EXCEPTIONS = {
  'rotary golden': ['dbrx', 'esmc'],
  any: [
    'web/core/arguments.js',
    'web/core/callbacks.js',
    'web/core/dispose.js',
    'web/demo/main.js',
    'web/sources/whole.js',
    'web/tokenizer/files/bpe.js',
    'web/tokenizer/files/detect.js',
    'web/tokenizer/files/gguf.js',
    'web/tokenizer/files/special_tokens.js',
    'web/tokenizer/prune.js',
    'web/tokenizer/vocabulary.js',
    'web/core/key_index.js',
  ],
  bytes: ['mini', 'EmbeddingLayer', 'RotaryPositions', 'encode, with the core'],
  'type names': ['ReadOptions: web/sources/reader.js, web/words/loader.js'],
  'golden versions': [
    'tests/golden/head.json: transformers 5.23.0',
    'tests/golden/sentence_transformers.json: torch 2.9.1',
    ...[...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `tests/golden/model_types/${letter}.json: torch 2.9.1+cu128`),
  ],
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
