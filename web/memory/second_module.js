// What the modules beside the core have in common: each has its own memory, and starts when it is first asked for.
import { Heap } from './heap.js';
import { startModule } from './module.js';

/** @typedef {import('./module.js').Variant} Variant */

/**
 * @param {'text' | 'train'} name of the module, as in its files' names
 * @param {Record<Variant, () => URL>} files its two packaged .wasm files, one a variant
 * @param {typeof Heap} [Kind] of heap
 * @returns {() => Promise<Heap>} its heap, shared by the whole program; the first call starts the module
 */
export function secondModule(name, files, Kind = Heap) {
  /** @type {Promise<Heap> | undefined} */
  let shared;
  const start = async () => {
    const { core, memory, variant } = await startModule(`${name}Wasm`, `${name}_`, files);
    return new Kind(core, memory, variant);
  };
  return () =>
    (shared ??= start().catch((error) => {
      shared = undefined; // so that the next call tries again, with other settings if need be
      throw error;
    }));
}
