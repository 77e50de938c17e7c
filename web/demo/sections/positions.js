import { chooseOnChart, lineChart, lineKey } from '../parts/chart.js';
import { addCode } from '../parts/code.js';
import { onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame } from '../parts/dom.js';
import { termButton } from '../parts/hints.js';
import { WAVES, absent, dialsOf, drawWaves } from '../parts/position_views.js';
import {
  KEYS,
  LEARNED,
  REACH,
  SCALINGS,
  TRAINED,
  TRAINED_THETA,
  learnedPositions,
  positionScores,
  rotaryOf,
  rotaryScores,
  sinusoidal,
  slowedBy,
} from '../parts/rotations.js';
import { choice, number, sectionState } from '../parts/state.js';
import { count, decimal, short } from '../parts/words.js';
import { positions as snippet } from '../snippets.js';

const KINDS = ['rope', 'sinusoidal', 'learned'];
const NAMES = { rope: 'Turned pairs (RoPE)', sinusoidal: 'Waves (sinusoidal)', learned: 'A second table (learned)' };
const THETAS = [100, 1_000, 10_000, 100_000, 500_000, 1_000_000];
const LENGTHS = [1, 2, 4, 8, 16, 32].map((times) => times * TRAINED);
const SHIFT = 1000;
const WIDE = 520; // of a chart, which stands beside the dials

const FIELDS = {
  kind: choice('rope', KINDS),
  other: choice('like', ['like', 'any']),
  position: number(80, 0, 500),
  distance: number(-5, -REACH, REACH),
  theta: number(2, 0, THETAS.length - 1),
  type: choice('default', Object.keys(SCALINGS)),
  factor: number(4, 1, 32),
  length: number(2, 0, LENGTHS.length - 1),
};

/** What the controls stand at. `other`: whether the key is like the query, or any other vector. @typedef {{ kind: string, other: string, position: number, distance: number, theta: number, type: string, factor: number, length: number }} ChosenPositions */

/** @param {string} id @param {string | Node} label @param {number} least @param {number} most @param {string} name */
const slider = (id, label, least, most, name) =>
  el(
    'label',
    {},
    el('span', {}, label, ': '),
    el('output', { id: `positions-${id}-out` }),
    el('input', { type: 'range', id: `positions-${id}`, min: least, max: most, step: 1, 'aria-label': name }),
  );

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'Kind of positions' },
      ...KINDS.map((kind) =>
        el('button', { type: 'button', 'data-kind': kind, text: NAMES[/** @type {keyof typeof NAMES} */ (kind)] }),
      ),
    ),
    el(
      'div',
      { class: 'sliders' },
      slider('position', 'Position of this token', 0, 500, 'Position'),
      slider('distance', 'Distance to the other token', -REACH, REACH, 'Distance'),
    ),
    el(
      'div',
      { class: 'halves' },
      el(
        'div',
        {},
        el('h3', { id: 'positions-what' }),
        el(
          'div',
          { id: 'positions-rope' },
          el('div', { class: 'dials', id: 'positions-dials' }),
          el('p', { class: 'quiet', id: 'positions-pairs' }),
        ),
        el(
          'div',
          { id: 'positions-table' },
          el('p', { class: 'quiet', id: 'positions-lines' }),
          el('canvas', {
            id: 'positions-waves',
            class: 'waves',
            role: 'img',
            'aria-label': 'The vectors of 64 positions',
          }),
        ),
      ),
      el(
        'div',
        {},
        el(
          'div',
          { id: 'positions-attention' },
          el('h3', { text: 'What does that do to attention?' }),
          el(
            'p',
            { class: 'quiet' },
            'The higher the product of this token’s ',
            termButton('query', 'query with another’s key'),
            ', the more it takes from it. Here by how far away the other is, its vector before the turn being the same everywhere:',
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
            text: 'The product of this position’s vector with that of another, by how far away it is:',
          }),
        ),
        el('p', { class: 'quiet', id: 'positions-key' }),
        el('div', { id: 'positions-chart' }),
        el('p', { class: 'readout', id: 'positions-readout', role: 'status' }),
      ),
    ),
    el('p', { class: 'lesson', id: 'positions-lesson' }),
    el(
      'div',
      { id: 'positions-scaling' },
      el('h3', { text: 'Turning slower, for longer texts' }),
      el(
        'p',
        { class: 'quiet' },
        `A model trained on texts of ${count(TRAINED)} tokens has never seen its slow pairs turn further. To read longer texts, they are turned slower: by a larger `,
        termButton('theta', 'θ (theta)'),
        ', or by ',
        termButton('scaling', 'scaling'),
        '. The lines above change with it.',
      ),
      el(
        'div',
        { class: 'halves' },
        el(
          'div',
          { class: 'sliders one' },
          el(
            'label',
            {},
            'Scaling',
            el(
              'select',
              { id: 'positions-type' },
              ...Object.entries(SCALINGS).map(([type, { name }]) =>
                el('option', { value: type, text: `${type}: ${name}` }),
              ),
            ),
          ),
          slider('factor', termButton('factor', 'Factor'), 1, 32, 'Factor of the scaling'),
          slider('length', 'Length of the text', 0, LENGTHS.length - 1, 'Length of the text'),
          slider('theta', termButton('theta', 'θ'), 0, THETAS.length - 1, 'Theta'),
          el('p', { class: 'quiet', id: 'positions-about', role: 'status' }),
        ),
        el(
          'div',
          {},
          el('p', {
            class: 'quiet',
            text: `How many times slower each pair turns than as trained (θ ${count(TRAINED_THETA)}, no scaling):`,
          }),
          el('div', { id: 'positions-slowed' }),
        ),
      ),
    ),
  );
}

