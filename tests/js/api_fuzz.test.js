// Every public member with every kind of argument: the call throws a WembedError, or what the argument itself threw,
// and changes nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadHeap } from '../../web/memory/heap.js';
import { CallersError, argumentsFor, membersOf, pick, randomFrom } from '../support/api_fuzz.js';
import { safetensors } from '../support/models.js';
import * as library from '../support/wembed.js';

// A text may be interpreted as a folder to save to, which must not be the project's own.
const folder = mkdtempSync(join(tmpdir(), 'wembed-fuzz-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const { EmbeddingTable, LearnedPositions, RemoteTable, RotaryPositions, SinusoidalPositions, TiedHead } = library;
const { AlibiBias, Matrix, Tokenizer, VectorIndex, WembedError, WordVectors } = library;
const FULL = process.env.WEMBED_FULL === '1';
/** Calls per member. */
const CALLS = FULL ? 3000 : 200;
/** Milliseconds for a member: some load a model at each call. */
const LIMIT = FULL ? 3_600_000 : 300_000;
const SEED = Number(process.env.WEMBED_SEED ?? 1);

/** Members that may throw other errors, each with the reason. All other members are tested. */
const EXCLUDED = new Map([
  ['WembedError', 'callers construct it from any values'],
  ['Matrix', 'a plain record of an array and its shape, which checks nothing'],
]);

/** Members for the library's own loaders, which the published types leave out (`@internal`). */
const INTERNAL = new Set(['ofFiles', 'pooledIds', 'fresh', 'stream', 'learn', 'kept']);

/** Exports of the support module besides the library. */
const SUPPORT = ['readJson', 'readBytes', 'sharedData', 'errorOf', 'sameIds', 'env'];

const DATA = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i + 1));
const FILE = safetensors({ embeddings: { dtype: 'F32', shape: [6, 4], data: DATA } });
const TOKENS = { model: { type: 'WordPiece', unk_token: '?', vocab: { '?': 0, a: 1, b: 2 } } };
const HEAD = { head_dim: 4, max_position_embeddings: 64 };
const TRAINED = ['a b c', 'b c d', 'a d', 'c b a'];
const LEARN = {
  ...{ minCount: 1, vectorSize: 4, window: 2, sg: 1, negative: 2, alpha: 0.1, sample: 0, seed: 3 },
  batchWords: 4,
};
const KEYS = ['a', 'b', 'king', 'queen', 'man', 'woman'];
const into = () => new Float32Array(64);
const mini = await library.loadMini();
const few = await mini.prune({ keep: 310 });
const newTable = () => EmbeddingTable.from(DATA, { rows: 6, dim: 4 });

const ITEMS = KEYS.map((id, i) => ({
  id,
  vector: [...DATA.slice(4 * i, 4 * i + 4)],
  text: `the ${id} of a land`,
  meta: { i },
}));
async function newIndex() {
  const index = await VectorIndex.create({ dim: 4, dtype: 'i8' });
  index.add(ITEMS);
  return index;
}

/** How an instance of each class is made. @type {Record<string, () => any>} */
const INSTANCES = {
  EmbeddingTable: newTable,
  RemoteTable: () => RemoteTable.open(FILE),
  WordVectors: () => WordVectors.from(KEYS, DATA),
  LearnedPositions: async () => new LearnedPositions(await newTable(), { offset: 1 }),
  SinusoidalPositions: () => new SinusoidalPositions({ dim: 4 }),
  AlibiBias: () => new AlibiBias(3),
  RotaryPositions: () => RotaryPositions.fromConfig(HEAD),
  LanguageModelHead: async () => new TiedHead(await newTable()),
  TiedHead: async () => new TiedHead(await newTable()),
  Tokenizer: () => Tokenizer.from(TOKENS),
  // Few rows, so that 3,000 calls that write or copy the whole layer end in minutes.
  EmbeddingLayer: () => few.prune({ keep: 300 }),
  VectorIndex: newIndex,
  WordVectorTrainer: () => library.WordVectorTrainer.create(TRAINED, { minCount: 1, vectorSize: 4, epochs: 3 }),
  Variable: () => library.Variable.from(DATA, { rows: 6, dim: 4 }),
  TextClassifier: async () => library.trainClassifier(mini, { texts: ['a', 'b'], labels: [1, 2] }),
  TiedLM: () => library.trainTiedLM(TRAINED, { minCount: 1, vectorSize: 3, epochs: 1 }),
  DecodeStream: async () => new library.DecodeStream(await Tokenizer.from(TOKENS)),
};

