// `wembed/words`: only word vectors.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { WordVectors } from './words/word_vectors.js';

/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./table/table.js').OutputOptions} OutputOptions */
/** @typedef {import('./words/queries.js').SearchItem} SearchItem */
/** @typedef {import('./words/queries.js').SearchItems} SearchItems */
/** @typedef {import('./words/queries.js').SimilarOptions} SimilarOptions */
/** @typedef {import('./words/word_vectors.js').SimilarKey} SimilarKey */
/** @typedef {import('./words/word_vectors.js').VectorSource} VectorSource */
/** @typedef {import('./words/word_vectors.js').WordVectorsOptions} WordVectorsOptions */