/** @param {{ root: HTMLElement, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('positions', FIELDS);
  let [kind, other] = [String(state.values.kind), String(state.values.other)];
  const fields = Object.keys(FIELDS).filter((key) => key !== 'kind' && key !== 'other');
  for (const key of fields) $(key).value = String(state.values[key]);
  say.note(state.problems.join(' '));
  const learned = await learnedPositions();
  const distances = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  const given = () =>
    /** @type {ChosenPositions} */ ({
      ...{ kind, other, type: $('type').value },
      ...Object.fromEntries(fields.filter((key) => key !== 'type').map((key) => [key, Number($(key).value)])),
    });
  /** The same with what the sliders stand for. */
  const meant = () => {
    const now = given();
    return { ...now, theta: THETAS[now.theta], length: LENGTHS[now.length] };
  };

  const update = () => {
    const now = meant();
    const { position, distance } = now;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-kind], [data-other]'))) {
      const pressed = button.dataset.kind ? button.dataset.kind === kind : button.dataset.other === other;
      button.setAttribute('aria-pressed', String(pressed));
    }
    showControls($, now);
    for (const id of ['rope', 'scaling', 'attention']) $(id).hidden = kind !== 'rope';
    for (const id of ['table', 'products']) $(id).hidden = kind === 'rope';
    try {
      const { here, shifted, plain } = kind === 'rope' ? showRope(now) : showTable(now);
      const at = distance + REACH;
      $('chart').replaceChildren(
        lineChart({
          x: distances,
          lines: [
            { y: here, className: 'line wide' },
            ...(plain ? [{ y: plain, className: 'line dotted' }] : []),
            ...(shifted ? [{ y: shifted, className: 'line dashed' }] : []),
          ],
          names:
            kind === 'rope'
              ? ['distance of the other token, in positions', 'query · key']
              : ['distance of the other position', 'position · position'],
          label: `The product at distances from −${REACH} to ${REACH}. The slider reads single values.`,
          at,
          wide: WIDE,
        }),
      );
      const value = here[at];
      const further = shifted
        ? ` With both tokens ${count(SHIFT)} positions further on the product is ${decimal(shifted[at], 3)}.`
        : '';
      $('readout').textContent = Number.isNaN(value)
        ? `${absent(position + distance)}${further}`
        : `At distance ${decimal(distance, 0)} the product is ${decimal(value, 3)}.${further}`;
      $('key').replaceChildren(
        lineKey('wide', `this token at ${count(position)}`),
        ...(shifted ? [lineKey('dashed', `both ${count(SHIFT)} further on`)] : []),
        ...(plain ? [lineKey('dotted', 'without scaling')] : []),
      );
      $('lesson').textContent = lesson(here, shifted);
    } catch (error) {
      say.error(error);
    }
  };

  const showRope = (/** @type {ReturnType<typeof meant>} */ now) => {
    const { position, distance, type, length } = now;
    const rotary = rotaryOf(now);
    const key = KEYS[/** @type {keyof typeof KEYS} */ (other)];
    $('what').textContent = 'Each position turns the pairs';
    $('dials').replaceChildren(...dialsOf(rotary, position, distance, length));
    const turns = rotary.frequencies(length);
    const wave = (/** @type {number} */ pair) =>
      `pair ${pair} ${turns[pair] > 0 ? `after ${short((2 * Math.PI) / turns[pair])} positions` : 'never'}`;
    $('pairs').textContent =
      `Each pair of numbers is a hand that the position turns. Move the position: both tokens’ hands turn, the angle between them stays. Once around: ${[0, 16, 31].map(wave).join(', ')}.`;
    const slowed = slowedBy(now, length);
    $('about').textContent = aboutScaling(now, slowed);
    $('slowed').replaceChildren(
      lineChart({
        x: Array.from(slowed, (_, i) => i),
        lines: [{ y: slowed, className: 'line' }],
        names: ['pair, from the fastest to the slowest', 'times slower'],
        label: `How many times slower each pair turns: ${[0, 16, 31].map((pair) => `pair ${pair} ${Number.isNaN(slowed[pair]) ? 'not at all' : short(slowed[pair])}`).join(', ')}`,
        wide: WIDE,
      }),
    );
    return {
      here: rotaryScores(rotary, key, position, length),
      shifted: rotaryScores(rotary, key, position + SHIFT, length),
      plain:
        type === 'default' ? undefined : rotaryScores(rotaryOf({ ...now, type: 'default' }), key, position, length),
    };
  };

  const showTable = (/** @type {ReturnType<typeof meant>} */ { position }) => {
    const waves = kind === 'sinusoidal';
    const first = WAVES * Math.floor(position / WAVES);
    $('what').textContent = waves ? 'Each position has a vector of waves' : 'Each position has a row of its own';
    $('lines').textContent =
      `One line per position from ${first} to ${first + WAVES - 1}, one column per dimension; position ${position} has a frame. It is added to the token’s row.`;
    drawWaves($('waves'), waves ? sinusoidal : learned, position, first);
    return waves
      ? { here: positionScores(sinusoidal, position), shifted: positionScores(sinusoidal, position + SHIFT) }
      : { here: positionScores(learned, position, LEARNED) };
  };

  const lesson = (/** @type {Float64Array} */ here, /** @type {Float64Array | undefined} */ shifted) => {
    if (!shifted) {
      return `A learned table starts as noise, as here: every position is like itself and like no other, until training makes neighbours alike. It ends at its last row: position ${LEARNED} does not exist, and a text of more than ${LEARNED} tokens cannot be read.`;
    }
    const off = Math.max(...here.map((value, i) => (Number.isNaN(value) ? 0 : Math.abs(value - shifted[i]))));
    const begins = Number.isNaN(here[0])
      ? ' The grey line begins later: before position 0 there is no token; a thousand positions further on there is.'
      : '';
    const same = `The dashed line lies on the grey one (${off < 1e-5 ? 'they differ by less than 0.00001' : `largest difference ${short(off)}`}): only the distance counts, not the place.${begins}`;
    if (kind !== 'rope')
      return `${same} That is so for the waves alone: a model adds them to its rows, where they mix with the meaning, and after its learned matrices the place counts as well. Turning keeps the two apart.`;
    const where =
      other === 'like'
        ? 'The curve is highest at 0 because this key is like the query: both then point the same way.'
        : 'This key is not like the query, and the curve is highest elsewhere: which distance a model looks at is learned.';
    return `${same} ${where} A model that writes looks only back, at distances up to 0; one that reads whole texts looks both ways.`;
  };

  const soon = perFrame(update);
  const changed = () => {
    state.write(given());
    soon();
  };
  root.addEventListener('input', changed);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-kind], [data-other]'))) {
    button.addEventListener('click', () => {
      kind = button.dataset.kind ?? kind;
      other = button.dataset.other ?? other;
      changed();
    });
  }
  chooseOnChart($('chart'), (share) => {
    $('distance').value = String(Math.round(2 * REACH * share) - REACH);
    changed();
  });
  onSchemeChange(update);
  addEventListener('resize', soon);
  addCode(root, { code: () => snippet(meant()) });
  update();
}

