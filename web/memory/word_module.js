// The module that counts words (cpp/text/word_counts.h). It is so small that it stands in a script, and has a memory of its own.
import module from '../../dist/wasm/words.js';
import { wasmSettings } from '../core/wasm_settings.js';

/**
 * Its functions are those of cpp/bindings/word_counts.cc; addresses and counts are numbers.
 * @typedef {{ memory: WebAssembly.Memory, find: (table: number, utf8: number, ends: number, n: number) => number,
 *   count: (counts: number, words: number, ends: number, n: number) => number }} WordModule
 */

/**
 * @returns {Promise<WordModule | undefined>} a new one; undefined where WebAssembly has no SIMD, or may not come as bytes: an edge
 *   runtime takes it as a file only
 */
export async function startWordModule() {
  if (wasmSettings.variant === 'scalar') return undefined;
  try {
    const bytes = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(bytes);
    return /** @type {WordModule} */ (/** @type {unknown} */ (instance.exports));
  } catch {
    return undefined;
  }
}
