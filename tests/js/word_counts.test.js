// The words of many texts, counted by WebAssembly, against those that JavaScript counts one by one: cpp/text/word_counts.h.
import { Keywords, startKeywords } from '../../web/search/keywords.js';
import { Terms } from '../../web/search/terms.js';
import { WordCounts, wordCounts } from '../../web/search/word_counts.js';
import { Words } from '../../web/search/words.js';
import { startWordModule } from '../../web/memory/word_module.js';
import { randomFrom } from '../support/api_fuzz.js';
import { VectorIndex } from '../support/wembed.js';

/** @typedef {import('../../web/search/keywords.js').KeywordSettings} KeywordSettings */

const isScalar = process.env.WEMBED_VARIANT === 'scalar'; // there JavaScript counts all

beforeAll(startKeywords);

test('runs where there is SIMD', () => {
  expect(wordCounts() === undefined).toBe(isScalar);
});

/**
 * @param {string[]} texts
 * @param {Partial<KeywordSettings>} [settings]
 * @param {(keywords: Keywords, texts: string[]) => void} [add]
 */
function counted(texts, settings, add = (keywords, all) => keywords.addAll(all)) {
  const keywords = new Keywords({ k1: 1.2, b: 0.75, ...settings });
  add(keywords, texts);
  return keywords;
}

/** @type {(keywords: Keywords, texts: string[]) => void} */
const oneByOne = (keywords, texts) => {
  for (const text of texts) keywords.add(text);
};

/** What a file would hold. @param {Keywords} keywords */
const held = (keywords) => keywords.exported(new Uint8Array(keywords.rows).fill(1));

/** @param {string[]} texts at least 64 @param {Partial<KeywordSettings>} [settings] */
function expectTheSame(texts, settings) {
  const [many, single] = [counted(texts, settings), counted(texts, settings, oneByOne)];
  expect(held(many)).toEqual(held(single));
  for (const query of texts.slice(0, 5)) {
    const scores = [many, single].map((each) => {
      const all = new Float64Array(texts.length);
      each.score(each.query(query).terms, all);
      return all;
    });
    expect(scores[0]).toEqual(scores[1]);
  }
}

const PIECES = [
  ...[
    'the',
    'Connections',
    'connected',
    'CONNECTING',
    'x',
    'I',
    'don’t',
    "don't",
    'naïve',
    'NAÏVE',
    'café',
    'cafe\u0301',
    'ﬁne',
    'Ⅷ',
  ],
  ...[
    'İstanbul',
    'ß',
    'Straße',
    'ǅ',
    'ΣΊΣΥΦΟΣ',
    'москва',
    'ё',
    '東京',
    '東京都庁',
    'ひらがな',
    'ไทย',
    'ကမ္ဘာ',
    '한국어',
    'नमस्ते',
    '１２３',
    'a東b',
  ],
  ...[
    '\ud800',
    '\udc00x',
    'a\ud83d\ude00b',
    '\0',
    'a\0b',
    '\ufeff',
    '\ufffd',
    '\u200b',
    '\u00ad',
    '\u2028',
    '😀',
    '𝒳',
    '𝟙',
    '\u0301',
    'ⓐ',
  ],
  ...[
    'a'.repeat(127),
    'b'.repeat(128),
    'c'.repeat(129),
    'd'.repeat(300),
    `${'é'.repeat(31)}`,
    'é'.repeat(33),
    'é'.repeat(90),
    '東'.repeat(200),
  ],
  ...[
    '1234567',
    '12345678',
    '123456789',
    'abcdefghijklmnop',
    'abcdefghijklmnopq',
    'abcdefghijklmnopr',
    '_',
    '-',
    '\n',
    '\t',
    '...',
  ],
];

test('of hostile Unicode: the same terms, counts and lengths, and the same scores', () => {
  const random = randomFrom(7);
  const pick = () => PIECES[Math.floor(random() * PIECES.length)];
  const text = () => Array.from({ length: Math.floor(random() * 20) }, pick).join(random() < 0.5 ? ' ' : '');
  for (const settings of [
    {},
    { language: /** @type {const} */ ('none') },
    { stopWords: ['東京', 'connect', 'cafe'] },
  ]) {
    for (let round = 0; round < 8; round++) expectTheSame(Array.from({ length: 64 + round }, text), settings);
  }
  expectTheSame(Array.from({ length: 64 }, () => ''));
});

test('of random units', () => {
  const random = randomFrom(8);
  const unit = [
    () => 32 + Math.floor(random() * 95),
    () => Math.floor(random() * 256),
    () => Math.floor(random() * 65536),
    () => (random() < 0.3 ? 0xd7f0 + Math.floor(random() * 0x900) : 97 + Math.floor(random() * 3)),
  ];
  for (const one of unit) {
    const text = () => String.fromCharCode(...Array.from({ length: Math.floor(random() * 150) }, one));
    expectTheSame(Array.from({ length: 200 }, text));
    expectTheSame(Array.from({ length: 200 }, text), { language: 'none' });
  }
});

