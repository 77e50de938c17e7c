// Arguments that change while they are read, give a wrong length, or call the library themselves.
import { loadHeap } from '../../web/memory/heap.js';
import { RotaryPositions as PlainRotary } from '../../web/nn/rotary.js';
import { safetensors } from '../support/models.js';
import {
  AlibiBias,
  EmbeddingTable,
  LearnedPositions,
  RemoteTable,
  RotaryPositions,
  SinusoidalPositions,
  WordVectors,
  errorOf,
} from '../support/wembed.js';

const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
const ROWS = 6000;
const constant = (/** @type {number} */ rows, /** @type {number} */ value) =>
  EmbeddingTable.from(new Float32Array(rows).fill(value), { rows, dim: 1 });

test('a getter among the ids may call the library: no table changes', async () => {
  const table = await constant(ROWS, 5);
  const source = await constant(ROWS - 500, 7);
  const spare = await EmbeddingTable.from(new Float32Array(4e6), { rows: 4e6, dim: 1 });
  spare.dispose(); // so that memory need not grow, which would detach views
  table.lookup(new Uint32Array(ROWS));
  /** @type {EmbeddingTable[]} */
  const made = [];
  const reentering = () => {
    const ids = Array.from({ length: ROWS }, () => 1);
    let once = false;
    const get = () => {
      if (!once) {
        once = true;
        table.lookup(new Uint32Array(3 * ROWS)); // moves the block that ids are copied to
        for (let i = 0; i < 20; i++) made.push(source.quantize('f32')); // takes the memory that it has left
      }
      return 1;
    };
    return Object.defineProperty(ids, 1, { get });
  };
  expect(table.lookup(reentering()).data).toEqual(new Float32Array(ROWS).fill(5));
  const offsets = Uint32Array.of(0, ROWS);
  expect(table.bag(reentering(), offsets, { mode: 'max' }).data[0]).toBe(5);
  table.bag(new Uint32Array(ROWS), offsets, { mode: 'sum', perSampleWeights: reentering() });
  const all = Uint32Array.from({ length: ROWS - 500 }, (_, i) => i);
  expect(made).toHaveLength(60);
  for (const each of made) expect(each.lookup(all).data.every((value) => value === 7)).toBe(true);
  for (const each of [table, source, ...made]) each.dispose();
});

test('options are read once: later values of a getter are ignored', async () => {
  const table = await constant(4, 2);
  let reads = 0;
  const options = {
    get into() {
      return reads++ ? new Float32Array(0) : new Float32Array(2);
    },
  };
  expect([...table.lookup([0, 1], options).data]).toEqual([2, 2]);
  expect(reads).toBe(1);
  table.dispose();
});

test('a length is not trusted: no memory is allocated for missing elements', async () => {
  const table = await constant(4, 2);
  const words = await WordVectors.from(['a'], [1, 2]);
  const heap = await loadHeap();
  const before = heap.u8.length;
  const lies = [{ length: 5e8 }, { length: 3e8, 0: 0 }, new Array(2 ** 32 - 1)];
  for (const lie of lies.map(any)) {
    await errorOf(() => table.lookup(lie), 'invalid_argument');
    await errorOf(() => table.bag([0], lie), 'invalid_argument');
    await errorOf(() => table.bag(lie, [0]), 'invalid_argument');
    await errorOf(() => table.bag([0], [0, 1], { mode: 'sum', perSampleWeights: lie }), 'invalid_argument');
    await errorOf(() => EmbeddingTable.from([1], { rows: 1, dim: 1, tokenMapping: lie }), 'invalid_argument');
    await errorOf(() => new SinusoidalPositions({ dim: 4 }).lookup(lie), 'invalid_argument');
    await errorOf(() => words.vectors(lie), 'invalid_argument');
    await errorOf(() => WordVectors.from(lie, [1]), 'invalid_argument');
  }
  const own = Object.defineProperty(Uint32Array.of(1, 2), 'length', { value: 1e9 });
  expect(table.lookup(own).rows).toBe(2);
  await errorOf(() => EmbeddingTable.from(new Float32Array(1), { rows: 4e9, dim: 4e9 }), 'shape_mismatch');
  expect(heap.u8.length).toBe(before);
  table.dispose();
});

