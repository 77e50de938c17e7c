import { dial, lineChart, lineKey } from '../parts/chart.js';
import { addCode } from '../parts/code.js';
import { css, diverging, onSchemeChange } from '../parts/colors.js';
import { el, finder, fitCanvas, perFrame } from '../parts/dom.js';
import { termButton } from '../parts/hints.js';
import {
  DIM,
  LEARNED,
  REACH,
  SCALINGS,
  learnedPositions,
  positionScores,
  rotaryOf,
  rotaryScores,
  sinusoidal,
} from '../parts/rotations.js';
import { choice, number, sectionState } from '../parts/state.js';
import { count, decimal, short } from '../parts/words.js';
import { positions as snippet } from '../snippets.js';

const KINDS = ['rope', 'sinusoidal', 'learned'];
const NAMES = { rope: 'Turned pairs (RoPE)', sinusoidal: 'Waves (sinusoidal)', learned: 'A second table (learned)' };
const THETAS = [100, 1_000, 10_000, 100_000, 500_000, 1_000_000];
const PAIRS = [0, 2, 4, 8, 12, 16, 24, 31]; // those with a dial
const SHIFT = 1000;

const FIELDS = {
  kind: choice('rope', KINDS),
  position: number(12, 0, 500),
  distance: number(-5, -REACH, REACH),
  theta: number(2, 0, THETAS.length - 1),
  type: choice('default', Object.keys(SCALINGS)),
  factor: number(4, 1, 32),
};

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
      slider('position', 'Position of the token', 0, 500, 'Position'),
      slider('distance', 'Distance to the other token', -REACH, REACH, 'Distance'),
    ),
    el(
      'div',
      { id: 'positions-rope' },
      el('div', { class: 'dials', id: 'positions-dials' }),
      el('p', { class: 'quiet', id: 'positions-pairs' }),
    ),
    el(
      'div',
      { id: 'positions-table' },
      el('p', { class: 'quiet', text: 'One line per position from 0 to 63, one column per dimension.' }),
      el('canvas', { id: 'positions-waves', class: 'waves', role: 'img', 'aria-label': 'The vectors of 64 positions' }),
    ),
    el('h3', { text: 'What does that do to attention?' }),
    el(
      'p',
      { class: 'quiet' },
      'Each token looks at the others: the higher the product of its ',
      termButton('query', 'query with their key'),
      ', the more it takes from them. Here by how far away the other is:',
    ),
    el('p', { class: 'quiet', id: 'positions-key' }),
    el('div', { id: 'positions-chart' }),
    el('p', { class: 'readout', id: 'positions-readout', role: 'status' }),
    el('p', { class: 'lesson', id: 'positions-lesson' }),
    el(
      'div',
      { id: 'positions-scaling' },
      el('h3', { text: 'Turning slower, for longer texts' }),
      el(
        'div',
        { class: 'sliders' },
        slider('theta', termButton('theta', 'θ'), 0, THETAS.length - 1, 'Theta'),
        el(
          'label',
          {},
          'Scaling',
          el(
            'select',
            { id: 'positions-type' },
            ...Object.keys(SCALINGS).map((type) => el('option', { value: type, text: type })),
          ),
        ),
        slider('factor', 'Factor', 1, 32, 'Factor of the scaling'),
      ),
      el('p', { class: 'quiet', id: 'positions-about' }),
    ),
  );
}

