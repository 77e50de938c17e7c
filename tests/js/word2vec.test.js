// trainWordVectors: gensim's own steps with the same random numbers, and what it refuses.
import {
  DivergedError,
  WordVectorTrainer,
  buildVocabulary,
  trainWordVectors,
  wordLayer,
  wordsOf,
} from '../../web/train.js';
import { EmbeddingLayer, WordVectors, errorOf, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/word2vec.json');
const camelCase = (/** @type {string} */ name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

describe('gensim 4.4.0, with the same random numbers', () => {
  test.each(golden.cases.map((/** @type {any} */ each) => [each.name, each]))('%s', async (_, expected) => {
    const { words, vectors, ...options } = expected;
    delete options.name;
    const given = Object.fromEntries(Object.entries(options).map(([key, value]) => [camelCase(key), value]));
    const wv = await trainWordVectors(golden.sentences, { ...given, minCount: 2 });
    expect(wv.indexToKey).toEqual(words);
    const { data } = wv.vectors(words);
    const largest = Math.max(...vectors.map(Math.abs));
    const furthest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - vectors[i])), 0);
    // Sums in another order, over thousands of steps; a step of the sigmoid's table is the most that one may differ by.
    expect(furthest / largest).toBeLessThan(1e-3);
    expect(largest).toBeGreaterThan(0.2);
    wv.dispose();
  });
});

/** Words that stand in the same places, which their vectors have to find. */
const KINDS = [
  ['king queen prince', 'rules leads', 'land people'],
  ['cat dog wolf', 'eats chases', 'mouse rabbit'],
  ['river brook stream', 'flows runs', 'sea lake'],
].map((kind) => kind.map((words) => words.split(' ')));
const TEXTS = Array.from({ length: 600 }, (_, i) => {
  const [who, does, what] = KINDS[i % 3].map((words, k) => words[(i * (k + 5) * 7 + (i >> 2)) % words.length]);
  return `the ${who} ${does} the ${what}`;
});
const SMALL = { vectorSize: 12, minCount: 1, epochs: 3, sample: 0, window: 2, batchWords: 200, alpha: 0.1 };

