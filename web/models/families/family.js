/** @typedef {import('../settings.js').Settings} Settings */

/**
 * What one kind of model calls the tensors of its two ends, and what it does with them. Names are those of transformers
 * without the prefix that depends on the class which saved the file; names without `.weight` stand for a module of
 * `.weight` and, where it has one, `.bias`.
 * @typedef {object} ModelFamily
 * @property {string} token (vocabSize, dim)
 * @property {string[]} [sharedNames] what the file may call the token table instead, beside the head's table where it is tied
 * @property {(settings: Settings) => number} [scale] token rows are multiplied by it
 * @property {string} [position] (positions, dim): learned
 * @property {(settings: Settings) => boolean} [positioned] whether it has them; default: it does
 * @property {number | ((settings: Settings) => number)} [positionOffset] added to every position
 * @property {boolean} [skipsPadding] padding gets no position of its own: its id is the setting pad_token_id
 * @property {number} [paddingId] of which this holds, whatever the config says; default: the config's pad_token_id
 * @property {[rows: string, columns: string]} [axes] (n, 1, size) and (1, m, other size): the vector of position p is row ⌊p ÷ m⌋ of
 *   the first, then row p mod m of the second, where the file has no `position`
 * @property {boolean | Waves} [sinusoidal] positions are sines and cosines, sines first, where the file has no table of them
 * @property {FixedRows} [fixed] what it adds to each token's row, or puts beside it, where a caller gives ids alone
 * @property {boolean} [tokenDropout] where the setting token_dropout is true, rows of mask_token_id are zeros and the others grow,
 *   as many as are masked
 * @property {string} [type] (token types, dim): used where the file has it
 * @property {(settings: Settings) => boolean} [typed] whether it has them, though the file may; default: where the file has them
 * @property {string} [norm] LayerNorm of the sum
 * @property {number} [normEpsilon] of that norm, whatever the config says; default: the config's
 * @property {PerLayerFamily} [perLayer] each block is given a row of a second table besides
 * @property {(settings: Settings) => boolean} [normed] whether it has that norm; default: it does
 * @property {string | true} [rmsNorm] of the sum: RMSNorm; true: without weights
 * @property {Affine} [affine] of the sum, instead of a norm: each number times one, plus one
 * @property {(settings: Settings) => boolean} [neighbours] a row stands between the next token's and the one before
 * @property {string} [project] dense layer to the hidden size: used where the file has it
 * @property {(settings: Settings) => boolean} [projected] whether it has that layer, though the file may; default: where the
 *   file has it
 * @property {boolean} [projectsTokens] before positions are added, instead of after the norm
 * @property {boolean} [normsProjected] the norm follows that layer, instead of going before it
 * @property {boolean} [zeroPadding] the table's row of pad_token_id is zeros, whatever the file has
 * @property {OwnRow} [ownRow] one token's row is in a tensor of its own, and is not multiplied
 * @property {(settings: Settings) => boolean} [lastPositionRepeats] positions beyond the table's last are the last
 * @property {string} [head] a score table of its own, where it is not the token table
 * @property {string} [tiedHead] the table that scores are made against where the config ties the ends and the file has no other:
 *   the decoder's, of models whose encoder has a table of its own
 * @property {[setting: string, modelType: string]} [text] the setting that holds the settings of the input's side, and their type
 * @property {boolean} [insideOnly] where that setting is left out, its class's defaults hold; default: the settings around it
 * @property {string[]} [outer] settings beside that one that are of use
 * @property {(settings: Settings) => number | undefined} [softcap]
 * @property {string} [headBias] where it is not the head's own
 * @property {string} [noHead] why its head is not made, as the end of a sentence that begins with its model type
 * @property {boolean} [decoder] it has a head whatever the file has
 * @property {boolean} [biased] it has a head where the file has the head's bias
 * @property {string} [decoderBlock] part of a tensor's name that shows that the file holds the decoder, so that it has a head
 * @property {string} [newTokens] (more, dim): rows of the token table beyond the first tensor's
 * @property {{ norm: string, epsilon: number }} [headNorm] LayerNorm of hidden states before they are scored
 * @property {{ first: string, second: string, activation: string }} [headDense] dense layers before that, with an activation after each
 * @property {MaskedHead} [masked] what a masked language model's head does before it scores
 * @property {number} [headWidth] its states are so many times as long as the tokens' rows; default: 1
 * @property {(settings: Settings) => number} [headScale] scores are multiplied by it
 * @property {boolean} [yields] the text model inside says how queries turn
 * @property {RotaryFamily} [rotary] queries and keys turn
 * @property {(settings: Settings) => boolean} [alibi] attention scores fall with distance
 * @property {GgufFamily} [gguf] the same in a GGUF file
 * @property {import('../settings.js').Values} [defaults] of the model class in transformers, for settings that a config.json
 *   leaves out
 */

