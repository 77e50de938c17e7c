export { WembedError } from './errors.js';
export { TiedHead } from './head.js';
export { EmbeddingLayer } from './layer.js';
export { Matrix } from './matrix.js';
export { RotaryPositions } from './rotary.js';
export { EmbeddingTable } from './table.js';
export { Tokenizer } from './tokenizer/tokenizer.js';
export { configure } from './wasm/module.js';