describe('results', () => {
  test('words that go together have similar vectors', async () => {
    const wv = await trainWordVectors(TEXTS, { ...SMALL, epochs: 20, sg: 1 });
    expect(wv.similarity('king', 'queen')).toBeGreaterThan(wv.similarity('king', 'dog') + 0.2);
    expect(['dog', 'wolf']).toContain(wv.mostSimilar('cat', { topn: 1 })[0].key);
    wv.dispose();
  });

  test('the same seed gives the same bits, another seed others, null others each time', async () => {
    const vectorsOf = async (/** @type {any} */ options) => {
      const wv = await trainWordVectors(TEXTS, { ...SMALL, ...options });
      return [...wv.get('king')];
    };
    expect(await vectorsOf({ seed: 5 })).toEqual(await vectorsOf({ seed: 5 }));
    expect(await vectorsOf({ seed: 5 })).not.toEqual(await vectorsOf({ seed: 6 }));
    expect(await vectorsOf({ seed: null })).not.toEqual(await vectorsOf({ seed: null }));
  });

  test('arrays, iterators, streams and functions that return them give the same', async () => {
    const vector = async (/** @type {any} */ texts) => [...(await trainWordVectors(texts, SMALL)).get('king')];
    const expected = await vector(TEXTS);
    expect(await vector(TEXTS.map(wordsOf))).toEqual(expected);
    expect(await vector(TEXTS.values())).toEqual(expected);
    expect(await vector((async function* () { yield* TEXTS; })())).toEqual(expected); // prettier-ignore
    expect(await vector(() => TEXTS.values())).toEqual(expected);
    expect(await vector(new ReadableStream({ start(c) { TEXTS.forEach((each) => c.enqueue(each)); c.close(); } }))).toEqual(expected); // prettier-ignore
  });

  test('a stop, a checkpoint and a resume in the middle of a pass change no bit', async () => {
    const whole = await trainWordVectors(TEXTS, SMALL);
    const first = await WordVectorTrainer.create(TEXTS, SMALL);
    expect(await first.train({ batches: 20 })).toBe(false);
    const bytes = first.checkpoint();
    expect(await first.train({ epochs: 1 })).toBe(false);
    expect(first.progress.epoch).toBe(2);
    first.dispose();
    await errorOf(() => first.vectors(), 'disposed');
    const second = await WordVectorTrainer.resume(bytes, TEXTS, SMALL);
    expect(await second.train()).toBe(true);
    expect(second.vectors().data).toEqual(whole.vectors(whole.indexToKey).data);
    expect(await second.train()).toBe(true); // nothing left to do
    second.dispose();
    const third = await trainWordVectors(TEXTS, { ...SMALL, resume: bytes });
    expect(third.vectors(third.indexToKey).data).toEqual(whole.vectors(whole.indexToKey).data);
    await errorOf(() => WordVectorTrainer.resume(bytes, TEXTS, { ...SMALL, seed: 9 }), 'invalid_argument');
    await errorOf(() => WordVectorTrainer.resume(bytes, TEXTS.slice(1), SMALL), 'invalid_argument');
    for (const end of [0, 7, 100, bytes.length - 5]) {
      await errorOf(() => WordVectorTrainer.resume(bytes.slice(0, end), TEXTS, SMALL), 'bad_file');
    }
    await errorOf(() => WordVectorTrainer.resume(/** @type {any} */ ('x'), TEXTS, SMALL), 'invalid_argument');
  });

  test('progress, checkpoints after each pass, another dtype', async () => {
    /** @type {any[]} */
    const seen = [];
    /** @type {Uint8Array[]} */
    const kept = [];
    const wv = await trainWordVectors(TEXTS, {
      ...SMALL,
      dtype: 'f16',
      onProgress: (progress) => seen.push(progress),
      onCheckpoint: (bytes) => kept.push(bytes),
    });
    expect(wv.table.dtype).toBe('f16');
    expect(kept.length).toBe(3);
    const { done, total, epoch } = seen.at(-1);
    expect([done, total, epoch]).toEqual([9000, 9000, 3]);
    expect(seen.at(-1).loss).toBeLessThan(0.9 * seen[0].loss);
    expect(seen[0].loss).toBeLessThan(6 * Math.LN2 + 0.01); // a random word that is the word itself is left out
    expect(seen[0].loss).toBeGreaterThan(3 * Math.LN2);
    expect(seen.every(({ perSecond, secondsLeft }) => perSecond > 0 && secondsLeft >= 0)).toBe(true);
    const rates = seen.map(({ rate }) => rate);
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  });

  test('a layer of the vectors: a text is the mean of its words, and it is saved and loaded as any other', async () => {
    const wv = await trainWordVectors(TEXTS, SMALL);
    const layer = await wordLayer(wv);
    expect(layer.tokenizer.encode("The KING, zzz don't").tokens).toEqual(['the', 'king', '[UNK]', '[UNK]']);
    const unit = (/** @type {Float32Array} */ x) => x.map((value) => value / Math.hypot(...x));
    const close = (/** @type {any} */ a, /** @type {any} */ b) =>
      a.forEach((/** @type {number} */ x, /** @type {number} */ d) => expect(x).toBeCloseTo(b[d], 5));
    close(layer.encode('king'), unit(wv.get('king')));
    const sum = wv.get('king').map((x, d) => x + wv.get('queen')[d]);
    close(layer.encode('King zzz queen!'), unit(sum));
    expect([...layer.encode('zzz')]).toEqual(Array(12).fill(0));
    const again = await EmbeddingLayer.from(await layer.save());
    expect(again.encode('a king')).toEqual(layer.encode('a king'));
    await errorOf(() => wordLayer(/** @type {any} */ ({})), 'invalid_argument');
    await errorOf(async () => wordLayer(await WordVectors.from(['[UNK]', 'a'], [1, 2])), 'invalid_argument');
  });

  test('vocabulary: counts, minCount, maxFinalVocab, a splitter of one’s own', async () => {
    const { words, counts, total } = await buildVocabulary(['b a', 'A! b, c', "don't b"], { minCount: 2 });
    expect([words, [...counts], total]).toEqual([['b', 'a'], [3, 2], 7]); // prettier-ignore
    const letters = await buildVocabulary(['aab', ['z', 'z', 'z']], {
      tokenize: (text) => [...text],
      minCount: 1,
      maxFinalVocab: 2,
    });
    expect(letters.words).toEqual(['z', 'a']);
    expect(wordsOf("L’été: 3 ÉTÉS, мир-42 don't ''")).toEqual(['l’été', '3', 'étés', 'мир', '42', "don't"]);
  });
});

