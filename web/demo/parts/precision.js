import { loadMini } from '../../mini.js';
import { quantizeEmbeddings } from '../../util.js';
import { NOTES } from '../notes.js';
import { el } from './dom.js';
import { termButton } from './hints.js';
import { dot } from './pairs.js';
import { measure, pause } from './timing.js';
import { bytes, decimal, duration, percent, plural } from './words.js';

/** The choices of the two sliders, the smallest first. */
export const DIMS = [8, 16, 32, 64, 128, 256];
export const BITS = ['1 bit', 'i4', 'i8', 'f32'];
/** @type {Record<string, string>} */
export const BIT_NAMES = { f32: '32 bits', i8: '8 bits', i4: '4 bits', '1 bit': '1 bit' };

/** @typedef {import('../../index.js').EmbeddingLayer} EmbeddingLayer */

/** What fewer dimensions and bits do to a comparison: its cosine, the nearest of the notes, the bytes and the time. */
export class Precision {
  #stored;
  #place;
  #about;
  #onError;
  /** By precision. @type {Map<string, Promise<EmbeddingLayer>>} */
  #layers = new Map();
  #measuring = new AbortController();

  /**
   * @param {EmbeddingLayer} layer as stored, in i8: 32 bits hold the same numbers
   * @param {HTMLElement} place
   * @param {HTMLElement} about where it is said what the precision does
   * @param {(error: unknown) => void} onError
   */
  constructor(layer, place, about, onError) {
    this.#stored = layer;
    this.#place = place;
    this.#about = about;
    this.#onError = onError;
    this.#layers.set('i8', Promise.resolve(layer));
    this.#layers.set('1 bit', Promise.resolve(layer));
  }

