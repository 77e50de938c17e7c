// The second module, with every tokenizer, for those that the core leaves out (cpp/text/extent.h). It is loaded only
// when a tokenizer needs it.
import { secondModule } from './second_module.js';

/** Its heap. The two addresses are written out as in `module.js`. */
export const loadTextHeap = secondModule('text', {
  simd128: (file = new URL('../../dist/assets/text_simd128.wasm', import.meta.url)) => file,
  scalar: (file = new URL('../../dist/assets/text_scalar.wasm', import.meta.url)) => file,
});