describe('bad input', () => {
  const refused = (/** @type {any} */ texts, /** @type {any} */ options) =>
    errorOf(() => trainWordVectors(texts, options), 'invalid_argument');

  test('an empty corpus, one word, minCount that leaves nothing', async () => {
    expect(await refused([], {})).toMatch('no words');
    expect(await refused(['', '...'], {})).toMatch('no words');
    expect(await refused(['a a a a a a'], {})).toMatch("'a' is the only word");
    expect(await refused(['a b a'], {})).toMatch('minCount 5 leaves no word: the most frequent of 2 occurs 2 times');
  });

  test('texts that are none', async () => {
    expect(await refused('a text', {})).toMatch('texts must be an array');
    expect(await refused([1], {})).toMatch('each text must be');
    expect(await refused([['a', 2]], {})).toMatch('each word must be');
    expect(await refused(null, {})).toMatch('texts must be');
    const own = new Error('own');
    const broken = (function* () { yield 'a b'; throw own; })(); // prettier-ignore
    await expect(trainWordVectors(broken, {})).rejects.toBe(own);
  });

  test.each([
    ['alpha', NaN],
    ['alpha', 0],
    ['minAlpha', -1],
    ['window', 0],
    ['vectorSize', 0],
    ['epochs', 1.5],
    ['negative', 0],
    ['sample', Infinity],
    ['seed', -1],
    ['dtype', 'f31'],
    ['onProgress', 3],
    ['workers', 3],
  ])('%s %s is refused', async (name, value) => {
    expect(
      await errorOf(
        () => trainWordVectors(TEXTS, { [name]: value }),
        name === 'dtype' ? 'unsupported' : 'invalid_argument',
      ),
    ).toMatch(name);
  });

  test('a window larger than the text, and a line of a megabyte', async () => {
    const wide = await trainWordVectors(['a b c'], { minCount: 1, window: 1000, vectorSize: 4 });
    expect(wide.length).toBe(3);
    const line = 'one two three four '.repeat(60_000);
    const wv = await trainWordVectors([line], { vectorSize: 4, epochs: 1 });
    expect(wv.length).toBe(4);
    expect([...wv.get('one')].every(Number.isFinite)).toBe(true);
  });

  test('a rate that is too high: the error has the last good vectors', async () => {
    const error = await trainWordVectors(TEXTS, { ...SMALL, alpha: 1e6 }).catch((each) => each);
    expect(error).toBeInstanceOf(DivergedError);
    expect([error.code, error.reason]).toEqual(['invalid_argument', 'diverged']);
    expect(error.message).toMatch('A lower alpha than 1000000');
    expect([...error.lastGood.get('king')].every((x) => Math.abs(x) < 1)).toBe(true);
  });

  test('abort before and in the middle; the next call works', async () => {
    await errorOf(() => trainWordVectors(TEXTS, { ...SMALL, signal: AbortSignal.abort() }), 'aborted');
    const controller = new AbortController();
    const trainer = await WordVectorTrainer.create(TEXTS, SMALL);
    let batches = 0;
    const onProgress = () => void (++batches === 4 && controller.abort());
    await errorOf(() => trainer.train({ onProgress, signal: controller.signal }), 'aborted');
    expect(batches).toBe(4);
    expect(await trainer.train()).toBe(true);
    trainer.dispose();
    trainer.dispose();
  });

  test('what onProgress throws comes out; training twice at once is refused', async () => {
    const own = new Error('own');
    await expect(trainWordVectors(TEXTS, { ...SMALL, onProgress: () => { throw own; } })).rejects.toBe(own); // prettier-ignore
    const trainer = await WordVectorTrainer.create(TEXTS, SMALL);
    const running = trainer.train();
    await errorOf(() => trainer.train(), 'invalid_argument');
    await running;
    await errorOf(() => trainer.vectors(['nobody']), 'not_found');
    trainer.dispose();
    await errorOf(() => trainer.train(), 'disposed').catch(() => {}); // all passes are done: nothing is asked of the model
    // @ts-expect-error made by nobody else
    expect(() => new WordVectorTrainer()).toThrow('made by');
  });

  test('a function whose texts change', async () => {
    let pass = 0;
    const texts = () => (pass++ === 0 ? ['a b', 'a b'] : ['a']);
    expect(await refused(texts, { minCount: 1 })).toMatch('no longer have the 4 words');
  });
});
