// A table of the size of Llama 3 8B's, whose rows are generated while they are read; for Node and browsers.
import { loadHeap } from '../../web/memory/heap.js';
import { EmbeddingLayer, configure } from '../../web/index.js';

export const LLAMA3 = { rows: 128_256, dim: 4096 };

/** Rows are windows into this many numbers, each with its own start. */
const POOL = 2 ** 19;

/** Numbers in [-1, 1). @param {number} dim */
function makePool(dim) {
  let seed = 1;
  return Float32Array.from({ length: POOL + dim }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  });
}

/** Fibonacci hashing: no two rows of a vocabulary have the same start. @param {number} row */
const beginOf = (row) => Math.imul(row, 0x9e3779b1) >>> 13;

/**
 * The files of a LLaMA whose token table is generated as it is read, so that only a piece of it is in memory.
 * @param {{ rows: number, dim: number }} shape
 * @param {Float32Array} pool
 */
function generatedFiles({ rows, dim }, pool) {
  const size = 4 * rows * dim;
  const entry = { dtype: 'F32', shape: [rows, dim], data_offsets: [0, size] };
  const json = new TextEncoder().encode(JSON.stringify({ 'model.embed_tokens.weight': entry }));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const bytes = new Uint8Array(pool.buffer);
  const byteLength = head.length + size;
  /** @param {number} start @param {number} [end] */
  const slice = (start, end = byteLength) => {
    const out = new Uint8Array(end - start);
    out.set(head.subarray(start, end));
    for (let at = Math.max(start, head.length); at < end;) {
      const place = at - head.length;
      const [row, offset] = [Math.floor(place / (4 * dim)), place % (4 * dim)];
      const begin = 4 * beginOf(row) + offset;
      const n = Math.min(end - at, 4 * dim - offset);
      out.set(bytes.subarray(begin, begin + n), at - start);
      at += n;
    }
    return out.buffer;
  };
  const config = { model_type: 'llama', hidden_size: dim, vocab_size: rows, tie_word_embeddings: true };
  const text = new TextEncoder().encode(JSON.stringify(config));
  return {
    name: 'a made-up LLaMA',
    open: async (/** @type {string} */ file) => {
      if (file === 'model.safetensors') return { byteLength, slice };
      return file === 'config.json' ? { byteLength: text.length, slice: () => text.slice().buffer } : null;
    },
  };
}

/**
 * Loads the table, looks up rows, scores, and returns the errors relative to the generated numbers.
 * @param {'i8' | 'i4'} dtype
 * @param {{ rows: number, dim: number }} shape
 * @param {'simd128' | 'scalar'} [variant]
 */
export async function measureLargeTable(dtype, shape, variant) {
  if (variant) configure({ variant });
  const { rows, dim } = shape;
  const pool = makePool(dim);
  const rowOf = (/** @type {number} */ row) => pool.subarray(beginOf(row), beginOf(row) + dim);
  const peak = () => globalThis.process?.resourceUsage?.().maxRSS ?? 0; // kB

  const before = peak();
  const layer = await EmbeddingLayer.fromPretrained(generatedFiles(shape, pool), { dtype });
  const resident = 1024 * (peak() - before);

  // The last row's own score is far above all others': it is the hidden state.
  const ids = [0, 1, Math.floor(rows / 2), rows - 2, rows - 1];
  const found = layer.embed(ids);
  const lookupError = Math.max(...ids.map((id, n) => mostApart(found.row(n), rowOf(id))));
  const hidden = rowOf(rows - 1).slice();
  const exact = Float64Array.from({ length: rows }, (_, row) => dotOf(hidden, pool, beginOf(row)));
  const head = /** @type {import('../../web/nn/language_model_head.js').TiedHead} */ (layer.head);
  const best = head.topK(hidden, 10);
  const scoreError = mostApart(
    best.logits,
    [...best.ids].map((id) => exact[id]),
  );
  const kept = layer.embed(best.ids);
  const headError = mostApart(
    best.logits,
    Array.from(kept, (row) => dotOf(hidden, row, 0)),
  );
  const least = best.logits[9] + scoreError;
  const missed = exact.reduce((n, score, id) => n + (score > least && !best.ids.includes(id) ? 1 : 0), 0);
  const result = {
    ...{ bytes: layer.table.bytes, memory: (await loadHeap()).u8.length, resident },
    ...{ first: best.ids[0], lookupError, headError, scoreError, missed },
  };
  layer.dispose();
  return result;
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function mostApart(a, b) {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** @param {Float32Array} a @param {Float32Array} b @param {number} at in b */
function dotOf(a, b, at) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[at + i];
  return sum;
}
