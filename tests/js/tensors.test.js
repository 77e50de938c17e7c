// Tensors of one file, of shards, and of GGUF: only the needed bytes are read, and hostile files are refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safetensors } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import { EmbeddingLayer, errorOf } from '../support/wembed.js';

const INDEX = 'model.safetensors.index.json';

/** @param {number[]} shape @param {number} from */
const floats = (shape, from) => {
  const size = shape.reduce((product, n) => product * n, 1);
  return { dtype: 'F32', shape, data: Float32Array.from({ length: size }, (_, i) => from + i / 8) };
};

const TENSORS = {
  'model.embed_tokens.weight': floats([4000, 16], 0),
  'model.layers.0.mlp.up_proj.weight': floats([3000, 16], 1),
  'model.layers.1.mlp.up_proj.weight': floats([3000, 16], 2),
  'model.norm.weight': floats([16], 3),
  'lm_head.weight': floats([4000, 16], 4),
};
const CONFIG = { model_type: 'llama', hidden_size: 16, num_attention_heads: 2, tie_word_embeddings: false };

/** The shard of each tensor: the middle one has no needed tensor. */
const SHARDS = ['a.safetensors', 'b.safetensors', 'b.safetensors', 'c.safetensors', 'c.safetensors'];

/** @param {object} [config] */
function sharded(config = CONFIG) {
  const names = Object.keys(TENSORS);
  const weight_map = Object.fromEntries(names.map((name, i) => [name, SHARDS[i]]));
  const shard = (/** @type {string} */ file) =>
    safetensors(Object.fromEntries(Object.entries(TENSORS).filter(([name]) => weight_map[name] === file)));
  return new Map(
    /** @type {[string, any][]} */ ([
      ['config.json', JSON.stringify(config)],
      [INDEX, JSON.stringify({ metadata: { total_size: 1 }, weight_map })],
      ...[...new Set(SHARDS)].map((file) => [file, shard(file)]),
    ]),
  );
}

const single = (config = CONFIG, tensors = TENSORS) =>
  new Map(
    /** @type {[string, any][]} */ ([
      ['config.json', JSON.stringify(config)],
      ['model.safetensors', safetensors(tensors)],
    ]),
  );

/**
 * The files with every read counted; with `inOrder`, sources that can only be read from front to back.
 * @param {Map<string, any>} files
 * @param {{ inOrder?: boolean, piece?: number }} [options]
 */
function counted(files, { inOrder = false, piece = 1000 } = {}) {
  /** @type {Record<string, number>} */
  const read = {};
  let open = 0;
  return {
    read,
    opened: () => open,
    name: 'counted',
    open: async (/** @type {string} */ file) => {
      const content = files.get(file);
      if (content === undefined) return null;
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      read[file] ??= 0;
      open++;
      return {
        byteLength: inOrder ? undefined : bytes.length,
        inOrder,
        slice: (/** @type {number} */ begin, /** @type {number} */ end) => {
          read[file] += end - begin;
          return bytes.slice(begin, end).buffer;
        },
        ...(inOrder && {
          stream: async function* () {
            for (let at = 0; at < bytes.length; at += piece) {
              const part = bytes.slice(at, at + piece);
              read[file] += part.length;
              yield part;
            }
          },
        }),
        close: async () => void open--,
      };
    },
  };
}

/** @param {any} location @param {object} [options] */
async function endsOf(location, options) {
  const layer = await EmbeddingLayer.fromPretrained(location, options);
  const found = [...layer.embed([0, 3999]).data, ...(layer.head?.table.row(7) ?? [])];
  layer.dispose();
  return found;
}

const row = (/** @type {number} */ from, /** @type {number} */ id) =>
  Array.from({ length: 16 }, (_, d) => from + (16 * id + d) / 8);
const ENDS = [...row(0, 0), ...row(0, 3999), ...row(4, 7)];

test('of shards only the needed tensors are read, and of the others not even the header', async () => {
  const files = counted(sharded());
  expect(await endsOf(files)).toEqual(ENDS);
  expect(files.read['b.safetensors']).toBeUndefined();
  const needed = 2 * 4000 * 16 * 4;
  const { 'a.safetensors': a, 'c.safetensors': c } = files.read;
  expect(a + c).toBeGreaterThanOrEqual(needed);
  expect(a + c).toBeLessThanOrEqual(needed + 2 * 16384);
  expect(files.opened()).toBe(0);
});

