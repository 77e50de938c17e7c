import { Labels, SIDES, alongLine } from './labels.js';

/** So many names are tried at most: in a dense map hardly any has room, and each frame draws them anew. */
const MOST_TRIED = 600;
/** Points of a larger radius, in pixels, are seen from near. */
const LARGE = 5;
/** How far ahead of an arrow's tip the middle of its name is. */
const AHEAD = 12;
const DOT = 4.5; // the radius of a loud point

/** How a name is written. @typedef {{ size: number, weight: number, ink: string }} Hand */
/** @type {Record<'strong' | 'soft' | 'plain', Hand>} */
const HANDS = {
  strong: { size: 14, weight: 650, ink: '--ink' },
  soft: { size: 12, weight: 500, ink: '--ink' },
  plain: { size: 12, weight: 400, ink: '--quiet' },
};

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
    const [endX, endY] = onScreen(to[0], to[1]);
    const angle = Math.atan2(endY - y1, endX - x1);
    const short = name ? 0 : DOT + 1; // before the word’s dot
    const [x2, y2] = [endX - short * Math.cos(angle), endY - short * Math.sin(angle)];
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
    if (!name) continue;
    const [x, y] = aheadOf([x1, y1], [x2, y2]);
    context.font = fontOf(HANDS.strong);
    write(context, style, name, x - context.measureText(name).width / 2, y + 5, HANDS.strong);
  }
}

/** Where the name of an arrow has its middle: ahead of the tip. @param {number[]} from @param {number[]} tip */
function aheadOf([x1, y1], [x2, y2]) {
  const long = Math.hypot(x2 - x1, y2 - y1) || 1;
  return [x2 + (AHEAD * (x2 - x1)) / long, y2 + (AHEAD * (y2 - y1)) / long];
}

/**
 * What the arrows take of the picture, so that no name lies on them.
 * @param {Arrow[]} arrows
 * @param {OnScreen} onScreen
 * @returns {number[][]} left, top, right and bottom of each part
 */
export function takenBy(arrows, onScreen) {
  return arrows.flatMap(({ from, to, name }) => {
    const [begin, tip] = [onScreen(from[0], from[1]), onScreen(to[0], to[1])];
    const [x, y] = aheadOf(begin, tip);
    return [...alongLine(begin, tip, 5), ...(name ? [[x - 7, y - 9, x + 7, y + 9]] : [])];
  });
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
 * The names of points where there is room: the loud and the marked ones first, joined to their points by a line where
 * they must stand farther off. Beside loud ones the marked ones are quieter, but for the first, and left out where they
 * have no room.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {{ width: number, height: number }} size
 * @param {object} points
 * @param {string[]} points.names
 * @param {number | null} points.pointed
 * @param {number[]} points.loud which have a dot of their own, too
 * @param {number[]} points.marked
 * @param {number[]} points.order of the others
 * @param {number[][]} points.covered where no name goes
 * @param {number} points.radius of the largest points
 * @param {(at: number) => number[]} placeOf
 */
export function drawNames(context, style, { width, height }, points, placeOf) {
  const { names, pointed, loud, marked, order, covered, radius } = points;
  const labels = new Labels(width, height);
  for (const box of covered) labels.cover(box);
  const room = Math.max(14, Math.round((width * height) / 9000));
  const isSeen = (/** @type {number[]} */ [x, y]) => x >= 0 && y >= 8 && x <= width - 12 && y <= height - 4;
  const first = [...(pointed === null ? [] : [pointed]), ...loud, ...(loud.length > 0 ? marked.slice(0, 1) : marked)];
  const strong = [...new Set(first)].filter((at) => isSeen(placeOf(at)));
  const soft = marked.filter((at) => !strong.includes(at) && isSeen(placeOf(at)));
  for (const at of [...strong, ...soft]) labels.reserve(placeOf(at)[0], placeOf(at)[1], loud.includes(at) ? DOT : 4);
  for (const at of loud) drawDot(context, style, placeOf(at));
  /** Writes a name beside its point, if there is room. @param {number} at @param {Hand} hand @param {typeof SIDES} ways */
  const beside = (at, hand, ways) => {
    const [x, y] = placeOf(at);
    context.font = fontOf(hand);
    const wide = context.measureText(names[at]).width;
    const gap = Math.max(hand.size / 2, radius + 3);
    const where = labels.place(x, y, names[at], hand.size, { ways, wide, gap });
    if (where) write(context, style, names[at], where[0], where[1], hand);
    return where !== null;
  };
  for (const at of strong)
    if (!beside(at, HANDS.strong, SIDES)) writeFarther(context, style, labels, names[at], placeOf(at));
  for (const at of soft) beside(at, HANDS.soft, SIDES);
  const taken = new Set([...strong, ...soft]);
  // From near there are few points, and each shall have its name, on whichever side there is room.
  const isNear = radius > LARGE;
  const ways = isNear ? SIDES : SIDES.slice(0, 1);
  const all = isNear ? [...order, ...names.keys()] : order;
  let tried = 0;
  for (let i = 0; i < all.length && labels.many < room && tried < MOST_TRIED; i++) {
    const at = all[i];
    if (taken.has(at) || !isSeen(placeOf(at))) continue;
    tried++;
    taken.add(at);
    beside(at, HANDS.plain, ways);
  }
}

/**
 * A name that has no room beside its point, joined to it by a line; left out where there is none at all.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {Labels} labels
 * @param {string} name
 * @param {number[]} point
 */
function writeFarther(context, style, labels, name, [x, y]) {
  const { strong } = HANDS;
  context.font = fontOf(strong);
  const wide = context.measureText(name).width;
  const where = labels.placeAround(x, y, wide, strong.size);
  if (!where) return;
  join(context, style, [x, y], [where[0], where[1], wide]);
  write(context, style, name, where[0], where[1], strong);
}

/**
 * The dot of a loud point, with an edge that parts it from what lies under it.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {number[]} point
 */
function drawDot(context, style, [x, y]) {
  context.fillStyle = style.getPropertyValue('--ink');
  context.strokeStyle = style.getPropertyValue('--field');
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(x, y, DOT, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
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

/** @param {Hand} hand */
const fontOf = ({ size, weight }) => `${weight} ${size}px system-ui, sans-serif`;

/**
 * Over the points, which would make it hard to read.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {Hand} hand
 */
function write(context, style, text, x, y, hand) {
  context.font = fontOf(hand);
  context.fillStyle = style.getPropertyValue('--field');
  context.globalAlpha = 0.85;
  context.fillRect(x - 2, y - 0.85 * hand.size, context.measureText(text).width + 4, 1.1 * hand.size);
  context.globalAlpha = 1;
  context.fillStyle = style.getPropertyValue(hand.ink);
  context.fillText(text, x, y);
}
