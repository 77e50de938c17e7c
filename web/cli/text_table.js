// Results for people: columns of text.

/** @param {{ key: string, score: number }[]} found @returns {string} a line each */
export const scoreLines = (found) => found.map(({ key, score }) => `${score.toFixed(4)}  ${key}\n`).join('');

/**
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | number)[])[]} rows numbers stand on the right
 * @returns {string}
 */
export function tableLines(heads, rows) {
  const width = (/** @type {number} */ i) => Math.max(...[heads, ...rows].map((row) => String(row[i]).length));
  const widths = heads.map((_, i) => width(i));
  const cell = (/** @type {string | number} */ value, /** @type {number} */ i, /** @type {boolean} */ right) =>
    right ? String(value).padStart(widths[i]) : String(value).padEnd(widths[i]);
  const isNumber = heads.map(
    (_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number' || /^[\d.,-]+$/.test(row[i])),
  );
  return [heads, ...rows]
    .map(
      (row) =>
        `${row
          .map((value, i) => cell(value, i, isNumber[i]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