const into4 = { into: into() };
/** Arguments that members take; a member that is not named here gets odd ones only. @type {Record<string, any[][]>} */
const GOOD = {
  'EmbeddingTable.from': [
    [DATA, { rows: 6, dim: 4, dtype: 'i8', tokenWeights: [1, 2], tokenMapping: [0, 5] }],
    [new Uint8Array(24), { rows: 6, dim: 4, scale: [1, 2, 3, 4, 5, 6], zeroPoint: 3, block: [1, 4], format: 'u8' }],
    [new Int8Array(4), { rows: 2, dim: 2, scale: Float32Array.of(1, 2) }],
    [[1, 2, 3, 4], { rows: 2, dim: 2 }],
  ],
  'EmbeddingTable#lookup': [
    [[0, 5, 1], { into: into() }],
    [Uint8Array.of(1, 2), {}],
  ],
  'EmbeddingTable#row': [[1]],
  'Tokenizer.from': [[TOKENS], [JSON.stringify(TOKENS), { encoding: undefined }]],
  'Tokenizer#encode': [['a b', { maxLength: 2, offsets: true, addSpecialTokens: false }], ['a']],
  'Tokenizer#encodeBatch': [[['a b', 'b']]],
  'Tokenizer#count': [['a b'], ['a', { addSpecialTokens: false }]],
  'Tokenizer#isWithinLimit': [['a b', 3]],
  'Tokenizer#decode': [[[1, 2], { skipSpecialTokens: false }]],
  'Tokenizer#tokenToId': [['a']],
  'Tokenizer#idToToken': [[1]],
  'DecodeStream#add': [[1], [[1, 2]]],
  'EmbeddingTable#products': [[[1, 2, 3, 4]], [new Matrix(DATA.subarray(0, 8), 2, 4), { into: into() }]],
  'EmbeddingTable#nearest': [
    [[1, 2, 3, 4], 2, { metric: 'cosine' }],
    [new Matrix(DATA.subarray(0, 8), 2, 4), 9],
  ],
  'LanguageModelHead#logits': [[[1, 2, 3, 4]], [new Matrix(DATA.subarray(0, 8), 2, 4), { into: into() }]],
  'LanguageModelHead#topK': [[[1, 2, 3, 4], 3]],
  'LanguageModelHead#sample': [[[1, 2, 3, 4], { temperature: 0.5, topK: 2, topP: 0.9, minP: 0.1, seed: 3 }]],
  'LanguageModelHead#logProbs': [[new Matrix(DATA.subarray(0, 8), 2, 4), [0, 5]]],
  'LanguageModelHead#crossEntropy': [[new Matrix(DATA.subarray(0, 8), 2, 4), [0, 5]]],
  'LanguageModelHead#perplexity': [[[1, 2, 3, 4], [5]]],
  'EmbeddingLayer#encode': [
    ['a text'],
    [['one', 'two'], { normalize: false, dimensions: 8, pooling: 'max', maxLength: 3 }],
  ],
  'EmbeddingLayer#embed': [[[0, 5], { into: new Float32Array(512) }]],
  'EmbeddingLayer#similarity': [
    ['a', 'b'],
    [['a', 'b'], new Float32Array(256), { normalize: true }],
  ],
  'EmbeddingLayer#mostSimilar': [['king'], [{ positive: ['king', 'woman'], negative: ['man'], topn: 3 }]],
  'EmbeddingLayer#prune': [[{ keep: 300 }]],
  'EmbeddingLayer#rotaryOf': [['full_attention']],
  'EmbeddingLayer#save': [[{ dtype: 'f16' }]],
  'EmbeddingTable#bag': [
    [[0, 1, 2], [0, 1, 3], { mode: 'sum', perSampleWeights: [1, 2, 3], paddingIdx: 0, into: into() }],
    [Uint32Array.of(1, 2), Uint32Array.of(0, 2)],
  ],
  'EmbeddingTable#quantize': [['i4'], ['f16']],
  'RemoteTable.open': [[FILE, { cacheRows: 2, dtype: 'f16', tensor: 'embeddings', cache: false }]],
  'RemoteTable#lookup': [[[0, 5, 1], { into: into(), signal: new AbortController().signal }]],
  'WordVectors.from': [
    [['a', 'b'], [1, 2, 3, 4], { dtype: 'f16' }],
    [['a'], new Matrix(DATA, 1, 24)],
    ...[{ data: null }, { data: 'x' }, { dim: NaN }, { dim: 1e9 }].map((odd) => [
      ['a'],
      Object.assign(new Matrix(DATA, 1, 24), odd),
    ]),
  ],
  'WordVectors.load': [
    [new TextEncoder().encode('a 1 2\nb 3 4\n'), { limit: 1, dtype: 'f32', encoding: 'utf-8', onProgress: () => {} }],
  ],
  'WordVectorTrainer.create': [
    [TRAINED, LEARN],
    [() => TRAINED.map((text) => text.split(' ')), { ...LEARN, hs: 1, negative: 0 }],
  ],
  'WordVectorTrainer#train': [[{ batches: 2, epochs: 1, onProgress: () => {}, signal: new AbortController().signal }]],
  'WordVectorTrainer#vectors': [[['a', 'b']], []],
  'WordVectorTrainer#wordVectors': [[{ dtype: 'f16' }]],
  'WordVectors#get': [['a', into4]],
  'WordVectors#has': [['a']],
  'WordVectors#vectors': [[['a', 'b'], { into: into() }]],
  'WordVectors#similarity': [['a', 'b']],
  'WordVectors#mostSimilar': [
    ['king', { topn: 2 }],
    [{ positive: ['king', ['woman', 0.5], [1, 2, 3, 4]], negative: ['man'], topn: 3, restrictVocab: 4 }],
  ],
  'WordVectors#mostSimilarCosmul': [[{ positive: ['king', 'woman'], negative: ['man'] }]],
  'WordVectors#doesntMatch': [[['a', 'b', 'king']]],
  'WordVectors#similarByVector': [[[1, 2, 3, 4], { topn: 2, restrictVocab: 3 }]],
  'WordVectors#similarByKey': [['king', { topK: 2 }]],
  'WordVectors#distances': [
    ['king'],
    [
      [1, 2, 3, 4],
      ['a', 'b'],
    ],
  ],
  'WordVectors#distance': [['a', 'b']],
  'WordVectors#closerThan': [['king', 'a']],
  'WordVectors#rank': [['king', 'a']],
  'WordVectors#nSimilarity': [[['king', 'man'], ['a']]],
  'WordVectors#getMeanVector': [
    [['king', [1, 2, 3, 4]], { weights: [1, 2], preNormalize: true, postNormalize: true, ignoreMissing: true }],
  ],
  'WordVectors#vectorsForAll': [[['king', 'a', 'zz'], { allowInference: false }]],
  'WordVectors#evaluateWordAnalogies': [
    [': s\nking queen man woman', { restrictVocab: 6, caseInsensitive: false, dummy4unknown: true }],
  ],
  'WordVectors#evaluateWordPairs': [['a\tb\t1\nking\tman\t2', { delimiter: '\t' }]],
  'new SinusoidalPositions': [[{ dim: 4, base: 100, layout: 'concatenated' }]],
  'SinusoidalPositions#positionsOf': [[[4, 5]]],
  'SinusoidalPositions#lookup': [[[0, -3, 1e6], { into: into() }]],
  'LearnedPositions#positionsOf': [[[4, 5]]],
  'LearnedPositions#lookup': [[[0, 1], { into: into() }]],
  'new AlibiBias': [[8]],
  'AlibiBias#bias': [[[0, 1], [2], { into: into() }]],
  'RotaryPositions.fromConfig': [
    [
      { ...HEAD, rope_scaling: { type: 'yarn', factor: 2 } },
      { interleaved: true, layerType: 'full_attention' },
    ],
    [{ ...HEAD, rope_scaling: { type: 'longrope', factor: 2, short_factor: [1, 2], long_factor: [1, 2] } }],
    [{ ...HEAD, layer_types: ['a'], rope_parameters: { a: { rope_theta: 100 } } }, { layerType: 'a' }],
  ],
  'RotaryPositions.layerTypes': [[HEAD]],
  'RotaryPositions.from': [[{ headDim: 4, rotaryDim: 2, theta: 100, type: 'linear', scaling: { factor: 2 } }]],
  'RotaryPositions.fromCaches': [
    [
      { cos: new Float32Array(4), sin: new Float32Array(4) },
      { headDim: 8, rotaryDim: 4, interleaved: false },
    ],
  ],
  'RotaryPositions#frequencies': [[100]],
  'RotaryPositions#rotate': [
    [new Float32Array(16), { positions: [5, -3], heads: 2, inverse: true, into: into() }],
    [new Float32Array(8)],
  ],
};
const SEARCH = { topK: 2, filter: (/** @type {any} */ { id }) => id !== 'a', hybrid: { method: 'rrf', weight: 0.4 } };
Object.assign(GOOD, {
  'VectorIndex.create': [
    [
      {
        dim: 4,
        dtype: 'i4',
        metric: 'dot',
        keywords: { k1: 1, b: 0.5, stopWords: ['a'] },
        passages: true,
        texts: false,
      },
    ],
    [
      {
        layer: {
          dim: 4,
          encode: (/** @type {string[]} */ texts) => new Matrix(new Float32Array(4 * texts.length), texts.length, 4),
        },
      },
    ],
  ],
  trainWordVectors: [[TRAINED, { ...LEARN, onProgress: () => {}, dtype: 'i8', onCheckpoint: () => {} }]],
  buildVocabulary: [
    [TRAINED, { minCount: 1, maxFinalVocab: 2, tokenize: (/** @type {string} */ text) => text.split(' ') }],
  ],
  wordsOf: [['a text']],
  wordLayer: [[await WordVectors.from(KEYS, DATA)]],
  'Variable.from': [
    [DATA, { rows: 6, dim: 4, paddingIdx: 1, maxNorm: 2, normType: 1, scaleGradByFreq: true, freeze: false }],
    [new Matrix(DATA, 6, 4)],
  ],
  'Variable#lookup': [[[0, 5, 1]]],
  'Variable#lookupBackward': [[[0, 5], new Matrix(DATA.slice(0, 8), 2, 4)]],
  'Variable#bag': [[[0, 5, 1], [0, 1, 3], { mode: 'sum', perSampleWeights: [1, 2, 3], normalize: true }]],
  'Variable#bagBackward': [[[0, 5, 1], [0, 1, 3], new Matrix(DATA.slice(0, 8), 2, 4), { mode: 'max' }]],
  logits: [[await INSTANCES.Variable(), new Matrix(DATA, 6, 4)]],
  logitsBackward: [
    [await INSTANCES.Variable(), new Matrix(DATA.slice(0, 4), 1, 4), new Matrix(DATA.slice(0, 6), 1, 6)],
  ],
  crossEntropy: [[await INSTANCES.Variable(), new Matrix(DATA.slice(0, 8), 2, 4), [0, 5]]],
  sampledCrossEntropy: [
    [await INSTANCES.Variable(), new Matrix(DATA.slice(0, 8), 2, 4), [0, 5], { ids: [5, 0, 2], offsets: [0, 1, 2] }],
  ],
  negativeSampling: [[await INSTANCES.Variable(), new Matrix(DATA.slice(0, 8), 2, 4), [0, 5], [1, 2, 3, 4]]],
  'Variable#toTable': [[{ dtype: 'f16' }]],
  'Variable#update': [[() => {}]],
  sgd: [[{ rate: 0.1, momentum: 0.9, dampening: 0.1, nesterov: true, clipNorm: 1, clipValue: 2 }]],
  adagrad: [[{ rate: 0.1, eps: 1e-8, initialAccumulatorValue: 0.1, lrDecay: 0.1, rowWise: true }]],
  adam: [[{ rate: 0.1, betas: [0.9, 0.99], eps: 1e-8 }]],
  schedule: [[{ rate: 0.1, steps: 10, warmup: 2, end: 0.01, shape: 'cosine' }]],
  infoNce: [
    [
      new Matrix(DATA.slice(0, 8), 2, 4),
      new Matrix(DATA.slice(0, 12), 3, 4),
      { scale: 10, dims: [4, 2], weights: [1, 2], symmetric: true, exclude: [0, 1, 0, 0, 0, 1] },
    ],
  ],
  batchSimilarity: [
    [
      new Matrix(DATA.slice(0, 8), 2, 4),
      new Matrix(DATA.slice(0, 6), 2, 3),
      { similarityWeight: 2, klWeight: 1, temperature: 0.1, klRows: [0, 1], dims: [4, 2], weights: [1, 2] },
    ],
  ],
  distance: [[new Matrix(DATA.slice(0, 8), 2, 4), new Matrix(DATA.slice(8, 16), 2, 4), 'mse']],
  adapt: [
    [
      mini,
      {
        pairs: [
          ['a', 'b'],
          ['c', 'd'],
        ],
        negatives: ['x', 'y'],
      },
      { scale: 10, rate: 0.1 },
    ],
  ],
  distil: [
    [mini, { texts: ['a'], targets: new Matrix(new Float32Array(256), 1, 256) }, { loss: 'mse' }],
    [
      mini,
      { texts: ['a', 'b'], targets: new Matrix(new Float32Array(6), 2, 3), pairs: [[0, 1], [1, 0]] }, // prettier-ignore
      {
        lossWeight: 0,
        klWeight: 1,
        similarityWeight: 1,
        groups: [0, 1],
        runLength: 2,
        warmup: 0.1,
        dims: [4],
        margin: 0,
      },
    ],
  ],
  trainClassifier: [[mini, { texts: ['a', 'b'], labels: [1, 'b'] }, { C: 2, balanced: true, table: false }]],
  'TextClassifier#predict': [[['a']]],
  'TextClassifier#scores': [[['a', 'b']]],
  trainTiedLM: [
    [
      TRAINED,
      {
        vectorSize: 3,
        context: 2,
        units: 2,
        dropout: 0.1,
        sampled: 2,
        minCount: 1,
        maxFinalVocab: 3,
        batchSize: 4,
        rate: 0.1,
        seed: 2,
      },
    ],
  ],
  'TiedLM#perplexity': [[TRAINED, { signal: new AbortController().signal }]],
  'TiedLM.from': [[(await INSTANCES.TiedLM()).save(), { tokenize: (/** @type {string} */ text) => text.split(' ') }]],
  'TiedLM#generate': [['a b', { temperature: 0.5, seed: 3 }]],
  'WordVectorTrainer.resume': [
    [await (await INSTANCES.WordVectorTrainer()).checkpoint(), TRAINED, { minCount: 1, vectorSize: 4, epochs: 3 }],
  ],
  'VectorIndex.from': [[await (await newIndex()).save(), { stem: (/** @type {string} */ word) => word }]],
  'VectorIndex.load': [[new Blob([await (await newIndex()).save()]), {}]],
  'VectorIndex#add': [
    [
      [
        { id: 1.5, vector: [1, 2, 3, 4], text: 'new', meta: 1 },
        { id: 'z', vector: DATA.slice(0, 4) },
      ],
    ],
  ],
  'VectorIndex#update': [[[{ id: 'king', vector: [1, 2, 3, 4], text: 'other' }]]],
  'VectorIndex#remove': [['man'], [['a', 'b']]],
  'VectorIndex#has': [['king']],
  'VectorIndex#get': [['king']],
  'VectorIndex#search': [
    ['king land', { topK: 3, hybrid: 'keywords' }],
    [{ text: 'queen', vector: [1, 2, 3, 4] }, SEARCH],
    [Float32Array.of(1, 2, 3, 4), { filter: ['a', 'king'] }],
  ],
  'VectorIndex#searchMany': [
    [['king', 'land'], { k: 2 }],
    [new Matrix(DATA, 6, 4), SEARCH],
  ],
  'VectorIndex#explain': [['king', 'the king', { passage: 0, pairs: 3 }]],
  'VectorIndex#save': [[]],
  'EmbeddingTable#quantizationError': [],
  'RemoteTable.fromPretrained': GOOD['RemoteTable.open'],
  'RemoteTable.from': GOOD['RemoteTable.open'],
  'WordVectors.fromPretrained': GOOD['WordVectors.load'],
  'WordVectors#vector': GOOD['WordVectors#get'],
  'RotaryPositions.fromParameters': GOOD['RotaryPositions.from'],
});

