// What the section on learning says.
import { el } from './dom.js';
import { termButton } from './hints.js';
import { PAIRS } from './small_world.js';
import { count, decimal, duration, percent, plural } from './words.js';

const LOGGED = 4; // lines of what was answered on the way

/** @typedef {import('../sections/learn.js').LearnState} LearnState */

/**
 * How far the learning is, and what was last done.
 * @param {LearnState} state
 * @param {string} did the kind of what was asked for last: `run`, `step` or `undo`
 */
export function statusOf({ progress, running, steps }, did) {
  const { epoch, epochs, done, total } = progress;
  const share = percent(done / total);
  if (epoch === epochs) return 'Done: all passes are made.';
  if (running) return `${share} of ${plural(epochs, 'pass', 'passes')}`;
  if (done === 0) return 'Nothing learned yet: the vectors are random.';
  if (did === 'step') return `Step ${count(steps)} is made: ${share} of all.`;
  if (did === 'undo') return `Back at step ${count(steps)}: ${share} of all.`;
  return `Stopped at ${share}, after ${plural(steps, 'step')}.`;
}

/**
 * Since when “queen” is found: that it stays is known at the end alone.
 * @param {{ ms: number, steps: number }} first
 * @param {LearnState} state
 */
export function sinceWhen({ ms, steps }, { running, progress }) {
  const isDone = progress.epoch === progress.epochs;
  const when = running ? 'since' : isDone ? 'stays, from' : 'so far since';
  return `. “Queen” ${when} step ${count(steps)}${isDone ? ' on' : ''}, after ${duration(1000 * ms)} of learning.`;
}

/**
 * How parallel the lines are, as the picture alone cannot tell: it shows two of the numbers that a word has.
 * @param {ReturnType<typeof import('./flatten.js').flatten>} flat
 */
export function aboutSteps({ alike, dim }) {
  if (alike === undefined) return [];
  const noise = 1 / Math.sqrt(PAIRS.length);
  return [
    'How parallel are the lines? ',
    termButton('cosine', 'Cosine'),
    ' of each with their mean, on average: ',
    el('b', { text: decimal(alike) }),
    el('span', {
      class: 'quiet',
      text: `. Parallel has 1, noise ${decimal(noise)}; counted in all ${dim} numbers of a word.`,
    }),
  ];
}

/** What the arrow of the picture is. */
const ARROW =
  'The arrow of the arithmetic, where there is one, is the step from the second word of the arithmetic to the third, made from the first; the picture is flat, the arithmetic uses all the numbers of a word.';

/**
 * @param {{ words: number, vocabulary: number, shown: string[], batch: number }} made `batch`: words a step
 * @param {string[]} texts
 * @param {boolean} isOwn whether these are the page's own sentences
 */
export function aboutTexts({ words, vocabulary, shown, batch }, texts, isOwn) {
  const sizes = `${count(words)} words in ${plural(texts.length, 'sentence')}, ${plural(vocabulary, 'different word')}.`;
  const step = `A step reads some ${count(Math.min(words, batch))} words of the text, a pass all of it. Each word’s row moves towards its neighbours (towards a second row that each word keeps for this, and that is thrown away afterwards) and away from five words drawn at random. So words with the same neighbours are pulled the same way and become alike, even if they never meet. The loss cannot reach 0: which word stands near is partly chance.`;
  const seen = isOwn
    ? `A line joins two words that differ in one thing only: the picture shows their 16 numbers from one side, turned so that the lines’ mean points up, from his word to hers. ${ARROW} At first that means nothing, and all words become alike; then they part, and the lines become parallel.`
    : shown.length < vocabulary
      ? `The words shown are the most frequent ones of four letters or more. ${ARROW}`
      : `Words that are used alike come to lie near each other; with so little text, also words that stand side by side. ${ARROW}`;
  const honest = isOwn
    ? ' The sentences are made from templates, which is why the arithmetic works so well: on real text lines are far less parallel.'
    : '';
  return [
    el('p', {}, el('b', { text: 'What you see. ' }), seen),
    el('p', {}, el('b', { text: 'What happens. ' }), `${sizes} ${step}${honest}`),
  ];
}

/** What the arithmetic led to while it learned: a line for each change of mind. */
export class AnswerLog {
  /** `asked`: the answer was there when the equation was written. @type {{ steps: number, word: string, asked: boolean }[]} */
  #found = [];
  #asked = '';

  clear() {
    this.#found = [];
  }

  /** Whether the equation is the one that was there before the first step. */
  get fromStart() {
    return this.#found[0]?.steps === 0;
  }

  /** @param {number} steps made so far @param {string} asked the equation @param {string | undefined} word */
  add(steps, asked, word) {
    const isNew = asked !== this.#asked;
    if (isNew) this.clear();
    this.#asked = asked;
    this.#found = this.#found.filter((each) => each.steps <= steps); // a step may have been taken back
    if (word && this.#found.at(-1)?.word !== word) this.#found.push({ steps, word, asked: isNew });
  }

  /** The last of them. */
  lines() {
    return this.#found.slice(-LOGGED).map(({ steps, word: answer, asked }) => {
      const when = steps === 0 ? ' at the start' : asked ? ` at step ${count(steps)}` : ` from step ${count(steps)}`;
      return el('li', {}, el('span', { text: answer }), el('span', { class: 'quiet', text: when }));
    });
  }
}
