/** Words further apart than this say nothing of each other. */
const FAR = 5;
/** Of a long text only the beginning is read, in UTF-16 units. */
const MOST_READ = 16_384;

/** Two words that a query has one after the other. @typedef {{ first: number, second: number, weight: number }} Pair */

/**
 * How near to each other a text has the words that a query has side by side: 1 where all of them are neighbours in the same
 * order, 0 where none is within five words.
 */
export class Closeness {
  #keywords;
  /** Of terms of the query: where each was last seen. @type {Map<number, number>} */
  #last = new Map();
  /** @type {Pair[]} */
  #pairs;
  #total;

  /**
   * @param {import('./keywords.js').Keywords} keywords
   * @param {string} query
   */
  constructor(keywords, query) {
    this.#keywords = keywords;
    /** @type {number[]} */
    const terms = [];
    keywords.eachTerm(query, (term) => {
      if (keywords.rarity(term) > 0) terms.push(term);
    });
    this.#pairs = terms.slice(1).map((second, i) => {
      const first = terms[i];
      return { first, second, weight: Math.min(keywords.rarity(first), keywords.rarity(second)) };
    });
    this.#total = this.#pairs.reduce((sum, { weight }) => sum + weight, 0);
    if (this.#total > 0) for (const term of terms) this.#last.set(term, -Infinity);
  }

  /** Whether the query has two words that some text holds. */
  get hasPairs() {
    return this.#total > 0;
  }

  /**
   * @param {string} text
   * @returns {number} the mean over all pairs, rare words counting more, of 1 ÷ their least distance in the text, or half of
   *   that where their order is the other
   */
  of(text) {
    const last = this.#last;
    for (const term of last.keys()) last.set(term, -Infinity);
    const nearest = new Float64Array(this.#pairs.length);
    let place = 0;
    this.#keywords.eachTerm(text.slice(0, MOST_READ), (term) => {
      place++;
      if (!last.has(term)) return;
      for (const [i, { first, second }] of this.#pairs.entries()) {
        if (second === term) this.#note(nearest, i, place, first, 1);
        if (first === term) this.#note(nearest, i, place, second, 0.5);
      }
      last.set(term, place);
    });
    return this.#pairs.reduce((sum, { weight }, i) => sum + weight * nearest[i], 0) / this.#total;
  }

  /**
   * @param {Float64Array} nearest
   * @param {number} i of the pair
   * @param {number} place of one of its words
   * @param {number} other the term that stands before
   * @param {number} share
   */
  #note(nearest, i, place, other, share) {
    const distance = place - /** @type {number} */ (this.#last.get(other));
    if (distance <= FAR) nearest[i] = Math.max(nearest[i], share / distance);
  }
}