/** @param {any} type a class */
function publicMembersOf(type) {
  const { statics, methods, getters } = membersOf(type);
  const isPublic = (/** @type {string | symbol} */ name) => !INTERNAL.has(String(name));
  return { statics: statics.filter(isPublic), methods: methods.filter(isPublic), getters };
}

const CLASSES = Object.entries(library).filter(
  ([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name) && !EXCLUDED.has(name),
);
const FUNCTIONS = Object.entries(library).filter(
  ([name, value]) =>
    typeof value === 'function' && /^[a-z]/.test(name) && !EXCLUDED.has(name) && !SUPPORT.includes(name),
);

/** @type {any} */
let world;
/** @type {() => string} */
let canary;
/** @type {import('../../web/memory/heap.js').Heap} */
let heap;
const { fetch } = globalThis;

beforeAll(async () => {
  globalThis.fetch = () => Promise.reject(new TypeError('no network in this test'));
  heap = await loadHeap();
  const layer = await library.loadMini();
  const [table, given, disposed] = [await newTable(), await newTable(), await newTable()];
  const head = new TiedHead(await newTable());
  disposed.dispose();
  const words = await WordVectors.from(KEYS, DATA);
  const [wordsGiven, other] = [await WordVectors.from(KEYS, DATA), await library.loadMini()];
  const wide = await EmbeddingTable.from(new Float32Array(4000), { rows: 1000, dim: 4 });
  const matrix = () => new Matrix(new Float32Array(8), 2, 4);
  // The given objects may be disposed of; the canary's own are never passed to a call.
  const objects = [given, disposed, head, wordsGiven, other, other.tokenizer].map((each) => () => each);
  world = {
    objects: [...objects, matrix],
    reenter() {
      // Moves the scratch blocks, and takes the memory that they have left.
      wide.lookup(Uint32Array.from({ length: 1000 }, (_, i) => i));
      table.quantize('f32').dispose();
      layer.encode('in between');
    },
  };
  const bytes = (/** @type {Float32Array} */ x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('hex');
  const text = 'It is raining';
  canary = () => bytes(layer.encode(text)) + bytes(table.lookup([5, 0]).data) + bytes(words.get('king'));
});
afterAll(() => {
  globalThis.fetch = fetch;
});

/**
 * @param {string} what for messages
 * @param {() => unknown} call
 */
async function expectNoHarm(what, call) {
  const before = heap.u8.length;
  try {
    const result = await call();
    if (typeof (/** @type {any} */ (result)?.dispose) === 'function') /** @type {any} */ (result).dispose();
  } catch (error) {
    if (!(error instanceof WembedError) && !(error instanceof CallersError)) {
      throw new Error(`${what} threw something else than a WembedError`, { cause: error });
    }
  }
  const grown = (heap.u8.length - before) / 2 ** 20;
  if (grown > 32) throw new Error(`${what} made the core's memory ${grown} MB larger`);
}

/**
 * @param {string} member as GOOD names it
 * @param {(args: any[]) => unknown} call
 */
async function fuzz(member, call) {
  let seed = SEED;
  for (const c of member) seed = (Math.imul(seed, 31) + c.charCodeAt(0)) >>> 0;
  const random = randomFrom(seed);
  const expected = canary();
  for (let n = 0; n < CALLS; n++) {
    const good = pick(random, GOOD[member] ?? []);
    const args = argumentsFor(random, good, world);
    await expectNoHarm(`${member}, call ${n}`, () => call(args));
    if (canary() !== expected) throw new Error(`${member}, call ${n} changed what others give`);
  }
}

test('every public class has an instance here, or a reason to be omitted', () => {
  const unknown = CLASSES.map(([name]) => name).filter((name) => !Object.hasOwn(INSTANCES, name));
  expect(unknown).toEqual([]);
  const gone = [...EXCLUDED.keys()].filter((name) => !Object.hasOwn(library, name));
  expect(gone).toEqual([]);
  const members = CLASSES.flatMap(([name, type]) => {
    const { statics, methods } = publicMembersOf(/** @type {any} */ (type));
    return [...statics.map((each) => `${name}.${each}`), ...methods.map((each) => `${name}#${String(each)}`)];
  });
  const functions = FUNCTIONS.map(([name]) => name);
  const wrong = Object.keys(GOOD).filter(
    (member) => !member.startsWith('new ') && !members.includes(member) && !functions.includes(member),
  );
  expect(wrong).toEqual([]);
});

describe.each(CLASSES)('%s', (name, type) => {
  const Type = /** @type {any} */ (type);
  const { statics, methods, getters } = publicMembersOf(Type);

  test('new', () => fuzz(`new ${name}`, (args) => new Type(...args)), LIMIT);

  if (statics.length > 0) {
    test.each(statics)('%s', (member) => fuzz(`${name}.${member}`, (args) => Type[member](...args)), LIMIT);
  }

  test.each(methods.map((each) => [String(each), each]))(
    '%s',
    async (_, member) => {
      let instance = await INSTANCES[name]();
      const ends = /dispose/i.test(String(member));
      await fuzz(`${name}#${String(member)}`, async (args) => {
        if (ends) instance = await INSTANCES[name]();
        return instance[member](...args);
      });
      instance.dispose?.();
    },
    LIMIT,
  );

  test('properties can be read, and writing to them changes nothing', async () => {
    const instance = await INSTANCES[name]();
    for (const getter of getters) {
      const value = instance[getter];
      try {
        instance[getter] = null;
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError); // the language's own, of strict code
      }
      expect(instance[getter]).toEqual(value);
    }
    instance.dispose?.();
  });
});

if (FUNCTIONS.length > 0) {
  test.each(FUNCTIONS)('%s', (name, call) => fuzz(name, (args) => /** @type {any} */ (call)(...args)), LIMIT);
}
