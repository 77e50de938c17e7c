// The same three words in two orders: what a model has of them without and with positions.
import { SinusoidalPositions } from '../../index.js';
import { cosineOf, lengthOf } from './pairs.js';

export const WORDS = ['dog', 'bites', 'man'];
export const COLUMNS = 16; // the first numbers of each row
export const WEAKER = 4; // by so much the waves are divided, to be as strong as the rows

/** A word at its place. @typedef {{ word: string, place: number, row: Float32Array, position: Float32Array, sum: Float32Array }} PlacedWord */

/**
 * Both sentences, and how far apart the same word is in them.
 * @param {import('../../index.js').EmbeddingLayer} layer
 */
export function twoOrders(layer) {
  const { ids } = layer.tokenizer.encode(WORDS.join(' '), { addSpecialTokens: false });
  const found = layer.table.lookup(ids);
  const rows = WORDS.map((_, i) => found.row(i).slice(0, COLUMNS));
  const waves = new SinusoidalPositions({ dim: COLUMNS }).lookup(WORDS.map((_, place) => place));
  const positions = WORDS.map((_, place) => waves.row(place).map((value) => value / WEAKER));
  const sentences = [
    [0, 1, 2],
    [2, 1, 0],
  ].map((order) =>
    order.map((word, place) => {
      const [row, position] = [rows[word], positions[place]];
      return { word: WORDS[word], place, row, position, sum: row.map((value, d) => value + position[d]) };
    }),
  );
  const words = WORDS.map((word) => {
    const [a, b] = sentences.map((sentence) => /** @type {PlacedWord} */ (sentence.find((each) => each.word === word)));
    return { word, places: [a.place, b.place], rows: distance(a.row, b.row), sums: distance(a.sum, b.sum) };
  });
  const [a, b] = sentences;
  const means = {
    rows: distance(meanOf(a, 'row'), meanOf(b, 'row')),
    sums: distance(meanOf(a, 'sum'), meanOf(b, 'sum')),
  };
  const cosine = cosineOf(meanOf(a, 'row'), meanOf(b, 'row'));
  return { sentences, words, means, cosine };
}

/** How far apart two vectors are. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const distance = (a, b) => lengthOf(Array.from(a, (value, i) => value - b[i]));

/** @param {PlacedWord[]} sentence @param {'row' | 'sum'} of @returns {Float64Array} */
export function meanOf(sentence, of) {
  const mean = new Float64Array(COLUMNS);
  for (const each of sentence) for (let d = 0; d < COLUMNS; d++) mean[d] += each[of][d] / sentence.length;
  return mean;
}