test('of one file only the needed tensors are read, a tied head once', async () => {
  const files = counted(single());
  expect(await endsOf(files)).toEqual(ENDS);
  expect(files.read['model.safetensors']).toBeLessThanOrEqual(2 * 4000 * 16 * 4 + 16384);
  const others = Object.fromEntries(Object.entries(TENSORS).filter(([name]) => name !== 'lm_head.weight'));
  const tied = counted(single({ ...CONFIG, tie_word_embeddings: true }, /** @type {any} */ (others)));
  expect(await endsOf(tied)).toEqual([...ENDS.slice(0, 32), ...row(0, 7)]);
  expect(tied.read['model.safetensors']).toBeLessThanOrEqual(4000 * 16 * 4 + 16384);
  expect(tied.opened()).toBe(0);
});

test('from a server: the needed tensors and 64 kB at most, besides tokenizer and settings', async () => {
  const files = sharded();
  const filler = (/** @type {number} */ k) => ({ [`model.layers.${k}.mlp.down_proj.weight`]: floats([40_000, 16], k) });
  // As in real checkpoints, the head is at the end, after the blocks.
  const [embed, , , norm, head] = Object.entries(TENSORS);
  const shards = [{ ...filler(1), ...Object.fromEntries([embed]), ...filler(2) }, filler(3)];
  const last = { ...filler(4), ...Object.fromEntries([norm, head]), ...filler(5) };
  const map = Object.entries({ a: shards[0], b: shards[1], c: last }).flatMap(([file, tensors]) => {
    files.set(`${file}.safetensors`, safetensors(tensors));
    return Object.keys(tensors).map((name) => [name, `${file}.safetensors`]);
  });
  files.set(INDEX, JSON.stringify({ weight_map: Object.fromEntries(map) }));
  const server = await serveFiles(files);
  expect(await endsOf(server.url)).toEqual(ENDS);
  const needed = 2 * 4000 * 16 * 4;
  const weights = server.bytes('a.safetensors') + server.bytes('c.safetensors');
  expect(weights).toBeGreaterThanOrEqual(needed);
  expect(weights + server.bytes(INDEX)).toBeLessThanOrEqual(needed + 65536);
  expect(server.bytes('b.safetensors')).toBe(0);
  // One request per header, one per tensor, and no more.
  expect(
    server.requests.filter(({ path }) => path.endsWith('.safetensors') && path !== 'model.safetensors').length,
  ).toBe(4);

  // A server that ignores ranges sends each of the two shards once, and neither to its end.
  server.requests.length = 0;
  server.lie = () => ({ ignoreRange: true });
  expect(await endsOf(server.url)).toEqual(ENDS);
  const shardsAsked = server.requests.map(({ path }) => path).filter((path) => /^[abc]\./.test(path));
  expect(shardsAsked).toEqual(['a.safetensors', 'c.safetensors']);
  await server.close();
});

test.each([19, 1000, 2 ** 20])('sources that are read from front to back work too, in pieces of %i', async (piece) => {
  for (const files of [single(), sharded()]) {
    const source = counted(files, { inOrder: true, piece });
    expect(await endsOf(source)).toEqual(ENDS);
    expect(source.opened()).toBe(0);
  }
});

test('converts while it reads, in pieces of any size', async () => {
  const whole = await EmbeddingLayer.fromPretrained(single(), { dtype: 'i8' });
  const pieces = await EmbeddingLayer.fromPretrained(counted(single(), { inOrder: true, piece: 37 }), { dtype: 'i8' });
  expect(pieces.table.dtype).toBe('i8');
  const ids = [0, 1, 1999, 3999];
  expect(pieces.embed(ids)).toEqual(whole.embed(ids));
  whole.dispose();
  pieces.dispose();
});

test('two models that convert at the same time do not mix', async () => {
  const other = single();
  other.set('model.safetensors', safetensors({ ...TENSORS, 'model.embed_tokens.weight': floats([4000, 16], 1000) }));
  const load = (/** @type {Map<string, any>} */ files) =>
    EmbeddingLayer.fromPretrained(counted(files, { inOrder: true, piece: 1001 }), { dtype: 'bf16' });
  const [a, b] = await Promise.all([load(single()), load(other)]);
  for (const id of [0, 1234, 3999]) {
    expect(Math.abs(a.table.row(id)[3] - row(0, id)[3])).toBeLessThanOrEqual(row(0, id)[3] / 256);
    expect(Math.abs(b.table.row(id)[3] - row(1000, id)[3])).toBeLessThanOrEqual(row(1000, id)[3] / 256);
  }
  a.dispose();
  b.dispose();
});

test('progress ends at the needed bytes', async () => {
  /** @type {any[]} */
  const events = [];
  const onProgress = (/** @type {any} */ event) => events.push(event);
  (await EmbeddingLayer.fromPretrained(counted(sharded()), { onProgress })).dispose();
  for (const file of ['a.safetensors', 'c.safetensors']) {
    const own = events.filter((event) => event.file === file);
    expect(own.at(-1)).toMatchObject({ status: 'done', loaded: own.at(-1).total });
    expect(own.filter(({ loaded, total }) => loaded > total)).toEqual([]);
  }
});

