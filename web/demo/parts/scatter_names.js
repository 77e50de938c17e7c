import { Labels, SIDES } from './labels.js';

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
 * The names of points where there is room: the marked ones first.
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {{ width: number, height: number }} size
 * @param {{ names: string[], marked: number[], order: number[] }} points
 * @param {(at: number) => number[]} placeOf
 */
export function drawNames(context, style, { width, height }, { names, marked, order }, placeOf) {
  const labels = new Labels(width, height);
  const room = Math.max(14, Math.round((width * height) / 9000));
  const place = (/** @type {number} */ at, /** @type {boolean} */ strong) => {
    const [x, y] = placeOf(at);
    if (x < 0 || y < 8 || x > width - 12 || y > height - 4) return;
    const where = labels.place(x, y, names[at], strong ? 14 : 12, { ways: strong ? SIDES : undefined });
    if (where) write(context, style, names[at], where[0], where[1], strong);
  };
  for (const at of marked) place(at, true);
  for (let i = 0; i < order.length && labels.many < room; i++) place(order[i], false);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {CSSStyleDeclaration} style
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {boolean} strong
 */
function write(context, style, text, x, y, strong) {
  context.font = `${strong ? 650 : 400} ${strong ? 14 : 12}px system-ui, sans-serif`;
  context.lineJoin = 'round';
  context.lineWidth = 3.5;
  context.strokeStyle = style.getPropertyValue('--field');
  context.strokeText(text, x, y);
  context.fillStyle = style.getPropertyValue(strong ? '--ink' : '--quiet');
  context.fillText(text, x, y);
}
