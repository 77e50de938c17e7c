// When a word that is being typed is meant: not every word that another one begins with.

const PAUSE = 400; // milliseconds without a key

/**
 * Calls `meant` after a pause in typing, or at once by Enter, by a pick from the list of offers, or when the field is left.
 * @param {HTMLInputElement} field
 * @param {{ typing?: () => void, meant: (isSure: boolean) => void }} react `isSure`: not by a pause alone
 */
export function onWord(field, { typing, meant }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const settle = (/** @type {boolean} */ isSure) => {
    clearTimeout(waiting);
    waiting = undefined;
    meant(isSure);
  };
  field.addEventListener('input', (event) => {
    typing?.();
    clearTimeout(waiting);
    // A pick from the list replaces the text; a page that sets the field sends a plain event.
    const isTyped = event instanceof InputEvent && event.inputType !== 'insertReplacementText';
    if (isTyped) waiting = setTimeout(settle, PAUSE, false);
    else settle(true);
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) settle(true);
  });
  field.addEventListener('change', () => {
    if (waiting !== undefined) settle(true);
  });
}
