import { WembedError } from '../core/errors.js';
import { importFailed } from '../core/import_failed.js';

/** The maximum nesting depth of settings: code that reads them may recurse once per level. */
const MAX_DEPTH = 500;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * Parses a settings file.
 * @param {Uint8Array} bytes UTF-8
 * @param {string} name for messages
 * @returns {Promise<unknown>}
 */
export async function parseJson(bytes, name) {
  checkDepth(bytes, name);
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text);
  } catch (cause) {
    if (!text) throw refusal(name, 'its bytes are not UTF-8', cause);
    return (await import('./python_json.js').catch(importFailed)).parsePythonJson(text, name); // or throws the reason
  }
}

/** @param {string} name @param {string} what @param {unknown} [cause] */
const refusal = (name, what, cause) =>
  new WembedError('bad_file', `${name} is not UTF-8 JSON: ${what}`, { cause, reason: 'json' });

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 */
export function checkDepth(bytes, name) {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === QUOTE) {
      while (++i < bytes.length && bytes[i] !== QUOTE) if (bytes[i] === BACKSLASH) i++;
    } else if (c === 0x5b || c === 0x7b) {
      if (++depth > MAX_DEPTH) throw refusal(name, `it is nested more than ${MAX_DEPTH} levels deep`);
    } else if (c === 0x5d || c === 0x7d) {
      depth--;
    }
  }
}
