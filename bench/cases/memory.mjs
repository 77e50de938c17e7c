import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/run.mjs';
import { inFreshProcess, randomFrom } from '../measure.mjs';

const ROWS = 30_000;

/**
 * Writes a Model2Vec model of random numbers with the tokenizer of wembed/mini, unless it exists.
 * @param {number} dim
 * @returns {string} its folder
 */
function modelFolder(dim) {
  const folder = join(ROOT, `build/bench/random-${ROWS}x${dim}`);
  if (existsSync(join(folder, 'config.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  const random = randomFrom(4);
  const table = Float32Array.from({ length: ROWS * dim }, () => random() - 0.5);
  const tensor = { dtype: 'F32', shape: [ROWS, dim], data_offsets: [0, table.byteLength] };
  const header = Buffer.from(JSON.stringify({ embeddings: tensor }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, header, Buffer.from(table.buffer)]));
  writeFileSync(join(folder, 'tokenizer.json'), readFileSync(join(ROOT, 'models/mini/tokenizer.json')));
  // Written last and in one step, so that a folder with a config is complete.
  writeFileSync(join(folder, 'config.part'), JSON.stringify({ normalize: true, max_length: 512 }));
  renameSync(join(folder, 'config.part'), join(folder, 'config.json'));
  return folder;
}

/** @returns {{ table: number, before: number, peak: number, after: number }[]} bytes, one entry per process */
export function run({ quick = false }) {
  if (!existsSync('/proc/self/clear_refs')) return []; // only Linux can reset the peak
  const folders = [modelFolder(1024), modelFolder(1)];
  return Array.from({ length: quick ? 2 : 7 }, () => inFreshProcess('children/memory.mjs', folders));
}
