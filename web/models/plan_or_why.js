import { WembedError } from '../core/errors.js';

/**
 * A model of another kind, or one that lacks something, still has tensors to tell of.
 * @template T
 * @param {() => T} plan
 * @returns {T | { why: string }}
 */
export function planOrWhy(plan) {
  try {
    return plan();
  } catch (error) {
    if (error instanceof WembedError) return { why: error.message };
    throw error; // a shard that has not been read
  }
}
