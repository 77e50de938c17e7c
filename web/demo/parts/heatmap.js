import { diverging, pixelOf, shade } from './colors.js';
import { el } from './dom.js';
import { lengthOf } from './pairs.js';

const GAP = 8; // between the tokens' rows and the text's vector
const MEAN_HEIGHT = 26;

/**
 * @typedef {object} HeatmapContent
 * @property {{ token: string, row: Float32Array }[]} tokens one per line
 * @property {ArrayLike<number>} mean of the rows
 * @property {number} longest the length of the longest row there is, for the bars
 */

/** A cell. `line` is −1 in the mean, `column` −1 for the whole line. @typedef {{ line: number, column: number, value: number }} Cell */

/** Rows of numbers as coloured cells in one scale, labelled with their tokens. */
export class Heatmap {
  #root;
  #canvas;
  #labels;
  #ticks;
  #marker;
  #cellMarker;
  /** @type {HeatmapContent | undefined} */
  #content;
  #height = 20;
  #signs = false;
  /** The value of the strongest colours. */
  limit = 1;

  /**
   * @param {HTMLElement} root
   * @param {(cell: Cell | null) => void} onPoint receives the cell under the pointer or of the keyboard
   */
  constructor(root, onPoint) {
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
    this.#root = root;
    this.#canvas = /** @type {HTMLCanvasElement} */ (part('canvas'));
    this.#labels = part('.row-labels');
    this.#ticks = part('.row-ticks');
    this.#marker = part('.row-marker');
    this.#cellMarker = part('.cell-marker');
    const point = (/** @type {PointerEvent} */ event) => onPoint(this.#cellAt(event));
    this.#canvas.addEventListener('pointermove', point);
    this.#canvas.addEventListener('pointerdown', point);
    this.#canvas.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && onPoint(null));
    const name = (/** @type {Event} */ event) => this.#pointAtName(/** @type {Element} */ (event.target), onPoint);
    this.#labels.addEventListener('pointerover', name);
    this.#labels.addEventListener('click', name);
    let at = { line: 0, column: 0 };
    root.addEventListener('keydown', (event) => {
      if (!this.#content || event.ctrlKey || event.altKey || event.metaKey) return;
      const { tokens, mean } = this.#content;
      const end = mean.length;
      const step = {
        ...{ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] },
        ...{ Home: [0, -end], End: [0, end] }, // of the line
      }[event.key];
      if (!step) return;
      event.preventDefault();
      at = {
        line: Math.max(0, Math.min(tokens.length, at.line + step[0])), // one beyond the tokens is the mean
        column: Math.max(0, Math.min(mean.length - 1, at.column + step[1])),
      };
      const row = at.line === tokens.length ? mean : tokens[at.line].row;
      onPoint({ line: at.line === tokens.length ? -1 : at.line, column: at.column, value: row[at.column] });
      this.#reveal(at.column);
    });
    new ResizeObserver(() => this.#hasSize() || this.draw()).observe(root);
    addEventListener('resize', () => this.draw()); // zooming changes the pixel ratio, not always the size
  }

  /** @param {HeatmapContent} content */
  show(content) {
    this.#content = content;
    const { tokens, longest } = content;
    this.#height = tokens.length <= 16 ? 22 : tokens.length <= 32 ? 17 : 14;
    this.limit = limitOf(tokens.map(({ row }) => row));
    const labels = tokens.map(({ token, row }, i) => {
      const label = this.#label(token, i * this.#height, this.#height);
      label.prepend(barOf(row, longest));
      return label;
    });
    const mean = this.#label('mean', this.#meanTop, MEAN_HEIGHT);
    mean.classList.add('mean');
    mean.prepend(barOf(content.mean, longest));
    this.#labels.replaceChildren(...labels, mean);
    this.#canvas.style.height = `${this.#meanTop + MEAN_HEIGHT}px`;
    this.#showTicks(content.mean.length);
    this.mark(null);
    this.draw();
  }

  /**
   * @param {number | null} line to frame; −1 is the mean
   * @param {number} [column] to frame within it
   */
  mark(line, column) {
    this.#marker.hidden = line === null;
    this.#cellMarker.hidden = line === null || column === undefined;
    if (line === null) return;
    const top = `${(line < 0 ? this.#meanTop : line * this.#height) - 2}px`;
    const height = `${(line < 0 ? MEAN_HEIGHT : this.#height) + 3}px`;
    Object.assign(this.#marker.style, { top, height });
    if (column === undefined) return;
    const columns = this.#content?.mean.length ?? 1;
    const [left, width] = [`${(100 * column) / columns}%`, `${100 / columns}%`];
    Object.assign(this.#cellMarker.style, { top, height, left, width });
  }

  /** Covers all columns but the first. @param {number} columns that are kept */
  keep(columns) {
    const cover = /** @type {HTMLElement} */ (this.#root.querySelector('.left-out'));
    cover.style.left = `${(100 * columns) / (this.#content?.mean.length ?? columns)}%`;
  }

  /** Whether the mean is drawn as its signs: as strong as can be, above zero or not. @param {boolean} wanted */
  showSigns(wanted) {
    if (wanted === this.#signs) return;
    this.#signs = wanted;
    this.draw();
  }

  /** @param {Element} target @param {(cell: Cell) => void} onPoint */
  #pointAtName(target, onPoint) {
    const label = target.closest('.row-labels span');
    if (!label) return;
    const line = [...this.#labels.children].indexOf(label);
    onPoint({ line: label.classList.contains('mean') ? -1 : line, column: -1, value: 0 });
  }

  /** Where the picture is wider than its place: moves it until a column is seen. @param {number} column */
  #reveal(column) {
    const root = this.#root;
    if (root.scrollWidth <= root.clientWidth) return;
    const [view, labels, cells] = [root, this.#labels, this.#canvas].map((each) => each.getBoundingClientRect());
    const at = cells.left + ((column + 0.5) * cells.width) / (this.#content?.mean.length ?? 1);
    if (at < labels.right + 16) root.scrollLeft -= labels.right + 16 - at;
    else if (at > view.right - 16) root.scrollLeft += at - (view.right - 16);
  }

  /** The number of every 32nd dimension under the picture. @param {number} columns */
  #showTicks(columns) {
    const numbers = Array.from({ length: Math.ceil(columns / 32) }, (_, i) => 32 * i);
    const ticks = numbers.map((number) => {
      const tick = el('span', { text: String(number) });
      tick.style.left = `${(100 * (number + 0.5)) / columns}%`;
      return tick;
    });
    this.#ticks.replaceChildren(...ticks);
  }

  draw() {
    if (!this.#content) return;
    const { tokens, mean } = this.#content;
    const { ratio, width, height } = this.#pixels();
    Object.assign(this.#canvas, { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    const image = context.createImageData(width, height);
    const paint = painter(image, mean.length, this.limit);
    tokens.forEach(({ row }, i) => {
      const [top, bottom] = [i * this.#height, (i + 1) * this.#height - 1];
      paint(row, Math.round(top * ratio), Math.round(bottom * ratio));
    });
    const drawn = this.#signs ? Array.from(mean, (value) => (value > 0 ? this.limit : -this.limit)) : mean;
    paint(drawn, Math.round(this.#meanTop * ratio), height);
    context.putImageData(image, 0, 0);
  }

  /** One canvas pixel per device pixel, and cells that end on whole pixels: no blurred edges. */
  #pixels() {
    const ratio = devicePixelRatio || 1;
    const inPixels = (/** @type {number} */ length) => Math.max(1, Math.round(length * ratio));
    const { width } = this.#canvas.getBoundingClientRect();
    return { ratio, width: inPixels(width), height: inPixels(this.#meanTop + MEAN_HEIGHT) };
  }

  #hasSize() {
    const { width, height } = this.#pixels();
    return this.#canvas.width === width && this.#canvas.height === height;
  }

  get #meanTop() {
    const lines = this.#content?.tokens.length ?? 0;
    return lines === 0 ? 0 : lines * this.#height + GAP;
  }

  /**
   * @param {string} text
   * @param {number} top
   * @param {number} height
   */
  #label(text, top, height) {
    const label = el('span', {}, el('b', { text }));
    label.style.top = `${top}px`;
    label.style.height = `${height - 1}px`;
    label.style.lineHeight = `${height - 1}px`;
    label.style.fontSize = `${Math.min(14, height - 4)}px`;
    return label;
  }

  /** @param {PointerEvent} event @returns {Cell | null} */
  #cellAt(event) {
    if (!this.#content) return null;
    const { tokens, mean } = this.#content;
    const box = this.#canvas.getBoundingClientRect();
    const y = event.clientY - box.top;
    const column = Math.floor(((event.clientX - box.left) / box.width) * mean.length);
    const at = Math.min(mean.length - 1, Math.max(0, column));
    if (y >= this.#meanTop) return { line: -1, column: at, value: mean[at] };
    const line = Math.floor(y / this.#height);
    return line >= 0 && line < tokens.length ? { line, column: at, value: tokens[line].row[at] } : null;
  }
}

/** How long a row is, as a bar. @param {ArrayLike<number>} row @param {number} longest */
function barOf(row, longest) {
  const bar = el('i');
  bar.style.setProperty('--share', String(Math.min(1, lengthOf(row) / longest)));
  return bar;
}

/**
 * Paints rows of cells into a picture: pixels, because five thousand rectangles of named colours take ten times as long.
 * @param {ImageData} image
 * @param {number} columns
 * @param {number} limit
 */
function painter({ data, width }, columns, limit) {
  const pixels = new Uint32Array(data.buffer);
  const shades = Uint32Array.from({ length: 255 }, (_, i) => pixelOf(diverging((i - 127) / 127)));
  return (/** @type {ArrayLike<number>} */ values, /** @type {number} */ top, /** @type {number} */ bottom) => {
    const line = pixels.subarray(top * width, (top + 1) * width);
    for (let x = 0; x < columns; x++) {
      const shade = shades[Math.round(Math.max(-1, Math.min(1, values[x] / limit)) * 127) + 127];
      line.fill(shade, Math.round((x * width) / columns), Math.round(((x + 1) * width) / columns));
    }
    for (let y = top + 1; y < bottom; y++) pixels.set(line, y * width);
  };
}

/**
 * The colour scale from one end to the other.
 * @param {HTMLCanvasElement} canvas
 */
export function drawLegend(canvas) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = shade((2 * x) / Math.max(1, canvas.width - 1) - 1);
    context.fillRect(x, 0, 1, canvas.height);
  }
}

/**
 * The 99th percentile of the magnitudes: otherwise a few outliers would make all other values pale.
 * @param {Float32Array[]} rows
 */
function limitOf(rows) {
  const sizes = Float32Array.from(rows.flatMap((row) => Array.from(row, Math.abs))).sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] || 1; // no rows, or all zeros: any limit will do
}
