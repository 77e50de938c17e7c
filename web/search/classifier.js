// Classes learnt from a few examples.
import { doublesOf, finite, flag, positive } from '../core/numbers.js';
import { count, mustBe, oneOf, optionsOf } from '../core/arguments.js';
import { WembedError, refuseRevoked, shown } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { canRead } from '../core/own.js';
import { checkDim, matrixOf } from './embeddings.js';
import { encodeTexts } from './index_settings.js';
import { listOf } from './item_reader.js';
import { checkId, isBefore } from './items.js';
import { minimise, scoresOf, toProbabilities } from './logistic.js';
import { checkFinite, toUnits } from './units.js';

/** @typedef {import('./embeddings.js').Embeddings} Embeddings */
/** What a class is called. @typedef {string | number} Label */
/**
 * A text and its label.
 * @typedef {object} Classified
 * @property {Label} label the best one
 * @property {number} score the probability of the label, or the cosine with its centroid
 */

/**
 * How a classifier learns.
 * @typedef {object} ClassifierOptions
 * @property {'logistic' | 'centroids'} [method] 'logistic' (default): logistic regression with an L2 penalty, as
 *   scikit-learn's `LogisticRegression`; 'centroids': the class whose mean vector has the largest cosine
 * @property {number} [C] how much the examples count against the penalty, as in scikit-learn; default 1
 * @property {boolean} [balanced] whether each class counts the same, however many examples it has; default false
 */

/**
 * What `toJSON` gives.
 * @typedef {object} StoredClassifier
 * @property {'logistic' | 'centroids'} method how it was learnt
 * @property {Label[]} labels in the order of their weights
 * @property {number} dim numbers in a vector
 * @property {number[]} weights of each label in turn; 'logistic': each with its intercept, two labels one set
 */

const METHODS = /** @type {const} */ (['logistic', 'centroids']);
const MADE = Symbol('made');
/** @type {(method: 'logistic' | 'centroids', labels: Label[], dim: number, weights: Float64Array) => Classifier} */
let newClassifier;

/**
 * Tells which class a vector belongs to. Made by `Classifier.fit` from examples.
 * @example
 * const classifier = Classifier.fit(layer.encode(['great', 'awful']), ['good', 'bad']);
 * classifier.predict(layer.encode('wonderful')); // [{ label: 'good', score }]
 */
export class Classifier {
  #method;
  #dim;
  /** (outputs, dim + 1) of logistic regression, or the centroids (labels, dim) of length 1. */
  #weights;

  static {
    newClassifier = (method, labels, dim, weights) => new Classifier(MADE, method, labels, dim, weights);
  }

  /**
   * @private
   * @param {typeof MADE} made
   * @param {'logistic' | 'centroids'} method
   * @param {Label[]} labels
   * @param {number} dim
   * @param {Float64Array} weights
   */
  constructor(made, method, labels, dim, weights) {
    if (made !== MADE) throw new WembedError('invalid_argument', 'a Classifier is made by Classifier.fit');
    /** The classes, in the order of `scores`: numbers by value, then strings by their UTF-16 units. */
    this.labels = labels;
    this.#method = method;
    this.#dim = dim;
    this.#weights = weights;
  }

