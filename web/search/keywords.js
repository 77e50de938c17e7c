import { Closeness } from './closeness.js';
import { withRoom } from './growing.js';
import { Postings } from './postings.js';
import { TermLists } from './term_lists.js';
import { NO_TERM, Terms } from './terms.js';
import { startWordCounts, wordCounts } from './word_counts.js';
import { Words } from './words.js';

/**
 * How words are compared and weighed, checked.
 * @typedef {import('./words.js').WordRules & { k1: number, b: number, stopWords?: readonly string[] }} KeywordSettings
 */

/** Fewer texts are counted one by one. */
const MANY_TEXTS = 64;

/** Fewer rows than this part of all are looked at one by one. */
const FEW = 4;

/** Documents that have no postings yet are scanned: so many at most, or a quarter of those that have. */
const TAIL = 4096;

/**
 * A word of a query that documents hold.
 * @typedef {{ term: number, weight: number }} QueryTerm weight: its rarity (idf) × how often the query has it
 */

/**
 * BM25 over rows of texts (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"): for every word of the
 * query, idf × count × (k1 + 1) ÷ (count + k1 × (1 - b + b × length ÷ mean length)), where
 * idf = ln(1 + (rows - rows with the word + ½) ÷ (rows with the word + ½)).
 *
 * What each row holds, in the order of the rows, is what is kept; which rows hold a word is worked out from it, now and
 * then, so that adding a row costs as much as reading it.
 */
export class Keywords {
  #words;
  #terms;
  #lists = new TermLists();
  #documents = new Uint32Array(64); // rows that hold each term, without removed ones
  #seen = new Uint32Array(64); // of each term: 1 + its place in the row that is being read
  /** Of the first rows, one part after the other: no search waits until those of all rows are made. @type {Postings[]} */
  #posted = [];
  #weights = new Float64Array(64);
  #live = 0;
  #totalLength = 0;

  /** @param {KeywordSettings} settings */
  constructor(settings) {
    this.#words = new Words(settings);
    this.#terms = new Terms(this.#words);
    this.settings = settings;
  }

  /** How many rows there are, removed ones among them. */
  get rows() {
    return this.#lists.rows;
  }

  /** Rows with texts that have not been removed. */
  get live() {
    return this.#live;
  }

