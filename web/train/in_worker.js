// A recipe that runs in the worker of `wembed/worker`: what is sent there, and what comes back made into what the recipe
// gives here.
import { mustBe } from '../core/arguments.js';
import { callbackOf } from '../core/callbacks.js';
import { callback, isRevoked } from '../core/errors.js';
import { EmbeddingLayer } from '../models/layer.js';
import { DivergedError } from './diverged.js';
import { iterableOf } from './texts.js';

/**
 * A worker that can be asked to learn: what `createWorker` of `wembed/worker` gives.
 * @typedef {object} LearningWorker
 * @property {(recipe: string, list: Iterable<unknown> | AsyncIterable<unknown>, lesson: object, options: object) => Promise<any>} learn
 */

/**
 * @template Made
 * @param {string} recipe
 * @param {Record<string, any>} options of the recipe
 * @param {object} parts
 * @param {string} parts.name of the list, for messages
 * @param {import('./texts.js').TrainingData<unknown>} parts.list
 * @param {(element: any) => unknown} [parts.each] what is sent of an element
 * @param {object} [parts.lesson] what else is sent
 * @param {(made: any) => Promise<Made>} parts.finish makes the result of what comes back
 * @returns {Promise<Made>}
 */
export async function learnIn(recipe, options, { name, list, each, lesson, finish }) {
  const { worker, signal, onProgress, onCheckpoint, ...rest } = options;
  if (typeof Object(worker).learn !== 'function') throw mustBe('worker', 'what createWorker gives', worker);
  callbackOf('onProgress', onProgress);
  callbackOf('onCheckpoint', onCheckpoint);
  const elements = iterableOf(name, list);
  const wants = { progress: onProgress !== undefined, checkpoints: onCheckpoint !== undefined };
  const made = await /** @type {LearningWorker} */ (worker).learn(
    recipe,
    each ? mapped(elements, each) : elements,
    { ...lesson, wants },
    {
      ...rest,
      signal,
      onProgress(/** @type {any} */ told) {
        if (told.checkpoint) callback(/** @type {any} */ (onCheckpoint), told.checkpoint);
        else callback(/** @type {any} */ (onProgress), told);
      },
    },
  );
  const result = await finish(made);
  if (made.diverged === undefined) return result;
  throw new DivergedError(made.diverged, /** @type {any} */ (result));
}

/**
 * @param {Iterable<unknown> | AsyncIterable<unknown>} list
 * @param {(element: any) => unknown} each
 */
async function* mapped(list, each) {
  for await (const element of list) yield each(element);
}

/** @param {unknown} layer a caller's @returns {Promise<[string, Uint8Array][]>} as it crosses */
export async function filesOf(layer) {
  if (isRevoked(layer) || !(layer instanceof EmbeddingLayer)) throw mustBe('layer', 'an EmbeddingLayer', layer);
  return [...(await layer.save())];
}

/** @param {{ files: [string, Uint8Array][] }} made @returns {Promise<EmbeddingLayer>} */
export const layerOf = ({ files }) => EmbeddingLayer.from(new Map(files));
