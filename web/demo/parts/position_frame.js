// What the section on positions consists of.
import { el } from './dom.js';
import { termButton } from './hints.js';
import { readoutOf } from './readable.js';
import {
  DIM,
  FAR,
  FARTHEST,
  LENGTHS,
  REACH,
  SCALINGS,
  STOPS,
  THETAS,
  TRAINED,
  TRAINED_ANGLES,
  TRAINED_THETA,
} from './rotations.js';
import { count } from './words.js';

/** The kinds of positions, by their names. @type {Record<string, string>} */
export const KINDS = {
  learned: 'A second table (before training)',
  sinusoidal: 'Waves (sinusoidal)',
  rope: 'Turned pairs (RoPE)',
};

/** What each kind is, in a sentence. @type {Record<string, string>} */
export const ABOUT_KINDS = {
  learned:
    'A second table has a row for each position. It is added to the token’s row, and learned as all rows are. BERT and GPT-2 do so.',
  sinusoidal:
    'The row of a position is not learned but made of waves, and added to the token’s row. The first Transformer did so.',
  rope: 'Nothing is added to the row. Where attention compares two tokens, their vectors are turned first, pair by pair: the later the token, the further. LLaMA, Qwen and Gemma do so.',
};

/**
 * @param {string} id
 * @param {string | Node} label
 * @param {[least: number, most: number]} range
 * @param {string} name
 * @param {string[]} ends what its ends stand for
 */
const slider = (id, label, [least, most], name, ends) =>
  el(
    'label',
    {},
    el('span', {}, label, ': '),
    el('output', { id: `positions-${id}-out` }),
    el('input', { type: 'range', id: `positions-${id}`, min: least, max: most, step: 1, 'aria-label': name }),
    el(
      'span',
      { class: 'ends', id: `positions-${id}-ends`, 'aria-hidden': 'true' },
      ...ends.map((text) => el('span', { text })),
    ),
  );

/** The slider of the position, with a mark where the training ended, and a way far beyond it. */
function positionSlider() {
  const made = slider('position', 'Position of this token', [0, STOPS.length - 1], 'Position', ['0', count(FARTHEST)]);
  const mark = el('span', { class: 'mark', text: `trained to ${count(TRAINED)}` });
  mark.style.left = `${(100 * STOPS.indexOf(TRAINED)) / (STOPS.length - 1)}%`;
  made.querySelector('.ends')?.before(el('span', { class: 'ticks', id: 'positions-ticks', 'aria-hidden': 'true' }));
  made.querySelector('.ends')?.append(mark);
  const far = el('button', { type: 'button', id: 'positions-far', text: `Go to position ${count(FAR)}` });
  return el('div', { class: 'sliders one beside' }, made, far);
}

/**
 * The marks of the position slider, whose steps grow with the position: a line at each doubling, some with their number.
 * @param {HTMLElement} place
 * @param {number} last stop of the slider
 */
export function showTicks(place, last) {
  const powers = Array.from({ length: 18 }, (_, i) => 2 ** i).filter((power) => STOPS.indexOf(power) < last);
  const ticks = powers.map((power, i) => {
    const tick = el('span', i % 3 === 0 && i > 0 ? { class: 'named', text: count(power) } : {});
    tick.style.setProperty('--at', String(STOPS.indexOf(power) / last));
    return tick;
  });
  place.replaceChildren(...ticks);
}

/** The pairs' dials, or the picture of a table. */
const pictures = () => [
  el('h3', { id: 'positions-what' }),
  positionSlider(),
  el(
    'div',
    { id: 'positions-rope' },
    el('div', { class: 'dials', id: 'positions-dials', role: 'group', 'aria-label': 'The angles of eight pairs' }),
    el('p', { id: 'positions-seen', role: 'status' }),
    el('p', { class: 'quiet', id: 'positions-pairs' }),
  ),
  el(
    'div',
    { id: 'positions-table' },
    el('p', { class: 'quiet', id: 'positions-lines' }),
    el('canvas', {
      id: 'positions-waves',
      class: 'waves',
      'aria-label': `The vectors of 64 positions, ${DIM} numbers each`,
    }),
    el(
      'div',
      { class: 'legend' },
      el('canvas', { id: 'positions-colors', 'aria-hidden': 'true' }),
      el('span', { class: 'ends' }, el('span', { text: '−1' }), el('span', { text: '0' }), el('span', { text: '1' })),
    ),
    readoutOf('positions-wave-value'),
  ),
];

