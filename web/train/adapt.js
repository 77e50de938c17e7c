import { count, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, isArray } from '../core/errors.js';
import { doublesOf, positive } from '../core/numbers.js';
import { Fingerprint } from './checkpoints.js';
import { filesOf, layerOf, learnIn } from './in_worker.js';
import { rankingLoss, weightOf } from './losses.js';
import { adam } from './optimisers.js';
import { PASS_OPTIONS, checkedPasses, fallingRate, runPasses } from './passes.js';
import { TextModel } from './text_model.js';
import { eachOf } from './texts.js';

/** @typedef {import('../models/layer.js').EmbeddingLayer} EmbeddingLayer */

/**
 * What a layer learns from: questions and their answers.
 * @typedef {object} AdaptExamples
 * @property {import('./texts.js').TrainingPairs} pairs a text and one that it is to find, as [title, paragraph]
 * @property {readonly (string | readonly string[])[]} [negatives] for each pair, texts that it is not to find; other pairs'
 *   second texts are that anyway
 */

/**
 * How long a layer learns, and how fast.
 * @typedef {object} AdaptOptions
 * @property {number} [scale] what cosines are multiplied by; default 20
 * @property {readonly number[]} [dims] the first so many numbers of vectors learn to do alone, too (Matryoshka); default:
 *   all numbers only
 * @property {readonly number[]} [weights] how much each of `dims` counts; default 1 each
 */

/**
 * Moves a layer's rows so that texts find the texts that belong to them: multiple negatives ranking over your own pairs,
 * as sentence-transformers' MultipleNegativesRankingLoss. The layer itself stays as it is.
 * @param {EmbeddingLayer} layer a Model2Vec model in f32, f16 or bf16
 * @param {AdaptExamples} examples
 * @param {AdaptOptions & import('./passes.js').PassOptions} [options] defaults: epochs 10, batchSize 512, rate 0.005
 * @returns {Promise<EmbeddingLayer>} a layer of its own, f32. Errors: `unsupported` for i8 and i4 (load the layer with
 *   { dtype: 'f32' }), `invalid_argument`, `shape_mismatch`, `aborted`; a `DivergedError` with the last good layer
 */
export async function adapt(layer, examples, options) {
  const { pairs, negatives } = optionsOf('the examples of adapt', examples, ['pairs', 'negatives']);
  const given = optionsOf('adapt', options, ['scale', 'dims', 'weights', ...PASS_OPTIONS]);
  const passes = checkedPasses(given, { epochs: 10, batchSize: 512, rate: 0.005 });
  if (given.worker !== undefined) {
    const lesson = { files: await filesOf(layer), negatives };
    return learnIn('adapt', given, { name: 'pairs', list: pairs, lesson, finish: layerOf });
  }
  const model = await TextModel.of(layer);
  try {
    const settings = lossOptions(given, layer.dim);
    const ids = await pairIds(model, pairs, negatives, passes.signal);
    const texts = ids.flatMap(({ query, document, others }) => [query, document, ...others]);
    await runPasses(ids.length, passes, {
      ...learnerOf('adapting', model, fallingRate(passes, ids.length), texts, {
        ...{ scale: settings.scale, dims: String(settings.dims), weights: String(settings.weights) },
      }),
      loss(batch) {
        const chosen = [...batch].map((i) => ids[i]);
        const queries = model.encode(chosen.map(({ query }) => query));
        const documents = model.encode([
          ...chosen.map(({ document }) => document),
          ...chosen.flatMap(({ others }) => others),
        ]);
        const found = rankingLoss(model.products, queries.vectors, documents.vectors, settings);
        queries.backward(found.queryGradient);
        documents.backward(found.documentGradient);
        return found.loss;
      },
    });
    return await model.toLayer();
  } finally {
    model.dispose();
  }
}

/**
 * What passes need to know of a layer's rows.
 * @param {string} kind
 * @param {TextModel} model
 * @param {(step: number) => number} rate
 * @param {readonly Uint32Array[]} texts ids
 * @param {Record<string, string | number | boolean>} options
 * @returns {Omit<import('./passes.js').Learner, 'loss'>}
 */
export function learnerOf(kind, model, rate, texts, options) {
  const fingerprint = new Fingerprint();
  for (const ids of texts) fingerprint.add(ids).add([ids.length]);
  return {
    ...{ kind, identity: { ...options, texts: fingerprint.value } },
    ...{ variables: [model.variable], optimiser: adam({ rate }) },
    restart: () => model.restart(),
    result: () => model.toLayer(),
  };
}

/** @param {AdaptOptions} options @param {number} dim */
export function lossOptions({ scale = 20, dims: given, weights }, dim) {
  const dims = given ?? [dim];
  if (!isArray(dims) || dims.length === 0) throw mustBe('dims', 'an array of numbers', dims);
  const sizes = dims.map((size, i) => count(`dims[${i}]`, size, { least: 1, most: dim }));
  const factors = weights === undefined ? sizes.map(() => 1) : [...doublesOf('weights', [...weights])];
  factors.forEach((weight, i) => weightOf(`weights[${i}]`, weight));
  if (factors.length !== sizes.length) {
    throw new WembedError('shape_mismatch', `${factors.length} weights for ${sizes.length} dims`);
  }
  return { scale: positive('scale', scale), dims: sizes, weights: factors };
}

/**
 * @param {TextModel} model
 * @param {import('./texts.js').TrainingPairs} pairs
 * @param {AdaptExamples['negatives']} negatives
 * @param {AbortSignal | undefined} signal
 */
async function pairIds(model, pairs, negatives, signal) {
  /** @type {{ query: Uint32Array, document: Uint32Array, others: Uint32Array[] }[]} */
  const found = [];
  if (negatives !== undefined && !isArray(negatives)) throw mustBe('negatives', 'an array', negatives);
  let n = 0;
  for await (const pair of eachOf('pairs', pairs, signal)) {
    if (!isArray(pair) || pair.length !== 2 || pair.some((text) => typeof text !== 'string')) {
      throw mustBe(`pairs[${n}]`, 'two texts', pair);
    }
    const [query, document] = pair.map((text) => model.ids(text));
    const others = [negatives?.[n] ?? []].flat().map((text) => {
      if (typeof text !== 'string') throw mustBe(`negatives[${n}]`, 'a text or texts', text);
      return model.ids(text);
    });
    n++;
    if (query.length > 0 && document.length > 0) found.push({ query, document, others });
  }
  if (negatives && negatives.length !== n) {
    throw new WembedError('shape_mismatch', `${negatives.length} negatives for ${n} pairs`);
  }
  if (found.length > 1) return found;
  throw mustBe('the number of pairs with known tokens', 'at least 2', found.length);
}
