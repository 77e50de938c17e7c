// The pairs of two texts' tokens as a table of coloured cells, whose sum is the cosine.
import { css, diverging, inkOn } from './colors.js';
import { el } from './dom.js';
import { cosineOf } from './pairs.js';
import { decimal, likeness, percent, plural, signed } from './words.js';

/** @typedef {import('./pairs.js').Split} Split */

/** Some tokens of a text that share a line of the table. `at`: which. @typedef {{ name: string, at: number[] }} Line */

const narrow = matchMedia('(max-width: 36rem)');
/** How many tokens have a line of their own; the others share one. */
const most = () => (narrow.matches ? 11 : 16);
const STRONGEST = 0.2; // what has the strongest colour, in every table, and all that is more
const MOST_NAMED = 5; // of those that share a line

/** @param {() => void} redraw called when other lines have room */
export const onRoomChange = (redraw) => narrow.addEventListener('change', redraw);

/** How many cells a row of the table has. @param {Split | undefined} split */
export const columnsOf = (split) => Math.min(split?.b.length ?? 0, most() + 1) + 1;

/**
 * The lines of one side: a token each, in the text's order. Where they are too many the weakest share the last one.
 * @param {Split['a']} tokens
 * @param {number[]} strengths of the tokens
 * @returns {Line[]}
 */
function linesOf(tokens, strengths) {
  const all = Array.from(tokens.keys());
  const strong = all.slice().sort((i, j) => strengths[j] - strengths[i]); // a stable sort: of equal ones the first
  const alone = new Set(tokens.length <= most() + 1 ? all : strong.slice(0, most()));
  const lines = all.filter((i) => alone.has(i)).map((i) => ({ name: tokens[i].token, at: [i] }));
  const others = all.filter((i) => !alone.has(i));
  return others.length > 0 ? [...lines, { name: `${others.length} more`, at: others }] : lines;
}

/**
 * How strong the strongest pair of each token is. Infinity where it is the strongest of all, so that the pair that the
 * page names is always to be seen.
 * @param {Split} split
 * @returns {[number[], number[]]} of the first text's tokens, and of the second's
 */
function strengthsOf({ a, b, shares }) {
  const [first, second] = [a.map(() => 0), b.map(() => 0)];
  let best = 0;
  shares.forEach((share, at) => {
    const [i, j] = [Math.floor(at / b.length), at % b.length];
    first[i] = Math.max(first[i], Math.abs(share));
    second[j] = Math.max(second[j], Math.abs(share));
    if (share > shares[best]) best = at;
  });
  if (shares.length > 0) first[Math.floor(best / b.length)] = second[best % b.length] = Infinity;
  return [first, second];
}

/**
 * @param {HTMLTableElement} table
 * @param {Split} split
 */
export function showPairs(table, split) {
  const { a, b, shares, sum } = split;
  if (shares.length === 0) return table.replaceChildren();
  const [strongA, strongB] = strengthsOf(split);
  const [down, across] = [linesOf(a, strongA), linesOf(b, strongB)];
  const [allA, allB] = [a, b].map((tokens) => ({ name: 'all', at: Array.from(tokens.keys()) }));
  /** @type {(row: Line, column: Line) => number} */
  const shareOf = (row, column) =>
    row.at.reduce((total, i) => column.at.reduce((part, j) => part + shares[i * b.length + j], total), 0);
  const grid = down.map((row) => across.map((column) => shareOf(row, column)));
  const few = across.length <= (narrow.matches ? 6 : 13); // which leaves room for a digit more
  const digits = few && grid.flat().every((share) => Math.abs(share) < 0.095) ? 1 : 0;

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
      ...across.map((column, j) =>
        cell(grid[i][j], digits, wordsOf(split, row, column, grid[i][j]), isPair(row, column)),
      ),
      sumCell(shareOf(row, allB), digits, sumWords(row, a, shareOf(row, allB), 'second')),
    ),
  );
  const foot = el(
    'tr',
    {},
    el('th', { scope: 'row', class: 'sum', text: 'sum' }),
    ...across.map((column) => {
      const share = shareOf(allA, column);
      return sumCell(share, digits, sumWords(column, b, share, 'first'));
    }),
    sumCell(sum, 2, `All ${plural(shares.length, 'cell')} together: ${sum.toFixed(4)}, which is the cosine.`, 'total'),
  );
  table.replaceChildren(
    el('caption', {
      class: 'visually-hidden',
      text: 'Rows: tokens of the first text. Columns: tokens of the second. Cells: hundredths of the cosine.',
    }),
    el('thead', {}, head),
    el('tbody', {}, ...body, foot),
  );
  const first = /** @type {HTMLElement | null} */ (table.querySelector('[data-words]'));
  if (first) first.tabIndex = 0;
}

/** @param {Line} row @param {Line} column */
const isPair = (row, column) => row.at.length === 1 && column.at.length === 1;

/**
 * @param {number} value
 * @param {number} digits after the point
 * @param {string} words
 * @param {boolean} pair whether it is one pair of tokens, and not some together
 */
function cell(value, digits, words, pair) {
  const color = diverging(value / STRONGEST);
  const share = pair ? value : undefined;
  const made = el('td', { 'data-words': words, 'data-share': share, tabindex: '-1', text: hundredths(value, digits) });
  made.style.background = css(color);
  made.style.color = inkOn(color);
  if (Number(hundredths(value, digits)) === 0) made.classList.add('zero');
  return made;
}

/** @param {number} value @param {number} digits @param {string} words @param {string} [kind] */
const sumCell = (value, digits, words, kind = '') =>
  el('td', {
    class: `sum ${kind}`,
    'data-words': words,
    tabindex: '-1',
    text: kind ? decimal(value) : hundredths(value, digits),
  });

/** Short enough for a narrow cell: without a zero before the point. @param {number} value @param {number} digits */
const hundredths = (value, digits) =>
  decimal(100 * value, digits).replace(/^(−?)0\.(\d)/, (_, sign, digit) => (digit === '0' ? '0' : `${sign}.${digit}`));

/**
 * What the sum of a row or a column says.
 * @param {Line} line
 * @param {Split['a']} tokens of its text
 * @param {number} share
 * @param {string} other the other text
 */
function sumWords({ name, at }, tokens, share, other) {
  const adds = `${signed(share, 3)} with all tokens of the ${other} text.`;
  if (at.length === 1) return `“${name}” adds ${adds}`;
  const some = at.slice(0, MOST_NAMED).map((i) => `“${tokens[i].token}”`);
  const rest = at.length > MOST_NAMED ? ' …' : '';
  return `The ${at.length} weakest tokens (${some.join(', ')}${rest}) together add ${adds}`;
}

/**
 * @param {Split} split
 * @param {Line} row
 * @param {Line} column
 * @param {number} share
 */
function wordsOf({ a, b, sum }, row, column, share) {
  const begin = `“${row.name}” with “${column.name}” adds ${signed(share, 3)}`;
  const part = sum > 0.2 && share > 0 ? `, ${percent(share / sum)} of the cosine` : '';
  if (!isPair(row, column)) return `${begin}${part}.`;
  const cosine = cosineOf(a[row.at[0]].row, b[column.at[0]].row);
  const weight =
    Math.abs(cosine) > 0.005 ? `, times this pair’s weight ${decimal(share / cosine, 3)}, larger for longer rows` : '';
  return `${begin}${part}. Their rows are ${likeness(cosine)}: their directions agree by ${decimal(cosine)}${weight}.`;
}
