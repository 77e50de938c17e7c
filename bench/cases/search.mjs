// Search in 100,000 vectors and in 20,000 texts, beside what else does it in Node. Vectors come in clusters, as those of texts
// do; words have Zipf's frequencies.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, insertMultiple, search, searchVector } from '@orama/orama';
import MiniSearch from 'minisearch';
import { MetricKind, exactSearch } from 'usearch';
import { VectorIndex } from '../../web/search.js';
import { race, randomFrom } from '../measure.mjs';
import { startPythonSearch } from '../peers/native.mjs';
import { startPackages } from '../peers/vector_packages.mjs';

const DIM = 256;
const TOP = 10;
/** Of these an index of every package is built in a minute. */
const FEW_ROWS = 1000;

/**
 * What was found, beside what an exact search finds.
 * @typedef {{ name: string, seconds: number, recall: number, samples: number[] }} Finding seconds: what the index took; samples in
 *   milliseconds
 */

/** @param {number} rows @param {() => number} random */
function clusteredVectors(rows, random) {
  const normal = () => random() + random() + random() + random() - 2;
  const centers = Array.from({ length: 300 }, () => Float32Array.from({ length: DIM }, normal));
  const data = new Float32Array(rows * DIM);
  for (let i = 0; i < rows; i++) {
    const [a, b] = [centers[Math.floor(random() * 300)], centers[Math.floor(random() * 300)]];
    for (let d = 0; d < DIM; d++) data[i * DIM + d] = a[d] + 0.6 * b[d] + 0.8 * normal();
  }
  return data;
}

/** @param {number} texts @param {() => number} random */
function zipfTexts(texts, random) {
  const word = () => {
    let rank = Math.floor(Math.exp(random() * Math.log(30_000)));
    let letters = '';
    for (; rank > 0; rank = Math.floor(rank / 16)) letters += 'bdfgklmnprstvzaeiou'[rank % 16] + 'aeiou'[rank % 5];
    return letters;
  };
  return Array.from({ length: texts }, () => Array.from({ length: 20 }, word).join(' '));
}

/** @param {boolean} quick @param {() => number} random */
async function vectorRace(quick, random) {
  const rows = quick ? 20_000 : 100_000;
  const data = clusteredVectors(rows, random);
  const row = (/** @type {number} */ i) => data.slice(i * DIM, (i + 1) * DIM);
  const settings = /** @type {const} */ ([
    { dtype: 'f32' },
    { dtype: 'i8' },
    { dtype: 'i4' },
    { dtype: 'f32', bits: true },
  ]);
  /** @type {Record<string, () => unknown>} */
  const contenders = {};
  let query = row(0);
  for (const each of settings) {
    const index = await VectorIndex.create({ dim: DIM, keywords: false, texts: false, ...each });
    index.add(Array.from({ length: rows }, (_, id) => ({ id, vector: row(id) })));
    contenders[`wembed ${each.dtype}${'bits' in each ? ', bits' : ''}`] = () => index.search(query, { topK: TOP });
  }
  contenders['usearch, native, exact'] = () => exactSearch(data, query, DIM, TOP, MetricKind.Cos, 1);
  const orama = create({ schema: { vector: `vector[${DIM}]` } });
  await insertMultiple(
    orama,
    Array.from({ length: rows }, (_, i) => ({ id: String(i), vector: Array.from(row(i)) })),
  );
  contenders.Orama = () =>
    searchVector(orama, { vector: { value: Array.from(query), property: 'vector' }, limit: TOP, similarity: 0 });
  const near = () => row(Math.floor(random() * rows)).map((value) => value + 0.3 * (random() - 0.5));
  const timings = await race(contenders, { rounds: quick ? 5 : 15, prepare: () => void (query = near()) });
  const exact = (/** @type {Float32Array} */ x) =>
    Array.from(exactSearch(data, x, DIM, TOP, MetricKind.Cos, 1).keys, Number);
  return { timings, python: await pythonSearch(data, Array.from({ length: quick ? 5 : 15 }, near), exact) };
}

/**
 * @param {readonly number[]} found
 * @param {readonly number[]} exact
 */
const recallOf = (found, exact) => exact.filter((row) => found.includes(row)).length / exact.length;

/**
 * @param {Float32Array} data
 * @param {Float32Array[]} queries
 * @param {(query: Float32Array) => number[]} exact
 * @returns {Promise<Finding[]>}
 */
