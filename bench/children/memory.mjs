// Loads a model folder and prints its memory in bytes: node memory.mjs folder tiny-folder. The tiny model has the same
// tokenizer: after it has been loaded, the core, the libraries and the tokenizer are in memory, and the growth from
// there is the table's (and that of a second tokenizer, which is counted too).
import { readFileSync, writeFileSync } from 'node:fs';
import { EmbeddingLayer } from '../../web/index.js';

/** @param {string} field of Linux's status of this process */
function status(field) {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]) * 1024;
}

const [folder, tinyFolder] = process.argv.slice(2);
const tiny = await EmbeddingLayer.fromPretrained(tinyFolder);
tiny.encode('warm up');
globalThis.gc?.();
const before = status('VmRSS');
writeFileSync('/proc/self/clear_refs', '5'); // the peak counts from here
const layer = await EmbeddingLayer.fromPretrained(folder);
layer.encode('hello');
console.log(JSON.stringify({ table: layer.table.bytes, before, peak: status('VmHWM'), after: status('VmRSS') }));
