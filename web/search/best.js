/**
 * The k best of items with scores: higher scores first, equal ones in an order of their own.
 */
export class Best {
  #k;
  #isBefore;
  /** A heap whose first element is the worst of the best. @type {{ item: number, score: number, row: number }[]} */
  #heap = [];

  /**
   * @param {number} k
   * @param {(a: number, b: number) => boolean} isBefore whether item a stands before item b where their scores are equal
   */
  constructor(k, isBefore) {
    this.#k = k;
    this.#isBefore = isBefore;
  }

  /**
   * Whether an item with this score would be among the best so far.
   * @param {number} item
   * @param {number} score
   */
  takes(item, score) {
    if (this.#heap.length < this.#k) return score === score;
    const worst = this.#heap[0];
    if (worst === undefined) return false;
    return score > worst.score || (score === worst.score && this.#isBefore(item, worst.item));
  }

  /** A score below this is not among the best: that of the worst of them, once there are k. */
  get least() {
    if (this.#heap.length < this.#k) return -Infinity;
    return this.#heap.length > 0 ? this.#heap[0].score : Infinity;
  }

  /**
   * Adds an item that it takes.
   * @param {number} item
   * @param {number} score
   * @param {number} [row] of the item, which comes back with it
   */
  add(item, score, row = 0) {
    const heap = this.#heap;
    const one = { item, score, row };
    if (heap.length < this.#k) {
      let at = heap.push(one) - 1;
      for (let parent; at > 0 && this.#worse(one, heap[(parent = (at - 1) >> 1)]); at = parent) heap[at] = heap[parent];
      heap[at] = one;
    } else this.#sink(one);
  }

  /** @param {{ item: number, score: number, row: number }} one takes the place of the worst */
  #sink(one) {
    const heap = this.#heap;
    let at = 0;
    for (let child; (child = 2 * at + 1) < heap.length; at = child) {
      if (child + 1 < heap.length && this.#worse(heap[child + 1], heap[child])) child++;
      if (!this.#worse(heap[child], one)) break;
      heap[at] = heap[child];
    }
    heap[at] = one;
  }

  /**
   * @param {{ item: number, score: number, row: number }} a
   * @param {{ item: number, score: number, row: number }} b
   */
  #worse(a, b) {
    return a.score < b.score || (a.score === b.score && this.#isBefore(b.item, a.item));
  }

  /** @returns {{ item: number, score: number, row: number }[]} best first */
  sorted() {
    return this.#heap.sort((a, b) => (this.#worse(b, a) ? -1 : 1));
  }
}
