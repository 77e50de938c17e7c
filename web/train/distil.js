import { count, integersOf, mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, isA, isArray } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { finite, flag, positive } from '../core/numbers.js';
import { learnerOf, lossOptions } from './adapt.js';
import { Fingerprint } from './checkpoints.js';
import { filesOf, layerOf, learnIn } from './in_worker.js';
import { distance, rankingLoss, units, weightOf, zeros } from './losses.js';
import { PASS_OPTIONS, checkedPasses, fallingRate, randomFrom, runPasses } from './passes.js';
import { similarityLoss } from './similarities.js';
import { Targets } from './targets.js';
import { TextModel } from './text_model.js';
import { eachOf } from './texts.js';

/** @typedef {import('../models/layer.js').EmbeddingLayer} EmbeddingLayer */

/**
 * What a layer learns of a teacher.
 * @typedef {object} DistilExamples
 * @property {import('./texts.js').TrainingData<string | Uint32Array>} texts each a string, or the ids of its tokens
 * @property {Matrix} targets (texts, layer.dim) the vectors that texts should have; of any width with `lossWeight: 0`, since
 *   only the cosines between them then count. They are not copied: changed before the end they are refused, `invalid_argument`
 * @property {readonly (readonly [number, number])[]} [pairs] texts that belong together, by their places in `texts`
 */

/**
 * What is learnt: the sum of up to four losses, each times its weight.
 * @typedef {object} DistilLosses
 * @property {'cosine' | 'mse'} [loss] how far a vector is from its target: 1 - cosine (default), or the mean square
 * @property {number} [lossWeight] of that; default 1
 * @property {number} [similarityWeight] of the squared differences between the cosines of a batch's vectors and those of its
 *   targets; default 0
 * @property {number} [klWeight] of the Kullback–Leibler divergence of the same cosines' softmax; default 0
 * @property {number} [temperature] of that softmax; default 0.05
 * @property {number} [klMinTokens] the divergence is of texts of at least so many tokens; default 1
 * @property {number} [pairsWeight] of multiple negatives ranking over `pairs`, in both directions; default 1
 * @property {number} [pairsBatchSize] pairs that are drawn for each batch; default `batchSize`
 * @property {number} [scale] what their cosines are multiplied by; default 20
 * @property {number} [margin] a text whose target's cosine is above that of the pair's own, less this, is no negative;
 *   default 0.1
 * @property {number} [duplicateAbove] nor is one whose target has a cosine above this with that of the pair's own text;
 *   default 0.95
 * @property {readonly number[]} [dims] the first so many numbers of vectors learn to do alone, too (Matryoshka), in all losses
 *   but `loss`; default: all numbers only
 * @property {readonly number[]} [weights] how much each of `dims` counts; default 1 each
 */

/**
 * In what order and how fast.
 * @typedef {object} DistilOrder
 * @property {ArrayLike<number>} [groups] which group each text is of: batches are then made of runs of near texts, whose
 *   cosines say more than those of unrelated ones
 * @property {number} [runLength] texts of a group that come together; default 32
 * @property {number} [warmup] the share of training over which the rate rises; default 0
 * @property {boolean} [lazy] whether a step moves only the rows that it uses (torch.optim.SparseAdam), so that others stay bit
 *   for bit; if not, rows go on in their last direction for a while (torch.optim.Adam); default true
 */

const LOSSES = [
  ...['loss', 'lossWeight', 'similarityWeight', 'klWeight', 'temperature', 'klMinTokens', 'dims', 'weights'],
  ...['pairsWeight', 'pairsBatchSize', 'scale', 'margin', 'duplicateAbove'],
];
const ORDER = ['groups', 'runLength', 'warmup', 'lazy'];

/**
 * Moves a layer's rows so that texts get the vectors they should have, or vectors that are as near to one another as those:
 * what a larger model makes of the texts.
 * @param {EmbeddingLayer} layer a Model2Vec model in f32, f16 or bf16
 * @param {DistilExamples} examples
 * @param {DistilLosses & DistilOrder & import('./passes.js').PassOptions} [options] further defaults: epochs 10, batchSize 64,
 *   rate 0.01
 * @returns {Promise<EmbeddingLayer>} a layer of its own, f32. Errors: as `adapt`
 */
