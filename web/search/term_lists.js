import { withRoom } from './growing.js';

/** A count's most. */
const MOST = 0xffff;

/**
 * Rows as a file has them: row i holds the terms rowTerms[starts[i]] … rowTerms[starts[i + 1] - 1].
 * @typedef {{ terms: string[], starts: ArrayLike<number>, rowTerms: ArrayLike<number>, counts: ArrayLike<number>,
 *   lengths: ArrayLike<number> }} StoredWords
 */

/** What each row holds: terms, how often, and how many words in all. */
export class TermLists {
  /** Where each row's terms begin; one more than rows. */
  starts = new Uint32Array(64);
  terms = new Uint32Array(64);
  counts = new Uint16Array(64);
  /** Words of each row. */
  lengths = new Uint32Array(64);
  rows = 0;

  /**
   * @param {number} at
   * @param {number} term of the row that is being read, its first
   */
  put(at, term) {
    if (at === this.terms.length) {
      this.terms = withRoom(this.terms, at + 1);
      this.counts = withRoom(this.counts, at + 1);
    }
    this.terms[at] = term;
    this.counts[at] = 1;
  }

  /** @param {number} at a term that comes again */
  again(at) {
    if (this.counts[at] < MOST) this.counts[at]++;
  }

  /**
   * Ends a row.
   * @param {number} end of its terms
   * @param {number} length in words
   */
  endRow(end, length) {
    this.lengths = withRoom(this.lengths, this.rows + 1);
    this.lengths[this.rows++] = length;
    this.starts = withRoom(this.starts, this.rows + 1);
    this.starts[this.rows] = end;
  }

  /**
   * Adds rows.
   * @param {import('./word_counts.js').RowTerms} added
   * @param {number} more how many rows come after these: room for them is made at once
   * @returns {number} the first of the rows
   */
  addRows({ terms, counts, ends, lengths }, more) {
    const [begin, n] = [this.starts[this.rows], ends.length];
    const end = begin + terms.length;
    if (end > this.terms.length) {
      const likely = Math.max(end, Math.ceil((end + (terms.length / n) * more) / 1.4)); // of 1.5 times as many
      this.terms = withRoom(this.terms, likely);
      this.counts = withRoom(this.counts, likely);
    }
    this.terms.set(terms, begin);
    this.counts.set(counts, begin);
    this.lengths = withRoom(this.lengths, this.rows + n + more);
    this.lengths.set(lengths, this.rows);
    this.starts = withRoom(this.starts, this.rows + n + more + 1);
    for (let i = 0, row = this.rows; i < n; i++) this.starts[++row] = begin + ends[i];
    return (this.rows += n) - n;
  }

  /**
   * Moves the rows that remain together.
   * @param {Uint8Array} keep (rows) 1 for rows to keep
   */
  compact(keep) {
    const { starts, terms, counts } = this;
    let [to, end, next] = [0, 0, 0];
    for (let row = 0; row < this.rows; row++) {
      const from = next;
      next = starts[row + 1]; // read before it may be written
      if (!keep[row]) continue;
      terms.copyWithin(end, from, next);
      counts.copyWithin(end, from, next);
      this.lengths[to] = this.lengths[row];
      end += next - from;
      starts[++to] = end;
    }
    this.rows = to;
  }

  /**
   * What some rows hold, for a file.
   * @param {Uint8Array} keep (rows) 1 for each of them
   * @param {(term: number) => string} keyOf
   * @returns {StoredWords} terms numbered as they come
   */
  exported(keep, keyOf) {
    /** @type {Map<number, number>} */
    const numbers = new Map();
    /** @type {{ starts: number[], rowTerms: number[], counts: number[], lengths: number[] }} */
    const stored = { starts: [0], rowTerms: [], counts: [], lengths: [] };
    for (let row = 0; row < this.rows; row++) {
      if (!keep[row]) continue;
      for (let i = this.starts[row]; i < this.starts[row + 1]; i++) {
        const term = this.terms[i];
        if (!numbers.has(term)) numbers.set(term, numbers.size);
        stored.rowTerms.push(/** @type {number} */ (numbers.get(term)));
        stored.counts.push(this.counts[i]);
      }
      stored.starts.push(stored.rowTerms.length);
      stored.lengths.push(this.lengths[row]);
    }
    return { ...stored, terms: Array.from(numbers.keys(), keyOf) };
  }

  /**
   * Adds rows of a file.
   * @param {StoredWords} stored checked
   * @param {number[]} numbers of its terms here
   */
  append({ starts, rowTerms, counts, lengths }, numbers) {
    const [begin, n] = [this.starts[this.rows], rowTerms.length];
    this.terms = withRoom(this.terms, begin + n);
    this.counts = withRoom(this.counts, begin + n);
    for (let i = 0; i < n; i++) {
      this.terms[begin + i] = numbers[rowTerms[i]];
      this.counts[begin + i] = counts[i];
    }
    for (let i = 0; i < lengths.length; i++) this.endRow(begin + starts[i + 1], lengths[i]);
  }
}
