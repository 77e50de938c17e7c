// Many points that can be moved and enlarged. Points are drawn by WebGL (twgl.js), names and arrows over them in 2D;
// d3-zoom reads the wheel, the drag and the fingers. (regl-scatterplot and its kind compile code at run time, which this
// page's policy forbids.)
import { select } from 'd3-selection';
import { zoom, zoomIdentity } from 'd3-zoom';
import { el, fitCanvas, perFrame, reducedMotion } from './dom.js';
import { drawArrows, drawAxes, drawNames, drawRing, takenBy } from './scatter_names.js';
import { ScatterPoints, radiusAt } from './scatter_points.js';

const MOST = 60; // times enlarged; the least is 1, all of the map
const EDGE = 12; // pixels of the picture's edge where a point is hardly seen

export class Scatter {
  #canvas = el('canvas', { 'aria-hidden': 'true' });
  #over = el('canvas', { 'aria-hidden': 'true' });
  #root;
  #points;
  #view = { x: 0, y: 0, k: 1 };
  #extent = [0, 0];
  #moved = 1;
  #zoom;
  /** @type {Float32Array} (n, 2), in a square of −1 to 1 */
  #places = new Float32Array(0);
  #names = /** @type {string[]} */ ([]);
  /** Which points have a name written beside them first. */
  marked = /** @type {number[]} */ ([]);
  /** Which come before those, and have a dot that is seen from far. */
  loud = /** @type {number[]} */ ([]);
  /** The point that is pointed at, with a ring and its name. @type {number | null} */
  pointed = null;
  /** Where no name goes: left, top, right and bottom, in CSS pixels. */
  covered = /** @type {number[][]} */ ([]);
  /** In which order the other points get a name, where there is room. */
  order = /** @type {number[]} */ ([]);
  /** Where the lines of two axes cross, if there are axes. @type {number[] | undefined} */
  middle;
  /** The point that keeps its place on the screen while keys and buttons enlarge the map. @type {number | undefined} */
  anchor;
  /** @type {import('./scatter_names.js').Arrow[]} */
  arrows = [];
  /** Called whenever the map was moved or enlarged. */
  onZoom = (/** @type {{ isNearest: boolean, isFarthest: boolean }} */ _) => {};
  /** Draws at the next frame. */
  draw = perFrame(() => this.#draw());

  /**
   * @param {HTMLElement} root
   * @param {{ onHover: (at: number | null) => void, onPick: (at: number) => void }} react
   */
  constructor(root, { onHover, onPick }) {
    this.#root = root;
    root.append(this.#canvas, this.#over);
    this.#points = new ScatterPoints(/** @type {HTMLCanvasElement} */ (this.#canvas));
    this.#zoom = zoom()
      .scaleExtent([1, MOST])
      // One finger and the wheel alone scroll the page, as everywhere: two fingers, or Ctrl with the wheel, are the map's.
      .filter((/** @type {WheelEvent & TouchEvent} */ event) =>
        event.type.startsWith('touch')
          ? event.touches.length > 1
          : event.type === 'wheel'
            ? event.ctrlKey || event.metaKey
            : !event.ctrlKey && !event.button,
      )
      .wheelDelta(wheelDelta)
      .on('zoom', (/** @type {{ transform: typeof zoomIdentity }} */ { transform }) => {
        this.#view = transform;
        this.onZoom({ isNearest: transform.k >= MOST, isFarthest: transform.k <= 1 });
        this.draw();
      });
    const surface = select(this.#over);
    surface.call(this.#zoom).on('dblclick.zoom', null);
    const point = (/** @type {number | null} */ at) => {
      if (at !== this.pointed) onHover(at);
      this.point(at);
    };
    this.#over.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') point(this.#pointAt(event, 14));
    });
    this.#over.addEventListener('pointerleave', () => point(null));
    this.#over.addEventListener('click', (event) => {
      // What the pointer had named is what it chooses; a finger names nothing before.
      const named = event instanceof PointerEvent && event.pointerType === 'mouse' ? this.pointed : null;
      const at = named ?? this.#pointAt(event, 24);
      if (at !== null) onPick(at);
    });
    new ResizeObserver(() => this.#fit()).observe(root);
    addEventListener('resize', this.draw);
  }

  /** Keys: arrows move the map, + and − enlarge it. @param {string} key @returns {boolean} whether it was one of them */
  key(key) {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[key];
    const surface = select(this.#over);
    if (step) this.#zoom.translateBy(surface, step[0] / this.#view.k, step[1] / this.#view.k);
    else if (key === '+' || key === '=') this.#scale(1.5);
    else if (key === '-' || key === '−') this.#scale(1 / 1.5);
    else if (key === '0') this.home();
    else return false;
    return true;
  }

  /** Enlarges the map: about its anchor, if it has one, which comes into the picture. @param {number} times */
  #scale(times) {
    if (this.anchor !== undefined) this.bring(this.anchor);
    const about = this.anchor === undefined ? undefined : this.#pointOnScreen(this.anchor);
    this.#zoom.scaleBy(select(this.#over), times, /** @type {[number, number] | undefined} */ (about));
  }

  /** Moves the map until a point is in its middle, if it is out of the picture. @param {number} at */
  bring(at) {
    if (this.#places.length === 0) return;
    const [[x, y], [width, height]] = [this.#pointOnScreen(at), this.#size];
    if (x >= EDGE && y >= EDGE && x <= width - EDGE && y <= height - EDGE) return;
    const { k } = this.#view;
    this.#zoom.translateBy(select(this.#over), (width / 2 - x) / k, (height / 2 - y) / k);
  }

  /** Marks a point, or none. @param {number | null} at */
  point(at) {
    if (at === this.pointed) return;
    this.pointed = at;
    this.draw();
  }

  home() {
    select(this.#over).call(this.#zoom.transform, zoomIdentity);
  }

  /** Shows these points from near. @param {number[]} points */
  focus(points) {
    const [width, height] = this.#size;
    const half = Math.min(width, height) / 2;
    const xs = points.map((at) => this.#places[2 * at]);
    const ys = points.map((at) => this.#places[2 * at + 1]);
    const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
    const reach = Math.max(0.04, Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    const k = Math.min(24, Math.max(1, 1.3 / reach));
    const transform = zoomIdentity
      .translate(width / 2, height / 2)
      .scale(k)
      .translate(-(width / 2 + middle[0] * half), -(height / 2 - middle[1] * half));
    select(this.#over).call(this.#zoom.transform, transform);
  }

  /**
   * @param {Float32Array} places (n, 2)
   * @param {{ names?: string[], glide?: boolean }} [options] glide: from where they are, unless motion is unwanted
   */
  show(places, { names, glide = true } = {}) {
    const before = this.#places.length === places.length ? this.#places : places;
    this.#places = places;
    if (names) this.#names = names;
    this.#points.show(before, places);
    this.#moved = 1;
    if (glide && before !== places && !reducedMotion.matches) this.#glide(performance.now());
    this.draw();
  }

  /** @param {Float32Array} colors (n, 4), 0 to 1; the last is how much a point matters */
  color(colors) {
    this.#points.color(colors);
    this.draw();
  }

  /** @param {number} begun */
  #glide(begun) {
    const places = this.#places;
    const step = () => {
      if (this.#places !== places) return;
      const share = Math.min(1, (performance.now() - begun) / 700);
      this.#moved = share * share * (3 - 2 * share);
      this.#draw();
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** How far the map reaches from its middle, to the side and up, when all of it is shown; the shorter way is 1. */
  get room() {
    const size = this.#size;
    return size.map((length) => length / (Math.min(...size) || 1));
  }

  /** In CSS pixels, as the browser says it now; `#extent` has it as it was when last asked for. */
  get #size() {
    return (this.#extent = [this.#root.clientWidth, this.#root.clientHeight]);
  }

  /** A place of the data on the screen. @param {number} x @param {number} y */
  #onScreen(x, y) {
    const [width, height] = this.#extent; // thousands of places at a time: to ask the browser takes longer
    const half = Math.min(width, height) / 2;
    const { x: left, y: top, k } = this.#view;
    return [(width / 2 + x * half) * k + left, (height / 2 - y * half) * k + top];
  }

  /** @param {number} at @returns {number[]} */
  #pointOnScreen(at) {
    return this.#onScreen(this.#places[2 * at], this.#places[2 * at + 1]);
  }

  /** @param {MouseEvent} event @param {number} reach in pixels @returns {number | null} */
  #pointAt(event, reach) {
    const box = this.#over.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let [best, nearest] = [reach * reach, /** @type {number | null} */ (null)];
    for (let i = 0; i < this.#places.length / 2; i++) {
      const [x, y] = this.#onScreen(this.#places[2 * i], this.#places[2 * i + 1]);
      const away = (x - px) ** 2 + (y - py) ** 2;
      if (away < best) [best, nearest] = [away, i];
    }
    return nearest;
  }

  #fit() {
    this.#points.fit(this.#size);
    this.#draw();
  }

  #draw() {
    if (this.#root.clientWidth === 0 || this.#places.length === 0) return;
    const { context, width, height } = fitCanvas(/** @type {HTMLCanvasElement} */ (this.#over));
    this.#points.draw(this.#view, this.#size, this.#moved);
    const style = getComputedStyle(this.#root);
    const onScreen = (/** @type {number} */ x, /** @type {number} */ y) => this.#onScreen(x, y);
    if (this.middle) drawAxes(context, style, { width, height }, onScreen(this.middle[0], this.middle[1]));
    drawArrows(context, style, this.arrows, onScreen);
    const placeOf = (/** @type {number} */ at) => this.#pointOnScreen(at);
    const { pointed, loud, marked, order } = this;
    const covered = [...this.covered, ...takenBy(this.arrows, onScreen)];
    const points = { names: this.#names, pointed, loud, marked, order, covered, radius: radiusAt(this.#view.k) };
    drawNames(context, style, { width, height }, points, placeOf);
    if (pointed !== null) drawRing(context, style, placeOf(pointed));
  }
}

/**
 * A notch of a wheel with Ctrl is one step, and two fingers spread on a touch pad, which browsers report as a wheel with
 * Ctrl, enlarge as much as the fingers do.
 * @param {WheelEvent} event
 * @returns {number} of the magnification's logarithm to base 2
 */
function wheelDelta({ deltaY, deltaMode }) {
  const pixels = deltaMode === 1 ? 25 * deltaY : deltaMode ? 500 * deltaY : deltaY;
  return -pixels * (Math.abs(pixels) < 50 ? 0.02 : 0.004);
}