export async function distil(layer, examples, options) {
  const {
    texts,
    targets,
    pairs: places,
  } = optionsOf('the examples of distil', examples, ['texts', 'targets', 'pairs']);
  const pairs = isArray(places) ? places.map((pair) => (isArray(pair) ? pair.slice() : pair)) : places;
  const given = optionsOf('distil', options, [...LOSSES, ...ORDER, ...PASS_OPTIONS]);
  const { warmup = 0 } = given;
  if (!(finite('warmup', warmup) >= 0 && warmup < 1)) throw mustBe('warmup', 'a number from 0 to below 1', warmup);
  const passes = { ...checkedPasses(given, { epochs: 10, batchSize: 64, rate: 0.01 }), warmup };
  const settings = settingsOf(given, passes.batchSize);
  const known = new Targets(targets); // as they are now, before anything is waited for
  if (given.worker !== undefined) {
    const files = await filesOf(layer);
    const lesson = { files, targets: known.matrix, pairs };
    return learnIn('distil', given, { name: 'texts', list: texts, lesson, finish: layerOf });
  }
  const model = await TextModel.of(layer);
  try {
    const ids = await idsOf(model, texts, passes.signal);
    const sizes = lossOptions({ ...given, scale: settings.scale }, layer.dim);
    const lesson = new Lesson(model, ids, { ...settings, dims: sizes.dims, weights: sizes.weights }, passes.seed);
    known.checkShape(ids.length, settings.lossWeight > 0 ? layer.dim : undefined);
    lesson.take(known, pairs);
    const groups = given.groups === undefined ? undefined : groupsOf(given.groups, ids.length);
    const run = count('runLength', given.runLength ?? 32, { least: 1 });
    const identity = { ...lesson.identity, warmup, run, groups: groups ? new Fingerprint().add(groups).value : '' };
    const rate = fallingRate(passes, lesson.known.length);
    await runPasses(lesson.known.length, passes, {
      ...learnerOf('distilling', model, rate, ids, identity),
      groups: groups && { of: lesson.known.map((i) => groups[i]), run },
      loss: (batch, step) => lesson.lossOf(batch, step),
    });
    return await model.toLayer();
  } finally {
    model.dispose();
  }
}

/** @param {DistilLosses & { lazy?: boolean }} given @param {number} batchSize */
function settingsOf(given, batchSize) {
  const { loss = 'cosine', margin = 0.1, duplicateAbove = 0.95, temperature = 0.05, scale = 20 } = given;
  if (loss !== 'cosine' && loss !== 'mse') throw mustBe('loss', "'cosine' or 'mse'", loss);
  const settings = {
    ...{ loss, lossWeight: weightOf('lossWeight', given.lossWeight ?? 1) },
    ...{ similarityWeight: weightOf('similarityWeight', given.similarityWeight ?? 0) },
    ...{ klWeight: weightOf('klWeight', given.klWeight ?? 0), temperature: positive('temperature', temperature) },
    klMinTokens: count('klMinTokens', given.klMinTokens ?? 1),
    pairsWeight: weightOf('pairsWeight', given.pairsWeight ?? 1),
    pairsBatchSize: count('pairsBatchSize', given.pairsBatchSize ?? batchSize, { least: 1, most: 65_536 }),
    ...{ scale: positive('scale', scale), margin: finite('margin', margin) },
    ...{ duplicateAbove: finite('duplicateAbove', duplicateAbove), lazy: flag('lazy', given.lazy ?? true) },
  };
  return settings;
}

/** @typedef {ReturnType<typeof settingsOf> & { dims: readonly number[], weights: readonly number[] }} Settings */

/**
 * @param {TextModel} model
 * @param {DistilExamples['texts']} texts
 * @param {AbortSignal | undefined} signal
 */
async function idsOf(model, texts, signal) {
  /** @type {Uint32Array[]} */
  const found = [];
  for await (const text of eachOf('texts', texts, signal)) {
    const name = `texts[${found.length}]`;
    if (typeof text === 'string') found.push(model.ids(text));
    else if (isA(text, Uint32Array)) found.push(model.checkedIds(name, text));
    else throw mustBe(name, 'a string, or a Uint32Array of ids', text);
  }
  return found;
}

/** What is learnt, and its loss for some texts. */
class Lesson {
  #model;
  #ids;
  #settings;
  #seed;
  /** @type {Targets} */
  #targets = new Targets(zeros(0, 1));
  /** @type {Uint32Array} left and right places of usable pairs, in turns */
  #pairs = new Uint32Array(0);
  /** The texts that have a token. */
  known;

  /**
   * @param {TextModel} model
   * @param {Uint32Array[]} ids
   * @param {Settings} settings
   * @param {number} seed
   */
  constructor(model, ids, settings, seed) {
    this.#model = model;
    this.#ids = ids;
    this.#settings = settings;
    this.#seed = seed;
    this.known = Uint32Array.from(ids.keys()).filter((i) => ids[i].length > 0);
    if (this.known.length === 0) throw mustBe('the number of texts with known tokens', 'at least 1', 0);
  }

  /** @param {Targets} targets @param {unknown} pairs a caller's */
  take(targets, pairs) {
    this.#targets = targets;
    if (pairs !== undefined) this.#pairs = pairsOf(pairs, this.#ids);
  }

