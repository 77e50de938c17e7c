/**
 * What a layer is made of: a static model, or a transformer's two ends.
 * @typedef {object} LayerModel
 * @property {'static' | 'transformer'} kind
 * @property {import('../table/table.js').EmbeddingTable} table token rows
 * @property {import('../tokenizer/tokenizer.js').Tokenizer | undefined} tokenizer
 * @property {import('../core/errors.js').WembedError | null} whyNoTokenizer null where there is one, as with the two below
 * @property {import('./text_encoder.js').PooledEncoder | import('./sentence_encoder.js').SentenceEncoder | undefined} encoder texts to vectors
 * @property {string | null} whyNoEncoder
 * @property {import('../nn/language_model_head.js').TiedHead | undefined} head
 * @property {string | null} whyNoHead
 * @property {import('../nn/positions.js').AlibiBias | undefined} alibi
 * @property {(ids: import('../core/arguments.js').IntegerArray, options: EmbedOptions) =>
 *   import('../core/matrix.js').Matrix} embed
 * @property {(layerType?: string) => import('./rotary_positions.js').RotaryPositions | undefined} rotaryOf
 * @property {import('./per_layer_inputs.js').PerLayerInputs | undefined} perLayer
 * @property {import('./classifier_head.js').ClassifierHead | undefined} classifier
 * @property {() => ModelDescription} describe
 * @property {() => void} dispose
 */

/**
 * How a model is loaded.
 * @typedef {object} LoadOptions
 * @property {AbortSignal} [signal] stops it: an error of code `aborted`
 * @property {import('../sources/source.js').OnProgress} [onProgress] called while files are read
 * @property {'auto' | import('../core/dtypes.js').Dtype} [dtype] how to keep the tables; default 'auto': as they are stored, of
 *   GGUF's blocks Q4_0 as i4 and the others as f16
 * @property {string} [family] the model type whose rules hold for a checkpoint of a type that is not known: 'llama' for a
 *   plain decoder
 * @property {boolean} [perLayerInputs] read the second table of a Gemma 3n or 4, too, which is larger than the first, for
 *   `layer.perLayerInputs`; default false
 * @property {boolean} [classifier] read the classifier that model2vec saves beside its model (head.safetensors) or exports (model.onnx); default:
 *   where config.json says that there is one; true: an error where there is none
 * @property {string} [variant] of the files, as transformers names it: 'fp16' reads model.fp16.safetensors, or the shards of
 *   model.safetensors.index.fp16.json
 * @property {string} [file] which of the location's files holds the weights; default: model.safetensors and its shards, or
 *   the only .gguf
 */

/** @typedef {LoadOptions & import('../sources/address.js').FilesOptions} FromPretrainedOptions with those of downloads */

/**
 * What a transformer adds to its token rows.
 * @typedef {object} EmbedOptions
 * @property {import('../core/arguments.js').IntegerArray} [positionIds] as many as ids; default 0, 1, 2, …, in RoBERTa those
 *   that leave padding out
 * @property {import('../core/arguments.js').IntegerArray} [tokenTypeIds] as many as ids; default 0
 * @property {Float32Array} [into] at least ids.length × hiddenSize numbers, written instead of a new array
 */

/**
 * A language model's head in figures.
 * @typedef {object} HeadDescription
 * @property {number} vocabSize tokens that are scored
 * @property {number} dim numbers of a hidden state
 * @property {import('../core/dtypes.js').Dtype} dtype of its table
 * @property {boolean} tied its table is the token table
 * @property {number} scale scores are multiplied by it
 * @property {number | null} softcap scores are squashed into ± this by tanh; null: they are not
 */

/**
 * A model in figures: the same keys for every kind of model.
 * @typedef {object} ModelDescription
 * @property {'static' | 'transformer'} kind
 * @property {string} family `model_type` in transformers; 'model2vec' for static models
 * @property {number} vocabSize ids it takes
 * @property {number} rows of the token table: fewer than vocabSize where tokens share rows
 * @property {number} dim numbers of a token row
 * @property {number} hiddenSize numbers of a row that `embed` gives
 * @property {import('../core/dtypes.js').Dtype} dtype of the token table
 * @property {number} bytes what all tables and vectors occupy
 * @property {number} parameters how many numbers they hold
 * @property {boolean} tied scores are made against the token table
 * @property {import('./config.js').PositionKind} positions how positions reach the model
 * @property {number | null} maxPositions the longest sequence, where the model says so
 * @property {{ layers: number, size: number } | null} perLayerInputs what `layer.perLayerInputs` gives for a token; null where
 *   they are not loaded
 * @property {HeadDescription | null} head
 * @property {string | null} whyNoHead null where there is one
 * @property {'mean' | null} pooling how a text's rows become one; null where texts are not encoded
 * @property {boolean} normalize a text's vector gets length 1
 * @property {number | null} maxLength in tokens, Infinity where texts are never cut; null where texts are not encoded
 * @property {string | null} whyNoEncoder null where texts are encoded
 * @property {'model2vec' | 'sentence-transformers' | null} rules by which texts are encoded: those of the library that saved
 *   the folder; null where they are not
 * @property {'wasm' | 'js' | null} tokenizer what runs it
 * @property {string | null} whyNoTokenizer null where there is one
 */

/** @typedef {ModelDescription & { variant: import('../memory/module.js').Variant }} LayerDescription variant: of the core */

export {};
