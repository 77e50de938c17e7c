import { WembedError } from '../core/errors.js';

/**
 * Parses JSON as Python's json does, because models' settings are written by Python: NaN, Infinity and -Infinity are
 * numbers, which standard JSON lacks. If a key occurs twice, the last value counts.
 * @param {string} text
 * @param {string} name for messages
 * @returns {unknown}
 */
export function parsePythonJson(text, name) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    try {
      if (/NaN|Infinity/.test(text)) return parseWithNumbers(text);
    } catch {
      // the error below describes the original text
    }
    const what = /** @type {Error} */ (cause).message;
    throw new WembedError('bad_file', `${name} is not UTF-8 JSON: ${what}`, { cause, reason: 'json' });
  }
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function parseWithNumbers(text) {
  const nan = `NaN ${Math.random()}`; // occurs in no file
  // Surrounding spaces keep it from merging with a neighbouring number.
  const numbers = text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"|-?Infinity|NaN/g, (found) =>
    found[0] === '"' ? found : found === 'NaN' ? ` "${nan}" ` : ` ${found.replace('Infinity', '1e999')} `,
  );
  return JSON.parse(numbers, (key, value) => {
    if (key === nan) throw new SyntaxError('NaN is not a key');
    return value === nan ? NaN : value;
  });
}
