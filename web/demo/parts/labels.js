/** @typedef {'right' | 'left' | 'above' | 'below'} Way */

/** Every side of a point. @type {readonly Way[]} */
export const SIDES = ['right', 'left', 'above', 'below'];

/** The sides of a point, the one that its name had before first: names stay where they are as long as they can. @param {Way | undefined} before */
export const sidesFrom = (before) => (before ? [before, ...SIDES.filter((side) => side !== before)] : SIDES);

/** Where a text begins, from its point. @type {Record<Way, (gap: number, wide: number) => number>} */
const WAYS = {
  right: (gap) => gap,
  left: (gap, wide) => -gap - wide,
  above: (_, wide) => -wide / 2,
  below: (_, wide) => -wide / 2,
};
/** The base line, from the point, in sizes of the letters. */
const BASES = { right: 0.32, left: 0.32, above: -0.6, below: 1.25 };

/** A name and the air that keeps the next one from being read on with it. @param {number[]} box */
const withAir = ([left, top, right, bottom]) => [left - 6, top, right + 6, bottom];

/** Where names go beside their points, so that none lies on another. */
export class Labels {
  /** @type {number[][]} left, top, right, bottom of what is taken */
  #taken = [];
  #reserved = 0;
  #width;
  #height;

  /** @param {number} width @param {number} height of the picture */
  constructor(width, height) {
    this.#width = width;
    this.#height = height;
  }

  /** Keeps names off a point. @param {number} x @param {number} y @param {number} radius */
  reserve(x, y, radius) {
    this.cover([x - radius, y - radius, x + radius, y + radius]);
  }

  /** Keeps names off a place. @param {number[]} box left, top, right and bottom */
  cover(box) {
    this.#taken.push(box);
    this.#reserved++;
  }

  /** How many names have a place. */
  get many() {
    return this.#taken.length - this.#reserved;
  }

  /**
   * @param {number} x of the point
   * @param {number} y
   * @param {string} text
   * @param {number} size of the letters
   * @param {{ ways?: readonly Way[], must?: boolean, wide?: number, gap?: number }} [options] `ways`: to be tried in turn,
   *   default only to the right; `must`: it is written even where there is no room; `wide`: the text's width, default a guess;
   *   `gap`: how far from the point it begins, default half the letters' size
   * @returns {[x: number, y: number, way: Way] | null} where the text begins, on its base line, and on which side
   */
  place(x, y, text, size, { ways = ['right'], must = false, wide = 0.64 * size * text.length, gap = 0.5 * size } = {}) {
    const farther = { right: 0, left: 0, above: 0.5 * size - gap, below: gap - 0.5 * size };
    // Above and below its point a name is moved to the side as far as it must, to stay in the picture.
    const inside = (/** @type {Way} */ way, /** @type {number} */ left) =>
      way === 'right' || way === 'left' ? left : Math.max(2, Math.min(this.#width - wide - 2, left));
    const begins = ways.map((way) => [inside(way, x + WAYS[way](gap, wide)), y + size * BASES[way] + farther[way]]);
    const boxes = begins.map(([left, base]) => boxOf(left, base, wide, size));
    const at = boxes.findIndex((box) => this.#isFree(box));
    if (at < 0 && !must) return null;
    this.#taken.push(withAir(boxes[Math.max(0, at)]));
    const [left, base] = begins[Math.max(0, at)];
    return [left, base, ways[Math.max(0, at)]];
  }

  /**
   * Whether there is room for a text on one side of a point.
   * @param {number} x
   * @param {number} y
   * @param {number} size of the letters
   * @param {number} wide the text's width
   * @param {Way} way
   */
  fits(x, y, size, wide, way) {
    return this.#isFree(boxOf(x + WAYS[way](0.5 * size, wide), y + size * BASES[way], wide, size));
  }

  /** @param {number[]} box */
  #isFree(box) {
    return this.#inside(box) && !this.#taken.some((other) => overlap(box, other));
  }

  /**
   * A place farther off, for a name that is joined to its point by a line: the nearest there is.
   * @param {number} x of the point
   * @param {number} y
   * @param {number} wide the text's width
   * @param {number} size of the letters
   * @returns {[x: number, y: number] | null} where the text begins, on its base line
   */
  placeAround(x, y, wide, size) {
    for (let away = 1.6 * size; away < 9 * size; away += 0.8 * size) {
      for (let turn = 0; turn < 16; turn++) {
        const angle = (turn * Math.PI) / 8;
        const left = x + away * Math.cos(angle) + (wide / 2) * (Math.cos(angle) - 1);
        const base = y + away * Math.sin(angle) + 0.32 * size;
        const box = boxOf(left, base, wide, size);
        if (!this.#isFree(box)) continue;
        this.#taken.push(withAir(box));
        return [left, base];
      }
    }
    return null;
  }

  /** @param {number[]} box */
  #inside([left, top, right, bottom]) {
    return left >= 0 && top >= 0 && right <= this.#width && bottom <= this.#height;
  }
}

/**
 * What a line covers, in squares along it, so that no name lies on it.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} half of a square's side
 * @returns {number[][]} left, top, right and bottom of each
 */
export function alongLine([x1, y1], [x2, y2], half) {
  const parts = Math.min(200, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / (2 * half)));
  return Array.from({ length: parts + 1 }, (_, i) => {
    const [x, y] = [x1 + ((x2 - x1) * i) / (parts || 1), y1 + ((y2 - y1) * i) / (parts || 1)];
    return [x - half, y - half, x + half, y + half];
  });
}

/** @type {CanvasRenderingContext2D | null} */
let ruler;

/** How wide a text is, in units of which its letters have a size. @param {string} text @param {number} size @param {number} weight of its letters */
export function widthOf(text, size, weight) {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return 0.64 * size * text.length;
  ruler.font = `${weight} ${size}px system-ui, sans-serif`;
  return ruler.measureText(text).width;
}

/** What a text takes. @param {number} left @param {number} base @param {number} wide @param {number} size */
const boxOf = (left, base, wide, size) => [left - 2, base - 0.85 * size, left + wide + 2, base + 0.25 * size];

/** @param {number[]} a @param {number[]} b */
const overlap = ([left, top, right, bottom], [l, t, r, b]) => left < r && right > l && top < b && bottom > t;
