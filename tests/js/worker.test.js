// The layer, the index and the tokenizer behind a worker of Node's: the same answers, in the right order, and errors.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createWorker } from '../../web/worker.js';
import { ROOT } from '../support/sources.js';
import { VectorIndex, loadMini, readJson } from '../support/wembed.js';

const { texts } = readJson('tests/golden/mini_ids.json');
const TEXT = 'It is raining again';
const env = { variant: process.env.WEMBED_VARIANT };
const items = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, id) => ({ id, text: `${texts[id % texts.length]} and line ${id}`, meta: { id } }));
const bits = (/** @type {any} */ { data = undefined, ...rest }) => Buffer.from((data ?? rest).buffer).toString('hex');

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof createWorker>>} */
let worker;
/** @type {Awaited<ReturnType<typeof loadMini>>} */
let layer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wembed-worker-'));
  [worker, layer] = await Promise.all([createWorker({ env }), loadMini()]);
});
afterAll(() => {
  worker.dispose();
  layer.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {() => unknown} call @returns {Promise<any>} what it throws, in the figures that cross */
async function failure(call) {
  try {
    await call();
  } catch (error) {
    const { name, code, reason, message } = /** @type {any} */ (error);
    return { name, code, reason, message };
  }
  throw new Error('expected an error');
}

/** @param {string} body of a module @returns {Worker} */
function own(body) {
  const file = join(folder, `own_${Math.random()}.mjs`);
  writeFileSync(file, `import { serveWorker } from ${JSON.stringify(join(ROOT, 'web/worker_thread.js'))};\n${body}`);
  return new Worker(file);
}

describe('the layer', () => {
  test('has the bits of the layer in this thread: of one text, of a few, and of many, which are a job', async () => {
    expect(await worker.encode(texts[0])).toHaveLength(layer.dim);
    expect(Buffer.from((await worker.encode(texts[0])).buffer).equals(Buffer.from(layer.encode(texts[0]).buffer))).toBe(
      true,
    );
    for (const count of [0, 3, 500, 5000]) {
      const some = Array.from({ length: count }, (_, i) => `${texts[i % texts.length]} ${i}`);
      const found = await worker.encode(some, { dimensions: 64 });
      expect(found.shape).toEqual([count, 64]);
      expect(bits(found)).toBe(bits(layer.encode(some, { dimensions: 64 })));
    }
  });

  test('gives similarities, neighbours, token rows and figures', async () => {
    expect(await worker.similarity('rain', 'wet')).toBe(layer.similarity('rain', 'wet'));
    const matrix = layer.encode(['rain', 'sun']);
    expect(await worker.similarity(['wet'], matrix)).toEqual(layer.similarity(['wet'], matrix));
    expect(await worker.mostSimilar('king', { topn: 3 })).toEqual(layer.mostSimilar('king', { topn: 3 }));
    expect(await worker.embed([1, 2])).toEqual(layer.embed([1, 2]));
    expect(await worker.describe()).toEqual(layer.describe());
    expect(worker.dim).toBe(layer.dim);
  });

  test('has its tokenizer', async () => {
    const { tokenizer } = layer;
    const { ids, tokens } = /** @type {NonNullable<typeof tokenizer>} */ (tokenizer).encode(TEXT);
    const found = await worker.tokenizer.encode(TEXT, { offsets: true });
    expect([...found.ids]).toEqual([...ids]);
    expect(found.tokens).toEqual([...tokens]);
    expect(found.offsets).toHaveLength(ids.length);
    expect(await worker.tokenizer.decode(ids)).toBe(tokenizer?.decode(ids));
    expect(await worker.tokenizer.count(TEXT)).toBe(ids.length);
    expect(await worker.tokenizer.isWithinLimit(TEXT, 1)).toBe(false);
    expect((await worker.tokenizer.encodeBatch(texts)).map((each) => [...each])).toEqual(
      tokenizer?.encodeBatch(texts).map((each) => [...each]),
    );
  });

  test('tells its progress, of every text once', async () => {
    /** @type {any[]} */
    const told = [];
    const many = items(3000).map(({ text }) => text);
    await worker.encode(many, { onProgress: (progress) => told.push(progress) });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual({ status: 'encode', loaded: 3000, total: 3000 });
    const loaded = told.map((each) => each.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });
});

describe('the index', () => {
  test('answers as the index in this thread, whatever the list came as', async () => {
    const here = await VectorIndex.create({ layer, dtype: 'i8' });
    here.add(items(2500));
    async function* later() {
      yield* items(2500);
    }
    for (const list of [items(2500), new Set(items(2500)), later()]) {
      const index = await worker.index(list, { dtype: 'i8' });
      expect([index.dim, index.dtype, index.metric]).toEqual([256, 'i8', 'cosine']);
      expect(await index.search('rain and wind', { topK: 5 })).toEqual(here.search('rain and wind', { topK: 5 }));
      expect(await index.search('rain', { filter: [3, 5] })).toEqual(here.search('rain', { filter: [3, 5] }));
      const many = await index.searchMany(['rain', 'sun', 'line 7'], { topK: 2 });
      expect(many.map((hits) => hits.map(({ id }) => id))).toEqual(
        here.searchMany(['rain', 'sun', 'line 7'], { topK: 2 }).map((hits) => hits.map(({ id }) => id)),
      );
      expect(await index.explain(7, 'line 7')).toEqual(here.explain(7, 'line 7'));
      expect(await index.get(7)).toEqual(here.get(7));
      expect(await index.ids()).toEqual(here.ids());
      expect({ ...(await index.describe()), vectorBytes: 0 }).toEqual({ ...here.describe(), vectorBytes: 0 });
      await index.dispose();
      expect((await failure(() => index.search('rain'))).code).toBe('disposed');
    }
  });

  test('changes in the order of the calls, which nobody need wait for', async () => {
    const index = await worker.index();
    const calls = [index.add(items(2000)), index.remove([0, 1999]), index.update([{ id: 5, text: 'a zebra' }])];
    const bytes = await index.save();
    await Promise.all(calls);
    const again = await VectorIndex.from(bytes, { layer });
    expect([again.length, again.has(0), again.get(5).text]).toEqual([1998, false, 'a zebra']);
    const third = await worker.loadIndex(bytes, { transfer: true });
    expect(bytes).toHaveLength(0);
    expect((await third.search('zebra', { topK: 1 }))[0].id).toBe(5);
    await third.add([{ id: 'new', text: 'a giraffe' }]);
    expect((await third.changes()).length).toBeGreaterThan(0);
  });

  test('takes vectors of your own, of any dimension', async () => {
    const index = await worker.index([{ id: 1, vector: [1, 0, 0] }], { layer: false, dim: 3 });
    expect(await index.search(Float32Array.of(2, 0, 0))).toEqual([{ id: 1, score: 1, meta: undefined }]);
  });

  test('keeps the arrays in metas, however often it gives them', async () => {
    const index = await worker.index([{ id: 1, text: 'rain', meta: { array: Float32Array.of(1, 2) } }]);
    for (let i = 0; i < 2; i++) {
      expect((await index.search('rain'))[0].meta).toEqual({ array: Float32Array.of(1, 2) });
      expect((await index.get(1)).meta).toEqual({ array: Float32Array.of(1, 2) });
    }
  });

  test('has none of the items where one is refused, and says which', async () => {
    const index = await worker.index();
    const wrong = [...items(2100), /** @type {any} */ ({ id: 'x', text: 5 })];
    const { code, message } = await failure(() => index.add(wrong));
    expect([code, message]).toEqual(['invalid_argument', expect.stringContaining('text')]);
    expect((await index.describe()).length).toBe(0);
    await index.add(items(10));
    expect((await index.describe()).length).toBe(10);
  });
});

describe('the order of work', () => {
  test('queries are answered while a list is added', async () => {
    const index = await worker.index(items(50));
    let isAdded = false;
    const added = index.add(items(10_000).slice(50)).then(() => (isAdded = true));
    const hits = await Promise.all([1, 2, 3, 4].map((n) => index.search(`line ${n}`, { topK: 1 })));
    expect([hits.map(([{ id }]) => id), isAdded]).toEqual([[1, 2, 3, 4], false]);
    await added;
    expect((await index.describe()).length).toBe(10_000);
  });

  test('the newest query comes first, jobs last: lanes take turns, those of a lane keep their order', async () => {
    const { Schedule } = await import('../../web/workers/schedule.js');
    const schedule = new Schedule();
    /** @type {string[]} */
    const order = [];
    /** @param {string} name @param {number} steps */
    const job = (name, steps) => ({
      ready: true,
      step() {
        order.push(name);
        if (name === 'a') schedule.addQuery(() => order.push('query'));
        return --steps === 0;
      },
    });
    schedule.addJob('left', job('a', 2));
    schedule.addJob('left', job('b', 1));
    await new Promise((resolve) => {
      schedule.addJob('right', job('c', 2));
      schedule.addJob('last', { ready: true, step: () => order.length >= 10 && (resolve(undefined), true) });
      for (const n of [1, 2, 3]) schedule.addQuery(() => order.push(`query ${n}`));
    });
    expect(order).toEqual(['query 3', 'query 2', 'query 1', 'a', 'query', 'c', 'a', 'query', 'c', 'b']);
  });

  test('a pause stops jobs, not queries', async () => {
    const index = await worker.index();
    worker.pause();
    let isAdded = false;
    const added = index.add(items(100)).then(() => (isAdded = true));
    await index.search('rain');
    await worker.encode('rain');
    expect(isAdded).toBe(false);
    worker.resume();
    await added;
    expect((await index.describe()).length).toBe(100);
  });

  test('a signal ends a job, of which nothing stays, and a query that waits', async () => {
    const index = await worker.index();
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const { code } = await failure(() => index.add(items(50_000), { signal: controller.signal, onProgress }));
    expect(code).toBe('aborted');
    await index.add([{ id: 'after', text: 'rain' }]);
    expect(await index.ids()).toEqual(['after']);
    expect((await failure(() => worker.encode('x', { signal: controller.signal }))).code).toBe('aborted');
    const second = new AbortController();
    const waiting = failure(() => index.search('rain', { signal: second.signal }));
    second.abort();
    expect((await waiting).code).toBe('aborted');
  });
});

describe('what is refused', () => {
  test('a revoked Proxy in any place, and the worker goes on', async () => {
    const index = await worker.index({ dim: 2, layer: false });
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const x = /** @type {any} */ (proxy);
    for (const call of [
      ...[() => worker.encode(x), () => worker.encode(['a', x]), () => worker.encode('a', x)],
      ...[() => worker.similarity(x, 'b'), () => worker.mostSimilar(x), () => worker.embed(x)],
      ...[() => worker.tokenizer.encode(x), () => worker.tokenizer.decode(x), () => worker.tokenizer.encodeBatch(x)],
      ...[() => worker.index(x), () => worker.loadIndex(x), () => worker.learn('adapt', x, {}, {})],
      ...[() => worker.learn('adapt', [], x, {}), () => worker.encode('a', { signal: x })],
      ...[() => index.add(x), () => index.add([x]), () => index.add([], x), () => index.search(x)],
      ...[() => index.search([1, 2], x), () => index.search([1, 2], { filter: x }), () => index.get(x)],
      ...[() => index.has(x), () => index.explain(x, 1), () => index.remove(x), () => index.save(x)],
    ]) {
      expect(await failure(call)).toMatchObject({ name: 'WembedError', code: 'invalid_argument' });
    }
    expect(await worker.tokenizer.count('it is raining')).toBe(3);
    await index.dispose();
  });

  test('a call that the worker does not know, and a list that is missing', async () => {
    const index = await worker.index({ dim: 2, layer: false });
    for (const call of [
      () => worker.learn(/** @type {any} */ (5), [], {}, {}),
      () => worker.learn('nonsense', [], {}, {}),
      () => worker.learn('toString', [], {}, {}),
      () => index.add(/** @type {any} */ (undefined)),
    ]) {
      expect(await failure(call)).toMatchObject({ name: 'WembedError', code: 'invalid_argument' });
    }
    expect(await worker.tokenizer.count('it is raining')).toBe(3);
    await index.dispose();
  });

  const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);

  test('arguments that cannot be sent, unknown options, what is no list', async () => {
    const index = await worker.index(items(3));
    expect(await failure(() => index.search('rain', any({ filter: () => true })))).toMatchObject({
      name: 'WembedError',
      code: 'invalid_argument',
      reason: 'not_cloneable',
    });
    const calls = [
      () => worker.encode('x', any({ normalise: true })),
      () => worker.encode('x', any({ into: new Float32Array(256) })),
      () => worker.encode(any([1, 2])),
      () => worker.encode(any(undefined)),
      () => index.add(any('text')),
      () => index.add(any(5)),
      () => index.add(items(1), any({ topK: 1 })),
      () => index.add([{ id: 9, text: 'x', meta: () => 1 }]),
      () => index.search('x', any({ signal: 5 })),
      () => index.search('x', any({ onProgress: 5 })),
      () => worker.index(any({ dtype: 'f99' })),
      () => createWorker(any({ worker: {} })),
      () => createWorker(any(null)),
      () => createWorker(any({ env, modell: 'x' })),
    ];
    for (const call of calls) {
      const { name, message } = await failure(call);
      expect([String(call), name, message]).toEqual([String(call), 'WembedError', expect.stringMatching(/\S/)]);
    }
    expect((await index.describe()).length).toBe(3);
  });

  test('errors keep code, reason and message; those of a callback or a list of the caller are passed on', async () => {
    expect(await failure(() => createWorker({ env, model: join(folder, 'none/') }))).toMatchObject({
      name: 'WembedError',
      code: 'not_found',
    });
    writeFileSync(join(folder, 'page.safetensors'), '<!doctype html><html></html>');
    expect(await failure(() => createWorker({ env, model: join(folder, 'page.safetensors') }))).toMatchObject({
      code: 'bad_file',
    });
    const mine = new Error('mine');
    const onProgress = () => {
      throw mine;
    };
    function* broken() {
      yield { id: 1, text: 'rain' };
      throw mine;
    }
    const index = await worker.index();
    const many = items(5000);
    await expect(index.add(many, { onProgress })).rejects.toBe(mine);
    await expect(index.add(broken())).rejects.toBe(mine);
    await expect(createWorker({ env, onProgress })).rejects.toBe(mine);
    expect((await index.describe()).length).toBe(0);
  });
});

describe('a worker of your own', () => {
  test('serves its layer, and several connections', async () => {
    const thread = own(`import { loadMini } from ${JSON.stringify(join(ROOT, 'web/mini.js'))};
      serveWorker({ load: (model, { dtype }) => {
        if (model !== 'ours') throw new Error('another model');
        return loadMini({ dtype });
      } });`);
    const [first, second] = await Promise.all(
      ['f32', 'f16'].map((dtype) => createWorker({ worker: thread, model: 'ours', dtype: /** @type {any} */ (dtype) })),
    );
    expect((await first.describe()).dtype).toBe('f32');
    expect((await second.describe()).dtype).toBe('f16');
    await expect(createWorker({ worker: thread, model: 'theirs' })).rejects.toThrow('another model');
    first.dispose();
    expect(await failure(() => first.encode('x'))).toMatchObject({ code: 'disposed', reason: 'worker_ended' });
    expect(await second.encode('rain')).toHaveLength(256);
    await thread.terminate();
  });

  test('whose end fails every call, and says how to go on', async () => {
    const thread = own('serveWorker();');
    const theirs = await createWorker({ worker: () => thread });
    const index = await theirs.index();
    const calls = [theirs.encode(items(50_000).map(({ text }) => text)), index.add(items(50_000))];
    const failures = calls.map((call) => failure(() => call));
    await index.has(1);
    await thread.terminate();
    const found = await Promise.all(failures);
    for (const each of [...found, await failure(() => theirs.encode('x'))]) {
      expect(each).toMatchObject({ name: 'WembedError', code: 'disposed', reason: 'worker_ended' });
      expect(each.message).toContain('createWorker()');
    }
  });

  test('that throws, exits or has another script is an error of createWorker', async () => {
    for (const body of ['throw new Error("broken script");', 'process.exit(3);']) {
      const thread = own(body);
      expect(await failure(() => createWorker({ worker: thread }))).toMatchObject({
        code: 'unsupported',
        reason: 'worker_script',
        message: expect.stringMatching(/broken script|exit code 3/),
      });
    }
  });
});

test('a program ends by itself once no call waits, without dispose', async () => {
  const face = JSON.stringify(join(ROOT, 'web/worker.js'));
  const script = new Worker(
    `import(${face}).then(async ({ createWorker }) => {
      const worker = await createWorker();
      require('node:worker_threads').parentPort.postMessage((await worker.encode('rain')).length);
    });`,
    { eval: true },
  );
  const [[length], [code]] = await Promise.all([once(script, 'message'), once(script, 'exit')]);
  expect([length, code]).toEqual([256, 0]);
});

test('serveWorker outside a worker says so', async () => {
  const { serveWorker } = await import('../../web/worker_thread.js');
  expect((await failure(() => serveWorker())).code).toBe('unsupported');
});
