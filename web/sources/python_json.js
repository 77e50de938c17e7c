import { WembedError } from '../core/errors.js';

/**
 * Parses JSON as Python's json does, whose files models' settings are: NaN, Infinity and -Infinity are numbers, which JSON
 * itself does not have. Of a key that stands twice the last one counts.
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
      // what is wrong with it is said of the text as it is
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
  const nan = `NaN ${Math.random()}`; // no text of the file's
  // Spaces around keep what stands next to it from becoming one number with it.
  const numbers = text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"|-?Infinity|NaN/g, (found) =>
    found[0] === '"' ? found : found === 'NaN' ? ` "${nan}" ` : ` ${found.replace('Infinity', '1e999')} `,
  );
  return JSON.parse(numbers, (key, value) => {
    if (key === nan) throw new SyntaxError('NaN is not a key');
    return value === nan ? NaN : value;
  });
}
