// What few pages need, in one file of its own: each file that loads later costs those that load at once.
export * from './mini_tokenizer.js';
export * from './narrowing.js';
export { findStatic } from './find_static.js';
export { fromOnnx } from './onnx_classifier.js';
export * from './prune.js';
export * from './save.js';
export * from './sentence_encoder.js';
export * from './sentence_modules.js';
export * from './word_vectors.js';
