import { SAVED_MAGIC } from './saved.js';

/** @typedef {import('./compile.js').Compiled} Compiled */

/** @param {Compiled} compiled @returns {Uint8Array} */
export function writeSaved({ spec, needsTextModule, special, post }) {
  const meta = new TextEncoder().encode(JSON.stringify({ special, post }));
  const padded = (meta.length + 3) & ~3;
  const bytes = new Uint8Array(16 + padded + spec.length);
  for (let i = 0; i < 8; i++) bytes[i] = SAVED_MAGIC.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, Number(needsTextModule), true);
  view.setUint32(12, meta.length, true);
  bytes.set(meta, 16);
  bytes.set(spec, 16 + padded);
  return bytes;
}
