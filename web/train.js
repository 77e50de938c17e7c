// `wembed/train`: learning in the page: vectors of words from your own texts.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { DivergedError } from './train/diverged.js';
export { buildVocabulary, wordsOf } from './train/vocabulary.js';
export { WordVectorTrainer, trainWordVectors } from './train/word_vectors.js';
export { WordVectors } from './words/word_vectors.js';

/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./train/texts.js').TrainOptions} TrainOptions */
/** @typedef {import('./train/texts.js').TrainingProgress} TrainingProgress */
/** @typedef {import('./train/vocabulary.js').TextOrWords} TextOrWords */
/** @typedef {import('./train/vocabulary.js').VocabularyOptions} VocabularyOptions */
/** @typedef {import('./train/vocabulary.js').WordVocabulary} WordVocabulary */
/** @typedef {import('./train/word2vec.js').Word2VecOptions} Word2VecOptions */
/** @typedef {import('./train/word_vectors.js').ResultOptions} ResultOptions */
/** @typedef {import('./train/texts.js').TrainingTexts} TrainingTexts */
