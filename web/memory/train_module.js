// The third module, which trains (cpp/train). It is loaded by `wembed/train` alone.
import { secondModule } from './second_module.js';

/** Its heap. The two addresses are written out as in `module.js`. */
export const loadTrainHeap = secondModule('train', {
  simd128: (file = new URL('../../dist/assets/train_simd128.wasm', import.meta.url)) => file,
  scalar: (file = new URL('../../dist/assets/train_scalar.wasm', import.meta.url)) => file,
});
