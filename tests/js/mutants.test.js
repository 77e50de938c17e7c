// Parsers and mutants of valid files: each mutant is read or refused with a WembedError, and no file stays open.
import { readSafetensorsHeader } from '../../web/formats/safetensors.js';
import { readGguf } from '../../web/formats/gguf.js';
import { bytesSource } from '../../web/sources/source.js';
import { GgufWriter } from '../support/gguf.js';
import { safetensors } from '../support/models.js';
import { MUTANTS, mutant, mutantBytes, randomFrom } from '../support/mutants.js';
import { EmbeddingLayer, WembedError, inspect } from '../support/wembed.js';

/** For a full run. */
const TIMEOUT = 900_000;

/**
 * @param {number} runs
 * @param {(run: number) => Promise<unknown>} call
 * @returns {Promise<{ read: number, refused: Record<string, number> }>}
 */
async function survive(runs, call) {
  /** @type {Record<string, number>} */
  const refused = {};
  let read = 0;
  for (let run = 0; run < runs; run++) {
    try {
      await call(run);
      read++;
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
  }
  return { read, refused };
}

const total = (/** @type {Record<string, number>} */ counts) => Object.values(counts).reduce((a, b) => a + b, 0);

/** @param {number[]} shape @param {'F32' | 'F16' | 'I64'} [dtype] */
function tensor(shape, dtype = 'F32') {
  const size = shape.reduce((product, n) => product * n, 1);
  const data = { F32: () => new Float32Array(size).fill(0.5), F16: () => new Uint16Array(size) }[String(dtype)]?.();
  return { dtype, shape, data: data ?? new BigInt64Array(size) };
}

const TENSORS = {
  'model.embed_tokens.weight': tensor([6, 4]),
  'lm_head.weight': tensor([6, 4], 'F16'),
  'model.norm.weight': tensor([4]),
  ids: tensor([1, 3], 'I64'),
};

/** @param {any} header @param {number} dataLength @param {number} [claimed] */
function fileOf(header, dataLength, claimed) {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  file.set(json, 8);
  return file;
}

const GOOD = safetensors(TENSORS);
const HEADER_LENGTH = Number(new DataView(GOOD.buffer).getBigUint64(0, true));
const HEADER = {
  __metadata__: { format: 'pt' },
  ...JSON.parse(new TextDecoder().decode(GOOD.subarray(8, 8 + HEADER_LENGTH))),
};
const DATA_LENGTH = GOOD.length - 8 - HEADER_LENGTH;

/** @param {Uint8Array} file */
function readerOf(file) {
  let at = 0;
  return {
    name: 'x',
    read: async (/** @type {number} */ length) => {
      if (length > file.length - at) throw new WembedError('bad_file', 'truncated');
      return file.slice(at, (at += length));
    },
  };
}

test(
  'safetensors headers',
  async () => {
    const random = randomFrom(1);
    const { read, refused } = await survive(MUTANTS, async (run) => {
      const file =
        run % 3 === 0
          ? mutantBytes(GOOD, random, HEADER_LENGTH + 8)
          : fileOf(mutant(HEADER, random), DATA_LENGTH, run % 50 === 1 ? random(2 ** 31) : undefined);
      const { tensors, dataLength } = await readSafetensorsHeader(readerOf(file), file.length);
      let end = 0;
      for (const each of tensors.values()) {
        if (each.begin !== end || each.end < end) throw new Error('gap or overlap');
        end = each.end;
        if (!each.shape.every(Number.isSafeInteger)) throw new Error('shape');
      }
      if (end !== dataLength || dataLength > file.length) throw new Error('length');
    });
    expect(Object.keys(refused)).toEqual(['bad_file']);
    expect(refused.bad_file).toBeGreaterThan(MUTANTS / 4);
    expect(read).toBeGreaterThan(MUTANTS / 50);
  },
  TIMEOUT,
);

/** @param {Map<string, any>} files */
function watched(files) {
  const state = { open: 0 };
  const open = async (/** @type {string} */ name) => {
    const content = files.get(name);
    if (content === undefined) return null;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    state.open++;
    return { ...bytesSource(bytes), close: async () => void state.open-- };
  };
  return { name: 'mutant', open, state };
}

/**
 * Loads the files and queries the result.
 * @param {ReturnType<typeof watched>} files
 * @param {object} [options]
 */
async function load(files, options) {
  const layer = await EmbeddingLayer.fromPretrained(files, options);
  try {
    layer.embed([0]);
    layer.describe();
    void layer.head;
    void layer.rotary;
  } finally {
    layer.dispose();
  }
}

/**
 * Loads and inspects, and checks that no file stays open.
 * @param {ReturnType<typeof watched>} files
 * @param {object} [options]
 */
async function use(files, options) {
  const results = [];
  for (const call of [load, inspect]) {
    results.push(...(await Promise.allSettled([call(files, options)])));
    if (files.state.open !== 0) throw new Error(`${files.state.open} files are open`);
  }
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length > 0) throw reasons.find((reason) => !(reason instanceof WembedError)) ?? reasons[0];
}

