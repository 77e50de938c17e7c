import { WembedError, shown, withoutUser } from '../core/errors.js';

/** How many times a name may be percent-encoded: servers and proxies may decode it more than once. */
const MOST_ENCODINGS = 4;

/**
 * The address of a file or folder below a folder. The resolved address is checked, because resolving a relative address
 * drops tabs and line breaks, treats a backslash as a slash and `%2e%2e` as `..`. (WHATWG URL, 4.4)
 * @param {URL} folder ends in a slash
 * @param {string} path as written in an address: a `%` begins an encoded byte
 * @param {string} what the argument that holds the path, for messages
 * @returns {URL} of the folder's own origin, its path longer than the folder's
 */
export function below(folder, path, what) {
  if (typeof path !== 'string') throw outside(folder, path, what, 'it must be a string');
  if (path.includes('#')) throw outside(folder, path, what, "a '#' in a name is written %23");
  const query = path.indexOf('?');
  checkSegments(folder, query < 0 ? path : path.slice(0, query), what);
  const url = URL.canParse(path, folder) ? new URL(path, folder) : undefined;
  const inside =
    url?.protocol === folder.protocol &&
    url.host === folder.host &&
    url.username === folder.username &&
    url.password === folder.password &&
    url.pathname.startsWith(folder.pathname);
  if (!inside || url.pathname.length === folder.pathname.length) throw outside(folder, path, what);
  return url;
}

/**
 * The same for a folder; '' is the folder itself.
 * @param {URL} folder ends in a slash
 * @param {string} path
 * @param {string} what
 * @returns {URL} ends in a slash
 */
export function folderBelow(folder, path, what) {
  if (path === '') return folder;
  if (typeof path === 'string' && path.includes('?')) throw outside(folder, path, what, "a '?' is written %3F");
  return below(folder, typeof path === 'string' && !path.endsWith('/') ? `${path}/` : path, what);
}

/**
 * @param {URL} folder
 * @param {string} path without its query
 * @param {string} what
 */
function checkSegments(folder, path, what) {
  let text = path;
  for (let i = 0; ; i++) {
    // eslint-disable-next-line no-control-regex -- matches the characters that a name must not contain
    if (/[\0-\x1f\x7f\\]|^[\s/]|\s$/.test(text) || text.split('/').includes('..')) throw outside(folder, path, what);
    const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, decoding);
    if (decoded === text) return;
    if (i === MOST_ENCODINGS) throw outside(folder, path, what, 'it is percent-encoded too many times');
    text = decoded;
  }
}

/** @param {string} encoded */
function decoding(encoded) {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  }
}

/**
 * @param {URL} folder
 * @param {unknown} path
 * @param {string} what
 * @param {string} [why]
 */
function outside(folder, path, what, why = 'it must be relative, without backslashes, control characters and ..') {
  const given = typeof path === 'string' ? JSON.stringify(shown(withoutUser(path))) : shown(path);
  return new WembedError('invalid_argument', `${what} must be a path below ${placeOf(folder)}, got ${given}: ${why}`);
}

/** The folder's address without user, password and query. @param {URL} folder */
const placeOf = ({ protocol, host, pathname }) => `${protocol}//${host}${pathname}`;