async function pythonSearch(data, queries, exact) {
  const folder = mkdtempSync(join(tmpdir(), 'wembed-bench-'));
  const file = join(folder, 'rows');
  writeFileSync(file, data);
  /** @type {Finding[]} */
  const findings = [];
  for (const { name, ask, end } of startPythonSearch(file, DIM)) {
    try {
      const finding = { name, seconds: Number(await ask('')), recall: 0, samples: /** @type {number[]} */ ([]) };
      for (const query of queries) {
        const line = Buffer.from(query.buffer).toString('base64');
        await ask(line); // as in a race, one call that is not timed
        const [time, ...found] = (await ask(line)).split(' ').map(Number);
        finding.samples.push(time);
        finding.recall += recallOf(found, exact(query)) / queries.length;
      }
      findings.push(finding);
    } catch (error) {
      console.error(`${name} is left out: ${/** @type {Error} */ (error).message}`);
    }
    end();
  }
  rmSync(folder, { recursive: true });
  return findings;
}

/**
 * Packages whose index of more vectors would take too long.
 * @param {() => number} random
 * @returns {Promise<Finding[]>}
 */
async function fewVectors(random) {
  const data = clusteredVectors(FEW_ROWS, random);
  const row = (/** @type {number} */ i) => data.subarray(i * DIM, (i + 1) * DIM);
  for (let i = 0; i < FEW_ROWS; i++) {
    const length = Math.hypot(...row(i));
    row(i).forEach((value, d, all) => (all[d] = value / length));
  }
  const packages = await startPackages({ data, rows: FEW_ROWS, dim: DIM, row });
  const begin = performance.now();
  const index = await VectorIndex.create({ dim: DIM, keywords: false, texts: false });
  index.add(Array.from({ length: FEW_ROWS }, (_, id) => ({ id, vector: row(id) })));
  const seconds = (performance.now() - begin) / 1000;
  const search = (/** @type {Float32Array} */ x) => index.search(x, { topK: TOP }).map(({ id }) => Number(id));
  const all = [{ name: 'wembed f32', seconds, search }, ...packages];
  let query = row(0);
  const prepare = () => {
    const near = row(Math.floor(random() * FEW_ROWS)).map((value) => value + 0.02 * (random() - 0.5));
    const length = Math.hypot(...near);
    query = near.map((value) => value / length);
  };
  const contenders = Object.fromEntries(all.map((each) => [each.name, () => each.search(query)]));
  const timings = await race(contenders, { rounds: 15, prepare });
  const recalls = all.map(() => 0);
  for (let i = 0; i < 20; i++) {
    prepare();
    const exact = Array.from(exactSearch(data, query, DIM, TOP, MetricKind.Cos, 1).keys, Number);
    for (const [at, each] of all.entries()) recalls[at] += recallOf(await each.search(query), exact) / 20;
  }
  return all.map((each, at) => ({
    name: each.name,
    seconds: each.seconds,
    recall: recalls[at],
    samples: timings[at].samples,
  }));
}

/** @param {boolean} quick @param {() => number} random */
async function keywordRace(quick, random) {
  const texts = zipfTexts(quick ? 5000 : 20_000, random);
  const index = await VectorIndex.create({ dim: 1, keywords: { language: 'none' }, texts: false });
  index.add(texts.map((text, id) => ({ id, text, vector: [1] })));
  const mini = new MiniSearch({ fields: ['text'] });
  mini.addAll(texts.map((text, id) => ({ id, text })));
  const orama = create({ schema: { text: 'string' } });
  await insertMultiple(
    orama,
    texts.map((text, id) => ({ id: String(id), text })),
  );
  let query = '';
  return race(
    {
      'wembed, keywords': () => index.search(query, { topK: TOP, hybrid: 'keywords' }),
      MiniSearch: () => mini.search(query).slice(0, TOP),
      Orama: () => search(orama, { term: query, limit: TOP }),
    },
    {
      rounds: quick ? 5 : 15,
      prepare: () => {
        query = texts[Math.floor(random() * texts.length)].split(' ').slice(0, 4).join(' ');
      },
    },
  );
}

/**
 * @param {{ quick?: boolean }} options
 * @returns {Promise<{ vectors: import('../measure.mjs').Timing[], python: Finding[], few: Finding[],
 *   keywords: import('../measure.mjs').Timing[] }>}
 */
export async function run({ quick = false }) {
  const random = randomFrom(5);
  const { timings, python } = await vectorRace(quick, random);
  return { vectors: timings, python, few: await fewVectors(random), keywords: await keywordRace(quick, random) };
}
