// JSON as it was read, so that what is handed on keeps the numbers that JavaScript's own would round.

/** What a text begins with, a bracket, a comma, a colon, or what else stands between those. */
const TOKEN = /["{}[\],:]|[^"{}[\],:\s]+/g;

/** @param {string} json valid @returns {Generator<{ token: string, begin: number }>} */
function* tokens(json) {
  const pattern = new RegExp(TOKEN);
  for (let match; (match = pattern.exec(json));) {
    const { 0: first, index: begin } = match;
    if (first === '"') pattern.lastIndex = textEnd(json, begin);
    yield { token: json.slice(begin, pattern.lastIndex), begin };
  }
}

/** @param {string} json @param {number} begin of a text @returns {number} where it ends: by no pattern, as it may be long */
function textEnd(json, begin) {
  for (let at = begin + 1; ; at++) {
    at = json.indexOf('"', at);
    let escapes = 0;
    while (json[at - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
}

/**
 * @param {string} json an object
 * @param {string} name of a member
 * @returns {string} the object without its members of that name, up to its last bracket: what a new member may follow
 */
export function openObject(json, name) {
  const whole = json.trim();
  if (!whole.includes(JSON.stringify(name)) && !whole.includes('\\')) return whole.slice(0, -1).trimEnd();
  const members = topMembers(whole).filter(({ key }) => key !== name);
  return `{${members.map(({ begin, end }) => whole.slice(begin, end).trim()).join(',')}`;
}

/**
 * @param {string} json an object
 * @returns {{ key: string, begin: number, end: number }[]} where each of its members stands
 */
function topMembers(json) {
  const members = [];
  let [depth, begin, key] = [0, 1, ''];
  for (const { token, begin: index } of tokens(json)) {
    if (depth === 1 && key === '' && token.startsWith('"')) key = token;
    if (depth === 1 && key && (token === ',' || token === '}')) {
      members.push({ key: JSON.parse(key), begin, end: index });
      [begin, key] = [index + 1, ''];
    }
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
  }
  return members;
}

/**
 * @param {string} json
 * @returns {string | undefined} the first whole number that JavaScript would round, as it has 53 bits for one, or number that it
 *   would take for infinite
 */
export function changedNumber(json) {
  if (!/\d{16}|\d[eE]\+?\d{3}/.test(json)) return undefined;
  for (const { token } of tokens(json)) {
    const value = Number(token);
    if (/^-?\d{16,}$/.test(token) && Number.isFinite(value) && BigInt(token) !== BigInt(value)) return token;
    if (/^-?\d/.test(token) && !Number.isFinite(value)) return token;
  }
  return undefined;
}
