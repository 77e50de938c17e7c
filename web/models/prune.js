import { prunedEnds } from './ends_pruning.js';
import { count } from '../core/arguments.js';
import { WembedError, refuseRevoked, shown, isA } from '../core/errors.js';
import { StaticModel, checkVocabulary } from './static_model.js';
import { gather } from '../table/stored_rows.js';
import { storageOf, tableOf } from '../table/table.js';
import { pruneTokenizer } from '../tokenizer/prune.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { parsedTokenizer } from '../tokenizer/vocabulary.js';

/**
 * Which tokens stay. What the tokenizer cannot do without stays besides: special tokens, single characters and bytes, and
 * the parts that a kept token is merged from.
 * @typedef {object} PruneOptions
 * @property {number} [keep] how many tokens there are to be; more where more are needed. Without a corpus the first that
 *   many: by id, which in WordPiece and BPE goes by frequency, or by a Unigram's scores
 * @property {Iterable<string> | AsyncIterable<string> | Map<string, number>} [corpus] texts whose tokens stay, the most
 *   frequent first where `keep` limits them; or each token's count
 */

/**
 * A model of fewer tokens.
 * @param {import('./model.js').LayerModel} model
 * @param {PruneOptions} options
 * @returns {Promise<import('./model.js').LayerModel>}
 */
export async function pruneModel(model, options) {
  if (model.kind === 'static') return pruneStatic(/** @type {StaticModel} */ (model), options);
  const ends = /** @type {import('./transformer_ends.js').TransformerEnds} */ (model);
  if (!ends.tokenizer) throw ends.whyNoTokenizer;
  
  const source = ends.state.origin?.tokenizerSource ?? (async () => undefined);
  return prunedEnds(ends, await chosenTokens(ends.tokenizer, source, options));
}

/**
 * A static model of fewer tokens. A text whose tokens all stay has the same vector, bit for bit, unless it is so long that
 * Model2Vec cuts it, which goes by the vocabulary's median token.
 * @param {StaticModel} model
 * @param {PruneOptions} options
 * @returns {Promise<StaticModel>}
 */
async function pruneStatic(model, options) {
  const { json, kept } = await chosenTokens(model.tokenizer, model.tokenizerSource, options);
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  const table = tableOf(gather(storageOf(model.table), kept));
  /** @type {Tokenizer | undefined} */
  let tokenizer;
  try {
    tokenizer = await Tokenizer.from(bytes);
    checkVocabulary(tokenizer, table);
    const { normalize, maxLength } = model.encoder;
    const pruned = await StaticModel.of({ table, tokenizer, tokenizerSource: async () => bytes, normalize, maxLength });
    pruned.classifier = model.classifier?.copyFor(pruned);
    return pruned;
  } catch (error) {
    table.dispose();
    tokenizer?.dispose();
    throw error;
  }
}

/**
 * @param {Tokenizer} tokenizer
 * @param {() => Promise<Uint8Array | object | undefined>} source its tokenizer.json
 * @param {PruneOptions} options
 * @returns {Promise<import('../tokenizer/prune.js').PrunedTokenizer>}
 */
async function chosenTokens(tokenizer, source, { keep, corpus }) {
  if (keep === undefined && corpus === undefined) {
    throw new WembedError('invalid_argument', 'prune takes { keep }, { corpus } or both');
  }
  if (keep !== undefined) count('keep', keep, { least: 1 });
  const counts = corpus === undefined ? undefined : await countsOf(tokenizer, corpus);
  const json = parsedTokenizer(await source(), tokenizer.vocabSize);
  const most = (/** @type {Map<number, number>} */ used) => [...used].sort(([a, n], [b, m]) => m - n || a - b);
  const choose = (/** @type {import('../tokenizer/vocabulary.js').Vocabulary} */ vocab) =>
    counts ? most(counts(vocab)).map(([id]) => id) : vocab.ranked();
  return pruneTokenizer(json, choose, keep ?? Infinity);
}

/**
 * How often a corpus uses each id.
 * @param {Tokenizer} tokenizer
 * @param {NonNullable<PruneOptions['corpus']>} corpus
 * @returns {Promise<(vocab: import('../tokenizer/vocabulary.js').Vocabulary) => Map<number, number>>}
 */
async function countsOf(tokenizer, corpus) {
  refuseRevoked('corpus', corpus);
  if (isA(corpus, Map)) return (vocab) => countsByToken(vocab, corpus);
  const iterates = Symbol.iterator in Object(corpus) || Symbol.asyncIterator in Object(corpus);
  if (typeof corpus === 'string' || ArrayBuffer.isView(corpus) || !iterates) {
    throw new WembedError('invalid_argument', `corpus must be texts, or a Map of counts, got ${typeof corpus}`);
  }
  /** @type {Map<number, number>} */
  const counts = new Map();
  for await (const text of corpus) {
    for (const id of tokenizer.encode(text, { addSpecialTokens: false }).ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return () => counts;
}

/**
 * @param {import('../tokenizer/vocabulary.js').Vocabulary} vocab
 * @param {Map<string, number>} corpus
 */
function countsByToken(vocab, corpus) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const [token, times] of corpus) {
    const id = vocab.idOf(token);
    if (id === undefined) throw new WembedError('not_found', `the vocabulary has no token '${shown(token)}'`);
    if (!(typeof times === 'number' && times >= 0)) {
      throw new WembedError('invalid_argument', `the count of ${shown(token)} is ${shown(times)}`);
    }
    if (times > 0) counts.set(id, times);
  }
  return counts;
}
