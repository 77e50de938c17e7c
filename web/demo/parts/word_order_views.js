// How the section on positions begins: three words in two orders.
import { el } from './dom.js';
import { withCards } from './hints.js';
import { readoutOf } from './readable.js';
import { strip, strongestOf } from './strips.js';
import { decimal } from './words.js';
import { COLUMNS, WEAKER, twoOrders } from './word_order.js';

/** @typedef {import('./word_order.js').PlacedWord} PlacedWord */

/** @param {string} text @param {Record<string, unknown>} [more] */
const column = (text, more = {}) => el('th', { scope: 'col', text, ...more });

/** @param {PlacedWord[]} sentence @param {number} most the value of the strongest colours */
function sentenceTable(sentence, most) {
  const options = { most, readout: () => document.getElementById('positions-order-value') };
  const lines = sentence.map(({ word, place, row, position, sum }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', text: word }),
      el('td', {}, strip(row, `row of “${word}”`, options)),
      el('td', {}, el('span', { class: 'sign', text: '+' }), strip(position, `position ${place}`, options)),
      el('td', {}, el('span', { class: 'sign', text: '=' }), strip(sum, `“${word}” at position ${place}`, options)),
    ),
  );
  return el(
    'table',
    { class: 'order' },
    el('caption', { text: `“${sentence.map(({ word }) => word).join(' ')}”` }),
    el('thead', {}, el('tr', {}, column('word'), column('its row'), column('its position'), column('the sum'))),
    el('tbody', {}, ...lines),
  );
}

/** @param {ReturnType<typeof twoOrders>} orders */
function distances({ words, means }) {
  const line = (/** @type {string} */ name, /** @type {string} */ places, /** @type {number[]} */ apart) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', text: name }),
      el('td', { text: places }),
      ...apart.map((value) => el('td', { class: 'right', text: decimal(value) })),
    );
  return el(
    'table',
    { class: 'order apart', id: 'positions-apart' },
    el('caption', {
      text: 'How far is a word of the first sentence from the same word of the second? 0 is the same vector.',
    }),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        column('word'),
        column('positions'),
        column('rows alone', { class: 'right' }),
        column('with positions', { class: 'right' }),
      ),
    ),
    el(
      'tbody',
      {},
      ...words.map(({ word, places, rows, sums }) => line(word, places.join(' and '), [rows, sums])),
      line('mean of all three', '', [means.rows, means.sums]),
    ),
  );
}

/**
 * Draws both sentences, in the colours of the light or the dark page.
 * @param {HTMLElement} place
 * @param {import('../../index.js').EmbeddingLayer} layer
 */
export function showOrders(place, layer) {
  const orders = twoOrders(layer);
  const all = orders.sentences.flat().flatMap(({ row, position, sum }) => [row, position, sum]);
  const most = Math.max(...all.map(strongestOf));
  const dog = orders.words[0];
  place.replaceChildren(
    el('h3', { text: 'The same three rows in two orders' }),
    el('div', { class: 'halves' }, ...orders.sentences.map((sentence) => sentenceTable(sentence, most))),
    readoutOf('positions-order-value'),
    el('p', {
      class: 'quiet',
      text: `An illustration: the rows are those of this page’s model (their first ${COLUMNS} numbers, one column each; orange is above zero, blue below, and the strongest colour is ${decimal(most)} in all strips). It has no positions of its own; those added here are the waves of the first Transformer, divided by ${WEAKER} to be about as strong as the rows. Only the first columns change much from one place to the next: the later waves are long.`,
    }),
    distances(orders),
    el(
      'p',
      { class: 'lesson' },
      ...withCards(
        `As rows, the two sentences hold the same three vectors: nothing says who bites. With its position added, “dog” as the first word is another vector than “dog” as the last one, ${decimal(dog.sums)} away. The mean would forget even that: it adds up the same rows and the same positions. So a language model takes no mean here: it compares each vector with the others, or with those before it (attention).`,
        { attention: 'attention' },
      ),
    ),
  );
}
