import { el } from './dom.js';
import { count } from './words.js';

/**
 * What went wrong, in words: a WembedError's message is made to be read; of others the message at least.
 * @param {unknown} error
 */
export function inWords(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** A line beside a field, for what goes wrong there. @param {string} id */
export const saying = (id) => el('p', { class: 'say', id, role: 'alert', hidden: true });

/**
 * The line of a section that says what went wrong, or what was left out. Everything else in the section goes on.
 * @param {HTMLElement} section
 */
export const sayIn = (section) => sayOn(/** @type {HTMLElement} */ (section.querySelector('.say')));

/** What such a line can say. @param {HTMLElement} line */
export function sayOn(line) {
  return {
    /** @param {unknown} error */
    error(error) {
      line.textContent = inWords(error);
      line.dataset.kind = 'error';
      line.hidden = false;
    },
    /** @param {string} words */
    note(words) {
      line.textContent = words;
      line.dataset.kind = 'note';
      line.hidden = words === '';
    },
    clear() {
      line.hidden = true;
      line.textContent = '';
    },
  };
}

const MOST = 20_000;

/**
 * What of a text a section works with. The model reads 512 tokens at most, which 20,000 characters hold.
 * @param {string} text
 * @returns {{ text: string, note: string }} the note is empty where nothing was left out
 */
export function usable(text) {
  if (text.length <= MOST) return { text, note: '' };
  return {
    text: text.slice(0, MOST),
    note: `Of the ${count(text.length)} characters here, the first 20,000 are used.`,
  };
}