/** What is to be known of longer texts. */
function aboutLonger() {
  const slowest = (180 / Math.PI) * TRAINED_ANGLES[TRAINED_ANGLES.length - 1];
  return el(
    'p',
    { class: 'quiet' },
    `In ${count(TRAINED)} tokens, the longest text of the training, the slowest pair turns ${slowest.toFixed(0)}° of 360°; angles beyond that are new to the model. To read longer texts, all or some pairs are turned slower, by `,
    termButton('scaling', 'scaling'),
    ' or by a larger ',
    termButton('theta', 'θ (theta)'),
    '; usually the model is then trained a little further. The dials and the curve above follow what you choose here.',
  );
}

/** How the pairs are made to turn slower. */
function scaling() {
  const types = Object.entries(SCALINGS).map(([type, { name }]) =>
    el('option', { value: type, text: `${type}: ${name}` }),
  );
  const controls = el(
    'div',
    { class: 'sliders two' },
    slider('factor', termButton('factor', 'Factor'), [1, 32], 'Factor of the scaling', ['× 1', '× 32']),
    slider('theta', termButton('theta', 'θ'), [0, THETAS.length - 1], 'Theta', [
      count(THETAS[0]),
      count(THETAS[THETAS.length - 1]),
    ]),
    el(
      'div',
      { class: 'whole' },
      slider('length', 'Length of the text', [0, LENGTHS.length - 1], 'Length of the text', [
        count(LENGTHS[0]),
        count(LENGTHS[LENGTHS.length - 1]),
      ]),
    ),
  );
  return el(
    'details',
    { id: 'positions-scaling' },
    el('summary', { text: 'For the curious: turning slower, for longer texts' }),
    aboutLonger(),
    el(
      'div',
      { class: 'halves' },
      el(
        'div',
        {},
        el('label', { class: 'field' }, 'Scaling ', el('select', { id: 'positions-type' }, ...types)),
        el('p', { class: 'quiet', id: 'positions-about', role: 'status' }),
        controls,
      ),
      el(
        'div',
        { id: 'positions-speeds' },
        el('p', {
          class: 'quiet',
          text: `How fast each pair turns, beside as trained (θ ${count(TRAINED_THETA)}, no scaling):`,
        }),
        el('div', { id: 'positions-slowed' }),
        el('p', { id: 'positions-effect' }),
      ),
    ),
  );
}

/** Products by distance. */
const products = () => [
  el(
    'div',
    { id: 'positions-attention' },
    el('h3', { text: 'What does that do to attention?' }),
    el(
      'p',
      { class: 'quiet' },
      'A ',
      termButton('query', 'query'),
      ' is what a token looks for, a ',
      termButton('query', 'key'),
      ' what it offers: the higher the product of this token’s query with another’s key, the more it takes from it. The curve moves one and the same key to every distance:',
    ),
    el(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'The key' },
      el('button', { type: 'button', 'data-other': 'like', text: 'A key like the query' }),
      el('button', { type: 'button', 'data-other': 'any', text: 'Another key' }),
    ),
  ),
  el(
    'div',
    { id: 'positions-products' },
    el('h3', { text: 'How alike are two positions?' }),
    el('p', {
      class: 'quiet',
      text: 'The product of this position’s vector with that of another (number by number, all added up), by how far away it is:',
    }),
  ),
  el('p', { class: 'quiet', id: 'positions-key' }),
  el('div', { id: 'positions-chart' }),
  el(
    'div',
    { class: 'sliders one' },
    slider('distance', 'Distance to the other token', [-REACH, REACH], 'Distance', [
      `${REACH} before`,
      'itself',
      `${REACH} after`,
    ]),
  ),
  el('p', { class: 'readout', id: 'positions-readout', role: 'status' }),
];

/** What the section consists of. @param {HTMLElement} place */
export function buildPositions(place) {
  const kinds = Object.entries(KINDS).map(([kind, text]) => el('button', { type: 'button', 'data-kind': kind, text }));
  place.append(
    el('div', { id: 'positions-order' }),
    el('h3', { text: 'Three ways to say where a token stands' }),
    el('div', { class: 'buttons', role: 'group', 'aria-label': 'Kind of positions' }, ...kinds),
    el('p', { id: 'positions-kind' }),
    el('div', { class: 'halves' }, el('div', {}, ...pictures()), el('div', {}, ...products())),
    el('p', { class: 'lesson', id: 'positions-lesson' }),
    scaling(),
  );
}
