// Word vectors against lists that people have made.
import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError } from '../core/errors.js';
import { flag } from '../core/numbers.js';
import { countOrAll } from './queries.js';

/** @typedef {import('./word_vectors.js').WordVectors} WordVectors */

/**
 * Which lines of an evaluation file count.
 * @typedef {object} EvaluationOptions
 * @property {number} [restrictVocab] only the first so many keys count; default 300,000
 * @property {boolean} [caseInsensitive] whether upper and lower case are the same; default true
 * @property {boolean} [dummy4unknown] whether lines with unknown words count as wrong, or as 0; default false: they are left out
 */

/**
 * Analogies of one heading: a, b, c and what was asked for.
 * @typedef {object} AnalogySection
 * @property {string} section the heading
 * @property {string[][]} correct the analogies that were answered rightly
 * @property {string[][]} incorrect the others
 */

/**
 * How many analogies were answered.
 * @typedef {object} AnalogyReport
 * @property {number} score correct ÷ all, 0 to 1
 * @property {AnalogySection[]} sections one a heading; the last one holds all of them
 */

/**
 * How well cosines follow judgements of people.
 * @typedef {object} PairsReport
 * @property {number} pearson correlation of the cosines with the judgements, -1 to 1
 * @property {number} spearman correlation of their ranks, -1 to 1
 * @property {number} oov per cent of lines with unknown words
 */

const OPTIONS = ['restrictVocab', 'caseInsensitive', 'dummy4unknown'];

/**
 * @param {string} call
 * @param {WordVectors} words
 * @param {unknown} text
 * @param {EvaluationOptions & { delimiter?: string } | undefined} options
 * @param {string[]} names
 */
function settingsOf(call, words, text, options, names) {
  const given = optionsOf(call, options, names);
  if (typeof text !== 'string') throw mustBe(`what ${call} takes`, 'the text of a file', text);
  const limit = countOrAll('restrictVocab', given.restrictVocab ?? 300_000);
  const fold = flag('caseInsensitive', given.caseInsensitive ?? true);
  const spelt = (/** @type {string} */ word) => (fold ? word.toUpperCase() : word);
  /** @type {Map<string, string>} */
  const known = new Map();
  for (const key of words.indexToKey.slice(0, limit)) if (!known.has(spelt(key))) known.set(spelt(key), key);
  return {
    limit,
    spelt,
    known,
    dummy: flag('dummy4unknown', given.dummy4unknown ?? false),
    text,
    delimiter: given.delimiter,
  };
}

/**
 * `WordVectors.evaluateWordAnalogies`
 * @param {WordVectors} words
 * @param {string} given
 * @param {EvaluationOptions} [options]
 * @returns {AnalogyReport}
 */
export function evaluateWordAnalogies(words, given, options) {
  const { limit, spelt, known, dummy, text } = settingsOf('evaluateWordAnalogies', words, given, options, OPTIONS);
  /** @type {AnalogySection[]} */
  const sections = [];
  for (const [i, line] of linesOf(text)) {
    if (line.startsWith(': ')) {
      sections.push({ section: line.replace(/^[: ]+/, '').trim(), correct: [], incorrect: [] });
      continue;
    }
    const section = sections[sections.length - 1];
    if (!section) throw new WembedError('bad_file', `line ${i + 1} of the analogies stands below no ': section'`);
    const quad = line.trim().split(/\s+/).map(spelt);
    if (quad.length !== 4) continue;
    const keys = quad.map((word) => known.get(word));
    const [a, b, c] = keys;
    if (keys.includes(undefined) || a === undefined || b === undefined || c === undefined) {
      if (dummy) section.incorrect.push(quad);
      continue;
    }
    const found = words.mostSimilar({ positive: [b, c], negative: [a], topn: 5, restrictVocab: limit });
    const predicted = predictionOf(
      found.map(({ key }) => spelt(key)),
      new Set(quad.slice(0, 3)),
      known,
    );
    (predicted === quad[3] ? section.correct : section.incorrect).push(quad);
  }
  const [correct, incorrect] = [sections.flatMap((each) => each.correct), sections.flatMap((each) => each.incorrect)];
  const score = correct.length + incorrect.length > 0 ? correct.length / (correct.length + incorrect.length) : 0;
  return { score, sections: [...sections, { section: 'Total accuracy', correct, incorrect }] };
}

/**
 * @param {string[]} found as they are spelt here, the nearest first
 * @param {Set<string>} asked
 * @param {Map<string, string>} known
 * @returns {string | undefined} the first word that is not in the question, or the last when all are
 */
function predictionOf(found, asked, known) {
  return found.find((word) => known.has(word) && !asked.has(word)) ?? found[found.length - 1];
}

/**
 * `WordVectors.evaluateWordPairs`
 * @param {WordVectors} words
 * @param {string} given
 * @param {EvaluationOptions & { delimiter?: string }} [options]
 * @returns {PairsReport}
 */
export function evaluateWordPairs(words, given, options) {
  const names = [...OPTIONS, 'delimiter'];
  const { spelt, known, dummy, text, delimiter = '\t' } = settingsOf('evaluateWordPairs', words, given, options, names);
  if (typeof delimiter !== 'string' || delimiter === '') throw mustBe('delimiter', 'a string', delimiter);
  /** @type {[gold: number[], own: number[]]} */
  const [gold, own] = [[], []];
  let unknown = 0;
  for (const [, line] of linesOf(text)) {
    if (line.startsWith('#')) continue;
    const parts = line.split(delimiter);
    const value = parts.length === 3 && parts[2].trim() !== '' ? Number(parts[2]) : NaN;
    if (Number.isNaN(value)) continue;
    const [a, b] = [known.get(spelt(parts[0])), known.get(spelt(parts[1]))];
    const isKnown = a !== undefined && b !== undefined;
    if (!isKnown) unknown++;
    if (!isKnown && !dummy) continue;
    gold.push(value);
    own.push(isKnown ? words.similarity(a, b) : 0);
  }
  if (gold.length === 0) throw new WembedError('bad_file', 'no line has two known words and a number');
  const oov = (100 * unknown) / (dummy ? gold.length : gold.length + unknown);
  return { pearson: correlation(gold, own), spearman: correlation(ranks(gold), ranks(own)), oov };
}

/** @param {string} text @returns {[number, string][]} lines that are not empty, and their numbers */
const linesOf = (text) => [...text.split(/\r?\n/).entries()].filter(([, line]) => line !== '');

/**
 * Pearson's.
 * @param {number[]} x
 * @param {number[]} y
 */
function correlation(x, y) {
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/**
 * @param {number[]} values
 * @returns {number[]} the rank of each; of equal ones the mean
 */
function ranks(values) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const found = new Array(values.length).fill(0);
  for (let i = 0, end = 0; i < order.length; i = end) {
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let j = i; j < end; j++) found[order[j]] = (i + end + 1) / 2;
  }
  return found;
}
