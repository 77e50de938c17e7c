import { mustBeOwn } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, callback, isArray, throwIfAborted } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { flag } from '../core/numbers.js';
import { EmbeddingLayer } from '../models/layer.js';
import { Classifier, fitting } from '../search/classifier.js';
import { idsOf } from '../search/item_reader.js';
import { MOST_STEPS } from '../search/logistic.js';
import { learnerOf } from './adapt.js';
import { Fingerprint } from './checkpoints.js';
import { withLast, withoutLast } from './columns.js';
import { crossEntropy } from './softmax_loss.js';
import { filesOf, layerOf, learnIn } from './in_worker.js';
import { PASS_OPTIONS, checkedPasses, fallingRate, runPasses } from './passes.js';
import { TextModel } from './text_model.js';
import { Clock, eachOf } from './texts.js';
import { Variable, viewOf } from './variables.js';

/** @typedef {import('../search/classifier.js').Label} Label */

/**
 * Options of `trainClassifier`.
 * @typedef {object} TextClassifierOptions
 * @property {number} [C] how much the examples count against the penalty on the head's weights; default 1
 * @property {boolean} [balanced] whether each class counts the same, however many examples it has; default false
 * @property {boolean} [table] whether the layer's rows learn, too; default false: only the head does
 */

/** Texts are encoded so many at a time. */
const STRIP = 1024;

/**
 * Learns which class a text belongs to: a softmax head on the layer's vectors, scikit-learn's `LogisticRegression`. With
 * `table` a copy of the layer's rows learns with the head, in passes, and the head is then fitted to the new vectors.
 * @param {EmbeddingLayer} layer with `table` a Model2Vec model in f32, f16 or bf16
 * @param {{ texts: import('./texts.js').TrainingStrings, labels: readonly Label[] }} examples a label for each text
 * @param {TextClassifierOptions & import('./passes.js').PassOptions} [options] defaults with `table`: epochs 5, batchSize 32,
 *   rate 0.002; without it the head is fitted in steps until it is best, at most 1000, and of these only `signal` and
 *   `onProgress` are taken
 * @returns {Promise<TextClassifier>} errors: `shape_mismatch`, `invalid_argument` for fewer than two labels, `aborted`; with
 *   `table` `unsupported` for i8 and i4, and a `DivergedError` with the last good layer
 */
export async function trainClassifier(layer, examples, options) {
  const { texts, labels: classes } = optionsOf('the examples of trainClassifier', examples, ['texts', 'labels']);
  const labels = isArray(classes) ? idsOf('labels', classes) : classes; // as they are now: they are read more than once
  const { C, balanced, table, ...given } = optionsOf('trainClassifier', options, [
    ...['C', 'balanced', 'table'],
    ...PASS_OPTIONS,
  ]);
  if (!isOwn(layer, EmbeddingLayer, 'dim')) throw mustBeOwn('layer', 'an EmbeddingLayer', layer, EmbeddingLayer, 'dim');
  const passes = checkedPasses(given, { epochs: 5, batchSize: 32, rate: 0.002 });
  const rows = flag('table', table ?? false);
  const unused = PASS_OPTIONS.find(
    (name) => !rows && !['signal', 'onProgress', 'worker'].includes(name) && Object(given)[name] !== undefined,
  );
  if (unused) throw new WembedError('invalid_argument', `${unused} is for passes over the rows: { table: true }`);
  if (given.worker !== undefined) {
    const lesson = { files: await filesOf(layer), labels };
    const finish = async (/** @type {import('./in_worker.js').Taught} */ made) =>
      new TextClassifier(made.files ? await layerOf(made) : layer, Classifier.from(made.classifier));
    return learnIn('trainClassifier', { C, balanced, table, ...given }, { name: 'texts', list: texts, lesson, finish });
  }
  const all = await collected(texts, passes.signal);
  const head = (/** @type {EmbeddingLayer} */ encoder) => fitHead(encoder, all, labels, { C, balanced }, passes);
  const first = await head(layer);
  if (!rows) return new TextClassifier(layer, first);
  const own = await learnRows(layer, all, { labels, first }, passes);
  return new TextClassifier(own, await head(own));
}

/**
 * @param {import('./texts.js').TrainingStrings} texts
 * @param {AbortSignal | undefined} signal
 */
async function collected(texts, signal) {
  /** @type {string[]} */
  const all = [];
  for await (const text of eachOf('texts', texts, signal)) {
    if (typeof text !== 'string') throw mustBe(`texts[${all.length}]`, 'a string', text);
    all.push(text);
  }
  if (all.length === 0) throw new WembedError('invalid_argument', 'there are no texts');
  return all;
}

