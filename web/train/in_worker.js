// A recipe that runs in the worker of `wembed/worker`: what is sent there, and what comes back made into what the recipe
// gives here.
import { isRevoked } from '../core/errors.js';
import { isOfOtherCopy } from '../core/other_copy.js';
import { canRead, isOwn } from '../core/own.js';
import { mustBe } from '../core/arguments.js';
import { callbackOf } from '../core/callbacks.js';
import { EmbeddingLayer } from '../models/layer.js';
import { DivergedError } from './diverged.js';
import { iterableOf } from './texts.js';

/**
 * A worker that can be asked to learn: what `createWorker` of `wembed/worker` gives.
 * @typedef {object} LearningWorker
 * @property {(recipe: string, list: Iterable<unknown> | AsyncIterable<unknown>, lesson: object, options: object) => Promise<unknown>} learn
 *   runs a recipe there
 */

/**
 * What comes back: of these what the recipe makes.
 * @typedef {object} Taught
 * @property {string[]} words
 * @property {import('../core/matrix.js').Matrix} vectors of the words
 * @property {Uint8Array} bytes of a language model
 * @property {[string, Uint8Array][]} files of a layer
 * @property {import('../search/classifier.js').StoredClassifier} classifier
 * @property {string} [diverged] that training went astray: the others are then the last good result
 */

/**
 * @typedef {object} SentOptions
 * @property {LearningWorker} [worker]
 * @property {AbortSignal} [signal]
 * @property {(progress: import('./texts.js').TrainingProgress) => void} [onProgress]
 * @property {(checkpoint: Uint8Array<ArrayBuffer>) => void} [onCheckpoint]
 */

/**
 * @template {import('./diverged.js').Learnt | import('./classifier.js').TextClassifier} Made
 * @template Element
 * @param {string} recipe
 * @param {SentOptions & Record<string, unknown>} options of the recipe
 * @param {object} parts
 * @param {string} parts.name of the list, for messages
 * @param {import('./texts.js').TrainingData<Element>} parts.list
 * @param {(element: Element) => unknown} [parts.each] what is sent of an element
 * @param {object} [parts.lesson] what else is sent
 * @param {(made: Taught) => Promise<Made>} parts.finish makes the result of what comes back
 * @returns {Promise<Made>}
 */
export async function learnIn(recipe, options, { name, list, each, lesson, finish }) {
  const { worker, signal, onProgress, onCheckpoint, ...rest } = options;
  if (isRevoked(worker) || typeof Object(worker).learn !== 'function' || !canRead(worker, 'dim'))
    throw mustBe('worker', 'what createWorker gives', worker);
  callbackOf('onProgress', onProgress);
  callbackOf('onCheckpoint', onCheckpoint);
  const elements = iterableOf(name, list);
  const wants = { progress: onProgress !== undefined, checkpoints: onCheckpoint !== undefined };
  const answer = await /** @type {LearningWorker} */ (worker).learn(
    recipe,
    each ? mapped(elements, each) : elements,
    { ...lesson, wants },
    {
      ...rest,
      signal,
      onProgress(/** @type {import('./texts.js').TrainingProgress & { checkpoint?: Uint8Array<ArrayBuffer> }} */ told) {
        if (told.checkpoint) return onCheckpoint?.(told.checkpoint);
        return onProgress?.(told);
      },
    },
  );
  const made = /** @type {Taught} */ (answer);
  const result = await finish(made);
  if (made.diverged === undefined) return result;
  throw new DivergedError(made.diverged, /** @type {import('./diverged.js').Learnt} */ (result));
}

/**
 * @template Element
 * @param {Iterable<Element> | AsyncIterable<Element>} list
 * @param {(element: Element) => unknown} each
 */
async function* mapped(list, each) {
  for await (const element of list) yield each(element);
}

/** @param {unknown} layer a caller's @returns {Promise<[string, Uint8Array][]>} as it crosses */
export async function filesOf(layer) {
  if (!isOwn(layer, EmbeddingLayer, 'dim') && !isOfOtherCopy(layer, EmbeddingLayer, 'dim'))
    throw mustBe('layer', 'an EmbeddingLayer', layer);
  return [...(await layer.save())];
}

/** @param {Taught} made @returns {Promise<EmbeddingLayer>} */
export const layerOf = ({ files }) => EmbeddingLayer.from(new Map(files));
