// Hostile variants of good files: of JSON by structure, of anything byte by byte. The same in every run.

/** The number of mutants per parser: some in every run, 100,000 in a full run. */
export const MUTANTS = process.env.WEMBED_FULL ? 100_000 : 2_000;

/** @param {number} seed @returns {(limit: number) => number} whole numbers below a limit */
export function randomFrom(seed) {
  let state = seed;
  return (limit) => {
    state = (state * 48271) % 0x7fffffff;
    return state % limit;
  };
}

/** Values that replace others. */
const HOSTILE = /** @type {any[]} */ ([
  ...[0, -0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, 2 ** 63, 1e21, 3],
  ...[null, true, false, '', 'F32', 'F64', 'I8', '../x', '__proto__', 'constructor', '\ud800', 'a'.repeat(300)],
  ...[
    [],
    [0],
    [-1, 1],
    [2 ** 40, 2 ** 40],
    [1, 2, 3, 4, 5, 6, 7, 8],
    {},
    { __proto__: null, toString: 1 },
    [[[]]],
    '9',
  ],
]);

/**
 * A JSON value with one to three of its parts replaced, left out, doubled or moved.
 * @param {any} value of plain objects and arrays
 * @param {(limit: number) => number} random
 * @returns {any}
 */
export function mutant(value, random) {
  const copy = structuredClone(value);
  for (let k = random(3); k >= 0; k--) mutate(copy, random);
  return copy;
}

/** @param {any} root @param {(limit: number) => number} random */
function mutate(root, random) {
  /** @type {[holder: any, key: string][]} */
  const places = [];
  const visit = (/** @type {any} */ holder) => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      if (typeof holder[key] === 'object' && holder[key] !== null) visit(holder[key]);
    }
  };
  visit(root);
  if (places.length === 0) return;
  const [holder, key] = places[random(places.length)];
  const [other, from] = places[random(places.length)];
  const kind = random(6);
  if (kind === 0) delete holder[key];
  else if (kind === 1) holder[key] = structuredClone(other[from]);
  else if (kind === 2) holder[`${key}x`] = holder[key];
  else if (kind === 3 && typeof holder[key] === 'number') holder[key] += random(2) ? 1 : -1;
  else holder[key] = structuredClone(HOSTILE[random(HOSTILE.length)]);
}

/**
 * Bytes with some changed, and sometimes the end gone.
 * @param {Uint8Array} bytes
 * @param {(limit: number) => number} random
 * @param {number} [most] change only the first bytes, up to this many
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function mutantBytes(bytes, random, most = bytes.length) {
  let copy = new Uint8Array(bytes);
  for (let k = random(4); k >= 0; k--) copy[random(most)] = [0, 255, 127, 0x7b, 0x22, random(256)][random(6)];
  if (random(4) === 0) copy = copy.slice(0, random(copy.length));
  return copy;
}
