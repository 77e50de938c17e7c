import { WembedError } from '../core/errors.js';

/**
 * What training makes.
 * @typedef {import('../words/word_vectors.js').WordVectors | import('../models/layer.js').EmbeddingLayer |
 *   import('./tied_lm.js').TiedLM} Learnt
 */

/** Training that went astray: the loss rose beyond all bounds, or is no number. As a rule the rate is too high. */
export class DivergedError extends WembedError {
  /**
   * @param {string} message
   * @param {Learnt} lastGood
   */
  constructor(message, lastGood) {
    super('invalid_argument', message, { reason: 'diverged' });
    this.name = 'DivergedError';
    /** What had been learnt before the pass that went astray. */
    this.lastGood = lastGood;
  }
}
