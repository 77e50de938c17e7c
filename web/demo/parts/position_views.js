// What the section on positions draws: hands that turn, and the vectors of many positions.
import { dial } from './chart.js';
import { css, diverging } from './colors.js';
import { el, fitCanvas } from './dom.js';
import { DIM, LEARNED, turnedTo } from './rotations.js';
import { count, decimal } from './words.js';

const PAIRS = [0, 2, 4, 8, 12, 16, 24, 31]; // those with a dial
/** How many positions the picture of a table shows. */
export const WAVES = 64;

/** @param {number} position where no token is */
export const absent = (position) =>
  position < 0
    ? `There is no token at position ${decimal(position, 0)}: a text begins at 0.`
    : `There is no position ${count(position)}: the table ends at ${LEARNED - 1}.`;

/**
 * The hands of both tokens, and the angle between them, which their product depends on.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} position
 * @param {number} distance
 * @param {number} length of the text
 */
export function dialsOf(rotary, position, distance, length) {
  const ones = Float32Array.from({ length: DIM }, (_, i) => (i % 2 ? 0 : 1)); // every pair points to the right
  const other = position + distance;
  const [here, there] = turnedTo(rotary, ones, other < 0 ? [position] : [position, other], length);
  const line = (/** @type {string} */ name, /** @type {(pair: number) => Node} */ each) => [
    el('span', { class: 'dial-name', text: name }),
    ...PAIRS.map(each),
  ];
  return [
    el('span', { class: 'dial-name dial-pair first', text: 'pair' }),
    ...PAIRS.map((pair) => el('span', { class: 'dial-pair', text: String(pair) })),
    ...line(`this, at ${position}`, (pair) => dial(here[2 * pair], here[2 * pair + 1], 'a')),
    ...(there
      ? [
          ...line(`other, at ${other}`, (pair) => dial(there[2 * pair], there[2 * pair + 1], 'b')),
          ...line('between', (pair) => {
            const [a, b, c, d] = [here[2 * pair], here[2 * pair + 1], there[2 * pair], there[2 * pair + 1]];
            return dial(a * c + b * d, a * d - b * c, 'between');
          }),
        ]
      : [el('p', { class: 'quiet no-dials', text: absent(other) })]),
  ];
}

/**
 * @param {HTMLElement} canvas
 * @param {{ lookup: (positions: number[]) => import('../../index.js').Matrix }} positions
 * @param {number} marked
 * @param {number} first of the positions shown
 */
export function drawWaves(canvas, positions, marked, first) {
  const { context, width, height } = fitCanvas(/** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (canvas)));
  const many = WAVES;
  const rows = positions.lookup(Array.from({ length: many }, (_, i) => first + i));
  for (let i = 0; i < many; i++) {
    for (let d = 0; d < DIM; d++) {
      context.fillStyle = css(diverging(rows.row(i)[d]));
      context.fillRect((d * width) / DIM, (i * height) / many, width / DIM + 0.5, height / many + 0.5);
    }
  }
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 2;
  context.strokeRect(1, ((marked - first) * height) / many, width - 2, height / many);
}
