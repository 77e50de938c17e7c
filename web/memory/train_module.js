// The third module, which trains (cpp/train). It has its own memory, and is loaded by `wembed/train` alone.
import { wasmSettings } from '../core/wasm_settings.js';
import { Heap } from './heap.js';
import { startModule } from './module.js';

/**
 * The addresses of its two .wasm files. The `new URL` calls are written out because bundlers look for exactly this
 * form.
 * @type {Record<import('./module.js').Variant, () => URL>}
 */
const FILES = {
  simd128: (file = new URL('../../dist/assets/train_simd128.wasm', import.meta.url)) => file,
  scalar: (file = new URL('../../dist/assets/train_scalar.wasm', import.meta.url)) => file,
};

/** @type {Promise<Heap> | undefined} */
let shared;

/**
 * Its heap, shared by the whole program; the first call starts it.
 * @returns {Promise<Heap>}
 */
export function loadTrainHeap() {
  shared ??= start().catch((error) => {
    shared = undefined; // so that the next call tries again, with other settings if need be
    throw error;
  });
  return shared;
}

/** @returns {Promise<Heap>} */
async function start() {
  const { core, memory, variant } = await startModule(
    wasmSettings.trainWasm,
    'env.trainWasm',
    (which) => `train_${which}.wasm`,
    FILES,
  );
  return new Heap(core, memory, variant);
}
