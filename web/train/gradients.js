/**
 * What a variable is to change by, as a sum over calls: only of the rows that were used, until a call uses all of them.
 */
export class RowGradient {
  #rows;
  #dim;
  #heap;
  /** Each row's place among those used, less than 0 for others. */
  #places;
  /** @type {number[]} */
  #used = [];
  #values = new Float32Array(0);
  /** The address of a matrix of all rows, 0 while there is none. */
  #dense = 0;

  /**
   * @param {import('../memory/heap.js').Heap} heap
   * @param {number} rows
   * @param {number} dim
   */
  constructor(heap, rows, dim) {
    this.#heap = heap;
    this.#rows = rows;
    this.#dim = dim;
    this.#places = new Int32Array(rows).fill(-1);
  }

  /** The rows that it has, in the order in which they were first used; all of them where a call used all. */
  get used() {
    return this.#dense ? Uint32Array.from({ length: this.#rows }, (_, row) => row) : Uint32Array.from(this.#used);
  }

  /** The address of the matrix of all rows, made where there is none. */
  get dense() {
    if (this.#dense) return this.#dense;
    const [heap, size] = [this.#heap, this.#rows * this.#dim];
    const address = heap.allocate(4 * size);
    heap.f32.fill(0, address / 4, address / 4 + size);
    for (const [place, row] of this.#used.entries()) {
      const values = this.#values.subarray(place * this.#dim, (place + 1) * this.#dim);
      heap.f32.set(values, address / 4 + row * this.#dim);
    }
    this.#clearSparse();
    return (this.#dense = address);
  }

  /**
   * A row's numbers, zeros at first: a view that is valid until the next row.
   * @param {number} row
   * @returns {Float32Array} (dim)
   */
  row(row) {
    const dim = this.#dim;
    if (this.#dense) {
      const at = this.#dense / 4 + row * dim;
      return this.#heap.f32.subarray(at, at + dim);
    }
    let place = this.#places[row];
    if (place < 0) {
      place = this.#places[row] = this.#used.push(row) - 1;
      if ((place + 1) * dim > this.#values.length) {
        const larger = new Float32Array(Math.max(16 * dim, 2 * this.#values.length));
        larger.set(this.#values);
        this.#values = larger;
      }
    }
    return this.#values.subarray(place * dim, (place + 1) * dim);
  }

  #clearSparse() {
    for (const row of this.#used) this.#places[row] = -1;
    this.#values.fill(0, 0, this.#used.length * this.#dim);
    this.#used = [];
  }

  /** Nothing is used any more. */
  clear() {
    this.#clearSparse();
    if (this.#dense) this.#heap.free(this.#dense);
    this.#dense = 0;
  }
}

/**
 * Where ids' gradients go.
 * @param {RowGradient} gradient
 * @param {ArrayLike<number>} ids of the call
 * @param {{ freeze: boolean, paddingIdx?: number, scaleGradByFreq: boolean }} rules
 * @returns {(id: number) => { row: Float32Array, share: number } | undefined} nowhere for the padding, and if frozen
 */
export function targetsOf(gradient, ids, { freeze, paddingIdx, scaleGradByFreq }) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  if (scaleGradByFreq) for (let i = 0; i < ids.length; i++) counts.set(ids[i], (counts.get(ids[i]) ?? 0) + 1);
  return (id) =>
    freeze || id === paddingIdx ? undefined : { row: gradient.row(id), share: 1 / (counts.get(id) ?? 1) };
}