const CONFIG = {
  ...{ model_type: 'llama', hidden_size: 4, num_attention_heads: 2, tie_word_embeddings: false },
  ...{ rope_scaling: { rope_type: 'linear', factor: 2 }, max_position_embeddings: 16 },
};
const DTYPES = /** @type {const} */ (['auto', 'f32', 'f16', 'bf16', 'i8', 'i4']);

test(
  'checkpoints: header, index and config',
  async () => {
    const random = randomFrom(2);
    const weight_map = Object.fromEntries(Object.keys(TENSORS).map((name) => [name, 'a.safetensors']));
    const index = { metadata: { total_size: 1 }, weight_map };
    const { read, refused } = await survive(MUTANTS, async (run) => {
      const header = random(3) ? HEADER : mutant(HEADER, random);
      const config = random(3) ? CONFIG : mutant(CONFIG, random);
      const files = new Map([['config.json', JSON.stringify(config)]]);
      const weights = /** @type {any} */ (fileOf(header, DATA_LENGTH));
      if (run % 2) files.set('model.safetensors', weights);
      else {
        files.set('model.safetensors.index.json', JSON.stringify(mutant(index, random)));
        files.set('a.safetensors', weights);
      }
      await use(watched(files), { dtype: DTYPES[random(DTYPES.length)] });
    });
    expect(total(refused)).toBeGreaterThan(MUTANTS / 4);
    expect(read).toBeGreaterThan(MUTANTS / 20);
  },
  TIMEOUT,
);

test(
  'GGUF files: header and blocks',
  async () => {
    const random = randomFrom(3);
    const files = [0, 8, 12].map((type) =>
      new GgufWriter()
        .string('general.architecture', 'llama')
        .u32('llama.embedding_length', 256)
        .u32('llama.attention.head_count', 4)
        .string('llama.rope.scaling.type', 'yarn')
        .tensor('token_embd.weight', [2, 256], type, new Uint8Array({ 0: 2048, 8: 544, 12: 288 }[type] ?? 0))
        .tensor('output.weight', [2, 256], 8, new Uint8Array(544))
        .file(),
    );
    const { read, refused } = await survive(MUTANTS, async () => {
      const good = files[random(files.length)];
      const mutated = mutantBytes(good, random, random(3) ? 400 : good.length);
      await readGguf(bytesSource(mutated), 'x.gguf');
      await use(watched(new Map([['x.gguf', mutated]])), { file: 'x.gguf', dtype: DTYPES[random(DTYPES.length)] });
    });
    expect(total(refused)).toBeGreaterThan(MUTANTS / 4);
    expect(read).toBeGreaterThan(MUTANTS / 20);
  },
  TIMEOUT,
);
