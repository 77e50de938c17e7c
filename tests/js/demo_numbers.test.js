// What the demo page's sections on word order and on the next word reckon, beside the library's own.
import { chancesOf } from '../../web/demo/parts/chances.js';
import { seenInWords } from '../../web/demo/parts/position_words.js';
import { TRAINED, rotaryOf } from '../../web/demo/parts/rotations.js';
import { distance, meanOf, twoOrders } from '../../web/demo/parts/word_order.js';
import { EmbeddingTable, LanguageModelHead, SinusoidalPositions } from '../../web/index.js';
import { loadMini } from '../../web/mini.js';

describe('the chances of the tokens', () => {
  /** @type {LanguageModelHead} */
  let head;
  const hidden = Float32Array.from({ length: 16 }, (_, i) => 1.5 * Math.sin(i));
  beforeAll(async () => {
    const data = Float32Array.from({ length: 50 * 16 }, (_, i) => Math.sin(12.9898 * i) % 1);
    head = new LanguageModelHead(await EmbeddingTable.from(data, { rows: 50, dim: 16 }));
  });

  test.each([0.3, 1, 1.7])('at temperature %d they are the softmax of the head', (temperature) => {
    const { ids, logits } = head.topK(hidden, 50);
    const { chances, may } = chancesOf(logits, { temperature, topK: 0, topP: 1 });
    const scaled = head.topK(
      hidden.map((value) => value / temperature),
      50,
    );
    expect(Array.from(ids)).toEqual(Array.from(scaled.ids));
    chances.forEach((chance, i) => expect(chance).toBeCloseTo(scaled.probs[i], 5));
    expect(may).toBe(50);
  });

  // Which tokens the head draws, and how often, is what the page says.
  test.each([
    { temperature: 0, topK: 0, topP: 1 },
    { temperature: 0, topK: 5, topP: 0.4 },
    { temperature: 1, topK: 4, topP: 1 },
    { temperature: 0.8, topK: 0, topP: 0.6 },
    { temperature: 1.5, topK: 7, topP: 0.7 },
  ])('after %j they are those with which the head draws', (limits) => {
    const { ids, logits } = head.topK(hidden, 50);
    const { chances, may } = chancesOf(logits, limits);
    const draws = 4000;
    const drawn = new Map();
    for (let i = 0; i < draws; i++) {
      const id = head.sample(hidden, { ...limits, seed: i + 1 });
      drawn.set(id, (drawn.get(id) ?? 0) + 1);
    }
    expect(new Set(drawn.keys())).toEqual(new Set(ids.subarray(0, may)));
    chances.forEach((chance, i) => expect(Math.abs((drawn.get(ids[i]) ?? 0) / draws - chance)).toBeLessThan(0.03));
    expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
  });

  test('of no token there is none', () => {
    expect(chancesOf([], { temperature: 1, topK: 0, topP: 1 })).toEqual({ chances: new Float64Array(0), may: 0 });
  });
});

describe('three words in two orders', () => {
  test('without positions they are the same vectors; with them a word is as far from itself as its positions are', async () => {
    const layer = await loadMini();
    const { sentences, words, means, cosine } = twoOrders(layer);
    expect(sentences.map((sentence) => sentence.map(({ word }) => word).join(' '))).toEqual([
      'dog bites man',
      'man bites dog',
    ]);
    const waves = new SinusoidalPositions({ dim: 16 }).lookup([0, 1, 2]);
    for (const [i, { word, places, rows, sums }] of words.entries()) {
      expect(places).toEqual([i, 2 - i]);
      expect(rows).toBe(0);
      expect(sums).toBeCloseTo(distance(waves.row(i), waves.row(2 - i)) / 4, 6);
      const [id] = layer.tokenizer.encode(word, { addSpecialTokens: false }).ids;
      expect(sentences[0][i].row).toEqual(layer.table.row(id).slice(0, 16));
    }
    expect(words[0].sums).toBeGreaterThan(0.3);
    expect(cosine).toBeCloseTo(1, 12);
    expect([means.rows, means.sums].map((value) => value < 1e-7)).toEqual([true, true]); // the mean forgets the order
    expect(distance(meanOf(sentences[0], 'row'), meanOf(sentences[0], 'sum'))).toBeGreaterThan(0.1);
  });
});

describe('angles that training had', () => {
  const trained = { type: 'default', theta: 10_000, factor: 1 };

  test('are all of them within the trained length, and not beyond it', () => {
    const rotary = rotaryOf(trained);
    const said = (/** @type {number} */ position) => seenInWords(rotary, { position, distance: -5, length: 200_000 });
    expect(said(0)).toBe('This is the text’s first token: all its hands point to the right.');
    expect(said(80)).toBe(
      'All 32 angles between this token and the first one also occurred in training. The slowest pair, 31, stands at 0.6°; in training it went up to 31°.',
    );
    expect(said(TRAINED)).toMatch(/^All 32 angles/);
    const beyond = 2 * TRAINED;
    const frequencies = rotary.frequencies(beyond);
    const isNew = (/** @type {number} */ frequency) =>
      (frequency * beyond) % (2 * Math.PI) > frequency * TRAINED * (1 + 1e-6);
    const many = Array.from(frequencies).filter(isNew).length;
    expect(many).toBeGreaterThan(0);
    expect(said(beyond)).toMatch(new RegExp(`^${many} of the 32 angles between .* never occurred in training\\.`));
    expect(said(beyond)).toContain('Between this token and the other, 5 away, none is new.');
  });
});