test('a folder, of shards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-'));
  for (const [name, content] of sharded()) writeFileSync(join(folder, name), content);
  expect(await endsOf(folder)).toEqual(ENDS);
  rmSync(folder, { recursive: true });
});

describe('bad files', () => {
  /** @type {[string, string, RegExp, (files: Map<string, any>) => void][]} */
  const cases = [
    ['an index without a map', 'bad_file', /weight_map/, (files) => files.set(INDEX, '{}')],
    ['an index with a list', 'bad_file', /weight_map/, (files) => files.set(INDEX, '{"weight_map":[]}')],
    [
      'a shard that is a number',
      'bad_file',
      /not the name of a shard/,
      (files) => files.set(INDEX, '{"weight_map":{"a":3}}'),
    ],
    ...['../a.safetensors', '/etc/a.safetensors', 'http://x/a.safetensors', 'x/a.safetensors', '..', 'a\\b.safetensors']
      .concat('%2e%2e/a.safetensors', '.a.safetensors', 'a.bin', '//x/a.safetensors', 'a.safetensors?x', '')
      .map(
        (file) =>
          /** @type {[string, string, RegExp, (files: Map<string, any>) => void]} */ ([
            `a shard called '${file}'`,
            'bad_file',
            /not the name of a shard/,
            (files) => files.set(INDEX, JSON.stringify({ weight_map: { 'model.embed_tokens.weight': file } })),
          ]),
      ),
    ['a missing shard', 'not_found', /a\.safetensors/, (files) => files.delete('a.safetensors')],
    [
      'a shard that lacks its tensor',
      'bad_file',
      /has no 'model.embed/,
      (files) => {
        files.set('a.safetensors', safetensors({ other: floats([2], 0) }));
      },
    ],
    [
      'a shard of another shape',
      'bad_file',
      /shape/,
      (files) => {
        files.set(
          'c.safetensors',
          safetensors({ 'lm_head.weight': floats([4000, 8], 0), 'model.norm.weight': floats([16], 3) }),
        );
      },
    ],
    [
      'a shard of whole numbers',
      'unsupported',
      /I64/,
      (files) => {
        const data = new BigInt64Array(64);
        files.set(
          'a.safetensors',
          safetensors({ 'model.embed_tokens.weight': { dtype: 'I64', shape: [4, 16], data } }),
        );
      },
    ],
    [
      'a shard cut short',
      'bad_file',
      /describes/,
      (files) => {
        files.set('a.safetensors', files.get('a.safetensors').slice(0, 10_000));
      },
    ],
    ['an HTML page for a shard', 'bad_file', /HTML/, (files) => files.set('a.safetensors', '<!doctype html><title>x')],
    [
      'PyTorch files only',
      'unsupported',
      /convert/,
      (files) => {
        files.delete(INDEX);
        files.set('pytorch_model.bin', 'x');
      },
    ],
    [
      'sharded PyTorch files only',
      'unsupported',
      /save_pretrained/,
      (files) => {
        files.delete(INDEX);
        files.set('pytorch_model.bin.index.json', '{}');
      },
    ],
    ['no weights', 'not_found', /neither/, (files) => files.delete(INDEX)],
  ];
  test.each(cases)('%s', async (_, code, message, edit) => {
    const files = sharded();
    edit(files);
    const source = counted(files);
    expect(await errorOf(() => EmbeddingLayer.fromPretrained(source), code)).toMatch(message);
    expect(source.opened()).toBe(0);
    const stream = counted(files, { inOrder: true });
    await errorOf(() => EmbeddingLayer.fromPretrained(stream), code);
    expect(stream.opened()).toBe(0);
  });

  test('sources that give too little, or fail half-way', async () => {
    const short = sharded();
    const good = counted(short);
    const open = async (/** @type {string} */ file) => {
      const source = await good.open(file);
      if (file !== 'c.safetensors' || !source) return source;
      const slice = (/** @type {number} */ a, /** @type {number} */ b) => source.slice(a, Math.min(b, 100_000));
      return { ...source, slice };
    };
    expect(await errorOf(() => EmbeddingLayer.fromPretrained({ name: 'x', open }), 'bad_file')).toMatch(/truncated/);
    expect(good.opened()).toBe(0);
    expect(await endsOf(good)).toEqual(ENDS);
  });

  test('an abort half-way', async () => {
    const controller = new AbortController();
    const files = counted(sharded());
    const onProgress = (/** @type {any} */ { file }) => file === 'c.safetensors' && controller.abort();
    await errorOf(() => EmbeddingLayer.fromPretrained(files, { signal: controller.signal, onProgress }), 'aborted');
    expect(files.opened()).toBe(0);
    expect(await endsOf(files)).toEqual(ENDS);
  });
});
