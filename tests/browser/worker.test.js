// The worker in real browsers: without a bundler, as Vite builds it (a module worker and a classic script), the page free
// meanwhile, and its end noticed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapt, trainTiedLM, trainWordVectors } from '../../web/train.js';
import { serve } from '../support/server.js';
import { ROOT } from '../support/sources.js';
import { loadMini, readJson } from '../support/wembed.js';
import { eachPage } from './launch.js';

const { texts } = readJson('tests/golden/mini_ids.json');
const BUILT = join(ROOT, 'build/worker_page');
const SENTENCES = Array.from(
  { length: 200 },
  (_, i) => `the ${['king', 'cat'][i % 2]} ${['rules', 'naps'][i % 2]} now`,
);
const LEARN = { vectorSize: 8, minCount: 1, epochs: 3 };
/** @type {[string, string][]} */
const PAIRS = [
  ['umbrella weather', 'water falls from clouds'],
  ['pet whiskers', 'a cat purrs on the sofa'],
  ['oven flour', 'bread is baked for an hour'],
];

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {string} */
let expected;
/** @type {number[]} */
let expectedWords;
/** @type {string[]} */
let expectedLearnt;

/** @param {Float32Array} data */
const hash = (data) => createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex');

/** A page that encodes the texts in a worker. @param {'es' | 'iife'} format of the worker's script */
function buildPage(format) {
  const root = join(BUILT, format);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>');
  writeFileSync(
    join(root, 'page.js'),
    `import { trainWordVectors } from 'wembed/train';
     import { createWorker } from 'wembed/worker';
     const worker = createWorker();
     window.encoded = worker.then((worker) => worker.encode(${JSON.stringify(texts)}));
     window.learnt = worker.then(async (worker) => {
       const words = await trainWordVectors(${JSON.stringify(SENTENCES)}, { ...${JSON.stringify(LEARN)}, worker });
       return words.vectors(words.indexToKey);
     });
     window.encoded.catch(() => {});
     window.learnt.catch(() => {});`,
  );
  const config = {
    ...{ root, base: './', configFile: false, logLevel: 'error', worker: { format } },
    resolve: {
      alias: { 'wembed/worker': join(ROOT, 'web/worker.js'), 'wembed/train': join(ROOT, 'web/train.js') },
    },
    build: { outDir: join(root, 'dist'), target: 'es2022', assetsInlineLimit: 0 },
  };
  // In a Node of its own: Vite's compiler does not take objects of Jest's realm.
  const script = `await (await import('vite')).build(${JSON.stringify(config)});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, stdio: 'pipe' });
}

beforeAll(async () => {
  buildPage('es');
  buildPage('iife');
  writeFileSync(
    join(BUILT, 'own.js'),
    `import { serveWorker } from '/web/worker_thread.js';
     serveWorker();
     addEventListener('message', ({ data }) => data === 'close' && close());`,
  );
  writeFileSync(join(BUILT, 'broken.js'), 'throw new Error("broken");');
  server = await serve(ROOT);
  const layer = await loadMini();
  expected = hash(layer.encode(texts).data);
  layer.dispose();
  const words = await trainWordVectors(SENTENCES, LEARN);
  expectedWords = [...words.vectors(words.indexToKey).data];
  const adapted = await adapt(await loadMini({ dtype: 'f32' }), { pairs: PAIRS }, { epochs: 2 });
  const model = await trainTiedLM(SENTENCES, { vectorSize: 8, units: 4, minCount: 1, epochs: 1 });
  const all = [adapted.encode(texts).data, expectedWords, expectedWords, model.save()];
  expectedLearnt = all.map((numbers) => hash(Float32Array.from(numbers)));
});
afterAll(async () => {
  await server?.close();
  rmSync(BUILT, { recursive: true, force: true });
});

/** Runs in the page. @param {string[]} texts */
async function inPage(texts) {
  const { createWorker } = await import('/web/worker.js');
  const worker = await createWorker();
  const items = Array.from({ length: 20_000 }, (_, id) => ({ id, text: `${texts[id % texts.length]} line ${id}` }));
  const index = await worker.index(items.slice(0, 5), { dtype: 'i8' });
  let isAdded = false;
  const added = index.add(items.slice(5)).then(() => (isAdded = true));
  const hits = await index.search('line 3', { topK: 1 });
  const wasFree = !isAdded;
  await added;
  const { data } = await worker.encode(texts);
  const { length } = await index.describe();
  worker.dispose();
  return { data: [...data], hits: hits.length, wasFree, length };
}

/** Runs in the page: learns in a worker. @param {any} what */
async function learnInPage({ SENTENCES, LEARN, PAIRS, texts }) {
  const [{ createWorker }, { adapt, trainTiedLM, trainWordVectors }] = await Promise.all([
    import('/web/worker.js'),
    import('/web/train.js'),
  ]);
  const { loadMini } = await import('/web/mini.js');
  const [worker, layer] = await Promise.all([createWorker(), loadMini({ dtype: 'f32' })]);
  /** @type {Uint8Array[]} */
  const kept = [];
  let reports = 0;
  const adapted = await adapt(layer, { pairs: PAIRS }, { epochs: 2, worker, onProgress: () => reports++ });
  const options = { ...LEARN, worker, onCheckpoint: (/** @type {Uint8Array} */ bytes) => kept.push(bytes) };
  const words = await trainWordVectors(SENTENCES, options);
  const resumed = await trainWordVectors(SENTENCES, { ...LEARN, worker, resume: kept[0] });
  const model = await trainTiedLM(SENTENCES, { vectorSize: 8, units: 4, minCount: 1, epochs: 1, worker });
  const aborted = await adapt(layer, { pairs: PAIRS }, { epochs: 1e6, worker, signal: AbortSignal.timeout(300) }).catch(
    (/** @type {any} */ { code }) => code,
  );
  worker.dispose();
  const all = [words, resumed].map((each) => [...each.vectors(each.indexToKey).data]);
  return { all: [[...adapted.encode(texts).data], ...all, [...model.save()]], reports, aborted };
}

/** Runs in the page: a worker that closes itself, one that is terminated, those without a script. */
async function ends() {
  const { createWorker } = await import('/web/worker.js');
  const script = (/** @type {string} */ name) => new Worker(`/build/worker_page/${name}`, { type: 'module' });
  const reasonOf = (/** @type {Promise<unknown>} */ call) =>
    call.then(
      () => 'none',
      (/** @type {any} */ { name, code, reason }) => `${name} ${code} ${reason}`,
    );
  const own = script('own.js');
  const first = await createWorker({ worker: own });
  const many = Array.from({ length: 200_000 }, (_, i) => `line ${i}`);
  const calls = [reasonOf(first.encode(many)), reasonOf(first.encode(many))];
  own.terminate();
  const closing = script('own.js');
  const second = await createWorker({ worker: closing });
  closing.postMessage('close');
  calls.push(reasonOf(second.encode(many)));
  calls.push(reasonOf(createWorker({ worker: script('broken.js') })));
  calls.push(reasonOf(createWorker({ worker: script('none.js') })));
  return Promise.all(calls);
}

describe.each(/** @type {const} */ (['chromium', 'firefox']))('%s', (name) => {
  /** @type {import('puppeteer-core').Page} */
  let page;
  eachPage(name, (fresh) => (page = fresh));

  test('gives the bits that Node gives, and answers while it adds', async () => {
    await page.goto(`${server.url}/tests/browser/page.html`);
    const { data, ...found } = await page.evaluate(inPage, texts);
    expect(hash(Float32Array.from(data))).toBe(expected);
    expect(found).toEqual({ hits: 1, wasFree: true, length: 20_000 });
  });

  test('learns there to the bits that Node learns', async () => {
    await page.goto(`${server.url}/tests/browser/page.html`);
    const { all, ...found } = await page.evaluate(learnInPage, { SENTENCES, LEARN, PAIRS, texts });
    expect(all.map((numbers) => hash(Float32Array.from(numbers)))).toEqual(expectedLearnt);
    expect(found).toEqual({ reports: 2, aborted: 'aborted' });
  });

  test.each(/** @type {const} */ (['es', 'iife']))('as Vite builds it, the script in the format %s', async (format) => {
    await page.goto(`${server.url}/build/worker_page/${format}/dist/`);
    await page.waitForFunction('window.encoded');
    const data = await page.evaluate(async () => [...(await /** @type {any} */ (window).encoded).data]);
    expect(hash(Float32Array.from(data))).toBe(expected);
    const learnt = await page.evaluate(async () => [...(await /** @type {any} */ (window).learnt).data]);
    expect(learnt).toEqual(expectedWords);
  });

  test('a worker that ends, or never begins, fails its calls and says why', async () => {
    await page.goto(`${server.url}/tests/browser/page.html`);
    const ended = 'WembedError disposed worker_ended';
    const broken = 'WembedError unsupported worker_script';
    expect(await page.evaluate(ends)).toEqual([...[ended, ended, ended], ...[broken, broken]]);
  });
});
