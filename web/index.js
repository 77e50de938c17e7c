// `wembed`: everything that has no entry point of its own.
export { clearCache, isCached } from './models/cache.js';
export { WembedError } from './core/errors.js';
export { readGguf } from './formats/gguf.js';
export { LanguageModelHead, TiedHead } from './nn/language_model_head.js';
export { inspect } from './models/inspect.js';
export { EmbeddingLayer } from './models/layer.js';
export { Matrix } from './core/matrix.js';
export { AlibiBias, LearnedPositions, SinusoidalPositions } from './nn/positions.js';
export { RemoteTable } from './table/remote/remote_table.js';
export { RotaryPositions } from './models/rotary_positions.js';
export { env } from './sources/env.js';
export { EmbeddingTable } from './table/table.js';
export { DecodeStream } from './tokenizer/decode_stream.js';
export { encodePair } from './tokenizer/pair.js';
export { Tokenizer } from './tokenizer/tokenizer.js';
export { WordVectors } from './words/word_vectors.js';
export { configure } from './memory/module.js';

/** @typedef {import('./core/arguments.js').IntegerArray} IntegerArray */
/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./core/errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./core/errors.js').ErrorDetails} ErrorDetails */
/** @typedef {import('./core/wasm_settings.js').WasmSettings} WasmSettings */
/** @typedef {import('./formats/gguf.js').Gguf} Gguf */
/** @typedef {import('./memory/module.js').Variant} Variant */
/** @typedef {import('./models/classifier_head.js').ClassLabel} ClassLabel */
/** @typedef {import('./models/classifier_head.js').ClassifierHead} ClassifierHead */
/** @typedef {import('./models/classifier_head.js').PredictOptions} PredictOptions */
/** @typedef {import('./models/config.js').PositionKind} PositionKind */
/** @typedef {import('./models/inspect.js').LayerInfo} LayerInfo */
/** @typedef {import('./models/inspect.js').ModelInfo} ModelInfo */
/** @typedef {import('./models/inspect.js').TensorInfo} TensorInfo */
/** @typedef {import('./models/layer.js').OneText} OneText */
/** @typedef {import('./models/layer.js').TextList} TextList */
/** @typedef {import('./table/products.js').VectorList} VectorList */
/** @typedef {import('./models/model.js').EmbedOptions} EmbedOptions */
/** @typedef {import('./models/model.js').FromPretrainedOptions} FromPretrainedOptions */
/** @typedef {import('./models/model.js').HeadDescription} HeadDescription */
/** @typedef {import('./models/model.js').LayerDescription} LayerDescription */
/** @typedef {import('./models/model.js').LoadOptions} LoadOptions */
/** @typedef {import('./models/open.js').ModelFilesInMemory} ModelFilesInMemory */
/** @typedef {import('./models/per_layer_inputs.js').PerLayerOptions} PerLayerOptions */
/** @typedef {import('./models/prune.js').PruneOptions} PruneOptions */
/** @typedef {import('./models/rotary_positions.js').RotaryOptions} RotaryOptions */
/** @typedef {import('./models/save.js').SaveOptions} SaveOptions */
/** @typedef {import('./models/save.js').SavedFiles} SavedFiles */
/** @typedef {import('./models/text_encoder.js').EncodeOptions} EncodeOptions */
/** @typedef {import('./models/token_neighbours.js').TokenQuery} TokenQuery */
/** @typedef {import('./nn/language_model_head.js').HiddenStates} HiddenStates */
/** @typedef {import('./nn/language_model_head.js').TopK} TopK */
/** @typedef {import('./nn/positions.js').WaveLayout} WaveLayout */
/** @typedef {import('./nn/rotary.js').RopeCaches} RopeCaches */
/** @typedef {import('./nn/rotary.js').RopeScaling} RopeScaling */
/** @typedef {import('./nn/rotary.js').RotarySettings} RotarySettings */
/** @typedef {import('./nn/rotary.js').RotateOptions} RotateOptions */
/** @typedef {import('./nn/sampling.js').SampleOptions} SampleOptions */
/** @typedef {import('./sources/address.js').FilesOptions} FilesOptions */
/** @typedef {import('./sources/cached.js').CacheOptions} CacheOptions */
/** @typedef {import('./sources/env.js').Environment} Environment */
/** @typedef {import('./sources/files.js').ModelFiles} ModelFiles */
/** @typedef {import('./sources/files.js').ModelLocation} ModelLocation */
/** @typedef {import('./sources/location.js').LocateOptions} LocateOptions */
/** @typedef {import('./sources/reader.js').ReadOptions} ReadOptions */
/** @typedef {import('./sources/source.js').ByteSource} ByteSource */
/** @typedef {import('./sources/source.js').FileContent} FileContent */
/** @typedef {import('./sources/source.js').OnProgress} OnProgress */
/** @typedef {import('./table/dequantize.js').ByteFormat} ByteFormat */
/** @typedef {import('./table/from_data.js').TableData} TableData */
/** @typedef {import('./table/from_data.js').TableOptions} TableOptions */
/** @typedef {import('./table/products.js').Metric} Metric */
/** @typedef {import('./table/products.js').Nearest} Nearest */
/** @typedef {import('./table/remote/remote_table.js').RemoteTableOptions} RemoteTableOptions */
/** @typedef {import('./table/remote/remote_table.js').TableFile} TableFile */
/** @typedef {import('./table/bag.js').BagMode} BagMode */
/** @typedef {import('./table/bag.js').BagOptions} BagOptions */
/** @typedef {import('./table/table.js').OutputOptions} OutputOptions */
/** @typedef {import('./table/table.js').QuantizationError} QuantizationError */
/** @typedef {import('./tokenizer/files/tiktoken.js').TiktokenOptions} TiktokenOptions */
/** @typedef {import('./tokenizer/tokenizer.js').Encoding} Encoding */
/** @typedef {import('./tokenizer/encode_options.js').TokenizeOptions} TokenizeOptions */
/** @typedef {import('./tokenizer/load.js').TokenizerOptions} TokenizerOptions */
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
