// What sentence-transformers folders need and others do not.
export { SentenceEncoder } from './sentence_encoder.js';
export { sentenceSettings } from './sentence_modules.js';
