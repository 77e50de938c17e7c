/**
 * Which of some rows hold each term, and how often: worked out from what each row holds.
 */
export class Postings {
  #starts = new Uint32Array(1);
  #list = new Uint32Array(0);
  #counts = new Uint16Array(0);

  /**
   * @param {import('./term_lists.js').TermLists} lists
   * @param {number} terms how many there are
   * @param {number} first row: this and those after it
   */
  constructor({ rows, starts, terms: rowTerms, counts }, terms, first) {
    /** The row after the last. */
    this.end = rows;
    const total = starts[rows] - starts[first];
    const ends = new Uint32Array(terms + 1);
    for (let i = starts[first]; i < starts[rows]; i++) ends[rowTerms[i] + 1]++;
    for (let term = 1; term <= terms; term++) ends[term] += ends[term - 1];
    this.#starts = ends.slice();
    [this.#list, this.#counts] = [new Uint32Array(total), new Uint16Array(total)];
    for (let row = first; row < rows; row++) {
      for (let i = starts[row]; i < starts[row + 1]; i++) {
        const at = ends[rowTerms[i]]++;
        this.#list[at] = row;
        this.#counts[at] = counts[i];
      }
    }
  }

  /** @param {number} term @returns {Uint32Array} the rows that hold it */
  rows(term) {
    return this.#list.subarray(this.#starts[term], this.#starts[term + 1] ?? 0);
  }

  /**
   * Adds scale × count ÷ (count + base + slope × length) to the scores of the rows that hold a term.
   * @param {number} term
   * @param {number} scale
   * @param {[base: number, slope: number]} saturation
   * @param {Uint32Array} lengths of the rows
   * @param {Float64Array} scores (rows)
   */
  score(term, scale, [base, slope], lengths, scores) {
    if (term + 1 >= this.#starts.length) return;
    const [list, counts] = [this.#list, this.#counts];
    for (let i = this.#starts[term], end = this.#starts[term + 1]; i < end; i++) {
      const [row, count] = [list[i], counts[i]];
      scores[row] += (scale * count) / (count + base + slope * lengths[row]);
    }
  }
}
