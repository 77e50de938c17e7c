// The second module, with every tokenizer, for those that the core leaves out (cpp/text/extent.h). It has its own
// memory, and is loaded only when a tokenizer needs it.
import { wasmSettings } from '../core/wasm_settings.js';
import { Heap } from './heap.js';
import { startModule } from './module.js';

/**
 * The addresses of its two .wasm files. Written out as in `module.js`.
 * @type {Record<import('./module.js').Variant, () => URL>}
 */
const FILES = {
  simd128: (file = new URL('../../dist/assets/text_simd128.wasm', import.meta.url)) => file,
  scalar: (file = new URL('../../dist/assets/text_scalar.wasm', import.meta.url)) => file,
};

/** @type {Promise<Heap> | undefined} */
let shared;

/**
 * Its heap, shared by the whole program; the first call starts it.
 * @returns {Promise<Heap>}
 */
export function loadTextHeap() {
  shared ??= start().catch((error) => {
    shared = undefined; // so that the next call tries again, with other settings if need be
    throw error;
  });
  return shared;
}

/** @returns {Promise<Heap>} */
async function start() {
  const { core, memory, variant } = await startModule(
    wasmSettings.textWasm,
    'env.textWasm',
    (which) => `text_${which}.wasm`,
    FILES,
  );
  return new Heap(core, memory, variant);
}