/**
 * @param {EmbeddingLayer} layer
 * @param {string[]} texts
 * @param {readonly Label[]} labels
 * @param {import('../search/classifier.js').ClassifierOptions} options
 * @param {import('./passes.js').Passes} passes
 * @returns {Promise<Classifier>}
 */
async function fitHead(layer, texts, labels, options, { signal, onProgress }) {
  const n = texts.length;
  const clock = new Clock(0);
  /** @type {Float32Array | undefined} */
  let data;
  for (let at = 0; at < n; at += STRIP) {
    throwIfAborted(signal);
    const strip = layer.encode(texts.slice(at, at + STRIP));
    data ??= new Float32Array(n * strip.dim);
    data.set(strip.data, at * strip.dim);
    await clock.pause();
  }
  const vectors = /** @type {Float32Array} */ (data);
  const steps = fitting(new Matrix(vectors, n, vectors.length / n), labels, options);
  for (let step = 1; ; step++) {
    throwIfAborted(signal);
    const { done, value } = steps.next();
    if (done) return value;
    const counted = { epoch: step, epochs: MOST_STEPS, done: step * n, total: MOST_STEPS * n };
    if (onProgress) callback(onProgress, clock.reading({ ...counted, loss: value / n, rate: 1 }));
    await clock.pause();
  }
}

/**
 * @param {EmbeddingLayer} layer
 * @param {string[]} texts
 * @param {{ labels: readonly Label[], first: Classifier }} goal first: the head that fits the layer as it is
 * @param {import('./passes.js').Passes} passes
 * @returns {Promise<EmbeddingLayer>}
 */
async function learnRows(layer, texts, { labels, first }, passes) {
  const model = await TextModel.of(layer);
  const head = await Variable.from(headRows(first)).catch((error) => {
    model.dispose();
    throw error;
  });
  try {
    const numbers = new Map(first.labels.map((label, i) => [label, i]));
    const wanted = Uint32Array.from(labels, (label) => /** @type {number} */ (numbers.get(label)));
    const ids = texts.map((text) => model.ids(text));
    await runPasses(ids.length, passes, {
      ...learnerOf('classifying', model, fallingRate(passes, ids.length), ids, {
        labels: new Fingerprint().add(wanted).value,
      }),
      variables: [model.variable, head],
      restart() {
        model.restart();
        viewOf(head).set(headRows(first).data);
      },
      loss(batch) {
        const { vectors, backward } = model.encode(Array.from(batch, (i) => ids[i]));
        const own = batch.map((i) => wanted[i]);
        const { loss, gradient } = crossEntropy(head, withLast(vectors.data, vectors.dim, 1), own);
        backward(new Matrix(withoutLast(gradient), vectors.rows, vectors.dim));
        return loss;
      },
    });
    return await model.toLayer();
  } finally {
    model.dispose();
    head.dispose();
  }
}

/**
 * @param {Classifier} classifier
 * @returns {Matrix} (labels, dim + 1) weights of a softmax, the last of each row is the intercept
 */
function headRows(classifier) {
  const { labels, weights } = classifier.toJSON();
  const size = classifier.dim + 1;
  // Of two classes there is one row: half of it for the one and half against the other give the same probabilities.
  const all = weights.length === size ? [...weights.map((w) => -w / 2), ...weights.map((w) => w / 2)] : weights;
  return new Matrix(Float32Array.from(all), labels.length, size);
}

/** A layer and a classifier of its vectors. Made by `trainClassifier`. */
export class TextClassifier {
  #layer;

  /**
   * @internal
   * @param {EmbeddingLayer} layer
   * @param {Classifier} classifier
   */
  constructor(layer, classifier) {
    if (!isOwn(classifier, Classifier, 'dim')) {
      throw new WembedError('invalid_argument', 'a TextClassifier is made by trainClassifier');
    }
    this.#layer = layer;
    /** What classifies vectors: `toJSON` of it is what to keep. @type {Classifier} */
    this.classifier = classifier;
  }

  /** What encodes texts: the layer that was given, or the one that has learnt. */
  get layer() {
    return this.#layer;
  }

  /**
   * The class that each text fits best.
   * @param {readonly string[]} texts
   * @returns {import('../search/classifier.js').Classified[]} (texts.length)
   */
  predict(texts) {
    return this.classifier.predict(this.#layer.encode(texts));
  }

  /**
   * The probability of each class.
   * @param {readonly string[]} texts
   * @returns {import('../core/matrix.js').Matrix} (texts.length, classes), in the order of `classifier.labels`
   */
  scores(texts) {
    return this.classifier.scores(this.#layer.encode(texts));
  }
}
