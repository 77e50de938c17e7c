// What a section shows, in the page's address: `#alike?a=…&b=…`. An address holds one section's state, the last touched.

const WAIT = 300; // Safari allows 100 changes of the address in 30 seconds

/** @typedef {{ initial: string | number, read: (text: string) => string | number, most?: string }} StateField `read` throws a string that says what is wrong */
/** @typedef {Record<string, string | number>} StateValues */

/**
 * A text of at most this many characters.
 * @param {string} initial
 * @param {number} [most]
 * @returns {StateField}
 */
export const text = (initial, most = 2000) => ({
  initial,
  read(given) {
    if (given.length > most) throw `a text of ${given.length} characters, where ${most} is the most`;
    if (given.includes('\uFFFD')) throw 'a text that is no valid UTF-8';
    return given;
  },
});

/**
 * @param {number} initial
 * @param {number} least
 * @param {number} most
 * @returns {StateField}
 */
export const number = (initial, least, most) => ({
  initial,
  read(given) {
    const value = Number(given);
    if (given.trim() === '' || !(value >= least && value <= most)) {
      throw `“${clip(given)}”, where a number from ${least} to ${most} belongs`;
    }
    return value;
  },
});

/**
 * @param {string} initial
 * @param {readonly string[]} choices
 * @returns {StateField}
 */
export const choice = (initial, choices) => ({
  initial,
  read(given) {
    if (!choices.includes(given)) throw `“${clip(given)}”, which is not one of ${choices.join(', ')}`;
    return given;
  },
});

/** @param {string} given */
const clip = (given) => (given.length > 40 ? `${given.slice(0, 40)}…` : given);

/** @param {string} hash @returns {{ id: string, params: URLSearchParams }} */
export function readHash(hash) {
  const [id, ...rest] = hash.replace(/^#/, '').split('?');
  return { id, params: new URLSearchParams(rest.join('?')) };
}

const LONGEST = 4000; // longer addresses break in mails and chats

/** What each section shows now, as an address. @type {Map<string, string>} */
const addresses = new Map();

/** @param {string} id of a section @returns {{ hash: string, isWhole: boolean }} what leads to what it shows; not whole: its texts are too long for an address */
export function addressOf(id) {
  const hash = addresses.get(id) ?? `#${id}`;
  return hash.length > LONGEST ? { hash: `#${id}`, isWhole: false } : { hash, isWhole: true };
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
/** @type {(() => void) | undefined} */
let pending;

/** Writes a state that waits for its turn now: before the address is copied, or the page is left. */
export function flushState() {
  clearTimeout(waiting);
  pending?.();
  pending = undefined;
}

/** Gives up a state that waits: another one came by the address. */
export function forgetState() {
  clearTimeout(waiting);
  pending = undefined;
}
if (typeof addEventListener === 'function') addEventListener('pagehide', flushState);

/**
 * @param {string} id of the section
 * @param {Record<string, StateField>} fields
 * @returns {{ values: StateValues, problems: string[], write: (values: StateValues) => void, address: (values: StateValues) => string }}
 */
export function sectionState(id, fields) {
  const { id: wanted, params } = readHash(location.hash);
  /** @type {string[]} */
  const problems = [];
  const values = Object.fromEntries(
    Object.entries(fields).map(([key, { initial, read }]) => {
      const given = wanted === id ? params.get(key) : null;
      if (given === null) return [key, initial];
      try {
        return [key, read(given)];
      } catch (problem) {
        problems.push(`The link gives ${key} as ${problem}; the usual one is shown instead.`);
        return [key, initial];
      }
    }),
  );
  if (wanted === id) {
    for (const key of params.keys()) {
      if (!(key in fields)) problems.push(`The link has “${clip(key)}”, which this section does not know.`);
    }
  }
  /** @param {StateValues} now */
  const address = (now) => {
    const changed = Object.entries(now).filter(([key, value]) => value !== fields[key].initial);
    const search = new URLSearchParams(changed.map(([key, value]) => [key, String(value)])).toString();
    return `#${id}${search ? `?${search}` : ''}`;
  };
  let written = address(values);
  addresses.set(id, written);
  return {
    values,
    problems,
    address,
    write(now) {
      // A section that only starts, while the visitor moves a dial of another one, does not take the address from it.
      if (address(now) === written) return;
      written = address(now);
      addresses.set(id, written);
      clearTimeout(waiting);
      pending = () => {
        const hash = address(now);
        if (hash.length > LONGEST) return;
        history.replaceState(null, '', hash);
      };
      waiting = setTimeout(flushState, WAIT);
    },
  };
}
