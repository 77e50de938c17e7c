// `wembed/util`: what sentence-transformers' util does with vectors.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
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

/** @typedef {import('./search/embeddings.js').CorpusHit} CorpusHit */
/** @typedef {import('./search/embeddings.js').Embeddings} Embeddings */
/** @typedef {import('./search/embeddings.js').ScoreFunction} ScoreFunction */
