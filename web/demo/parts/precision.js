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
  #onError;
  /** By precision. @type {Map<string, Promise<EmbeddingLayer>>} */
  #layers = new Map();
  #measuring = new AbortController();

  /**
   * @param {EmbeddingLayer} layer as stored, in i8: 32 bits hold the same numbers
   * @param {HTMLElement} place
   * @param {(error: unknown) => void} onError
   */
  constructor(layer, place, onError) {
    this.#stored = layer;
    this.#place = place;
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
      this.#figures([
        [
          'cosine of the two texts',
          decimal(now.cosine, 3),
          `with everything: ${decimal(best.cosine, 3)}${off(now.cosine - best.cosine)}`,
        ],
        [termButton('overlap', 'nearest notes still found'), `${kept} of 10`, `among ${NOTES.length} notes`],
        bits === '1 bit'
          ? [
              'a text’s vector',
              plural(dim / 8, 'byte'),
              `instead of ${bytes(4 * 256)}: its signs alone. The table stays.`,
            ]
          : [
              'the table',
              bytes(size),
              `${percent(size / tableBytes(layer.table.rows, 256, 'f32'))} of what 256 × 32 bits take; ${BESIDE[bits]}`,
            ],
        ['text to vector', '…', 'on this device, now'],
      ]);
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
 * @param {EmbeddingLayer} layer
 * @param {string} text
 * @param {string} other
 * @param {number} dim
 * @param {string} bits
 * @returns {{ cosine: number, nearest: number[] }} `nearest`: the ten notes nearest to the text, by number
 */
function compare(layer, text, other, dim, bits) {
  const vectors = layer.encode([text, other, ...NOTES], { dimensions: dim });
  /** @type {(i: number) => number} the cosine of the first vector with another */
  let cosineWith = (i) => dot(vectors.row(0), vectors.row(i));
  if (bits === '1 bit') {
    const signs = quantizeEmbeddings(vectors, 'ubinary');
    const data = 'data' in signs ? signs.data : signs;
    const size = dim / 8;
    cosineWith = (i) => {
      let differ = 0;
      for (let at = 0; at < size; at++) differ += ones(data[at] ^ data[i * size + at]);
      return 1 - (2 * differ) / dim;
    };
  }
  const scores = NOTES.map((_, i) => ({ i, score: cosineWith(i + 2) }));
  scores.sort((a, b) => b.score - a.score);
  return { cosine: cosineWith(1), nearest: scores.slice(0, 10).map(({ i }) => i) };
}

/** How far a cosine is from the exact one, in words. @param {number} by */
const off = (by) => (Math.abs(by) < 0.0005 ? '' : `, off by ${decimal(Math.abs(by), 3)}`);

/** What a row of each precision has beside its numbers. @type {Record<string, string>} */
const BESIDE = {
  f32: 'with 4 bytes a row for its weight',
  i8: 'with 4 bytes a row for its factor',
  i4: 'with 4 bytes a row for its weight, and 2 for each 32 numbers’ factor',
};

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
