// Loads a checkpoint's table and prints its memory in bytes: node loading_memory.mjs folder dtype.
import { readFileSync, writeFileSync } from 'node:fs';
import { EmbeddingLayer, EmbeddingTable } from '../../web/index.js';

/** @param {string} field of Linux's status of this process */
function status(field) {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) * 1024;
}

const [folder, dtype] = process.argv.slice(2);
await EmbeddingTable.from([1], { rows: 1, dim: 1 }); // the core is up
globalThis.gc?.();
const before = status('VmRSS');
writeFileSync('/proc/self/clear_refs', '5'); // the peak counts from here
const layer = await EmbeddingLayer.fromPretrained(folder, { dtype: /** @type {any} */ (dtype) });
console.log(JSON.stringify({ table: layer.table.bytes, before, peak: status('VmHWM') }));