/** @param {{ root: HTMLElement, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('positions', FIELDS);
  let kind = String(state.values.kind);
  const fields = Object.keys(FIELDS).filter((key) => key !== 'kind');
  for (const key of fields) $(key).value = String(state.values[key]);
  say.note(state.problems.join(' '));
  const learned = await learnedPositions();
  const distances = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  const given = () => ({
    kind,
    type: $('type').value,
    ...Object.fromEntries(['position', 'distance', 'theta', 'factor'].map((key) => [key, Number($(key).value)])),
  });

  const update = () => {
    const { position, distance, theta, type, factor } =
      /** @type {{ position: number, distance: number, theta: number, type: string, factor: number }} */ (given());
    for (const button of root.querySelectorAll('[data-kind]')) {
      button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).dataset.kind === kind));
    }
    $('position-out').textContent = String(position);
    $('distance-out').textContent = decimal(distance, 0);
    $('theta-out').textContent = count(THETAS[theta]);
    $('theta').setAttribute('aria-valuetext', count(THETAS[theta]));
    $('factor-out').textContent = `× ${factor}`;
    $('factor').disabled = type === 'default' || type === 'proportional';
    $('rope').hidden = $('scaling').hidden = kind !== 'rope';
    $('table').hidden = kind === 'rope';
    try {
      const scores = kind === 'rope' ? showRope(position, distance, THETAS[theta], type, factor) : showTable(position);
      const [here, shifted] = scores;
      const at = distance + REACH;
      $('chart').replaceChildren(
        lineChart({
          x: distances,
          lines: [{ y: here, className: 'line wide' }, ...(shifted ? [{ y: shifted, className: 'line dashed' }] : [])],
          names: ['distance of the other token, in positions', 'query · key'],
          label: `The product at distances from −${REACH} to ${REACH}. The slider reads single values.`,
          at,
        }),
      );
      const value = here[at];
      $('readout').textContent = Number.isNaN(value)
        ? `There is no position ${decimal(position + distance, 0)}.`
        : `At distance ${decimal(distance, 0)} the product is ${decimal(value, 3)}.${shifted ? ` With both tokens ${count(SHIFT)} positions further on it is ${decimal(shifted[at], 3)}.` : ''}`;
      $('key').replaceChildren(
        lineKey('wide', `this token at position ${count(position)}`),
        ...(shifted
          ? [lineKey('dashed', `both ${count(SHIFT)} positions further on, at ${count(position + SHIFT)}`)]
          : []),
      );
      $('lesson').textContent = lesson(here, shifted);
    } catch (error) {
      say.error(error);
    }
  };

  const showRope = (
    /** @type {number} */ position,
    /** @type {number} */ distance,
    /** @type {number} */ theta,
    /** @type {string} */ type,
    /** @type {number} */ factor,
  ) => {
    const rotary = rotaryOf({ type, theta, factor });
    $('about').textContent = `${type}: ${SCALINGS[type].about}.`;
    const ones = Float32Array.from({ length: DIM }, (_, i) => (i % 2 ? 0 : 1)); // every pair points to the right
    const step = rotary.rotate(ones, { positions: [1] });
    $('dials').replaceChildren(...dialsOf(rotary, ones, position, distance));
    const wave = (/** @type {number} */ pair) => {
      const angle = Math.atan2(step[2 * pair + 1], step[2 * pair]);
      return Math.abs(angle) > 1e-7 ? `${short((2 * Math.PI) / Math.abs(angle))} positions` : 'never: it does not turn';
    };
    $('pairs').textContent =
      `Each pair of numbers is a hand that the position turns. Move the position: both tokens’ hands turn, the angle between them stays. Once around: pair 0 after ${wave(0)}, pair 16 after ${wave(16)}, pair 31 after ${wave(31)}.`;
    return [rotaryScores(rotary, position), rotaryScores(rotary, position + SHIFT)];
  };

  const showTable = (/** @type {number} */ position) => {
    const waves = kind === 'sinusoidal';
    drawWaves($('waves'), waves ? sinusoidal : learned, position);
    return waves
      ? [positionScores(sinusoidal, position), positionScores(sinusoidal, position + SHIFT)]
      : [positionScores(learned, position, LEARNED)];
  };

  const lesson = (/** @type {Float64Array} */ here, /** @type {Float64Array | undefined} */ shifted) => {
    if (!shifted) {
      return `A learned table starts as noise, as here: every position is like itself and like no other, until training makes neighbours alike. It ends at its last row: position ${LEARNED} does not exist, and a text of that length cannot be read.`;
    }
    const off = Math.max(...here.map((value, i) => (Number.isNaN(value) ? 0 : Math.abs(value - shifted[i]))));
    const same = `The dashed line is for both tokens ${count(SHIFT)} positions further on. The lines lie on each other (${off < 1e-5 ? 'they differ by less than 0.00001' : `largest difference ${short(off)}`}). Only the distance counts, not the place.`;
    return kind === 'rope'
      ? same
      : `${same} But waves are added to the row, and mix with its meaning; turning keeps them apart.`;
  };

  const soon = perFrame(update);
  const changed = () => {
    state.write(given());
    soon();
  };
  root.addEventListener('input', changed);
  for (const button of root.querySelectorAll('[data-kind]')) {
    button.addEventListener('click', () => {
      kind = String(/** @type {HTMLElement} */ (button).dataset.kind);
      changed();
    });
  }
  onSchemeChange(update);
  addEventListener('resize', soon);
  addCode(root, {
    code: () =>
      snippet(/** @type {Parameters<typeof snippet>[0]} */ ({ ...given(), theta: THETAS[Number($('theta').value)] })),
  });
  update();
}

/**
 * The hands of both tokens, and the angle between them, which their product depends on.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {Float32Array} ones pairs that point to the right
 * @param {number} position
 * @param {number} distance
 */
function dialsOf(rotary, ones, position, distance) {
  const other = position + distance;
  const here = rotary.rotate(ones, { positions: [position] });
  const there = other < 0 ? null : rotary.rotate(ones, { positions: [other] });
  const line = (/** @type {string} */ name, /** @type {(pair: number) => Node} */ each) => [
    el('span', { class: 'dial-name', text: name }),
    ...PAIRS.map(each),
  ];
  return [
    ...line('', (pair) => el('span', { class: 'dial-pair', text: `pair ${pair}` })),
    ...line(`this token, at ${position}`, (pair) => dial(here[2 * pair], here[2 * pair + 1], 'a')),
    ...(there
      ? [
          ...line(`the other, at ${other}`, (pair) => dial(there[2 * pair], there[2 * pair + 1], 'b')),
          ...line('between them', (pair) => {
            const [a, b, c, d] = [here[2 * pair], here[2 * pair + 1], there[2 * pair], there[2 * pair + 1]];
            return dial(a * c + b * d, a * d - b * c, 'between');
          }),
        ]
      : []),
  ];
}

/**
 * @param {HTMLElement} canvas
 * @param {{ lookup: (positions: number[]) => import('../../index.js').Matrix }} positions
 * @param {number} marked
 */
function drawWaves(canvas, positions, marked) {
  const { context, width, height } = fitCanvas(/** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (canvas)));
  const many = 64;
  const rows = positions.lookup(Array.from({ length: many }, (_, i) => i));
  for (let i = 0; i < many; i++) {
    for (let d = 0; d < DIM; d++) {
      context.fillStyle = css(diverging(rows.row(i)[d]));
      context.fillRect((d * width) / DIM, (i * height) / many, width / DIM + 0.5, height / many + 0.5);
    }
  }
  if (marked >= many) return;
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 2;
  context.strokeRect(1, (marked * height) / many, width - 2, height / many);
}
