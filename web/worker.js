// `wembed/worker`: the layer, the index and the tokenizer off the main thread.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { createWorker } from './workers/create.js';

/** @typedef {import('./workers/calls.js').CallOptions} CallOptions */
/** @typedef {import('./workers/create.js').WorkerOptions} WorkerOptions */
/** @typedef {import('./workers/embedding_worker.js').EmbeddingWorker} EmbeddingWorker */
/** @typedef {import('./workers/embedding_worker.js').WorkerTokenizer} WorkerTokenizer */
/** @typedef {import('./workers/worker_index.js').WorkerIndex} WorkerIndex */
/** @typedef {import('./workers/embedding_worker.js').WorkerEncodeOptions} WorkerEncodeOptions */
/** @typedef {import('./workers/embedding_worker.js').WorkerIndexOptions} WorkerIndexOptions */
/** @typedef {import('./workers/messages.js').CallProgress} CallProgress */
/** @typedef {import('./workers/spawn.js').WorkerLike} WorkerLike */
/** @typedef {import('./workers/worker_index.js').ItemList} ItemList */
/** @typedef {import('./workers/worker_index.js').WorkerSearchOptions} WorkerSearchOptions */
