import { WembedError } from '../core/errors.js';

/** Training that went astray: the loss rose beyond all bounds, or is no number. As a rule the rate is too high. */
export class DivergedError extends WembedError {
  /**
   * @param {string} message
   * @param {import('../words/word_vectors.js').WordVectors} lastGood
   */
  constructor(message, lastGood) {
    super('invalid_argument', message, { reason: 'diverged' });
    this.name = 'DivergedError';
    /** What had been learnt before the pass that went astray. */
    this.lastGood = lastGood;
  }
}
