import { chooseOnChart, lineChart, lineKey } from '../parts/chart.js';
import { addCode } from '../parts/code.js';
import { onSchemeChange } from '../parts/colors.js';
import { finder, perFrame } from '../parts/dom.js';
import { withCards } from '../parts/hints.js';
import { ABOUT_KINDS, KINDS, buildPositions, showTicks } from '../parts/position_frame.js';
import { WAVES, WIDE, dialsOf, drawColors, drawWaves, readWaves, speedChart } from '../parts/position_views.js';
import {
  aboutScaling,
  effectInWords,
  lessonOf,
  productInWords,
  seenInWords,
  showControls,
} from '../parts/position_words.js';
import {
  FAR,
  FARTHEST,
  KEYS,
  LEARNED,
  LENGTHS,
  REACH,
  SCALINGS,
  SHIFT,
  STOPS,
  THETAS,
  TRAINED_THETA,
  growthOf,
  lengthStop,
  learnedPositions,
  positionScores,
  rotaryOf,
  rotaryScores,
  shiftIn,
  sinusoidal,
  slowedBy,
  stopOf,
} from '../parts/rotations.js';
import { choice, number, readHash, sectionState } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { count, decimal, short } from '../parts/words.js';
import { showOrders } from '../parts/word_order_views.js';
import { positions as snippet } from '../snippets.js';

const FIRST = 'sinusoidal'; // the kind that the section opens with
const FIELDS = {
  kind: { ...choice('rope', Object.keys(KINDS)), initial: 'none' }, // no kind is left out of the address
  other: choice('like', ['like', 'any']),
  position: number(80, 0, FARTHEST),
  distance: number(-5, -REACH, REACH),
  theta: number(2, 0, THETAS.length - 1),
  type: choice('default', Object.keys(SCALINGS)),
  factor: number(4, 1, 32),
  length: number(2, 0, LENGTHS.length - 1),
};
const NUMBERS = ['distance', 'theta', 'factor']; // those whose sliders stand at them
const SCALED = ['type', 'theta', 'factor', 'length']; // what the part for the curious holds

