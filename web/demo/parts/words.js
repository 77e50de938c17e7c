// Numbers as a reader wants them.

/** @param {string} digits @returns {string} 12,345 */
export const inThousands = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

// Not Intl.NumberFormat: the first of them reads the browser's tables of languages, which takes 30 ms.
const grouped = (/** @type {number} */ value) => {
  const [whole, ...fraction] = String(value).split('.');
  return [inThousands(whole), ...fraction].join('.');
};

/** @param {number} value @returns {string} 12,345 */
export const count = (value) => grouped(Number(value.toFixed(3)));

/** @param {number} value @returns {string} three digits that count */
export const short = (value) => grouped(Number(value.toPrecision(3)));

/**
 * @param {number} value
 * @param {number} [digits]
 * @returns {string} with a real minus sign, and no minus before zero
 */
export function decimal(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** @param {number} value @param {number} [digits] */
export function signed(value, digits = 2) {
  const text = decimal(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 1) return 'less than 1%';
  if (value < 100 && value > 99) return 'more than 99%';
  return `${Math.round(value)}%`;
}

/** @param {number} bytes @returns {string} in powers of 1000, as file sizes on the web are given */
export function bytes(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at === 0 ? count(value) : short(value)} ${units[at]}`;
}

/** @param {number} micros */
export function duration(micros) {
  if (micros < 1000) return `${short(micros)} µs`;
  return micros < 1e6 ? `${short(micros / 1000)} ms` : `${short(micros / 1e6)} s`;
}

/** @param {number} perSecond more digits would change from run to run */
export const rate = (perSecond) => count(Number(perSecond.toPrecision(2)));

/**
 * @param {number} amount
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (amount, one, many = `${one}s`) => `${count(amount)} ${amount === 1 ? one : many}`;

/**
 * A cosine of this model in words. Where one word ends and the next begins is a choice, made by reading many pairs.
 * @param {number} cosine
 */
export function likeness(cosine) {
  if (cosine >= 0.995) return 'the same';
  if (cosine >= 0.85) return 'almost the same';
  if (cosine >= 0.65) return 'very much alike';
  if (cosine >= 0.4) return 'somewhat alike';
  if (cosine >= 0.2) return 'only faintly alike';
  if (cosine > -0.2) return 'unrelated';
  return 'turned away from each other';
}
