// What a newcomer gets wrong, and what the message says of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floatsOf, integersOf, optionsOf, outputArray, textsOf } from '../../web/core/arguments.js';
import { checkDtype } from '../../web/core/dtypes.js';
import { loadFailure } from '../../web/memory/load_failure.js';
import { contentSource } from '../../web/sources/source.js';
import {
  EmbeddingLayer,
  EmbeddingTable,
  Matrix,
  RemoteTable,
  RotaryPositions,
  Tokenizer,
  WordVectors,
  env,
  errorOf,
  inspect,
  isCached,
} from '../support/wembed.js';

const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
const folder = mkdtempSync(join(tmpdir(), 'wembed-messages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @param {object} target */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return any(proxy);
}

test('typed arrays, null and other names of dtypes', async () => {
  const into = any(new Float64Array(300));
  expect(await errorOf(() => integersOf('ids', any(new Float32Array(1))), 'invalid_argument')).toMatch(
    'a Float32Array',
  );
  expect(await errorOf(() => outputArray(into, 1), 'invalid_argument')).toMatch('got a Float64Array');
  expect(await errorOf(() => textsOf('encode', null), 'invalid_argument')).toMatch('a string or an array of strings');
  expect(await errorOf(() => textsOf('encode', ['a', null]), 'invalid_argument')).toMatch('got null');
  for (const [given, meant] of [
    ...[
      ['int8', 'i8'],
      ['fp16', 'f16'],
      ['int4', 'i4'],
      ['float32', 'f32'],
      ['bfloat16', 'bf16'],
      ['q8', 'i8'],
    ],
  ]) {
    expect(await errorOf(() => checkDtype(given), 'unsupported')).toMatch(`did you mean '${meant}'?`);
  }
  expect(await errorOf(() => checkDtype('int16'), 'unsupported')).toMatch('is not one of');
  expect(checkDtype('f16')).toBe('f16');
  const matrix = any(new Matrix(new Float32Array(2), 1, 2));
  const from = () => EmbeddingTable.from(matrix, { rows: 1, dim: 2 });
  expect(await errorOf(from, 'invalid_argument')).toMatch('matrix.data');
});

test('files of another kind, folders, missing files, nothing, a Promise', async () => {
  const words = join(folder, 'glove.safetensors');
  writeFileSync(words, 'the 0.1 0.2\ncat 0.3 0.4\n');
  expect(await errorOf(() => EmbeddingLayer.fromPretrained(words), 'bad_file')).toMatch('WordVectors');
  expect(await errorOf(() => WordVectors.fromPretrained(folder), 'not_found')).toMatch('is a folder');
  expect(await errorOf(() => WordVectors.fromPretrained(`${folder}/no.txt`), 'not_found')).toMatch('no file');
  for (const nothing of [{}, []]) {
    const load = () => EmbeddingLayer.fromPretrained(any(nothing));
    expect(await errorOf(load, 'not_found')).toMatch('the files given have no weights');
  }
  const load = () => EmbeddingLayer.fromPretrained(any(Promise.resolve(folder)));
  expect(await errorOf(load, 'invalid_argument')).toMatch('did you forget await?');
  expect(await errorOf(() => RotaryPositions.fromConfig({}), 'invalid_argument')).toMatch(
    'head_dim, or hidden_size and num_attention_heads',
  );
  const bytes = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const failure = await loadFailure(new TypeError('x'), { name: 'env.wasm', setting: 'wasm', given: bytes, bytes });
  expect(failure).toMatchObject({ code: 'bad_file', reason: 'other_module' });
});

test('env refuses unknown members and wrong values when they are set', async () => {
  const set = any(env);
  expect(await errorOf(() => (set.remotHost = 'x'), 'invalid_argument')).toMatch('did you mean remoteHost?');
  for (const [name, value] of Object.entries({ attempts: -1, timeout: 'x', remoteHost: 5, remotePathTemplate: 1 })) {
    const before = set[name];
    expect(await errorOf(() => (set[name] = value), 'invalid_argument')).toMatch(`env.${name}`);
    expect(set[name]).toBe(before);
  }
  env.attempts = 3;
  expect(env.attempts).toBe(3);
  env.attempts = undefined;
});

test('a source whose slice returns no bytes', async () => {
  for (const bytes of ['text', 5, null, undefined]) {
    const source = any({ byteLength: 100, slice: () => bytes });
    await errorOf(() => EmbeddingLayer.fromPretrained(source), 'invalid_argument');
    await errorOf(() => WordVectors.fromPretrained(source), 'invalid_argument');
  }
});

test("revoked Proxies are refused; what a caller's getter throws is passed on", async () => {
  const own = new RangeError('mine');
  const throwing = any({
    get attempts() {
      throw own;
    },
  });
  const calls = [
    () => optionsOf('x', revoked({}), ['a']),
    () => integersOf('ids', revoked([])),
    () => floatsOf('x', revoked([])),
    () => textsOf('encode', revoked([])),
    () => contentSource(revoked({})),
    () => outputArray(revoked([]), 1),
    ...[EmbeddingLayer.fromPretrained, Tokenizer.fromPretrained, inspect, isCached, WordVectors.fromPretrained].flatMap(
      (open) => [() => any(open)(revoked({})), () => any(open)('./x', revoked({}))],
    ),
    () => RemoteTable.open(revoked({}), { tensor: 'x' }),
    () => EmbeddingTable.from(revoked([]), { rows: 1, dim: 1 }),
    () => RotaryPositions.fromConfig(revoked({})),
  ];
  for (const call of calls) await errorOf(call, 'invalid_argument');
  await expect((async () => optionsOf('x', throwing, ['attempts']))()).rejects.toBe(own);
  await expect(EmbeddingLayer.fromPretrained('./x', throwing)).rejects.toBe(own);
});

test('a text that looks like a number stands in quotes', async () => {
  const table = await EmbeddingTable.from([1, 2, 3, 4], { rows: 2, dim: 2 });
  const said = (/** @type {any} */ k) => {
    try {
      return String(table.nearest([1, 2], k));
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  };
  expect(said('3')).toContain("got '3'");
  expect(said(-3)).toContain('got -3');
  expect(said('x')).toContain('got x');
});