  /**
   * @param {string} text
   * @param {string} other
   * @param {number} dim
   * @param {string} bits
   */
  async show(text, other, dim, bits) {
    this.#measuring.abort();
    const { signal } = (this.#measuring = new AbortController());
    try {
      const layer = await this.#layer(bits);
      await pause(); // making a table of a model, and comparing, are tasks of their own
      if (signal.aborted) return;
      const now = compare(layer, text, other, dim, bits);
      await pause();
      if (signal.aborted) return;
      const best = compare(this.#stored, text, other, 256, 'i8');
      const kept = now.nearest.filter((each) => best.nearest.includes(each)).length;
      const size = tableBytes(layer.table.rows, dim, bits);
      this.#about.textContent = ABOUT[bits] ?? aboutSigns(now, dim);
      this.#figures([
        now.isText && now.isOther
          ? [
              'cosine of the two texts',
              decimal(now.cosine, 3),
              `with everything: ${decimal(best.cosine, 3)}${off(now.cosine - best.cosine)}`,
            ]
          : ['cosine of the two texts', NOTHING, `there is no ${now.isText ? 'other text' : 'text'} to compare`],
        [
          termButton('overlap', 'nearest notes still found'),
          now.isText ? `${kept} of 10` : NOTHING,
          now.isText ? `among ${NOTES.length} notes` : 'there is no text to find them for',
        ],
        bits === '1 bit'
          ? ['a text’s vector', plural(dim / 8, 'byte'), `instead of ${bytes(4 * 256)}. The table stays.`]
          : [
              'the table',
              bytes(size),
              `${percent(size / tableBytes(layer.table.rows, 256, 'f32'))} of what 256 × 32 bits take; ${beside(layer.table.rows, bits, dim)}`,
            ],
        ['text to vector', now.isText ? '…' : NOTHING, now.isText ? 'on this device, now' : 'there is no text'],
      ]);
      if (!now.isText) return;
      await new Promise((resolve) => setTimeout(resolve, 250)); // not while someone types or slides
      const into = new Float32Array(dim);
      const time = await measure(() => layer.encode(text, { dimensions: dim, into }), signal);
      if (time)
        /** @type {Element} */ (this.#place.querySelector('div:last-child .value')).textContent = duration(time.micros);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** @param {string} bits @returns {Promise<EmbeddingLayer>} loaded the first time it is asked for */
  #layer(bits) {
    const made = this.#layers.get(bits) ?? loadMini({ dtype: /** @type {'f32' | 'i4'} */ (bits) });
    this.#layers.set(bits, made);
    made.catch(() => this.#layers.delete(bits));
    return made;
  }

  /** @param {[string | Node, string, string][]} figures */
  #figures(figures) {
    this.#place.replaceChildren(
      ...figures.map(([name, value, note]) =>
        el(
          'div',
          {},
          el('dt', {}, name),
          el('dd', {}, el('span', { class: 'value', text: value }), el('small', { text: note })),
        ),
      ),
    );
  }
}

/**
 * What is found with some dimensions and bits. `isText`, `isOther`: whether the text, and the other one, have a token with a row;
 * `nearest`: the ten notes nearest to the text, by number; `chance`: how far off agreeing signs are, on average, from
 * what the angle leads one to expect; `gap`: from one of the ten nearest notes to the next, with all bits
 * @typedef {{ isText: boolean, isOther: boolean, cosine: number, nearest: number[], chance: number, gap: number }} Compared
 */

/**
 * @param {EmbeddingLayer} layer
 * @param {string} text
 * @param {string} other
 * @param {number} dim
 * @param {string} bits
 * @returns {Compared}
 */
function compare(layer, text, other, dim, bits) {
  const vectors = layer.encode([text, other, ...NOTES], { dimensions: dim });
  const exact = (/** @type {number} */ i) => dot(vectors.row(0), vectors.row(i));
  /** @type {(i: number) => number} the cosine of the first vector with another */
  let cosineWith = exact;
  if (bits === '1 bit') {
    const signs = quantizeEmbeddings(vectors, 'ubinary');
    const data = /** @type {Uint8Array} */ ('data' in signs ? signs.data : signs);
    const size = dim / 8;
    cosineWith = (i) => {
      let differ = 0;
      for (let at = 0; at < size; at++) differ += ones(data[at] ^ data[i * size + at]);
      return 1 - (2 * differ) / dim;
    };
  }
  const scores = NOTES.map((_, i) => ({ i, score: cosineWith(i + 2) }));
  const cosines = NOTES.map((_, i) => exact(i + 2));
  const chance = Math.hypot(...cosines.map((each, i) => scores[i].score - evenly(each))) / Math.sqrt(NOTES.length);
  scores.sort((a, b) => b.score - a.score);
  cosines.sort((a, b) => b - a);
  const isThere = (/** @type {number} */ i) => vectors.row(i).some((value) => value !== 0);
  return {
    ...{ isText: isThere(0), isOther: isThere(1), cosine: cosineWith(1), chance, gap: (cosines[0] - cosines[9]) / 9 },
    nearest: scores.slice(0, 10).map(({ i }) => i),
  };
}

/** What agreeing signs come to on average: 1 at no angle, 0 at a right one, and evenly between. @param {number} cosine */
const evenly = (cosine) => 1 - (2 / Math.PI) * Math.acos(Math.max(-1, Math.min(1, cosine)));

/** What is shown where there is no number. */
const NOTHING = '–';

/** What a precision does. @type {Record<string, string>} */
const ABOUT = {
  f32: '32 bits bring nothing back: the model’s file has 8.',
  i8: 'The model’s file has 8 bits: so far they lose nothing.',
  i4: '4 bits round each number to one of 16 steps.',
};

/**
 * Why the cosine of signs is another one, and why neighbours change places, in this text's numbers.
 * @param {Compared} signs
 * @param {number} dim
 */
function aboutSigns({ isText, chance, gap }, dim) {
  const order = `the nearest notes are ${decimal(gap, 3)} apart: their order ${gap < chance ? 'changes' : 'mostly stays'}`;
  const rough = isText
    ? ` And it is rough: with ${dim} signs off by some ${decimal(chance)} for this text, while ${order}.`
    : '';
  return `1 bit keeps the signs of a text’s vector, as the mean above is drawn now, and counts how many agree. That falls evenly with the angle: 0.33 at 60°, not 0.50.${rough}`;
}

/** How far a cosine is from the exact one, in words. @param {number} by */
const off = (by) => (Math.abs(by) < 0.0005 ? '' : `, off by ${decimal(Math.abs(by), 3)}`);

/** What the table has beside its numbers. @param {number} rows @param {string} bits @param {number} dim */
function beside(rows, bits, dim) {
  const blocks =
    bits !== 'i4' ? '' : dim < 32 ? ` and of its groups of 32, of which ${dim} fill one` : ' and of its groups of 32';
  return `with the factors of its rows (${bytes(4 * rows)})${blocks}`;
}

/** @param {number} byte */
function ones(byte) {
  let sum = 0;
  for (let rest = byte; rest > 0; rest >>= 1) sum += rest & 1;
  return sum;
}

/**
 * Numbers, an f32 per row that they are multiplied by, and in i4 an f16 per block of 32 numbers.
 * @param {number} rows
 * @param {number} dim
 * @param {string} bits
 */
function tableBytes(rows, dim, bits) {
  if (bits === 'f32') return rows * (dim * 4 + 4);
  if (bits === 'i8') return rows * (dim + 4);
  return rows * (18 * Math.ceil(dim / 32) + 4);
}
