/** @param {Float32Array} numbers @returns {boolean} whether all are finite */
export function areFinite(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!(numbers[i] - numbers[i] === 0)) return false;
  return true;
}

/** No row that means something has numbers as large. */
export const MOST = 1e9;

/** @param {Float32Array} numbers @returns {boolean} whether all are below MOST: losses of cosines do not show that rows are lost */
export function areSound(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!(numbers[i] < MOST && numbers[i] > -MOST)) return false;
  return true;
}
