import { css, diverging, hueOf } from './colors.js';

const GAP = 6; // between the tokens' rows and the text's vector
const POOLED_HEIGHT = 28;

/**
 * @typedef {object} HeatmapContent
 * @property {{ id: number, token: string }[]} tokens one per row
 * @property {{ data: Float32Array, dim: number }} rows
 * @property {Float32Array} pooled
 */

/** Rows of numbers as coloured cells, labelled with their tokens. */
export class Heatmap {
  #canvas;
  #labels;
  #marker;
  /** @type {HeatmapContent | undefined} */
  #content;
  #rowHeight = 20;
  #limits = { rows: 1, pooled: 1 };

  /**
   * @param {HTMLElement} root
   * @param {(cell: { row: number, column: number, value: number } | null) => void} onPoint receives the cell under the
   *   pointer; the row of the text's vector is -1
   */
  constructor(root, onPoint) {
    this.#canvas = /** @type {HTMLCanvasElement} */ (root.querySelector('canvas'));
    this.#labels = /** @type {HTMLElement} */ (root.querySelector('.row-labels'));
    this.#marker = /** @type {HTMLElement} */ (root.querySelector('.row-marker'));
    this.#canvas.addEventListener('pointermove', (event) => onPoint(this.#cellAt(event)));
    this.#canvas.addEventListener('pointerleave', () => onPoint(null));
    new ResizeObserver(() => this.draw()).observe(root);
    addEventListener('resize', () => this.draw()); // zooming changes the pixel ratio, not always the size
  }

  /** The values that take the scale's last colour: in the rows, and in the text's vector. */
  get limits() {
    return this.#limits;
  }

  /** @param {HeatmapContent} content */
  show(content) {
    this.#content = content;
    const { tokens, rows, pooled } = content;
    this.#rowHeight = tokens.length <= 16 ? 22 : tokens.length <= 32 ? 17 : 14;
    this.#limits = { rows: limitOf(rows.data), pooled: limitOf(pooled) };
    const labels = tokens.map(({ id, token }, i) => this.#label(token, i * this.#rowHeight, this.#rowHeight, id));
    labels.push(this.#label('vector', this.#pooledTop, POOLED_HEIGHT));
    this.#labels.replaceChildren(...labels);
    this.#canvas.style.height = `${this.#pooledTop + POOLED_HEIGHT}px`;
    this.#canvas.setAttribute(
      'aria-label',
      `Heatmap: ${tokens.length} token rows and the text’s vector, ${rows.dim} numbers each`,
    );
    this.mark(null);
    this.draw();
  }

  /** @param {number | null} row the row to frame */
  mark(row) {
    this.#marker.hidden = row === null;
    if (row === null) return;
    this.#marker.style.top = `${row * this.#rowHeight - 2}px`;
    this.#marker.style.height = `${this.#rowHeight + 3}px`;
  }

  draw() {
    if (!this.#content) return;
    const { tokens, rows, pooled } = this.#content;
    const box = this.#canvas.getBoundingClientRect();
    // One canvas pixel per device pixel, and cells that end on whole pixels: no blurred edges.
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.max(1, Math.round(box.width * ratio));
    this.#canvas.height = Math.max(1, Math.round((this.#pooledTop + POOLED_HEIGHT) * ratio));
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    const paint = painter(context, rows.dim);
    tokens.forEach((_, i) => {
      const top = Math.round(i * this.#rowHeight * ratio);
      const bottom = Math.round(((i + 1) * this.#rowHeight - 1) * ratio);
      paint(rows.data.subarray(i * rows.dim, (i + 1) * rows.dim), this.#limits.rows, top, bottom);
    });
    paint(pooled, this.#limits.pooled, Math.round(this.#pooledTop * ratio), this.#canvas.height);
  }

  get #pooledTop() {
    const count = this.#content?.tokens.length ?? 0;
    return count === 0 ? 0 : count * this.#rowHeight + GAP;
  }

  /**
   * @param {string} text
   * @param {number} top
   * @param {number} height
   * @param {number} [id] without it, the label of the text's vector
   */
  #label(text, top, height, id) {
    const label = document.createElement('span');
    label.textContent = text;
    label.style.top = `${top}px`;
    label.style.height = `${height - 1}px`;
    label.style.lineHeight = `${height - 1}px`;
    label.style.fontSize = `${Math.min(14, height - 4)}px`;
    if (id === undefined) label.className = 'pooled';
    else label.style.setProperty('--hue', hueOf(id));
    return label;
  }

  /** @param {PointerEvent} event */
  #cellAt(event) {
    if (!this.#content) return null;
    const { tokens, rows, pooled } = this.#content;
    const box = this.#canvas.getBoundingClientRect();
    const y = event.clientY - box.top;
    const column = Math.min(rows.dim - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * rows.dim)));
    if (y >= this.#pooledTop) return { row: -1, column, value: pooled[column] };
    const row = Math.floor(y / this.#rowHeight);
    return row >= 0 && row < tokens.length ? { row, column, value: rows.data[row * rows.dim + column] } : null;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} columns
 */
function painter(context, columns) {
  const { width } = context.canvas;
  const shades = Array.from({ length: 255 }, (_, i) => css(diverging((i - 127) / 127)));
  return (/** @type {Float32Array} */ values, /** @type {number} */ limit, /** @type {number} */ top, bottom = top) => {
    for (let x = 0; x < columns; x++) {
      const left = Math.round((x * width) / columns);
      const right = Math.round(((x + 1) * width) / columns);
      context.fillStyle = shades[Math.round(Math.max(-1, Math.min(1, values[x] / limit)) * 127) + 127];
      context.fillRect(left, top, right - left, bottom - top);
    }
  };
}

/**
 * The colour scale from one end to the other.
 * @param {HTMLCanvasElement} canvas
 */
export function drawLegend(canvas) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = css(diverging((2 * x) / Math.max(1, canvas.width - 1) - 1));
    context.fillRect(x, 0, 1, canvas.height);
  }
}

/**
 * The 99th percentile of the magnitudes: otherwise a few outliers would make all other values pale.
 * @param {Float32Array} values
 */
function limitOf(values) {
  const sizes = values.map(Math.abs).sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] || 1; // all zeros: any limit will do
}