  /** What has to be the same where training goes on. */
  get identity() {
    return {
      ...{ ...this.#settings, dims: String(this.#settings.dims), weights: String(this.#settings.weights) },
      ...{ targets: this.#targets.fingerprint, pairs: new Fingerprint().add(this.#pairs).value },
    };
  }

  /** @param {Uint32Array} batch of the known texts @param {number} step @returns {number} whose gradient it adds */
  lossOf(batch, step) {
    const {
      loss: kind,
      lossWeight,
      similarityWeight,
      klWeight,
      klMinTokens,
      pairsWeight,
      lazy,
      ...rest
    } = this.#settings;
    const chosen = batch.map((i) => this.known[i]);
    const { vectors, backward } = this.#model.encode([...chosen].map((i) => this.#ids[i]));
    const goals = this.#targets.of(chosen);
    if (!lazy) this.#model.useAllRows();
    let [loss, gradient] = [0, zeros(vectors.rows, vectors.dim)];
    if (lossWeight > 0) {
      const found = distance(vectors, goals, kind);
      loss = lossWeight * found.loss;
      gradient = new Matrix(found.gradient.data.map((x) => lossWeight * x), vectors.rows, vectors.dim); // prettier-ignore
    }
    if (similarityWeight > 0 || klWeight > 0) {
      const klRows = [...chosen.keys()].filter((i) => this.#ids[chosen[i]].length >= klMinTokens);
      const { temperature, dims, weights } = rest;
      const options = { similarityWeight, klWeight, klRows, temperature, dims, weights };
      const found = similarityLoss(this.#model.products, vectors, goals, options);
      loss += found.loss;
      found.gradient.data.forEach((x, i) => (gradient.data[i] += x));
    }
    backward(gradient);
    return pairsWeight > 0 && this.#pairs.length > 0 ? loss + pairsWeight * this.#pairsLoss(step) : loss;
  }

  /** @param {number} step */
  #pairsLoss(step) {
    const { pairsWeight, pairsBatchSize, scale, dims, weights: given } = this.#settings;
    const drawn = drawnFrom(this.#pairs.length / 2, pairsBatchSize, this.#seed, step);
    const [left, right] = [0, 1].map((side) => drawn.map((pair) => this.#pairs[2 * pair + side]));
    const [queries, documents] = [left, right].map((side) => this.#model.encode(side.map((i) => this.#ids[i])));
    const exclude = this.#nearly(this.#targets.of(left), this.#targets.of(right));
    const weights = given.map((weight) => pairsWeight * weight);
    const options = { scale, dims, weights, symmetric: true, exclude };
    const found = rankingLoss(this.#model.products, queries.vectors, documents.vectors, options);
    queries.backward(found.queryGradient);
    documents.backward(found.documentGradient);
    return found.loss / pairsWeight;
  }

  /** Which right sides are nearly as good as a left side's own. @param {Matrix} left @param {Matrix} right */
  #nearly(left, right) {
    const { margin, duplicateAbove } = this.#settings;
    const [n, size] = [left.rows, left.dim];
    const [a, b] = [units(left, size).unit, units(right, size).unit];
    const [likeness, same] = [a, b].map((side) => this.#model.products.scores(side, b, n, n, size));
    return Float32Array.from(likeness, (cosine, at) => {
      const own = likeness[Math.floor(at / n) * (n + 1)];
      return Number(cosine > own - margin || same[at] > duplicateAbove);
    });
  }
}

/** @param {unknown} pairs a caller's @param {Uint32Array[]} ids */
function pairsOf(pairs, ids) {
  if (!isArray(pairs)) throw mustBe('pairs', 'an array of pairs of places', pairs);
  /** @type {number[]} */
  const usable = [];
  for (const [n, pair] of pairs.entries()) {
    if (!isArray(pair) || pair.length !== 2) throw mustBe(`pairs[${n}]`, 'two places', pair);
    const places = pair.map((place, i) => count(`pairs[${n}][${i}]`, place, { most: ids.length - 1 }));
    if (places.every((i) => ids[i].length > 0)) usable.push(...places);
  }
  if (usable.length >= 4) return Uint32Array.from(usable);
  throw mustBe('the number of pairs with known tokens', 'at least 2', usable.length / 2);
}

/**
 * Different numbers below a limit, the same ones for the same step.
 * @param {number} limit
 * @param {number} most
 * @param {number} seed
 * @param {number} step
 */
function drawnFrom(limit, most, seed, step) {
  const random = randomFrom(Math.imul(step + 1, 0x9e3779b1) ^ seed);
  /** @type {Map<number, number>} */
  const moved = new Map(); // a shuffle of all of them, of which only the first are looked at
  return Array.from({ length: Math.min(most, limit) }, (_, i) => {
    const j = i + Math.floor(random() * (limit - i));
    const found = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    return found;
  });
}

/** @param {ArrayLike<number>} groups @param {number} n */
function groupsOf(groups, n) {
  const given = integersOf('groups', /** @type {import('../core/arguments.js').IntegerArray} */ (groups)).slice();
  if (given.length === n) return Uint32Array.from(given);
  throw new WembedError('shape_mismatch', `${given.length} groups for ${n} texts`);
}
