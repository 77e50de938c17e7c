import { svg } from './chart.js';
import { Labels, SIDES, alongLine, widthOf } from './labels.js';
import { dot, lengthOf } from './pairs.js';
import { minus, unitOf } from './word_space.js';

/** @typedef {import('./word_space.js').Basis} Basis */

const [WIDTH, HEIGHT, EDGE] = [420, 280, 26];

/**
 * The flat view in which the three words lie: what it shows of them is all of them.
 * @param {Float32Array[]} rows of a, b and c
 * @returns {Basis | null} null where they lie on a line
 */
export function planeOf([a, b, c]) {
  const x = unitOf(minus(c, b));
  const across = minus(a, b);
  const along = dot(across, x);
  const y = across.map((value, d) => value - along * x[d]);
  if (!(lengthOf(y) > 1e-6) || !(lengthOf(x) > 1e-6)) return null; // the same word twice
  return { mean: b, axes: [x, unitOf(y)] };
}

/**
 * The step from b to c, the same step from a, and the words near its end.
 * @param {string[]} words a, b and c
 * @param {Float32Array[]} rows of them, of length 1
 * @param {{ key: string, row: Float32Array }[]} found the nearest to the step's end, the nearest first
 */
export function equationPicture(words, rows, found) {
  const root = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: 'equation',
    role: 'img',
    'aria-label': `Arrows: from ${words[1]} to ${words[2]}, and the same step from ${words[0]}. Near its end: ${found.map(({ key }) => key).join(', ')}.`,
  });
  const plane = planeOf(rows);
  if (!plane) return root;
  const flat = (/** @type {ArrayLike<number>} */ row) => {
    const from = minus(row, plane.mean);
    return plane.axes.map((axis) => dot(from, axis));
  };
  const [a, b, c] = rows.map(flat);
  const end = [a[0] - b[0] + c[0], a[1] - b[1] + c[1]];
  const others = found.map(({ row }) => flat(row));
  const all = [a, b, c, end, ...others];
  const [lowX, highX, lowY, highY] = [0, 1].flatMap((side) => {
    const values = all.map((place) => place[side]);
    return [Math.min(...values), Math.max(...values)];
  });
  const scale = Math.min((WIDTH - 5 * EDGE) / (highX - lowX), (HEIGHT - 2 * EDGE) / (highY - lowY));
  const left = (WIDTH - (highX - lowX) * scale) / 2;
  const top = (HEIGHT - (highY - lowY) * scale) / 2;
  const at = (/** @type {number[]} */ [x, y]) => [left + (x - lowX) * scale, top + (highY - y) * scale];
  const [A, B, C, END] = [a, b, c, end].map(at);
  // The arrows lie over all names' edges, which would cut them.
  const [names, arrows] = [svg('g', {}), svg('g', {})];
  arrows.append(...arrow(B, C, 'step'), ...arrow(A, END, 'step same'));
  root.append(line(B, A, 'side'), line(C, END, 'side'), names, arrows);
  const labels = new Labels(WIDTH, HEIGHT);
  for (const box of [...alongLine(B, C, 3), ...alongLine(A, END, 3)]) labels.cover(box);
  for (const [x, y] of [a, b, c, ...others].map(at)) labels.reserve(x, y, 5);
  const show = (
    /** @type {number[]} */ [x, y],
    /** @type {string} */ text,
    /** @type {string} */ kind,
    ways = SIDES,
  ) => {
    const wide = widthOf(text, 14, kind === 'near' ? 400 : 600);
    const beside = labels.place(x, y, text, 16, { ways, wide });
    const [left, base] = beside ?? labels.placeAround(x, y, wide, 16) ?? [x + 8, y - 8];
    if (!beside) names.append(line([x, y], [Math.max(left, Math.min(left + wide, x)), base - 5], 'to-name'));
    names.append(svg('text', { x: left, y: base, class: kind }, text));
    arrows.append(svg('circle', { cx: x, cy: y, r: kind === 'found' ? 5.5 : 4, class: kind }));
  };
  question(root, A, END, labels);
  // Names beside the arrows, not on them.
  show(A, words[0], 'word', ['left', 'above', 'below', 'right']);
  show(B, words[1], 'word', ['left', 'below', 'above', 'right']);
  show(C, words[2], 'word');
  others.map(at).forEach((place, i) => show(place, found[i].key, i === 0 ? 'found' : 'near'));
  return root;
}

/**
 * The tip of the second arrow, where no word is: a question mark ahead of it.
 * @param {Element} root
 * @param {number[]} from
 * @param {number[]} tip
 * @param {Labels} labels
 */
function question(root, from, tip, labels) {
  const long = Math.hypot(tip[0] - from[0], tip[1] - from[1]) || 1;
  const [x, y] = [0, 1].map((side) => tip[side] + (13 * (tip[side] - from[side])) / long);
  labels.reserve(x, y, 9);
  root.append(svg('text', { x, y: y + 6, 'text-anchor': 'middle', class: 'question' }, '?'));
}

/** @param {number[]} from @param {number[]} to @param {string} kind */
const line = ([x1, y1], [x2, y2], kind) => svg('line', { x1, y1, x2, y2, class: kind });

/** @param {number[]} from @param {number[]} to @param {string} kind */
function arrow(from, to, kind) {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const corner = (/** @type {number} */ side) =>
    `${to[0] - 13 * Math.cos(angle + side)},${to[1] - 13 * Math.sin(angle + side)}`;
  return [
    line(from, [to[0] - 8 * Math.cos(angle), to[1] - 8 * Math.sin(angle)], kind),
    svg('polygon', { points: `${to.join(',')} ${corner(0.42)} ${corner(-0.42)}`, class: kind }),
  ];
}