  /**
   * Adds the next row.
   * @param {string} text
   */
  add(text) {
    const lists = this.#lists;
    const begin = lists.starts[lists.rows];
    let [end, length] = [begin, 0];
    this.#words.each(text, false, (units, size) => {
      const term = this.#terms.add(units, size);
      if (term === NO_TERM) return;
      length++;
      if (term >= this.#seen.length) this.#seen = withRoom(this.#seen, term + 1);
      const place = this.#seen[term];
      if (place > begin && place <= end && lists.terms[place - 1] === term) return lists.again(place - 1);
      lists.put(end++, term);
      this.#seen[term] = end;
    });
    lists.endRow(end, length);
    this.#count(lists.rows - 1);
  }

  /**
   * Adds a row for each text.
   * @param {readonly string[]} texts
   */
  addAll(texts) {
    const counter = texts.length < MANY_TEXTS ? undefined : wordCounts();
    let first = this.rows;
    for (let i = 0; i < texts.length; i++) {
      const rest = i === 0 ? texts : texts.slice(i);
      try {
        i += counter?.count(rest, this.#terms, (rows, more) => this.#lists.addRows(rows, more)) ?? 0;
      } finally {
        this.#count(first);
      }
      if (i < texts.length) this.add(texts[i]);
      first = this.rows;
    }
  }

  /** @param {number} first of the rows that are new */
  #count(first) {
    const { rows, starts, terms, lengths } = this.#lists;
    this.#documents = withRoom(this.#documents, this.#terms.length);
    countEach(this.#documents, terms, starts[first], starts[rows]);
    for (let row = first; row < rows; row++) this.#totalLength += lengths[row];
    this.#live += rows - first;
  }

  /** Drops rows from the end, which were added last. @param {number} rows to keep */
  truncate(rows) {
    while (this.rows > rows) {
      this.remove(this.rows - 1);
      this.#lists.rows--;
    }
    this.#posted = this.#posted.filter(({ end }) => end <= rows);
  }

  /** @param {number} row that counts no longer */
  remove(row) {
    const { starts, terms, lengths } = this.#lists;
    for (let i = starts[row]; i < starts[row + 1]; i++) this.#documents[terms[i]]--;
    this.#live--;
    this.#totalLength -= lengths[row];
  }

  /**
   * Moves the rows that remain together.
   * @param {Uint8Array} keep (rows) 1 for rows to keep, 0 for removed ones
   */
  compact(keep) {
    this.#lists.compact(keep);
    this.#posted = [];
  }

  /**
   * What some rows hold, for a file.
   * @param {Uint8Array} keep (rows) 1 for each of them
   */
  exported(keep) {
    return this.#lists.exported(keep, (term) => this.#terms.key(term));
  }

  /**
   * Adds rows of a file.
   * @param {import('./term_lists.js').StoredWords} stored checked
   */
  addStored(stored) {
    const first = this.rows;
    const numbers = stored.terms.map((term) => this.#terms.numberOf(term));
    this.#lists.append(stored, numbers);
    this.#count(first);
  }

  /** Works out which rows hold each word, if many have been added since. @returns {number} the first row without postings */
  #settle() {
    const posted = this.#posted.at(-1)?.end ?? 0;
    if (this.rows - posted <= Math.max(TAIL, posted / 4)) return posted;
    this.#posted.push(new Postings(this.#lists, this.#terms.length, posted));
    return this.rows;
  }

  /**
   * The words of a query that some row holds, each once.
   * @param {string} text
   * @returns {{ terms: QueryTerm[], most: number }} most: what no row's score can be above
   */
  query(text) {
    /** @type {Map<number, number>} */
    const counts = new Map();
    this.#words.each(text, true, (units, size) => {
      const term = this.#terms.find(units, size);
      if (this.#documents[term] > 0) counts.set(term, (counts.get(term) ?? 0) + 1);
    });
    const terms = Array.from(counts, ([term, count]) => ({ term, weight: count * this.rarity(term) }));
    return { terms, most: (this.settings.k1 + 1) * terms.reduce((sum, { weight }) => sum + weight, 0) };
  }

  /**
   * Calls `use` for every word of a text, in its order.
   * @param {string} text
   * @param {(term: number) => void} use -1 for a word that no row has had, or that is left out
   */
  eachTerm(text, use) {
    this.#words.each(text, true, (units, size) => {
      const term = this.#terms.find(units, size);
      use(term === NO_TERM ? -1 : term);
    });
  }

  /** What tells how near to each other texts have the words of a query. @param {string} query */
  closeness(query) {
    return new Closeness(this, query);
  }

  /**
   * How rare a term is (idf).
   * @param {number} term
   * @returns {number} 0 for one that no row holds
   */
  rarity(term) {
    const rows = this.#documents[term];
    if (!(rows > 0)) return 0;
    return Math.log(1 + (this.#live - rows + 0.5) / (rows + 0.5));
  }

  /**
   * Adds the scores of a query to an array, those of removed rows too.
   * @param {QueryTerm[]} terms
   * @param {Float64Array} scores (rows), zeros before
   */
  score(terms, scores) {
    const first = this.#settle();
    const saturation = this.#saturation();
    for (const { term, weight } of terms) {
      const scale = weight * (this.settings.k1 + 1);
      for (const part of this.#posted) part.score(term, scale, saturation, this.#lists.lengths, scores);
    }
    if (first < this.rows) this.#scan(terms, scores, first);
  }

  /**
   * The rows that hold terms, those that hold several more than once: after `score`, and where they are few.
   * @param {QueryTerm[]} terms
   * @returns {Uint32Array[] | undefined}
   */
  rowsWith(terms) {
    if ((this.#posted.at(-1)?.end ?? 0) < this.rows) return undefined;
    const lists = terms.flatMap(({ term }) => this.#posted.map((part) => part.rows(term)));
    return lists.reduce((sum, { length }) => sum + length, 0) < this.rows / FEW ? lists : undefined;
  }

  /**
   * @param {QueryTerm[]} terms
   * @param {Float64Array} scores
   * @param {number} first row without postings
   */
  #scan(terms, scores, first) {
    const weights = (this.#weights = withRoom(this.#weights, this.#terms.length));
    for (const { term, weight } of terms) weights[term] = weight;
    for (let row = first; row < this.rows; row++) scores[row] += this.#scoreOf(row, weights);
    for (const { term } of terms) weights[term] = 0;
  }

  /** @param {number} row @param {Float64Array} weights of all terms */
  #scoreOf(row, weights) {
    return scoreOfRow(this.#lists, row, weights, this.settings.k1, this.#saturation());
  }

  /** What stands beside a word's count in the denominator: base + slope × length. @returns {[base: number, slope: number]} */
  #saturation() {
    const { k1, b } = this.settings;
    return [k1 * (1 - b), this.#totalLength > 0 ? (k1 * b * this.#live) / this.#totalLength : 0];
  }

  /**
   * What each word of a query adds to the score of a row, and where in its text it stands.
   * @param {string} query
   * @param {number} row
   * @param {string} text of the row
   * @returns {{ term: string, score: number, offsets: [number, number][] }[]} the largest share first
   */
  explain(query, row, text) {
    const { terms } = this.query(query);
    const weights = new Float64Array(this.#terms.length);
    const shares = new Map();
    for (const { term, weight } of terms) {
      weights[term] = weight;
      const score = this.#scoreOf(row, weights);
      weights[term] = 0;
      if (score > 0) shares.set(term, { term: this.#terms.key(term), score, offsets: [] });
    }
    this.#words.each(text, false, (units, size, begin, end) => {
      shares.get(this.#terms.find(units, size))?.offsets.push([begin, end]);
    });
    return [...shares.values()].sort((a, b) => b.score - a.score);
  }
}

/**
 * @param {TermLists} lists
 * @param {number} row
 * @param {Float64Array} weights of all terms
 * @param {number} k1
 * @param {[base: number, slope: number]} saturation
 */
function scoreOfRow({ starts, terms, counts, lengths }, row, weights, k1, [base, slope]) {
  let score = 0;
  for (let i = starts[row]; i < starts[row + 1]; i++) {
    const weight = weights[terms[i]];
    if (weight > 0) score += (weight * (k1 + 1) * counts[i]) / (counts[i] + base + slope * lengths[row]);
  }
  return score;
}

/**
 * By itself, so that the engine makes it fast while it runs for the first time.
 * @param {Uint32Array} counts of each term
 * @param {Uint32Array} terms
 * @param {number} begin
 * @param {number} end
 */
function countEach(counts, terms, begin, end) {
  for (let i = begin; i < end; i++) counts[terms[i]]++;
}

/** The same class, once what it counts words with has started. */
export async function startKeywords() {
  await startWordCounts();
  return Keywords;
}
