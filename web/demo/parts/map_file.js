// The map that the page opens with, as a file: a checksum of the rows it was made from, then two 16-bit numbers a word.
// So the picture is there at once, and is not shown for a model that it does not belong to.

import { pause } from './timing.js';

/** @param {Float32Array} rows @returns {number} FNV-1a of their numbers, rounded so that every processor has the same */
function checksum(rows) {
  let sum = 0x811c9dc5;
  for (let i = 0; i < rows.length; i++) sum = Math.imul(sum ^ (Math.round(1000 * rows[i]) & 0xffff), 0x01000193);
  return sum >>> 0;
}

/**
 * @param {Float32Array} places (n, 2)
 * @param {Float32Array} rows that they were made from
 * @returns {Uint8Array}
 */
export function encodePlaces(places, rows) {
  const most = places.reduce((far, value) => Math.max(far, Math.abs(value)), 0) || 1;
  const file = new DataView(new ArrayBuffer(4 + 2 * places.length));
  file.setUint32(0, checksum(rows), true);
  places.forEach((value, i) => file.setInt16(4 + 2 * i, Math.round((32767 * value) / most), true));
  return new Uint8Array(file.buffer);
}

/**
 * @param {ArrayBuffer} bytes
 * @param {Float32Array} rows of the map's words
 * @param {number} many words
 * @returns {Float32Array | null} (n, 2) in a square of −1 to 1; null where the file belongs to other rows
 */
export function decodePlaces(bytes, rows, many) {
  if (bytes.byteLength !== 4 + 4 * many) return null;
  const file = new DataView(bytes);
  if (file.getUint32(0, true) !== checksum(rows)) return null;
  return Float32Array.from({ length: 2 * many }, (_, i) => file.getInt16(4 + 2 * i, true) / 32767);
}

const NEIGHBOURHOODS = new URL('../models/neighbourhoods.places', import.meta.url);

/**
 * The map of neighbourhoods that came with the page: computed by this same code, so that it is there at once.
 * @param {import('./word_space.js').WordSpace} space
 * @returns {Promise<Float32Array | undefined>} none where it cannot be had, or belongs to another model
 */
export async function neighbourhoods({ rows, words }) {
  const answer = await fetch(NEIGHBOURHOODS).catch(() => null);
  if (!answer?.ok) return undefined;
  const file = await answer.arrayBuffer();
  await pause(); // the checksum of all rows is a task of its own
  const places = decodePlaces(file, rows, words.length);
  await pause();
  return places ?? undefined;
}
