// Search in 100,000 vectors and in 20,000 texts, beside what else does it in Node. Vectors come in clusters, as those of texts
// do; words have Zipf's frequencies.
import { create, insertMultiple, search, searchVector } from '@orama/orama';
import MiniSearch from 'minisearch';
import { MetricKind, exactSearch } from 'usearch';
import { VectorIndex } from '../../web/search.js';
import { race, randomFrom } from '../measure.mjs';

const DIM = 256;
const TOP = 10;

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
  return race(contenders, {
    rounds: quick ? 5 : 15,
    prepare: () => {
      query = row(Math.floor(random() * rows)).map((value) => value + 0.3 * (random() - 0.5));
    },
  });
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
 * @returns {Promise<{ vectors: import('../measure.mjs').Timing[], keywords: import('../measure.mjs').Timing[] }>}
 */
export async function run({ quick = false }) {
  const random = randomFrom(5);
  return { vectors: await vectorRace(quick, random), keywords: await keywordRace(quick, random) };
}
