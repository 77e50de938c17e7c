// What a search found, with what matched marked in it.
import { el } from './dom.js';
import { decimal } from './words.js';

const SHOWN = 400; // characters of a text
/** About as many characters as two lines have room for. */
export const TWO_LINES = 90;

/** A part of a text to mark. @typedef {{ from: number, to: number, strength: number, word: boolean }} Mark */

/**
 * @param {import('../workers/search_work.js').Hit} hit
 * @param {string} by
 */
export function hitOf({ text: content, score, words, tokens }, by) {
  // One scale for all hits: a weak one is not coloured as a strong one is.
  const best = Math.max(0.15, ...tokens.map((token) => token.score));
  const marks = /** @type {Mark[]} */ ([]);
  if (by !== 'keywords') {
    for (const { offset, score: share } of tokens) {
      if (share > 0.2 * best) marks.push({ from: offset[0], to: offset[1], strength: share / best, word: false });
    }
  }
  if (by !== 'vectors') for (const [from, to] of words) marks.push({ from, to, strength: 0, word: true });
  return el(
    'li',
    {},
    el('span', { class: 'score', text: scoreOf(score) }),
    el('span', { class: 'text', dir: 'auto' }, ...marked(content, marks)),
  );
}

/** A word that every text has scores nearly nothing, and not nothing. @param {number} score */
const scoreOf = (score) => (score > 0 && score < 0.005 ? '< 0.01' : decimal(score));

/**
 * A text, or of a long one the part around its strongest mark.
 * @param {string} content
 * @param {Mark[]} marks
 * @returns {(Node | string)[]}
 */
function marked(content, marks) {
  const first = marks.reduce(
    (top, mark) => (weightOf(mark) > weightOf(top) ? mark : top),
    marks[0] ?? { from: 0 },
  ).from;
  const begin =
    content.length > TWO_LINES && first > TWO_LINES / 2 ? content.lastIndexOf(' ', first - TWO_LINES / 4) + 1 : 0;
  const end = Math.min(content.length, begin + SHOWN);
  const edges = [...new Set([begin, end, ...marks.flatMap(({ from, to }) => [from, to])])]
    .filter((at) => at >= begin && at <= end)
    .sort((a, b) => a - b);
  /** @type {(Node | string)[]} */
  const parts = begin > 0 ? ['…'] : [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const part = content.slice(edges[i], edges[i + 1]);
    const over = marks.filter(({ from, to }) => from <= edges[i] && to >= edges[i + 1]);
    if (over.length === 0) parts.push(part);
    else {
      const strength = Math.max(...over.map((mark) => mark.strength));
      const made = el('mark', { class: over.some(({ word }) => word) ? 'word' : '', text: part });
      if (strength > 0)
        made.style.backgroundColor = `color-mix(in srgb, var(--up) ${Math.round(55 * strength)}%, transparent)`;
      parts.push(made);
    }
  }
  if (end < content.length) parts.push('…');
  return parts;
}

/** A word that was typed weighs more than any that is like it. @param {Mark} mark */
const weightOf = ({ strength, word }) => strength + (word ? 1 : 0);
