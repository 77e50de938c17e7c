import { mustBe, optionsOf } from '../core/arguments.js';
import { signalOf } from '../core/callbacks.js';
import { WembedError, isRevoked } from '../core/errors.js';
import { Matrix } from '../core/matrix.js';
import { EmbeddingLayer } from '../models/layer.js';
import { Classifier } from '../search/classifier.js';
import { eachOf } from './texts.js';

/** @typedef {import('../search/classifier.js').Label} Label */

/** Texts are encoded so many at a time. */
const STRIP = 1024;

/**
 * Learns which class a text belongs to: a softmax head on the layer's vectors, scikit-learn's `LogisticRegression`.
 * @param {EmbeddingLayer} layer
 * @param {{ texts: import('./texts.js').TrainingStrings, labels: readonly Label[] }} examples a label for each text
 * @param {{ C?: number, balanced?: boolean, signal?: AbortSignal }} [options] C: how much the examples count against the
 *   penalty, default 1; balanced: whether each class counts the same, default false
 * @returns {Promise<TextClassifier>} errors: `shape_mismatch`, `invalid_argument` for fewer than two labels
 */
export async function trainClassifier(layer, examples, options) {
  const { texts, labels } = optionsOf('the examples of trainClassifier', examples, ['texts', 'labels']);
  const { signal, ...rest } = optionsOf('trainClassifier', options, ['C', 'balanced', 'signal']);
  if (isRevoked(layer) || !(layer instanceof EmbeddingLayer)) throw mustBe('layer', 'an EmbeddingLayer', layer);
  signalOf(signal);
  /** @type {Float32Array[]} */
  const strips = [];
  /** @type {string[]} */
  let strip = [];
  let n = 0;
  const encode = () => {
    if (strip.length > 0) strips.push(layer.encode(strip).data);
    strip = [];
  };
  for await (const text of eachOf('texts', texts, signal)) {
    if (typeof text !== 'string') throw mustBe(`texts[${n}]`, 'a string', text);
    n++;
    if (strip.push(text) === STRIP) encode();
  }
  encode();
  if (n === 0) throw new WembedError('invalid_argument', 'there are no texts');
  const { length } = strips[0];
  const dim = length / Math.min(n, STRIP);
  const data = new Float32Array(n * dim);
  strips.forEach((each, i) => data.set(each, i * STRIP * dim));
  return new TextClassifier(layer, Classifier.fit(new Matrix(data, n, dim), labels, rest));
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
    if (isRevoked(classifier) || !(classifier instanceof Classifier)) {
      throw new WembedError('invalid_argument', 'a TextClassifier is made by trainClassifier');
    }
    this.#layer = layer;
    /** What classifies vectors: `toJSON` of it is what to keep. @type {Classifier} */
    this.classifier = classifier;
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
