// The best tokens of the section on the way back: their scores, their chances, and how the first score is made.
import { el } from './dom.js';
import { chance } from './head_views.js';
import { readoutOf } from './readable.js';
import { strip, strongestOf } from './strips.js';
import { count, decimal, percent, plural } from './words.js';

const SHOWN = 12; // bars

/**
 * All tokens, the best first: `probs` is what the model gives them, `chances` what is left after the limits.
 * @typedef {object} Bars
 * @property {Uint32Array} ids
 * @property {Float32Array} logits
 * @property {Float32Array} probs
 * @property {Float64Array} chances
 * @property {number} may how many of the first may be drawn
 * @property {(id: number) => string} name
 * @property {Map<number, number>} drawn how often each token was drawn
 * @property {{ temperature: number, topk: number, topp: number }} limits
 */

/** What a bar and its mark mean. */
export const barsKey = () =>
  el(
    'p',
    { class: 'quiet', id: 'head-key' },
    el('span', { class: 'key amount', text: 'its chance now, after temperature, top k and top p' }),
    el('span', { class: 'key own', text: 'its chance by the scores alone' }),
  );

/** @param {(id: string) => HTMLElement} $ @param {Bars} bars */
export function showBars($, bars) {
  const draws = [...bars.drawn.values()].reduce((sum, each) => sum + each, 0);
  const many = Math.min(SHOWN, bars.ids.length);
  $('bars').replaceChildren(...Array.from({ length: many }, (_, i) => barOf(bars, i, draws)));
  const shown = bars.chances.subarray(0, many).reduce((sum, each) => sum + each, 0);
  const others = bars.ids.length - many;
  const rest =
    bars.may > many
      ? `These ${many} have ${percent(Math.min(1, shown))} of the probability; ${count(bars.may - many)} others share the rest.`
      : `${plural(bars.may, 'token')} may be drawn; the other ${count(others + many - bars.may)} are cut.`;
  $('rest').textContent =
    `${rest} ${whyMoved(bars.limits)}${draws > 0 ? ' In brackets: how often its chance would have it drawn.' : ''}`;
}

/** @param {Bars} bars @param {number} i @param {number} draws of all tokens */
function barOf({ ids, logits, probs, chances, may, name, drawn }, i, draws) {
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${100 * chances[i]}%`;
  const own = el('span', { class: 'own' });
  own.style.left = `${100 * probs[i]}%`;
  const times = draws > 0 ? `, drawn ${drawn.get(ids[i]) ?? 0} (${Math.round(draws * chances[i])})` : '';
  const now = i < may ? `${chance(chances[i])}${times}` : 'cut';
  return el(
    'li',
    { class: i < may ? '' : 'cut' },
    el('span', { class: 'name', text: name(ids[i]) }),
    el('span', { class: 'track' }, bar, own),
    el(
      'span',
      { class: 'right' },
      el('span', { class: 'score', text: `score ${decimal(logits[i], 1)} →` }),
      ` ${now}`,
      el('span', { class: 'visually-hidden own-share', text: `; by the scores alone: ${chance(probs[i])}` }),
    ),
  );
}

/** Why bars and marks differ. @param {Bars['limits']} limits */
function whyMoved({ temperature, topk, topp }) {
  if (temperature === 1 && topk === 0 && topp === 1)
    return 'Every bar ends at its mark: each token keeps the chance that its score gives it.';
  const cut = topk > 0 || topp < 1 ? 'what is cut leaves its share to the others' : '';
  const heat =
    temperature === 0
      ? 'at temperature 0 the best token is always taken'
      : temperature < 1
        ? 'a temperature below 1 favours the best'
        : temperature > 1
          ? 'a temperature above 1 makes the chances more equal'
          : '';
  return `The bars differ from the marks: ${[heat, temperature === 0 ? '' : cut].filter(Boolean).join(', and ')}.`;
}

/**
 * How the best token's score is made: the hidden state times its row, number by number.
 * @param {(id: string) => HTMLElement} $
 * @param {{ hidden: Float32Array, row: Float32Array, score: number, piece: string }} best
 */
export function showProduct($, { hidden, row, score, piece }) {
  const line = (/** @type {string} */ name, /** @type {ArrayLike<number>} */ values) => [
    el('span', { class: 'quiet', text: name }),
    strip(values, name, { readout: () => $('product').querySelector('.value-read') }),
  ];
  $('product').replaceChildren(
    ...line('hidden state', hidden),
    ...line(`row of “${piece}”`, row),
    readoutOf('head-value'),
  );
  const [above, below] = [hidden, row].map((values) => decimal(strongestOf(values)));
  $('product-about').textContent =
    `Each of the ${hidden.length} numbers above is multiplied with the one below it; all of it added up is the score of “${piece}”, ${decimal(score, 1)}. The same is done with every row of the table. Each strip has a scale of its own: the strongest colour is ${above} above and ${below} below.`;
}
