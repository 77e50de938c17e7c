import { shade } from './colors.js';
import { el } from './dom.js';
import { readable } from './readable.js';
import { decimal, signed } from './words.js';

/**
 * A vector as a strip of colours, one column per number.
 * @param {ArrayLike<number>} values
 * @param {string} name of what it is, for who cannot see it
 * @param {{ readout: () => Element | null | undefined, most?: number }} options `readout`: where single numbers are said; `most`: the
 *   value of the strongest colours
 */
export function strip(values, name, { readout, most = strongestOf(values) }) {
  const [least, largest] = [Math.min(...Array.from(values)), Math.max(...Array.from(values))];
  const label = `${name}: ${values.length} numbers from ${decimal(least)} to ${decimal(largest)}`;
  const made = el('canvas', { class: 'strip', width: values.length, height: 1, 'aria-label': label });
  const say = (/** @type {number} */ at) => `${name}, number ${at}: ${signed(values[at], 3)}`;
  readable(made, { columns: values.length, say, readout });
  const context = /** @type {CanvasRenderingContext2D} */ (
    /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (made)).getContext('2d')
  );
  Array.from(values, (value, i) => {
    context.fillStyle = shade(value / most);
    context.fillRect(i, 0, 1, 1);
  });
  return made;
}

/** The value of a strip's strongest colours. @param {ArrayLike<number>} values */
export const strongestOf = (values) => Math.max(...Array.from(values, Math.abs)) || 1;