test('arrays of detached buffers have no elements', async () => {
  const table = await constant(4, 2);
  const gone = new Uint32Array(4);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  expect(table.lookup(gone).rows).toBe(0);
  const into = new Float32Array(4);
  structuredClone(into.buffer, { transfer: [into.buffer] });
  await errorOf(() => table.lookup([0], { into }), 'shape_mismatch');
  expect(table.lookup(new Uint32Array(new SharedArrayBuffer(8))).rows).toBe(2);
  table.dispose();
});

test('an array detached before a download ends is refused, and its earlier content stays', async () => {
  const file = safetensors({ embeddings: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } });
  const remote = await RemoteTable.from(file);
  const into = new Float32Array(4);
  const found = remote.lookup([1, 0], { into });
  structuredClone(into.buffer, { transfer: [into.buffer] });
  await errorOf(() => found, 'shape_mismatch');
  expect((await remote.lookup([1])).toArray()).toEqual([[3, 4]]);
  remote.dispose();
});

test("a caller's exceptions are passed on unchanged, and change nothing", async () => {
  const own = new RangeError('of the caller');
  const refuse = () => {
    throw own;
  };
  const table = await constant(4, 2);
  const words = await WordVectors.from(['a'], [1, 2]);
  const odd = Object.defineProperty([0, 1], 1, { get: refuse });
  const oddKeys = Object.defineProperty(['a', 'b'], 1, { get: refuse });
  /** @type {(() => unknown)[]} */
  const calls = [
    () => table.lookup(odd),
    () => table.lookup([0], any(Object.defineProperty({}, 'into', { get: refuse, enumerable: true }))),
    () => table.bag([0], odd),
    () => words.vectors(oddKeys),
    () => WordVectors.from(oddKeys, [1]),
    () => WordVectors.load(new TextEncoder().encode('a 1 2\nb 3 4\n'), { onProgress: refuse }),
    () => EmbeddingTable.from(odd, { rows: 1, dim: 2 }),
    () => new AlibiBias(1).bias(odd, [1]),
  ];
  for (const call of calls) {
    const thrown = await Promise.resolve()
      .then(call)
      .catch((error) => error);
    expect(thrown).toBe(own);
  }
  expect([...table.row(3), ...words.get('a')]).toEqual([2, 1, 2]);
  table.dispose();
});

test('unknown options are refused, with the nearest name', async () => {
  const table = await constant(4, 2);
  const words = await WordVectors.from(['a', 'b'], [1, 2, 3, 4]);
  const rotary = RotaryPositions.fromConfig({ head_dim: 4 });
  /** @type {[() => unknown, string][]} */
  const calls = [
    [() => table.lookup([0], any({ inot: 1 })), "'into'"],
    [() => table.bag([0], [0, 1], any({ paddingIndex: 1 })), "'paddingIdx'"],
    [() => EmbeddingTable.from([1], any({ rows: 1, dims: 1 })), "'dim'"],
    [() => RemoteTable.open(new Map(), any({ cacheRow: 1 })), "'cacheRows'"],
    [() => WordVectors.load(new Uint8Array(4), any({ limits: 1 })), "'limit'"],
    [() => words.mostSimilar('a', any({ topm: 1 })), "'topn'"],
    [() => new LearnedPositions(table, any({ ofset: 1 })), "'offset'"],
    [() => new SinusoidalPositions(any({ dim: 4, bases: 1 })), "'base'"],
    [() => rotary.rotate(new Float32Array(4), any({ head: 1 })), "'heads'"],
    [() => RotaryPositions.fromConfig({ head_dim: 4 }, any({ interleave: true })), "'interleaved'"],
  ];
  for (const [call, meant] of calls) expect(await errorOf(call, 'invalid_argument')).toMatch(`did you mean ${meant}`);
  for (const call of [
    () => table.lookup([0], any(null)),
    () => words.get('a', any(null)),
    () => rotary.rotate(new Float32Array(4), any(null)),
    () => RemoteTable.open(new Map(), any(null)),
  ]) {
    await errorOf(call, 'invalid_argument');
  }
  table.dispose();
});

test('classes with factory functions cannot be constructed with new', async () => {
  for (const Type of [EmbeddingTable, RemoteTable, WordVectors, RotaryPositions, PlainRotary].map(any)) {
    expect(await errorOf(() => new Type(), 'invalid_argument')).toMatch(/made by/);
    await errorOf(() => new Type({ handle: 1, heap: {}, shape: {} }, {}), 'invalid_argument');
  }
});
