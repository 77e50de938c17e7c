// `wembed/search`: exact search over your own texts and vectors, by meaning and by keywords.
export { WembedError } from './core/errors.js';
export { Matrix } from './core/matrix.js';
export { VectorIndex } from './search/vector_index.js';

/** @typedef {import('./core/dtypes.js').Dtype} Dtype */
/** @typedef {import('./search/database.js').DatabaseIndex} DatabaseIndex */
/** @typedef {import('./search/explain.js').Explanation} Explanation */
/** @typedef {import('./search/explain.js').TermShare} TermShare */
/** @typedef {import('./search/explain.js').TokenPair} TokenPair */
/** @typedef {import('./search/fusion.js').Hybrid} Hybrid */
/** @typedef {import('./search/fusion.js').WeightedFusion} WeightedFusion */
/** @typedef {import('./search/index_reader.js').LoadIndexOptions} LoadIndexOptions */
/** @typedef {import('./search/index_settings.js').IndexOptions} IndexOptions */
/** @typedef {import('./search/index_settings.js').KeywordOptions} KeywordOptions */
/** @typedef {import('./search/index_settings.js').TextLayer} TextLayer */
/** @typedef {import('./search/item_reader.js').IndexItem} IndexItem */
/** @typedef {import('./search/items.js').ItemId} ItemId */
/** @typedef {import('./search/passages.js').PassageOptions} PassageOptions */
/** @typedef {import('./search/passages.js').Span} Span */
/** @typedef {import('./search/searching.js').SearchHit} SearchHit */
/** @typedef {import('./search/searching.js').SearchOptions} SearchOptions */
/** @typedef {import('./search/searching.js').SearchQuery} SearchQuery */
/** @typedef {import('./search/stores.js').FileHandle} FileHandle */
/** @typedef {import('./search/stores.js').IndexSource} IndexSource */
/** @typedef {import('./search/stores.js').IndexTarget} IndexTarget */
/** @typedef {import('./search/words.js').WordRules} WordRules */
/** @typedef {import('./table/products.js').Metric} Metric */