/**
 * The second table, a row of which each block is given besides, and what is added to its rows.
 * @typedef {object} PerLayerFamily
 * @property {string} token (vocabulary, layers × size)
 * @property {string} project dense layer from the hidden size
 * @property {string} norm RMSNorm over `size` numbers
 * @property {(settings: Settings, size: number) => number} scale rows are multiplied by it
 * @property {boolean} [outsideIsFirst] ids beyond the table have the row of id 0
 */

/**
 * Tables besides, whose ids a caller may leave out in transformers: each token then has the same rows of them.
 * @typedef {object} FixedRows
 * @property {(settings: Settings) => FixedTable[]} tables in the order in which their rows are taken; none: nothing is added
 * @property {'beside each other' | 'beside the token'} [rows] default: their sum is added to the token's row. 'beside each other':
 *   one row of all of them is added. 'beside the token': they widen its row, for the dense layer
 * @property {[first: string, second: string]} [dense] two dense layers, with a ReLU between, before the row is added
 * @property {string} what for docs: what a token without them has
 */

/**
 * @typedef {object} FixedTable
 * @property {string} name (n, size)
 * @property {number} [row] default: 0
 * @property {string} [plus] a table whose row `plusRow` is added to it
 * @property {number} [plusRow]
 */

/**
 * @typedef {object} OwnRow
 * @property {string} name (dim)
 * @property {(settings: Settings) => number} id
 */

/**
 * Vectors that a sum is multiplied by and that are added to it.
 * @typedef {object} Affine
 * @property {string} [weight]
 * @property {string} [bias]
 * @property {boolean} [biasFirst] it is added before
 * @property {(settings: Settings) => boolean} [when] default: always
 */

/**
 * Waves as fairseq has them: the last one's length is 10000 × the first's.
 * @typedef {object} Waves
 * @property {boolean} [skipsPadding] positions begin after the padding's, whose own is zeros
 * @property {number} [offset] added to every position
 * @property {boolean} [plain] the last wave is a little shorter, as in the first transformer
 * @property {boolean} [divided] by √dim
 */

/**
 * Dense layer, activation, LayerNorm, then the scores: the token table and a bias.
 * @typedef {object} MaskedHead
 * @property {string} dense
 * @property {string} norm
 * @property {string} head
 * @property {string} [beside] (hidden size − size, vocabulary): columns that stand beside the token table's rows
 * @property {string} [bias]
 * @property {number} [normEpsilon] of its norm, whatever the config says; default: the config's
 * @property {(settings: Settings) => string} activation its name in transformers
 */

