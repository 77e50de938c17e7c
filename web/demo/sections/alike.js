import { addCode } from '../parts/code.js';
import { css, diverging, onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame, roving } from '../parts/dom.js';
import { splitCosine } from '../parts/pairs.js';
import { columnsOf, onRoomChange, showPairs } from '../parts/pairs_table.js';
import { usable } from '../parts/say.js';
import { sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { count, decimal, likeness, percent, plural } from '../parts/words.js';
import { alike as snippet } from '../snippets.js';

/** @type {{ name: string, a: string, b: string, lesson: string }[]} */
const EXAMPLES = [
  {
    name: 'Other words, same thing',
    a: 'A cat sleeps on the sofa.',
    b: 'The kitten naps on a couch.',
    lesson:
      'They share no word that matters. The rows of cat and kitten, sofa and couch point the same way: that was learned, and is the whole trick.',
  },
  {
    name: 'Unrelated',
    a: 'A cat sleeps on the sofa.',
    b: 'Stock prices fell sharply on Monday.',
    lesson: 'Small shares of both signs cancel out. Two texts on different things are nearly at a right angle.',
  },
  {
    name: 'Fails: negation',
    a: 'The food was good.',
    b: 'The food was not good.',
    lesson:
      'Opposite statements, nearly the same vector: “not” is one short row among others. A mean of rows cannot turn a meaning around.',
  },
  {
    name: 'Fails: word order',
    a: 'Dog bites man.',
    b: 'Man bites dog.',
    lesson: 'A sum does not know in which order it was added up. The order of words is lost, always.',
  },
  {
    name: 'Fails: another language',
    a: 'Good morning, how are you?',
    b: 'Guten Morgen, wie geht es dir?',
    lesson:
      'This model learned English only. The German words fall to pieces that mean nothing to it. Multilingual models have rows for them.',
  },
];

const FIELDS = { a: text(EXAMPLES[0].a), b: text(EXAMPLES[0].b) };

/** What needs no model: the boxes show what the link says at once. @param {HTMLElement} root */
export function prepare(root) {
  const state = sectionState('alike', FIELDS);
  const box = (/** @type {string} */ id) => /** @type {HTMLTextAreaElement} */ (root.querySelector(`#alike-${id}`));
  box('a').value = String(state.values.a);
  box('b').value = String(state.values.b);
  for (const button of root.querySelectorAll('.example')) {
    const example = exampleOf(button);
    button.addEventListener('click', () => {
      box('a').value = example.a;
      box('b').value = example.b;
      box('b').dispatchEvent(new Event('input', { bubbles: true }));
    });
  }
}

/** index.html names the examples. @param {Element} button */
const exampleOf = (button) =>
  /** @type {typeof EXAMPLES[number]} */ (EXAMPLES.find(({ name }) => name === button.textContent?.trim()));

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  const state = sectionState('alike', FIELDS);
  const given = () => ({ a: $('a').value, b: $('b').value });
  /** @type {ReturnType<typeof splitCosine> | undefined} */
  let split;

  const compute = () => {
    const { a, b } = given();
    const [first, second] = [usable(a), usable(b)];
    const cosine = layer.similarity(first.text, second.text);
    return { a, b, note: first.note || second.note, cosine, pairs: splitCosine(layer, first.text, second.text) };
  };
  /** @param {ReturnType<typeof compute>} computed */
  const show = ({ a, b, note, cosine, pairs }) => {
    split = pairs;
    const cut = split.isCut
      ? `The model reads the first ${count(layer.describe().maxLength ?? 0)} tokens of a text: what follows does not count.`
      : '';
    say.note([...state.problems, note, cut].filter(Boolean).join(' '));
    const empty = [a, b].map((each) => each.trim() === '');
    if (empty[0] || empty[1]) askFor($('answer'), empty);
    else showAnswer($('answer'), cosine, split);
    showGauge($('gauge'), cosine);
    showPairs(/** @type {HTMLTableElement} */ (/** @type {unknown} */ ($('pairs'))), split);
    $('key').classList.toggle('unseen', split.shares.length === 0);
    tell(strongest($('pairs')));
    const lesson = EXAMPLES.find((each) => each.a === a && each.b === b)?.lesson ?? howSpread(split);
    $('lesson').replaceChildren(el('span', { text: lesson }));
    for (const button of root.querySelectorAll('.example')) {
      const example = exampleOf(button);
      button.setAttribute('aria-pressed', String(example.a === a && example.b === b));
    }
  };
  const update = () => {
    try {
      show(compute());
    } catch (error) {
      say.error(error);
    }
  };
  const soon = perFrame(update);
  root.addEventListener('input', () => {
    state.problems.length = 0;
    state.write(given());
    soon();
  });
  const tell = (/** @type {Element | null} */ cell) => {
    if (cell) {
      for (const marked of root.querySelectorAll('.marked, .of-marked')) marked.classList.remove('marked', 'of-marked');
      cell.classList.add('marked');
      for (const name of namesOf(/** @type {HTMLTableCellElement} */ (cell))) name?.classList.add('of-marked');
    }
    $('readout').textContent =
      /** @type {HTMLElement | undefined} */ (root.querySelector('.marked'))?.dataset.words ?? '';
  };
  const cellOf = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-words]'));
  $('pairs').addEventListener('pointerover', (/** @type {Event} */ event) => tell(cellOf(event)));
  $('pairs').addEventListener('click', (/** @type {Event} */ event) => cellOf(event)?.focus());
  $('pairs').addEventListener('focusin', (/** @type {Event} */ event) => tell(cellOf(event)));
  roving($('pairs'), '[data-words]', (at, key) => at + (moves(split)[key] ?? 0));
  onSchemeChange(update);
  onRoomChange(update);
  addCode(root, { code: () => snippet(given()) });
  try {
    const first = compute();
    await pause(); // computing and showing are two tasks
    if (!split) show(first); // unless the visitor has typed meanwhile
  } catch (error) {
    say.error(error);
  }
}

