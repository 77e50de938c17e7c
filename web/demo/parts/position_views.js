// What the section on positions draws: hands that turn, how fast they do, and the vectors of many positions.
import { dial, lineChart } from './chart.js';
import { diverging, pixelOf, shade } from './colors.js';
import { el, fitCanvas } from './dom.js';
import { absent, degrees, times } from './position_words.js';
import { readable } from './readable.js';
import { DIM, TRAINED_ANGLES, anglesAt, turnedTo, turning, wasSeen } from './rotations.js';
import { count, signed } from './words.js';

const PAIRS = [0, 4, 8, 12, 16, 24, 28, 31]; // those with a dial
/** How many positions the picture of a table shows. */
export const WAVES = 64;
/** How thick the frame of a position is, in pixels. */
const FRAME = 2;
/** How wide a chart is that stands beside others. */
export const WIDE = 520;

/**
 * The hands of both tokens, and the angle between them, this token's less the other's, on which their product depends.
 * Token 0's hands all point to the right, so a token's own hand is the angle between it and token 0: every dial has the
 * angles of the training shaded, and says where its hand stands outside of them.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} position
 * @param {number} distance
 * @param {number} length of the text
 */
export function dialsOf(rotary, position, distance, length) {
  const ones = Float32Array.from({ length: DIM }, (_, i) => (i % 2 ? 0 : 1)); // every pair points to the right
  const other = position + distance;
  const isThere = other >= 0 && other < length;
  const [here, there] = turnedTo(rotary, ones, isThere ? [position, other] : [position], length);
  const turns = turning(rotary, length);
  const line = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {(pair: number) => Node} */ each) => [
    el('span', { class: 'dial-name', text: name }),
    ...PAIRS.map((pair) => el('span', { class: `dial-cell ${kind}` }, each(pair))),
  ];
  /** A hand after so many positions: negative ones turn it the other way, and the shading with it. */
  const hand = (
    /** @type {string} */ kind,
    /** @type {(pair: number) => number[]} */ at,
    /** @type {number} */ positions,
  ) => {
    const angles = anglesAt(rotary, Math.abs(positions), length);
    const side = positions < 0 ? -1 : 1;
    return (/** @type {number} */ pair) => {
      const [x, y] = at(pair);
      const isNew = turns[pair] && !wasSeen(angles[pair], pair);
      const said = turns[pair] ? degrees(Math.atan2(y, x)) : 'still';
      const cell = document.createDocumentFragment();
      cell.append(
        dial(x, y, kind, turns[pair] ? side * TRAINED_ANGLES[pair] : 0),
        el('span', { class: `dial-pair ${isNew ? 'strange' : ''}`, text: `${said}${isNew ? ' new' : ''}` }),
      );
      return cell;
    };
  };
  const of = (/** @type {Float32Array} */ turned) => (/** @type {number} */ pair) => [
    turned[2 * pair],
    turned[2 * pair + 1],
  ];
  const between = (/** @type {number} */ pair) => {
    const [[a, b], [c, d]] = [of(here)(pair), of(there)(pair)];
    return [a * c + b * d, b * c - a * d];
  };
  return [
    el('span', { class: 'dial-name dial-pair first', text: 'pair' }),
    ...PAIRS.map((pair) => el('span', { class: 'dial-pair', text: String(pair) })),
    ...line(`this token, at ${count(position)}`, 'a', hand('a', of(here), position)),
    ...(there
      ? [
          ...line(`other token, at ${count(other)}`, 'b', hand('b', of(there), other)),
          ...line('angle between', 'between', hand('between', between, -distance)),
        ]
      : [el('p', { class: 'quiet no-dials', text: absent(other, length) })]),
  ];
}

/**
 * How many times slower each pair turns, on an axis with “as trained” in its middle.
 * @param {Float64Array | Float32Array} slowed NaN where a pair does not turn
 */
export function speedChart(slowed) {
  const powers = Array.from(slowed, Math.log2);
  const most = Math.max(2, ...powers.map((power) => Math.ceil(Math.abs(power) - 1e-6) || 0));
  const half = Math.round(most / 2);
  const still = slowed.findIndex(Number.isNaN);
  return lineChart({
    x: powers.map((_, pair) => pair),
    lines: [
      { y: powers.map((power) => -power), className: 'line' }, // slower lies lower
      { y: powers.map(() => 0), className: 'line dotted' },
    ],
    names: ['pair, from the fastest to the slowest', ''],
    marks: [-most, -half, 0, half, most].map((power) => ({
      value: -power,
      text: power === 0 ? 'as trained' : `${2 ** Math.abs(power)} × ${power > 0 ? 'slower' : 'faster'}`,
    })),
    bands: still < 0 ? [] : [{ from: still - 0.5, to: slowed.length - 1, text: 'stand still' }],
    label: `How fast each pair turns: ${[0, 16, 31].map((pair) => `pair ${pair} ${Number.isNaN(slowed[pair]) ? 'not at all' : times(slowed[pair])}`).join(', ')}.`,
    wide: WIDE,
    HEIGHT: 230,
  });
}

/**
 * @param {HTMLElement} canvas
 * @param {{ lookup: (positions: number[]) => import('../../index.js').Matrix }} positions
 * @param {number} marked
 * @param {number} first of the positions shown
 */
export function drawWaves(canvas, positions, marked, first) {
  const { context, width, height } = fitCanvas(/** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (canvas)));
  const { data } = positions.lookup(Array.from({ length: WAVES }, (_, i) => first + i));
  context.imageSmoothingEnabled = false;
  // The frame stands around the row, which is thin, and so needs an edge around the picture.
  const [wide, tall] = [width - 2 * FRAME, height - 2 * FRAME];
  context.drawImage(picture(data, DIM), FRAME, FRAME, wide, tall);
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = FRAME;
  const [top, line] = [FRAME + ((marked - first) * tall) / WAVES, tall / WAVES];
  context.strokeRect(FRAME / 2, top - FRAME / 2, width - FRAME, line + FRAME);
}

/**
 * Makes the numbers of the picture readable.
 * @param {HTMLElement} canvas
 * @param {() => { positions: { lookup: (positions: number[]) => import('../../index.js').Matrix }, first: number }} shown what the picture shows now, as for `drawWaves`
 * @param {Element} readout
 */
export function readWaves(canvas, shown, readout) {
  const say = (/** @type {number} */ column, /** @type {number} */ line) => {
    const { positions, first } = shown();
    const value = positions.lookup([first + line]).data[column];
    return `position ${count(first + line)}, number ${column}: ${signed(value, 3)}`;
  };
  readable(canvas, { columns: DIM, lines: WAVES, edge: FRAME, say, readout: () => readout });
}

/** One pixel per number: thousands of rectangles take ten times as long. @param {Float32Array} data @param {number} columns */
function picture(data, columns) {
  const [width, height] = [columns, data.length / columns];
  const made = /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (el('canvas', { width, height })));
  const image = new ImageData(width, height);
  new Uint32Array(image.data.buffer).set(Array.from(data, (value) => pixelOf(diverging(value))));
  made.getContext('2d')?.putImageData(image, 0, 0);
  return made;
}

/** The colours of the waves, from −1 to 1. @param {HTMLElement} canvas */
export function drawColors(canvas) {
  const { context, width, height } = fitCanvas(/** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (canvas)));
  for (let x = 0; x < width; x++) {
    context.fillStyle = shade((2 * x) / Math.max(1, width - 1) - 1);
    context.fillRect(x, 0, 1, height);
  }
}
