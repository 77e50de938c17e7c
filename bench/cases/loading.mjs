// A checkpoint's table from a file and from memory, as stored and converted while loading, compared with reading alone.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../tools/run.mjs';
import { EmbeddingLayer } from '../../web/index.js';
import { fileSource } from '../../web/sources/folder.js';
import { inFreshProcess, race, randomFrom } from '../measure.mjs';

/** @typedef {import('../../web/core/dtypes.js').Dtype} Dtype */

const ROWS = 32_000;
const DIM = 1024;

/** The cases per stored dtype: bytes per number, and the target dtypes. */
const STORED = /** @type {Record<string, { bytes: number, into: Dtype[] }>} */ ({
  F32: { bytes: 4, into: ['f32', 'i8', 'f16', 'bf16', 'i4'] },
  BF16: { bytes: 2, into: ['bf16', 'i8', 'f16'] },
  F16: { bytes: 2, into: ['f16', 'i8', 'i4'] },
  Q8_0: { bytes: 34 / 32, into: ['f16', 'i8'] },
  Q4_0: { bytes: 18 / 32, into: ['i4'] },
  Q4_K: { bytes: 144 / 256, into: ['f16'] },
  Q6_K: { bytes: 210 / 256, into: ['f16', 'i8'] },
});

/** ggml's codes of these types. */
const GGML = /** @type {Record<string, number>} */ ({ Q4_0: 2, Q8_0: 8, Q4_K: 12, Q6_K: 14 });

/**
 * Bytes of numbers that every dtype can represent: about ±1 as floats, and small scales in blocks.
 * @param {string} dtype
 */
function tableBytes(dtype) {
  const random = randomFrom(9);
  const bytes = new Uint8Array(ROWS * DIM * STORED[dtype].bytes);
  const period = Math.min(bytes.length, 1_003_200); // whole blocks of every kind
  if (dtype === 'F32') new Float32Array(bytes.buffer, 0, period / 4).forEach((_, i, all) => (all[i] = random() - 0.5));
  else for (let i = 0; i < period; i += 2) bytes.set([random() * 256, 0x2c | (random() < 0.5 ? 0x80 : 0)], i);
  for (let done = period; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, bytes.length - done);
  return bytes;
}

/** @param {string} dtype @param {Uint8Array} table */
function safetensors(dtype, table) {
  const tensor = { dtype, shape: [ROWS, DIM], data_offsets: [0, table.length] };
  const header = Buffer.from(JSON.stringify({ 'model.embed_tokens.weight': tensor }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, table]);
}

/** @param {string} dtype @param {Uint8Array} table */
function gguf(dtype, table) {
  const u32 = (/** @type {number} */ value) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (/** @type {number} */ value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (/** @type {string} */ value) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const header = Buffer.concat([
    ...[Buffer.from('GGUF'), u32(3), u64(1), u64(1), text('general.architecture'), u32(8), text('llama')],
    ...[text('token_embd.weight'), u32(2), u64(DIM), u64(ROWS), u32(GGML[dtype]), u64(0)],
  ]);
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), table]);
}

/**
 * Writes a model of one table, unless it exists.
 * @param {string} dtype
 * @returns {{ folder: string, file: string }}
 */
export function modelOf(dtype) {
  const folder = join(ROOT, `build/bench/table-${dtype}-${ROWS}x${DIM}`);
  const name = dtype in GGML ? 'model.gguf' : 'model.safetensors';
  if (!existsSync(join(folder, 'config.json'))) {
    mkdirSync(folder, { recursive: true });
    const table = tableBytes(dtype);
    writeFileSync(join(folder, name), dtype in GGML ? gguf(dtype, table) : safetensors(dtype, table));
    // Written last and in one step, so that a folder with a config is complete.
    writeFileSync(join(folder, 'config.part'), JSON.stringify({ model_type: 'llama', tie_word_embeddings: true }));
    renameSync(join(folder, 'config.part'), join(folder, 'config.json'));
  }
  return { folder, file: name };
}

/**
 * @param {string} path
 * @param {(bytes: Uint8Array, at: number) => void} take
 */
async function readThrough(path, take) {
  const source = /** @type {any} */ (await fileSource(pathToFileURL(path)));
  let at = 0;
  for await (const chunk of source.stream()) {
    take(chunk, at);
    at += chunk.length;
  }
  await source.close();
}

/**
 * @param {any} location
 * @param {Dtype} dtype
 */
async function load(location, dtype) {
  const layer = await EmbeddingLayer.fromPretrained(location, { dtype });
  layer.dispose();
}

/**
 * @typedef {{ stored: string, megabytes: number, timings: import('../measure.mjs').Timing[] }} Loading
 * @param {{ quick?: boolean }} options
 * @returns {Promise<Loading[]>} the first timings of each are: reading the file, reading it into memory, which is the
 *   reference for loading, and copying the bytes in memory
 */
export async function run({ quick = false }) {
  /** @type {Loading[]} */
  const all = [];
  for (const [stored, { into }] of Object.entries(STORED)) {
    const { folder, file } = modelOf(stored);
    const path = join(folder, file);
    const bytes = new Uint8Array(readFileSync(path));
    const files = new Map([
      [file, bytes],
      ['config.json', readFileSync(join(folder, 'config.json'))],
    ]);
    const target = new Uint8Array(bytes.length);
    const contenders = Object.fromEntries([
      ['reading the file in pieces', () => readThrough(path, () => {})],
      ['reading the file into an array', () => readThrough(path, (chunk, at) => target.set(chunk, at))],
      ['copying in memory', () => target.set(bytes)],
      ...into.flatMap((dtype) => [
        [`file → ${dtype}`, () => load(folder, dtype)],
        [`memory → ${dtype}`, () => load(files, dtype)],
      ]),
    ]);
    const timings = await race(contenders, { rounds: quick ? 3 : 9, warmUp: 1 });
    all.push({ stored, megabytes: bytes.length / 1e6, timings });
  }
  return all;
}

/**
 * @param {{ quick?: boolean }} options
 * @returns {{ name: string, table: number, before: number, peak: number }[]} bytes, one entry per process
 */
export function peaks({ quick = false }) {
  if (!existsSync('/proc/self/clear_refs')) return []; // only Linux can reset the peak
  const cases = [
    ['F32', 'f32'],
    ['F32', 'i8'],
    ['BF16', 'i8'],
    ['Q4_K', 'f16'],
  ];
  return cases.flatMap(([stored, dtype]) =>
    Array.from({ length: quick ? 1 : 3 }, () => ({
      name: `${stored} → ${dtype}`,
      ...inFreshProcess('children/loading_memory.mjs', [modelOf(stored).folder, dtype]),
    })),
  );
}
