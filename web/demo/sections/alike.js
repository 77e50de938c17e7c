import { addCode } from '../parts/code.js';
import { css, diverging, inkOn, onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame, roving } from '../parts/dom.js';
import { cosineOf, splitCosine } from '../parts/pairs.js';
import { usable } from '../parts/say.js';
import { sectionState, text } from '../parts/state.js';
import { decimal, likeness, percent, plural, signed } from '../parts/words.js';
import { alike as snippet } from '../snippets.js';

const MOST = 16; // tokens with a row or column of their own; the others share one

/** @type {{ name: string, a: string, b: string, lesson: string }[]} */
const EXAMPLES = [
  {
    name: 'Other words, same thing',
    a: 'A cat sleeps on the sofa.',
    b: 'The kitten naps on a couch.',
    lesson:
      'No word of weight is shared. The rows of cat and kitten, sofa and couch point the same way: that was learned, and is the whole trick.',
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
export function start({ root, layer, say }) {
  const $ = finder(root);
  const state = sectionState('alike', FIELDS);
  const given = () => ({ a: $('a').value, b: $('b').value });
  /** @type {ReturnType<typeof splitCosine> | undefined} */
  let split;

  const update = () => {
    const { a, b } = given();
    const [first, second] = [usable(a), usable(b)];
    try {
      split = splitCosine(layer, first.text, second.text);
      const cosine = layer.similarity(first.text, second.text);
      say.note([...state.problems, first.note || second.note].filter(Boolean).join(' '));
      showAnswer($('answer'), cosine, split);
      showGauge($('gauge'), cosine);
      showPairs($('pairs'), split);
      tell(strongest($('pairs')));
      $('lesson').textContent = EXAMPLES.find((each) => each.a === a && each.b === b)?.lesson ?? '';
      for (const button of root.querySelectorAll('.example')) {
        const example = exampleOf(button);
        button.setAttribute('aria-pressed', String(example.a === a && example.b === b));
      }
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
    if (cell) for (const marked of root.querySelectorAll('.marked')) marked.classList.remove('marked');
    cell?.classList.add('marked');
    $('readout').textContent =
      /** @type {HTMLElement | undefined} */ (root.querySelector('.marked'))?.dataset.words ?? '';
  };
  const cellOf = (/** @type {Event} */ event) => /** @type {Element} */ (event.target).closest('[data-words]');
  $('pairs').addEventListener('pointerover', (/** @type {Event} */ event) => tell(cellOf(event)));
  $('pairs').addEventListener('click', (/** @type {Event} */ event) => cellOf(event)?.focus());
  $('pairs').addEventListener('focusin', (/** @type {Event} */ event) => tell(cellOf(event)));
  roving($('pairs'), '[data-words]', (at, key) => at + (moves(split)[key] ?? 0));
  onSchemeChange(update);
  addCode(root, { code: () => snippet(given()) });
  update();
}

/** The cell of the pair that adds the most: the answer to why. @param {HTMLElement} table */
function strongest(table) {
  const cells = /** @type {HTMLElement[]} */ ([...table.querySelectorAll('[data-share]')]);
  const shareOf = (/** @type {HTMLElement} */ cell) => Number(cell.dataset.share);
  return cells.reduce((best, cell) => (!best || shareOf(cell) > shareOf(best) ? cell : best), cells.at(0)) ?? null;
}

/** @param {ReturnType<typeof splitCosine> | undefined} split @returns {Record<string, number>} */
function moves(split) {
  const columns = Math.min(split?.b.length ?? 0, MOST + 1) + 1;
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
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
      ? [
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

/**
 * The tokens that a side of the matrix shows: the first ones, and all others as one.
 * @param {ReturnType<typeof splitCosine>['a']} tokens
 * @returns {{ name: string, from: number, to: number }[]}
 */
function lines(tokens) {
  const shown = tokens.length <= MOST + 1 ? tokens.length : MOST;
  const list = tokens.slice(0, shown).map(({ token }, i) => ({ name: token, from: i, to: i + 1 }));
  if (shown < tokens.length) {
    list.push({ name: `${tokens.length - shown} more`, from: shown, to: tokens.length });
  }
  return list;
}

/**
 * @param {HTMLTableElement} table
 * @param {ReturnType<typeof splitCosine>} split
 */
function showPairs(table, split) {
  const { a, b, shares, sum } = split;
  const [down, across] = [lines(a), lines(b)];
  /** @type {(row: { from: number, to: number }, column: { from: number, to: number }) => number} */
  const shareOf = (row, column) => {
    let total = 0;
    for (let i = row.from; i < row.to; i++) {
      for (let j = column.from; j < column.to; j++) total += shares[i * b.length + j];
    }
    return total;
  };
  const everything = { from: 0, to: 0 };
  const [allA, allB] = [
    { ...everything, to: a.length },
    { ...everything, to: b.length },
  ];
  const grid = down.map((row) => across.map((column) => shareOf(row, column)));
  const limit = Math.max(0.05, ...grid.flat().map(Math.abs));

  const head = el(
    'tr',
    {},
    el('td', { class: 'corner' }),
    ...across.map(({ name }) => el('th', { scope: 'col', class: 'b' }, el('span', { text: name }))),
    el('th', { scope: 'col', class: 'sum' }, el('span', { text: 'sum' })),
  );
  const body = down.map((row, i) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'a', text: row.name }),
      ...across.map((column, j) => cell(grid[i][j], limit, wordsOf(split, row, column, grid[i][j]))),
      sumCell(
        shareOf(row, allB),
        `“${row.name}” adds ${signed(shareOf(row, allB), 3)} with all tokens of the second text.`,
      ),
    ),
  );
  const foot = el(
    'tr',
    {},
    el('th', { scope: 'row', class: 'sum', text: 'sum' }),
    ...across.map((column) => {
      const share = shareOf(allA, column);
      return sumCell(share, `“${column.name}” adds ${signed(share, 3)} with all tokens of the first text.`);
    }),
    sumCell(sum, `All ${plural(shares.length, 'cell')} together: ${sum.toFixed(4)}, which is the cosine.`, 'total'),
  );
  table.replaceChildren(
    el('caption', { class: 'visually-hidden', text: 'Rows: tokens of the first text. Columns: tokens of the second.' }),
    el('thead', {}, head),
    el('tbody', {}, ...body, foot),
  );
  const first = /** @type {HTMLElement | null} */ (table.querySelector('[data-words]'));
  if (first) first.tabIndex = 0;
}

/**
 * @param {number} value
 * @param {number} limit the value of the strongest colour
 * @param {string} words
 */
function cell(value, limit, words) {
  const color = diverging(value / limit);
  const made = el('td', { 'data-words': words, 'data-share': value, tabindex: '-1', text: tiny(value) });
  made.style.background = css(color);
  made.style.color = inkOn(color);
  if (tiny(value) === '0') made.classList.add('zero');
  return made;
}

/** @param {number} value @param {string} words @param {string} [kind] */
const sumCell = (value, words, kind = '') =>
  el('td', { class: `sum ${kind}`, 'data-words': words, tabindex: '-1', text: kind ? decimal(value) : tiny(value) });

/** Hundredths, without the zero before the point: the cells are small. @param {number} value */
function tiny(value) {
  const text = decimal(value);
  return text === '0.00' ? '0' : text.replace('0.', '.');
}

/**
 * @param {ReturnType<typeof splitCosine>} split
 * @param {{ name: string, from: number, to: number }} row
 * @param {{ name: string, from: number, to: number }} column
 * @param {number} share
 */
function wordsOf({ a, b, sum }, row, column, share) {
  const begin = `“${row.name}” with “${column.name}” adds ${signed(share, 3)}`;
  const part = sum > 0.2 && share > 0 ? `, ${percent(share / sum)} of the cosine` : '';
  if (row.to - row.from > 1 || column.to - column.from > 1) return `${begin}${part}.`;
  const cosine = cosineOf(a[row.from].row, b[column.from].row);
  return `${begin}${part}: their rows are ${likeness(cosine)} (cosine ${decimal(cosine)}).`;
}
