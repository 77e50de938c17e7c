// `wembed/words`: only word vectors.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { WordVectors } from './words/word_vectors.js';

/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./table/table.js').OutputOptions} OutputOptions */
/** @typedef {import('./words/evaluation.js').AnalogyReport} AnalogyReport */
/** @typedef {import('./words/evaluation.js').AnalogySection} AnalogySection */
/** @typedef {import('./words/evaluation.js').EvaluationOptions} EvaluationOptions */
/** @typedef {import('./words/evaluation.js').PairsReport} PairsReport */
/** @typedef {import('./words/keyed_queries.js').MeanOptions} MeanOptions */
/** @typedef {import('./words/queries.js').SearchItem} SearchItem */
/** @typedef {import('./words/queries.js').SearchItems} SearchItems */
/** @typedef {import('./words/queries.js').SimilarOptions} SimilarOptions */
/** @typedef {import('./words/word_vectors.js').SimilarKey} SimilarKey */
/** @typedef {import('./words/word_vectors.js').VectorSource} VectorSource */
/** @typedef {import('./words/word_vectors.js').WordVectorsOptions} WordVectorsOptions */