/**
 * What the controls stand at, in words, and which of them have no effect now.
 * @param {(id: string) => HTMLInputElement} $
 * @param {ChosenPositions} now with θ and the length themselves
 */
function showControls($, { position, distance, theta, type, factor, length }) {
  const side = distance === 0 ? 'itself' : distance < 0 ? 'before it' : 'after it';
  const words = {
    position: count(position),
    distance: `${decimal(distance, 0)}, ${side}`,
    theta: count(theta),
    factor: ['default', 'proportional'].includes(type) ? 'not used here' : `× ${factor}`,
    length: SCALINGS[type].byLength
      ? `${count(length)} tokens${length === TRAINED ? ', as trained' : ''}`
      : 'makes no difference here',
  };
  for (const [id, said] of Object.entries(words)) {
    $(`${id}-out`).textContent = said;
    $(id).setAttribute('aria-valuetext', said);
  }
  $('factor').disabled = ['default', 'proportional'].includes(type);
  $('length').disabled = !SCALINGS[type].byLength;
}

/** @param {ChosenPositions} now with θ and the length themselves @param {Float64Array} slowed */
function aboutScaling({ type, factor, length, theta }, slowed) {
  const { byLength } = SCALINGS[type];
  const otherTheta = theta !== TRAINED_THETA;
  const about =
    otherTheta && type === 'default'
      ? `θ is ${count(theta)} instead of the trained ${count(TRAINED_THETA)}.`
      : `${SCALINGS[type].about}${otherTheta ? ` And θ is ${count(theta)} instead of the trained ${count(TRAINED_THETA)}.` : ''}`;
  const still = slowed.findIndex(Number.isNaN);
  if (still >= 0) return `${about} Pairs ${still} to ${slowed.length - 1} stand still.`;
  if (!otherTheta) {
    if (byLength && length <= TRAINED)
      return `${about} This text is as long as those of the training, so nothing is slower: make it longer.`;
    if (type === 'default') return about;
    if (factor === 1) return `${about} A factor of 1 changes nothing.`;
  }
  return `${about} Here pair 0 turns ${times(slowed[0])}, pair 31 ${times(slowed[slowed.length - 1])}.`;
}

/** @param {number} slower how many times */
function times(slower) {
  if (slower > 0.995 && slower < 1.005) return 'as before';
  return slower > 1 ? `${short(slower)} times slower` : `${short(1 / slower)} times faster`;
}