  /**
   * Learns from vectors whose classes are known.
   * @param {Embeddings} embeddings (n, dim) of the examples
   * @param {readonly Label[]} labels (n) their classes, of which there are at least two
   * @param {ClassifierOptions} [options]
   * @returns {Classifier} errors: `invalid_argument`, `shape_mismatch`
   */
  static fit(embeddings, labels, options) {
    const steps = fitting(embeddings, labels, options);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /**
   * A classifier from what `toJSON` gave.
   * @param {StoredClassifier} stored
   * @returns {Classifier} errors: `invalid_argument`
   */
  static from(stored) {
    const names = ['method', 'labels', 'dim', 'weights'];
    const { method, labels, dim, weights } = optionsOf('Classifier.from', stored, names);
    const kind = METHODS[oneOf('method', method, METHODS)];
    const classes = listOf('labels', labels).map((label, i) => checkId(label, `labels[${i}]`));
    if (classes.length < 2) throw mustBe('the number of labels', 'at least 2', classes.length);
    const size = count('dim', dim, { least: 1 });
    const outputs = kind === 'centroids' ? classes.length : classes.length === 2 ? 1 : classes.length;
    const expected = outputs * (kind === 'centroids' ? size : size + 1);
    const numbers = doublesOf('weights', weights);
    if (numbers.length !== expected) throw mustBe('the number of weights', String(expected), numbers.length);
    numbers.forEach((value, i) => finite(`weights[${i}]`, value));
    return new Classifier(MADE, kind, classes, size, numbers);
  }

  /** The dimension of the vectors that it classifies. */
  get dim() {
    return this.#dim;
  }

  /**
   * How well vectors fit each class.
   * @param {Embeddings} embeddings (n, dim)
   * @returns {Matrix} (n, labels) probabilities (scikit-learn's `predict_proba`), or cosines with the centroids. Errors:
   *   `shape_mismatch`, `invalid_argument`
   */
  scores(embeddings) {
    const x = matrixOf('embeddings', embeddings);
    checkDim('embeddings', { dim: this.#dim }, x);
    checkFinite('embeddings', x.data);
    const n = this.labels.length;
    const scores = new Matrix(new Float32Array(x.rows * n), x.rows, n);
    for (let i = 0; i < x.rows; i++) {
      if (this.#method === 'centroids') this.#cosines(x.row(i), scores.row(i));
      else this.#probabilities(x.row(i), scores.row(i));
    }
    return scores;
  }

  /**
   * The class that each vector fits best.
   * @param {Embeddings} embeddings (n, dim)
   * @returns {Classified[]} (n) of equal scores the first label. Errors: those of `scores`
   */
  predict(embeddings) {
    return Array.from(this.scores(embeddings), (row) => {
      let best = 0;
      for (let c = 1; c < row.length; c++) if (row[c] > row[best]) best = c;
      return { label: this.labels[best], score: row[best] };
    });
  }

  /** For JSON.stringify: what `Classifier.from` takes. @returns {StoredClassifier} */
  toJSON() {
    return { method: this.#method, labels: [...this.labels], dim: this.#dim, weights: [...this.#weights] };
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} into (labels)
   */
  #probabilities(x, into) {
    const isPair = into.length === 2;
    const scores = new Float64Array(isPair ? 1 : into.length);
    scoresOf(this.#weights, x, scores);
    const negated = isPair ? Float64Array.of(-scores[0]) : scores;
    toProbabilities(scores);
    if (!isPair) return into.set(scores);
    toProbabilities(negated); // 1 - p would lose the digits of a small probability
    into.set([negated[0], scores[0]]);
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} into (labels)
   */
  #cosines(x, into) {
    let squares = 0;
    for (const value of x) squares += value * value;
    for (let c = 0, at = 0; c < into.length; c++) {
      let sum = 0;
      for (let d = 0; d < x.length; d++) sum += this.#weights[at++] * x[d];
      into[c] = squares > 0 ? sum / Math.sqrt(squares) : 0;
    }
  }
}

/**
 * `Classifier.fit`, which gives way after each step.
 * @param {Embeddings} embeddings
 * @param {readonly Label[]} labels
 * @param {ClassifierOptions} [options]
 * @returns {Generator<number, Classifier, void>} yields what is minimised
 */
export function* fitting(embeddings, labels, options) {
  const names = ['method', 'C', 'balanced'];
  const { method = 'logistic', C = 1, balanced = false } = optionsOf('Classifier.fit', options, names);
  const kind = METHODS[oneOf('method', method, METHODS)];
  const penalty = 1 / positive('C', C);
  const isBalanced = flag('balanced', balanced);
  const x = matrixOf('embeddings', embeddings);
  checkFinite('embeddings', x.data);
  const given = listOf('labels', labels).map((label, i) => checkId(label, `labels[${i}]`));
  if (given.length !== x.rows) {
    throw new WembedError('shape_mismatch', `${given.length} labels for ${x.rows} vectors`);
  }
  const classes = [...new Set(given)].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  if (classes.length < 2) throw mustBe('the number of different labels', 'at least 2', classes.length);
  const numbers = new Map(classes.map((label, i) => [label, i]));
  const y = Uint32Array.from(given, (label) => /** @type {number} */ (numbers.get(label)));
  const weights =
    kind === 'centroids'
      ? centroids(x, y, classes)
      : yield* minimise({
          ...{ x: x.data, y, weights: weightsOf(y, classes.length, isBalanced), n: x.rows, dim: x.dim, penalty },
          outputs: classes.length === 2 ? 1 : classes.length,
        });
  return newClassifier(kind, classes, x.dim, weights);
}

/**
 * @param {Uint32Array} y
 * @param {number} classes
 * @param {boolean} isBalanced
 */
function weightsOf(y, classes, isBalanced) {
  const counts = new Float64Array(classes);
  for (const c of y) counts[c]++;
  return Float64Array.from(y, (c) => (isBalanced ? y.length / (classes * counts[c]) : 1));
}

/**
 * @param {Matrix} x
 * @param {Uint32Array} y
 * @param {Label[]} classes
 * @returns {Float64Array} (classes, dim) means, of length 1
 */
function centroids(x, y, classes) {
  const sums = new Float64Array(classes.length * x.dim);
  for (const [i, c] of y.entries()) {
    const row = x.row(i);
    for (let d = 0; d < x.dim; d++) sums[c * x.dim + d] += row[d];
  }
  toUnits(sums, x.dim, (c) => {
    throw new WembedError('invalid_argument', `the mean of the vectors of ${shown(classes[c])} is zero: no direction`);
  });
  return sums;
}

/**
 * Classes of texts, learnt from a few examples at once: `Classifier.fit`, then `predict`.
 * @param {import('./index_settings.js').TextLayer} layer what encodes them
 * @param {readonly { text: string, label: Label }[]} examples
 * @param {readonly string[]} texts
 * @param {ClassifierOptions} [options]
 * @returns {Classified[]} of each text. Errors: `invalid_argument`
 * @example
 * classify(layer, [{ text: 'great', label: 'good' }, { text: 'awful', label: 'bad' }], ['wonderful']);
 */
export function classify(layer, examples, texts, options) {
  refuseRevoked('layer', layer);
  if (typeof Object(layer).encode !== 'function' || !canRead(layer, 'dim'))
    throw mustBe('layer', 'an EmbeddingLayer', layer);
  const given = listOf('examples', examples).map((example, i) => {
    const { text, label } = optionsOf(`examples[${i}]`, /** @type {{ text: string, label: Label }} */ (example), [
      'text',
      'label',
    ]);
    if (typeof text !== 'string') throw mustBe(`the text of examples[${i}]`, 'a string', text);
    return { text, label };
  });
  const asked = /** @type {string[]} */ (listOf('texts', texts));
  const dim = count('layer.dim', layer.dim, { least: 1 });
  const encode = (/** @type {string[]} */ some) => new Matrix(encodeTexts(layer, some, dim), some.length, dim);
  const classifier = Classifier.fit(
    encode(given.map(({ text }) => text)),
    given.map(({ label }) => label),
    options,
  );
  return asked.length === 0 ? [] : classifier.predict(encode(asked));
}