/** The cell of the pair that adds the most: the answer to why. @param {HTMLElement} table */
function strongest(table) {
  const cells = /** @type {HTMLElement[]} */ ([...table.querySelectorAll('[data-share]')]);
  const shareOf = (/** @type {HTMLElement} */ cell) => Number(cell.dataset.share);
  return cells.reduce((best, cell) => (!best || shareOf(cell) > shareOf(best) ? cell : best), cells.at(0)) ?? null;
}

/** The names of the row and the column that a cell stands in. @param {HTMLTableCellElement} cell */
const namesOf = (cell) => [
  /** @type {HTMLTableRowElement | null} */ (cell.parentElement)?.cells[0],
  cell.closest('table')?.tHead?.rows[0].cells[cell.cellIndex],
];

/**
 * What there is to see at sentences of the visitor's own: on how few pairs the cosine rests.
 * @param {ReturnType<typeof splitCosine>} split
 */
function howSpread({ shares }) {
  const adding = shares.filter((share) => share > 0).sort((p, q) => q - p);
  const all = adding.reduce((total, share) => total + share, 0);
  if (!(all > 0)) return '';
  if (shares.length === 1) return 'Your own texts have one token each: their pair makes the whole cosine.';
  let [few, held] = [0, 0];
  while (held < all / 2) held += adding[few++];
  const taking = shares.length - adding.length;
  return (
    `Your own pair of sentences: of ${plural(shares.length, 'pair')} of tokens the strongest ${few === 1 ? 'one makes' : `${few} make`} ${percent(held / all)} of what is added` +
    (taking > 0
      ? `; ${count(taking)} ${taking === 1 ? 'takes' : 'take'} away, or ${taking === 1 ? 'adds' : 'add'} nothing.`
      : '.')
  );
}

/** @param {ReturnType<typeof splitCosine> | undefined} split @returns {Record<string, number>} */
function moves(split) {
  const columns = columnsOf(split);
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
}

/** @param {HTMLElement} place @param {boolean[]} empty which of the two texts */
function askFor(place, [first, second]) {
  const which = first && second ? 'both boxes' : first ? 'the first box' : 'the second box';
  place.replaceChildren(el('span', { class: 'verdict', text: `Type a sentence into ${which}.` }));
}

/**
 * @param {HTMLElement} place
 * @param {number} cosine
 * @param {ReturnType<typeof splitCosine>} split
 */
function showAnswer(place, cosine, { a, b, shares }) {
  if (a.length === 0 || b.length === 0) {
    const which = a.length > 0 ? 'The second text has' : b.length > 0 ? 'The first text has' : 'Both texts have';
    const words = `${which} no token with a row: there is nothing to compare.`;
    place.replaceChildren(el('span', { class: 'verdict', text: words }));
    return;
  }
  const best = shares.reduce((top, value, at) => (value > shares[top] ? at : top), 0);
  const [x, y] = [a[Math.floor(best / b.length)], b[best % b.length]];
  const why =
    shares[best] > 0.02 && cosine >= 0.2
      ? x.token === y.token
        ? [', most of all because both have ', el('b', { text: x.token })]
        : [
            ', most of all because of ',
            el('b', { class: 'a', text: x.token }),
            ' and ',
            el('b', { class: 'b', text: y.token }),
          ]
      : [];
  place.replaceChildren(
    el('span', { class: 'number', text: decimal(cosine) }),
    ' ',
    el('span', { class: 'verdict' }, `To this model they are ${likeness(cosine)}`, ...why, '.'),
  );
}

/**
 * @param {HTMLElement} place
 * @param {number} cosine
 */
function showGauge(place, cosine) {
  const marks = [
    [-1, 'opposite'],
    [0, 'unrelated'],
    [1, 'same direction'],
  ].map(([at, name]) => {
    const mark = el('span', { class: 'mark', text: String(name) });
    mark.style.left = `${50 + 50 * Number(at)}%`;
    return mark;
  });
  const bar = el('span', { class: 'bar' });
  const [from, to] = [Math.min(0, cosine), Math.max(0, cosine)];
  bar.style.left = `${50 + 50 * from}%`;
  bar.style.width = `${50 * (to - from)}%`;
  bar.style.background = css(diverging(cosine < 0 ? -0.7 : 0.7));
  place.replaceChildren(...marks, bar);
}