/** @typedef {import('../parts/position_words.js').ChosenPositions} ChosenPositions */
/** The lines of the curve: here, further on (or back), and as trained. @typedef {{ here: Float64Array, shifted?: Float64Array, shift?: number, plain?: Float64Array, growth: number }} Lines */

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  buildPositions($('live'));
  const state = sectionState('positions', FIELDS);
  await pause();
  showOrders($('order'), layer);
  let [kind, other] = [kindOf(state), String(state.values.other)];
  let [position, wanted] = [Math.round(Number(state.values.position)), Math.round(Number(state.values.length))];
  for (const key of [...NUMBERS, 'type']) $(key).value = String(state.values[key]);
  /** @type {HTMLElement & { open?: boolean }} */ ($('scaling')).open = SCALED.some(
    (key) => state.values[key] !== FIELDS[/** @type {keyof typeof FIELDS} */ (key)].initial,
  );
  say.note(state.problems.join(' '));
  const learned = await learnedPositions();
  const distances = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  const given = () =>
    /** @type {ChosenPositions} */ ({
      ...{ kind, other, position, length: wanted, type: $('type').value },
      ...Object.fromEntries(NUMBERS.map((key) => [key, Number($(key).value)])),
    });
  /** The same with what the sliders stand for: the text reaches this token, and where its length does not count, all that is shown. */
  const meant = () => {
    const now = given();
    const here = kind === 'learned' ? Math.min(position, LEARNED - 1) : position;
    const byLength = SCALINGS[now.type].byLength === true;
    const asked = LENGTHS[now.length];
    const length = Math.max(asked, here + 1 + (byLength ? 0 : SHIFT + REACH));
    return { ...now, position: here, theta: THETAS[now.theta], length, raised: byLength && length > asked };
  };

  /** What the picture of a table shows. @type {{ positions: { lookup: (positions: number[]) => import('../../index.js').Matrix }, first: number }} */
  let pictured = { positions: sinusoidal, first: 0 };
  readWaves($('waves'), () => pictured, $('wave-value'));

  const update = () => {
    const now = meant();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-kind], [data-other]'))) {
      const pressed = button.dataset.kind ? button.dataset.kind === kind : button.dataset.other === other;
      button.setAttribute('aria-pressed', String(pressed));
    }
    showEnd();
    $('length').value = String(now.raised ? lengthStop(now.length) : wanted);
    showControls($, now);
    for (const id of ['rope', 'far', 'scaling', 'attention']) $(id).hidden = kind !== 'rope';
    $('kind').replaceChildren(
      ...withCards(ABOUT_KINDS[kind], { Transformer: 'transformer', attention: 'attention', LLaMA: 'openmodel' }),
    );
    for (const id of ['table', 'products']) $(id).hidden = kind === 'rope';
    try {
      const lines = kind === 'rope' ? showRope(now) : showTable(now);
      showCurve(now, lines);
      $('lesson').textContent = lessonOf(kind, other, lines);
    } catch (error) {
      say.error(error);
    }
  };

  /** A learned table ends early, and so does its slider. */
  const showEnd = () => {
    const ends = kind === 'learned';
    $('position').max = String(ends ? stopOf(LEARNED) : STOPS.length - 1);
    $('position').value = String(stopOf(position));
    showTicks($('ticks'), Number($('position').max));
    const [, last, mark] = $('position-ends').children;
    last.textContent = ends ? `${LEARNED - 1}, its last row` : count(FARTHEST);
    /** @type {HTMLElement} */ (mark).hidden = kind !== 'rope';
  };

  const showCurve = (/** @type {ChosenPositions} */ now, /** @type {Lines} */ lines) => {
    const { here, shifted, shift = SHIFT, plain, growth } = lines;
    const at = now.distance + REACH;
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
    $('readout').textContent = productInWords(now, at, lines);
    $('key').replaceChildren(
      lineKey('wide', `this token at ${count(now.position)}${growth === 1 ? '' : `, without × ${decimal(growth)}`}`),
      ...(shifted ? [lineKey('dashed', `both ${count(Math.abs(shift))} further ${shift < 0 ? 'back' : 'on'}`)] : []),
      ...(plain ? [lineKey('dotted', 'as trained')] : []),
    );
  };

  /** @returns {Lines} */
  const showRope = (/** @type {ReturnType<typeof meant>} */ now) => {
    const { distance, type, theta, length } = now;
    const rotary = rotaryOf(now);
    const key = KEYS[/** @type {keyof typeof KEYS} */ (other)];
    $('what').textContent = 'Each position turns the pairs';
    $('dials').replaceChildren(...dialsOf(rotary, now.position, distance, length));
    const turns = rotary.frequencies(length);
    const wave = (/** @type {number} */ pair) =>
      `pair ${pair} ${turns[pair] > 0 ? `after ${short((2 * Math.PI) / turns[pair])} positions` : 'never'}`;
    $('seen').textContent = seenInWords(rotary, now);
    $('pairs').textContent =
      `The numbers of a vector are taken in pairs; each pair is a hand on a dial, and the position turns it. (Of the ${turns.length} dials, eight are drawn.) Where two tokens are compared, only the angle between their hands counts: this token’s less the other’s. The hands of token 0, the text’s first, point to the right, so each hand also shows the angle to token 0. Shaded: the angles that occurred in training. Once around: ${[0, 16, 31].map(wave).join(', ')}.`;
    const slowed = slowedBy(now, length);
    const growth = growthOf(rotary, length);
    $('about').textContent = aboutScaling(now, slowed, growth);
    $('slowed').replaceChildren(speedChart(slowed));
    const scores = (/** @type {typeof rotary} */ turning, /** @type {number} */ from) =>
      rotaryScores(turning, key, from, length);
    const shift = shiftIn(now.position, length);
    const asTrained = type === 'default' && theta === TRAINED_THETA;
    const lines = {
      here: scores(rotary, now.position).map((value) => value / growth),
      shifted: scores(rotary, now.position + shift).map((value) => value / growth),
      shift,
      plain: asTrained ? undefined : scores(rotaryOf({ ...now, type: 'default', theta: TRAINED_THETA }), now.position),
      growth,
    };
    $('effect').textContent = effectInWords(rotary, now, lines);
    return lines;
  };

  /** @returns {Lines} */
  const showTable = (/** @type {ReturnType<typeof meant>} */ now) => {
    const waves = kind === 'sinusoidal';
    const first = WAVES * Math.floor(now.position / WAVES);
    $('what').textContent = waves ? 'Each position has a vector of waves' : 'Each position has a row of its own';
    $('lines').textContent =
      `One line per position from ${count(first)} to ${count(first + WAVES - 1)}, one column per number; position ${count(now.position)} has a frame: its line is added to the token’s row. ` +
      (waves
        ? 'Two columns are one wave, its sine beside its cosine, hence the stripes; to the right the waves become longer.'
        : 'Here they are random numbers, as in any table before its training: you see the form, not what a model learns. Numbers beyond −1 and 1 have the colours of the ends.');
    pictured = { positions: waves ? sinusoidal : learned, first };
    drawWaves($('waves'), pictured.positions, now.position, first);
    drawColors($('colors'));
    return waves
      ? {
          here: positionScores(sinusoidal, now.position),
          shifted: positionScores(sinusoidal, now.position + SHIFT),
          growth: 1,
        }
      : { here: positionScores(learned, now.position, LEARNED), growth: 1 };
  };

  const soon = perFrame(update);
  const changed = () => {
    state.write(/** @type {Omit<ChosenPositions, 'raised'>} */ (given()));
    soon();
  };
  root.addEventListener('input', ({ target }) => {
    // The end of a learned table is its last row, and stays that with the other kinds.
    const most = kind === 'learned' ? LEARNED - 1 : FARTHEST;
    if (target === $('position')) position = Math.min(most, STOPS[Number($('position').value)]);
    if (target === $('length')) wanted = Number($('length').value);
    changed();
  });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-kind], [data-other]'))) {
    button.addEventListener('click', () => {
      kind = button.dataset.kind ?? kind;
      other = button.dataset.other ?? other;
      changed();
    });
  }
  $('far').addEventListener('click', () => {
    position = FAR;
    changed();
  });
  chooseOnChart($('chart'), (share) => {
    $('distance').value = String(Math.round(2 * REACH * share) - REACH);
    changed();
  });
  onSchemeChange(() => {
    showOrders($('order'), layer);
    update();
  });
  addEventListener('resize', soon);
  addCode(root, { code: () => snippet(meant()) });
  await pause(); // the two sentences in numbers, and what positions add to them, are two tasks
  update();
}

/** A link that says what it shows but not the kind is about turned pairs. @param {ReturnType<typeof sectionState>} state */
function kindOf({ values: { kind } }) {
  if (kind !== FIELDS.kind.initial) return String(kind);
  const { id, params } = readHash(location.hash);
  return id === 'positions' && [...params.keys()].length > 0 ? 'rope' : FIRST;
}
