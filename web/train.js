// `wembed/train`: learning in the page: vectors of words, layers for your own pairs, classes, a small language model.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { Classifier } from './search/classifier.js';
export { adapt } from './train/adapt.js';
export { TextClassifier, trainClassifier } from './train/classifier.js';
export { distil } from './train/distil.js';
export { DivergedError } from './train/diverged.js';
export { logits, logitsBackward, negativeSampling } from './train/heads.js';
export { crossEntropy, sampledCrossEntropy } from './train/softmax_loss.js';
export { distance, infoNce } from './train/losses.js';
export { batchSimilarity } from './train/similarities.js';
export { adagrad, adam, schedule, sgd } from './train/optimisers.js';
export { TiedLM, trainTiedLM } from './train/tied_lm.js';
export { Variable } from './train/variables.js';
export { buildVocabulary, wordsOf } from './train/vocabulary.js';
export { wordLayer } from './train/word_layer.js';
export { WordVectorTrainer, trainWordVectors } from './train/word_vectors.js';
export { EmbeddingLayer } from './models/layer.js';
export { EmbeddingTable } from './table/table.js';
export { WordVectors } from './words/word_vectors.js';

/** @typedef {import('./core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./search/classifier.js').Classified} Classified */
/** @typedef {import('./search/classifier.js').ClassifierOptions} ClassifierOptions */
/** @typedef {import('./search/classifier.js').StoredClassifier} StoredClassifier */
/** @typedef {import('./search/embeddings.js').Embeddings} Embeddings */
/** @typedef {import('./search/classifier.js').Label} Label */
/** @typedef {import('./train/adapt.js').AdaptExamples} AdaptExamples */
/** @typedef {import('./train/adapt.js').AdaptOptions} AdaptOptions */
/** @typedef {import('./train/classifier.js').TextClassifierOptions} TextClassifierOptions */
/** @typedef {import('./train/distil.js').DistilExamples} DistilExamples */
/** @typedef {import('./train/distil.js').DistilLosses} DistilLosses */
/** @typedef {import('./train/distil.js').DistilOrder} DistilOrder */
/** @typedef {import('./train/losses.js').InfoNceOptions} InfoNceOptions */
/** @typedef {import('./train/similarities.js').BatchSimilarityOptions} BatchSimilarityOptions */
/** @typedef {import('./train/in_worker.js').LearningWorker} LearningWorker */
/** @typedef {import('./train/diverged.js').Learnt} Learnt */
/** @typedef {import('./train/optimisers.js').ClipOptions} ClipOptions */
/** @typedef {import('./train/optimisers.js').Optimiser} Optimiser */
/** @typedef {import('./train/optimisers.js').OptimiserState} OptimiserState */
/** @typedef {import('./train/optimisers.js').Rate} Rate */
/** @typedef {import('./train/passes.js').PassOptions} PassOptions */
/** @typedef {import('./train/texts.js').TrainOptions} TrainOptions */
/** @typedef {import('./train/texts.js').TrainingPairs} TrainingPairs */
/** @typedef {import('./train/texts.js').TrainingProgress} TrainingProgress */
/** @typedef {import('./train/texts.js').TrainingStrings} TrainingStrings */
/** @typedef {import('./train/texts.js').TrainingTexts} TrainingTexts */
/** @typedef {import('./train/tied_lm.js').TiedLmOptions} TiedLmOptions */
/** @typedef {import('./train/variables.js').PoolOptions} PoolOptions */
/** @typedef {import('./train/variables.js').VariableOptions} VariableOptions */
/** @typedef {import('./train/vocabulary.js').TextOrWords} TextOrWords */
/** @typedef {import('./train/vocabulary.js').VocabularyOptions} VocabularyOptions */
/** @typedef {import('./train/vocabulary.js').WordVocabulary} WordVocabulary */
/** @typedef {import('./train/word2vec.js').Word2VecOptions} Word2VecOptions */
/** @typedef {import('./train/word_vectors.js').ResultOptions} ResultOptions */
