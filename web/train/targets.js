// The vectors that texts are to get, which stay a caller's: they may take more memory than what learns.
import { floatsOf, mustBe } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { Matrix, matrixIn } from '../core/matrix.js';
import { Fingerprint } from './checkpoints.js';

/**
 * Targets as they were when they were given. No copy is made of them; each row has a number, four bytes, that is another one
 * where the row is changed, and that is looked at whenever the row is read.
 */
export class Targets {
  #data;
  #dim;
  #numbers;

  /** @param {unknown} given a caller's @throws `invalid_argument`, `shape_mismatch` */
  constructor(given) {
    const matrix = matrixIn(given);
    if (!matrix) throw mustBe('targets', 'a Matrix', given);
    const { rows, dim } = matrix;
    const data = floatsOf('targets', matrix.data);
    if (!(dim >= 1) || data.length < rows * dim) {
      throw new WembedError('shape_mismatch', `${data.length} numbers for ${rows} × ${dim} targets`);
    }
    const bad = data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) throw mustBe(`targets.data[${bad}]`, 'a finite number', data[bad]);
    this.#data = data;
    this.#dim = dim;
    this.#numbers = Uint32Array.from({ length: rows }, (_, row) => numberOf(this.#row(row)));
  }

  /** @param {number} row */
  #row(row) {
    if (this.#data.length === 0) throw changed(row); // their memory has been given away
    return this.#data.subarray(row * this.#dim, (row + 1) * this.#dim);
  }

  /**
   * @param {number} n texts
   * @param {number | undefined} dim where it matters
   */
  checkShape(n, dim) {
    if (this.#numbers.length === n && (dim ?? this.#dim) === this.#dim) return;
    const given = `${this.#numbers.length} × ${this.#dim} targets`;
    throw new WembedError('shape_mismatch', `${given} for ${n} texts and dim ${dim ?? 'of any size'}`);
  }

  /** @returns {Matrix} all of them as they were given. Errors: `invalid_argument` where they were changed */
  get matrix() {
    for (let row = 0; row < this.#numbers.length; row++) this.#checkRow(row, this.#row(row));
    return new Matrix(this.#data, this.#numbers.length, this.#dim);
  }

  /**
   * @param {ArrayLike<number>} chosen texts
   * @returns {Matrix} (chosen.length, dim) their targets. Errors: `invalid_argument` where one was changed
   */
  of(chosen) {
    const dim = this.#dim;
    const copy = new Matrix(new Float32Array(chosen.length * dim), chosen.length, dim);
    for (let i = 0; i < chosen.length; i++) {
      const row = copy.data.subarray(i * dim, (i + 1) * dim);
      row.set(this.#row(chosen[i]));
      this.#checkRow(chosen[i], row); // the copy, which nobody changes
    }
    return copy;
  }

  /** @param {number} row @param {Float32Array} data */
  #checkRow(row, data) {
    if (numberOf(data) !== this.#numbers[row]) throw changed(row);
  }

  /** A number that is another one for other targets. */
  get fingerprint() {
    return new Fingerprint().add(this.#numbers).value;
  }
}

/** @param {Float32Array} row */
const numberOf = (row) => new Fingerprint().addFloats(row).value;

/** @param {number} row */
function changed(row) {
  const what = `targets were changed while they were learnt from: row ${row} is no longer what was given`;
  return new WembedError('invalid_argument', what);
}