test('of more words than are remembered, of long texts, and of many at once', () => {
  const random = randomFrom(9);
  const word = () => Math.floor(random() * 2 ** 31).toString(36);
  const texts = Array.from({ length: 6000 }, () => Array.from({ length: 12 }, word).join(' '));
  expectTheSame([...texts, ...texts.slice(0, 100)], { language: 'none' });
  const long = [1000, 40_000, 70_000].map((n) => `${'é to '.repeat(n / 10)}${'word '.repeat(n / 5)}東`);
  expectTheSame([...texts.slice(0, 63), ...long, ...texts.slice(0, 63)]);
  expectTheSame(
    Array.from({ length: 9000 }, (_, i) => 'a b'.slice(0, i % 4)),
    { language: 'none' },
  );
  expectTheSame(Array.from({ length: 70 }, (_, i) => (i === 30 ? 'again '.repeat(10_900) : 'again')));
});

test('of two indexes in turns, and of rows after others have gone', () => {
  const texts = Array.from({ length: 100 }, (_, i) => `row ${i} of two café${i % 7}`);
  const [first, second] = [counted(texts), counted(texts, { language: 'none' })];
  for (const each of [first, second, first]) each.addAll(texts.toReversed());
  first.truncate(150);
  first.addAll(texts);
  const expected = counted([...texts, ...texts.toReversed().slice(0, 50), ...texts], {}, oneByOne);
  expect(held(first)).toEqual(held(expected));
  expect(held(second)).toEqual(held(counted([...texts, ...texts.toReversed()], { language: 'none' }, oneByOne)));
});

test('a word is stemmed once, whoever meets it first', () => {
  for (const settings of [
    {},
    { language: /** @type {const} */ ('none') },
    { stem: (/** @type {string} */ w) => w.slice(0, 3) },
  ]) {
    const words = new Words(settings);
    const { termOf } = words;
    let stemmed = 0;
    words.termOf = (...args) => {
      stemmed++;
      return termOf.apply(words, args);
    };
    const terms = new Terms(words);
    const text = 'Happy relational connected agreed hoping probate x';
    const expected = terms.termsOf(text);
    expect(stemmed).toBe(7);
    for (let i = 0; i < 3; i++) expect(terms.termsOf(text.toUpperCase())).toEqual(expected);
    const bytes = new TextEncoder().encode('happiness');
    const added = terms.addAscii?.(bytes, 0, bytes.length);
    words.each('happiness happy Relational', false, (units, size) => terms.find(units, size));
    expect(stemmed).toBe(8);
    if (added !== undefined) expect(terms.termsOf('happiness')).toEqual([added]);
    // Of a word that no row has had, but whose term is there: read again and again in texts of an index from a file.
    for (let i = 0; i < 3; i++) words.each('connecting', false, (units, size) => terms.find(units, size));
    expect(stemmed).toBe('stem' in settings ? 11 : 'language' in settings ? 11 : 9);
  }
});

test('a rule of the caller is asked once for each word; what it throws adds nothing, and the next call works', () => {
  /** @type {string[]} */
  const asked = [];
  let fails = true;
  const stem = (/** @type {string} */ word) => {
    asked.push(word);
    if (fails && word === 'bad') throw new Error('no');
    return word.slice(0, 2);
  };
  const texts = Array.from({ length: 80 }, (_, i) => `good gold ${i === 70 ? 'bad' : 'Good'} gööd`);
  const keywords = counted(texts.slice(0, 66), { stem });
  expect(() => keywords.addAll([...texts, ...texts])).toThrow();
  keywords.truncate(66);
  expect(keywords.rows).toBe(66);
  fails = false;
  keywords.addAll(texts);
  expect(held(keywords)).toEqual(
    held(counted([...texts.slice(0, 66), ...texts], { stem: (word) => word.slice(0, 2) }, oneByOne)),
  );
  expect(asked.sort()).toEqual(['bad', 'bad', 'gold', 'good']);
});

test('a rule that adds to another index meanwhile, and one that searches this one', () => {
  const texts = Array.from({ length: 70 }, (_, i) => `word${i} again`);
  const others = Array.from({ length: 70 }, (_, i) => `other${i} again`);
  const other = counted([]);
  const keywords = counted([]);
  const inner = new Keywords({
    ...{ k1: 1.2, b: 0.75 },
    stem: (word) => {
      if (word === 'word3') other.addAll(others);
      if (word === 'word5') keywords.query('again');
      return word;
    },
  });
  inner.addAll(texts);
  expect(held(inner)).toEqual(held(counted(texts, { stem: (word) => word }, oneByOne)));
  expect(held(other)).toEqual(held(counted(others, {}, oneByOne)));
});

test('an index has the same bytes whichever way its words were counted', async () => {
  const texts = Array.from({ length: 130 }, (_, i) => `Text ${i}: “naïve” connections, 東京 ${'x'.repeat(i)}`);
  const make = async () => VectorIndex.create({ dim: 2 });
  const items = texts.map((text, id) => ({ id, text, vector: [1, id] }));
  const [many, single] = [await make(), await make()];
  many.add(items);
  for (const item of items) single.add([item]);
  expect(many.data).toEqual(single.data);
});

(isScalar ? test.skip : test)('memory that cannot grow leaves the rest to JavaScript', async () => {
  const module = /** @type {import('../../web/memory/word_module.js').WordModule} */ (await startWordModule());
  const memory = {
    get buffer() {
      return module.memory.buffer;
    },
    grow: () => {
      throw new RangeError('no memory');
    },
  };
  const counts = new WordCounts({ ...module, memory: /** @type {any} */ (memory) });
  const owner = { termsOf: () => [0], length: 1 };
  expect(
    counts.count(['a'], owner, () => {
      throw new Error('not reached');
    }),
  ).toBe(0);
});
