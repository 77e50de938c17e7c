// The recipes of `wembed/train` in a worker: what they are given as it crosses, and what they make in a form that crosses.
import { importFailed } from '../core/import_failed.js';
import { EmbeddingLayer, WembedError } from '../index.js';

/** @typedef {typeof import('../train.js')} Train */
/** @typedef {import('../train.js').PassOptions} PassOptions */

/**
 * What crosses besides the list.
 * @typedef {object} Lesson
 * @property {[string, Uint8Array][]} [files] of the layer
 * @property {import('../index.js').Matrix} [targets]
 * @property {[number, number][]} [pairs] of what is distilled
 * @property {import('../train.js').Label[]} [labels]
 * @property {string[][]} [negatives]
 * @property {{ progress: boolean, checkpoints: boolean }} wants
 */

/**
 * Options and elements are as they came: what they are handed to checks them.
 * @typedef {(train: Train, list: never, lesson: Lesson, options: never) => Promise<object>} Recipe
 */

/** @param {Lesson} lesson */
const layerOf = ({ files }) => EmbeddingLayer.from(new Map(files));

/** @param {EmbeddingLayer} layer which is not used any more */
async function sentLayer(layer) {
  const files = [...(await layer.save())];
  layer.dispose();
  return { files };
}

/** How each recipe runs. Their results are what `finish` in web/train/in_worker.js takes. @type {Record<string, Recipe>} */
const RECIPES = {
  trainWordVectors: async (train, list, _, options) => sentWords(await train.trainWordVectors(list, options)),
  trainTiedLM: async (train, list, _, options) => sentModel(await train.trainTiedLM(list, options)),
  async adapt(train, list, lesson, options) {
    const examples = { pairs: list, negatives: lesson.negatives };
    return sentLayer(await train.adapt(await layerOf(lesson), examples, options));
  },
  async distil(train, list, lesson, options) {
    const targets = /** @type {import('../index.js').Matrix} */ (lesson.targets);
    const examples = { texts: list, targets, pairs: lesson.pairs };
    return sentLayer(await train.distil(await layerOf(lesson), examples, options));
  },
  async trainClassifier(train, list, lesson, options) {
    const labels = /** @type {import('../train.js').Label[]} */ (lesson.labels);
    const made = await train.trainClassifier(await layerOf(lesson), { texts: list, labels }, options);
    const { table } = /** @type {{ table?: boolean }} */ (options);
    return { classifier: made.classifier.toJSON(), ...(table && (await sentLayer(made.layer))) };
  },
};

/** @param {import('../train.js').WordVectors} made */
function sentWords(made) {
  const words = made.indexToKey;
  const vectors = made.vectors(words);
  made.dispose();
  return { words, vectors };
}

/** @param {import('../train.js').TiedLM} made */
function sentModel(made) {
  const bytes = made.save();
  made.dispose();
  return { bytes };
}

/** @param {string} name of a call */
export const isRecipe = (name) => Object.hasOwn(RECIPES, name);

/** A list that comes in parts, each asked for once the one before has been read. */
export class Parts {
  #pull;
  /** @type {((next: { part: unknown[], isLast: boolean } | undefined) => void) | undefined} */
  #wake;
  #aborted = false;

  /** @param {() => void} pull asks for the next part */
  constructor(pull) {
    this.#pull = pull;
  }

  /** @param {unknown[]} part @param {boolean} isLast */
  receive(part, isLast) {
    this.#wake?.({ part, isLast });
  }

  abort() {
    this.#aborted = true;
    this.#wake?.(undefined);
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      /** @type {Promise<{ part: unknown[], isLast: boolean } | undefined>} */
      const coming = new Promise((resolve) => (this.#wake = resolve));
      this.#pull();
      const next = this.#aborted ? undefined : await coming;
      if (!next) throw new WembedError('aborted', 'the call was aborted');
      yield* next.part;
      if (next.isLast) return;
    }
  }
}

/**
 * @param {string} name of the recipe
 * @param {Lesson} lesson
 * @param {object} options as the recipe takes them, without functions
 * @param {Parts} list
 * @param {{ signal: AbortSignal, tell: (progress: object) => void }} call
 * @returns {Promise<unknown>} what crosses: the result, or that training diverged and the last good result
 */
export async function learn(name, lesson, options, list, { signal, tell }) {
  const train = await import('../train.js').catch(importFailed);
  const { progress, checkpoints } = lesson.wants;
  const given = {
    ...options,
    signal,
    ...(progress && { onProgress: tell }),
    ...(checkpoints && { onCheckpoint: (/** @type {Uint8Array} */ checkpoint) => tell({ checkpoint }) }),
  };
  try {
    return await RECIPES[name](train, /** @type {never} */ (list), lesson, /** @type {never} */ (given));
  } catch (error) {
    if (!(error instanceof train.DivergedError)) throw error;
    return { ...(await sentLastGood(train, error.lastGood)), diverged: error.message };
  }
}

/** @param {Train} train @param {import('../train.js').Learnt} lastGood */
async function sentLastGood(train, lastGood) {
  if (lastGood instanceof train.WordVectors) return sentWords(lastGood);
  return lastGood instanceof train.TiedLM ? sentModel(lastGood) : sentLayer(lastGood);
}