/**
 * What rotary positions take from the model class. The share of a head that turns is the setting partial_rotary_factor.
 * @typedef {object} RotaryFamily
 * @property {boolean | ((settings: Settings) => boolean)} [interleaved] number 2i of a head turns with 2i + 1; default: i with i + half of those that turn
 * @property {[setting: string, value: unknown, usual?: unknown]} [when] they turn where this setting has this value; `usual`: what it is
 *   where it is left out; default: they turn always
 * @property {string} [why] queries and keys turn in a way that is not made, as the end of a sentence
 * @property {boolean} [reversed] queries turn by the negative angle
 * @property {string} [usual] the type of layer that is meant where none is named
 * @property {string} [thetas] the setting that has a base for each layer; 0 or null where a layer does not turn
 * @property {boolean} [trailing] the last numbers of a head turn, which stand for a head of their own
 * @property {boolean} [baseAlone] of the rope settings only rope_theta means something
 * @property {boolean} [noScaling] the setting rope_scaling means nothing
 * @property {boolean} [byShare] the setting rotary_dim means nothing
 * @property {boolean} [whole] all of a head turns, whatever share the config gives
 * @property {boolean} [baseCounts] a base that a config gives alone counts before the class's own rope parameters, but for near layers
 * @property {boolean} [baseInParameters] the class's own base, or one that a config gives alone, holds only as the class has it:
 *   the class's without rope parameters, the config's beside them
 * @property {boolean} [copied] parameters of all layers are copied to each type of layer
 * @property {number} [plainShare] the share of a head that turns where parameters that are not scaled do not say
 * @property {boolean} [twofold] heads are 2 × hidden_size ÷ num_attention_heads long, where the config does not say
 * @property {(settings: Settings) => number | undefined} [trained] max_position_embeddings, whatever the config says; undefined: what
 *   it says
 * @property {boolean} [nested] rope parameters are by type of layer
 * @property {boolean} [growsByAlpha] of dynamic rope parameters, `alpha` makes the base larger and nothing else changes
 * @property {(settings: Settings) => string[]} [still] types of layer whose queries do not turn, beside those without attention
 * @property {(settings: Settings, rope: import('../settings.js').Values) => Record<string, import('../settings.js').Values>}
 *   [layers] parameters by type of layer, as files from before transformers 5 imply them
 */

/**
 * What llama.cpp has differently.
 * @typedef {object} GgufFamily
 * @property {string[]} architectures values of general.architecture
 * @property {boolean} [interleaved] how queries and keys turn in the file's own order of weights (llama.cpp,
 *   `llama_model_rope_type`); default false. For LLaMA's sake the converter reorders the weights of some
 * @property {Record<string, string>} [keys] a metadata key without the architecture → the setting that it is
 * @property {number} [theta] where the file does not say; default 10000
 * @property {boolean} [yarnTruncates] a rule of YaRN for which GGUF has no key; default true
 */

/** @typedef {Record<string, ModelFamily>} Families by `model_type` of config.json */

/**
 * The settings that transformers' config class has where a config.json says nothing.
 * @typedef {{ readonly [name: string]: unknown } & { text?: string | [setting: string, modelType: string],
 *   names?: Record<string, string>, tie_word_embeddings?: boolean, inner?: import('../settings.js').Values }} ClassDefaults `text`: the setting that holds the text
 *   model's config, and that model's type; `inner`: what that
 *   config has where it says nothing, beside its own class's defaults; `names`: what this type calls a setting → the setting
 */

/**
 * What the settings of a config.json are read by.
 * @typedef {object} Facts
 * @property {(modelType: unknown) => ModelFamily | undefined} familyOf undefined for a type that is not known
 * @property {(modelType: unknown) => ClassDefaults | undefined} classDefaults undefined for a type that has no class in transformers
 * @property {(setting: string, type: string, around: unknown) => boolean} isObeyed whether the class of a type knows a setting
 * @property {(json: import('../settings.js').Values, inner: import('../settings.js').Values, innerType: unknown) =>
 *   import('../settings.js').Values} [tiesOf] which ends of a text model inside another are tied
 */

/** @param {Settings} settings */
export const hiddenAct = (settings) => settings.text('hidden_act') ?? 'gelu';

export const gelu = () => 'gelu';
