// `wembed/util`: what is done with vectors you hold: sentence-transformers' util, duplicates, classes, principal components.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { Classifier, classify } from './search/classifier.js';
export { duplicateEmbeddings, duplicates } from './search/duplicates.js';
export {
  communityDetection,
  cosSim,
  dotScore,
  pairwiseCosSim,
  pairwiseDotScore,
  paraphraseMining,
  paraphraseMiningEmbeddings,
  quantizeEmbeddings,
  semanticSearch,
  truncateDim,
} from './search/embeddings.js';
export { jsonLines, npy } from './search/exports.js';
export { parquet } from './search/parquet.js';
export { PrincipalComponents, pca } from './search/pca.js';

/** @typedef {import('./search/classifier.js').Classified} Classified */
/** @typedef {import('./search/classifier.js').ClassifierOptions} ClassifierOptions */
/** @typedef {import('./search/classifier.js').Label} Label */
/** @typedef {import('./search/classifier.js').StoredClassifier} StoredClassifier */
/** @typedef {import('./search/duplicates.js').Deduplicated} Deduplicated */
/** @typedef {import('./search/duplicates.js').Duplicate} Duplicate */
/** @typedef {import('./search/embeddings.js').CorpusHit} CorpusHit */
/** @typedef {import('./search/embeddings.js').Embeddings} Embeddings */
/** @typedef {import('./search/embeddings.js').ScoreFunction} ScoreFunction */
/** @typedef {import('./search/exports.js').ExportedIndex} ExportedIndex */
/** @typedef {import('./search/index_settings.js').TextLayer} TextLayer */
/** @typedef {import('./search/passages.js').Span} Span */
