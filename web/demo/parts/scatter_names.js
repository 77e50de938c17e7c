import { Labels, SIDES } from './labels.js';

/** So many names are tried at most: in a dense map hardly any has room, and each frame draws them anew. */
const MOST_TRIED = 600;
/** Points of a larger radius, in pixels, are seen from near. */
const LARGE = 5;

/** @typedef {{ from: number[], to: number[], color: string, name: string, dashed?: boolean }} Arrow places as the points have them */
/** @typedef {(x: number, y: number) => number[]} OnScreen */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {Arrow[]} arrows
 * @param {OnScreen} onScreen
 */
export function drawArrows(context, style, arrows, onScreen) {
  for (const { from, to, color, name, dashed } of arrows) {
    const [x1, y1] = onScreen(from[0], from[1]);
    const [x2, y2] = onScreen(to[0], to[1]);
    const angle = Math.atan2(y2 - y1, x2 - x1);
    context.strokeStyle = context.fillStyle = style.getPropertyValue(color);
    context.lineWidth = 2.5;
    context.setLineDash(dashed ? [6, 5] : []);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x2, y2);
    for (const side of [0.45, -0.45])
      context.lineTo(x2 - 11 * Math.cos(angle + side), y2 - 11 * Math.sin(angle + side));
    context.fill();
    if (name) write(context, style, name, x2 + 8, y2 + 4, true);
  }
}

/**
 * A line across and a line up.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {{ width: number, height: number }} size
 * @param {number[]} middle where they cross
 */
export function drawAxes(context, style, { width, height }, [x, y]) {
  context.strokeStyle = style.getPropertyValue('--quiet');
  context.lineWidth = 1;
  context.setLineDash([2, 4]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
  context.setLineDash([]);
}

/**
 * The names of points where there is room: the marked ones first, joined to their points by a line where they must stand
 * farther off.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {{ width: number, height: number }} size
 * @param {{ names: string[], marked: number[], order: number[], covered: number[][], radius: number }} points `covered`: where no
 *   name goes; `radius`: of the largest points
 * @param {(at: number) => number[]} placeOf
 */
export function drawNames(context, style, { width, height }, { names, marked, order, covered, radius }, placeOf) {
  const labels = new Labels(width, height);
  for (const box of covered) labels.cover(box);
  const room = Math.max(14, Math.round((width * height) / 9000));
  const isSeen = ([x, y] = [0, 0]) => x >= 0 && y >= 8 && x <= width - 12 && y <= height - 4;
  const seen = marked.filter((at) => isSeen(placeOf(at)));
  for (const at of seen) labels.reserve(placeOf(at)[0], placeOf(at)[1], 4);
  context.font = fontOf(true);
  for (const at of seen) {
    const [x, y] = placeOf(at);
    const wide = context.measureText(names[at]).width;
    const beside = labels.place(x, y, names[at], 14, { ways: SIDES, wide, gap: Math.max(7, radius + 3) });
    const where = beside ?? labels.placeAround(x, y, wide, 14);
    if (!where) continue;
    if (!beside) join(context, style, [x, y], [where[0], where[1], wide]);
    write(context, style, names[at], where[0], where[1], true);
  }
  context.font = fontOf(false);
  const taken = new Set(seen);
  // From near there are few points, and each shall have its name, on whichever side there is room.
  const isNear = radius > LARGE;
  const ways = isNear ? SIDES : SIDES.slice(0, 1);
  const all = isNear ? [...order, ...names.keys()] : order;
  let tried = 0;
  for (let i = 0; i < all.length && labels.many < room && tried < MOST_TRIED; i++) {
    const at = all[i];
    const [x, y] = placeOf(at);
    if (taken.has(at) || !isSeen([x, y])) continue;
    tried++;
    taken.add(at);
    const wide = context.measureText(names[at]).width;
    const where = labels.place(x, y, names[at], 12, { ways, wide, gap: Math.max(6, radius + 3) });
    if (where) write(context, style, names[at], where[0], where[1], false);
  }
}

/**
 * A ring around a point.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {number[]} point
 */
export function drawRing(context, style, [x, y]) {
  context.strokeStyle = style.getPropertyValue('--ink');
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.stroke();
}

/**
 * A line from a point to the nearest place of its name.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {number[]} point
 * @param {number[]} name where it begins, and how wide it is
 */
function join(context, style, [x, y], [left, base, wide]) {
  context.strokeStyle = style.getPropertyValue('--quiet');
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(Math.min(Math.max(x, left), left + wide), base < y ? base + 2 : base - 9);
  context.stroke();
}

/** @param {boolean} strong */
const fontOf = (strong) => `${strong ? 650 : 400} ${strong ? 14 : 12}px system-ui, sans-serif`;

/**
 * Over the points, which would make it hard to read.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {boolean} strong
 */
function write(context, style, text, x, y, strong) {
  context.font = fontOf(strong);
  const size = strong ? 14 : 12;
  context.fillStyle = style.getPropertyValue('--field');
  context.globalAlpha = 0.85;
  context.fillRect(x - 2, y - 0.85 * size, context.measureText(text).width + 4, 1.1 * size);
  context.globalAlpha = 1;
  context.fillStyle = style.getPropertyValue(strong ? '--ink' : '--quiet');
  context.fillText(text, x, y);
}
