import { el } from './dom.js';

/** The line in which a number of a picture is said. @param {string} id */
export const readoutOf = (id) =>
  el('p', { class: 'quiet value-read', id, text: 'Point at a number, tap it, or use arrow keys.' });

/**
 * Makes every number of a picture readable: under the pointer or the finger, and by the arrow keys.
 * @param {HTMLElement} canvas a cell for each number, in lines from top to bottom
 * @param {{ columns: number, lines?: number, edge?: number, say: (column: number, line: number) => string, readout: () => Element | null | undefined }} of
 *   `edge`: pixels around the cells; `say`: what to read
 */
export function readable(canvas, { columns, lines = 1, edge = 0, say, readout }) {
  let at = { column: 0, line: 0 };
  const tell = (/** @type {number} */ column, /** @type {number} */ line) => {
    at = {
      column: Math.max(0, Math.min(columns - 1, column)),
      line: Math.max(0, Math.min(lines - 1, line)),
    };
    const words = say(at.column, at.line);
    canvas.setAttribute('aria-valuenow', String(at.line * columns + at.column));
    canvas.setAttribute('aria-valuetext', words);
    const place = readout();
    if (place) place.textContent = words;
  };
  const point = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const share = (/** @type {number} */ from, /** @type {number} */ size) => (from - edge) / (size - 2 * edge);
    tell(Math.floor(columns * share(clientX - left, width)), Math.floor(lines * share(clientY - top, height)));
  };
  canvas.role = 'slider';
  canvas.tabIndex = 0;
  canvas.setAttribute('aria-valuemin', '0');
  canvas.setAttribute('aria-valuemax', String(columns * lines - 1));
  canvas.setAttribute('aria-valuenow', '0');
  canvas.setAttribute('aria-valuetext', say(0, 0));
  canvas.addEventListener('pointermove', point);
  canvas.addEventListener('pointerdown', point);
  canvas.addEventListener('keydown', (event) => {
    const { column, line } = at;
    /** @type {Record<string, [column: number, line: number]>} */
    const moves = {
      ...{ ArrowLeft: [column - 1, line], ArrowRight: [column + 1, line] },
      ...{ ArrowUp: [column, line - 1], ArrowDown: [column, line + 1] },
      ...{ Home: [0, line], End: [columns - 1, line] },
    };
    const to = moves[event.key];
    if (!to || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    tell(...to);
  });
}
