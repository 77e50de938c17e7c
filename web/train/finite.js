/** @param {Float32Array} numbers @returns {boolean} whether all are finite */
export function areFinite(numbers) {
  for (let i = 0; i < numbers.length; i++) if (!(numbers[i] - numbers[i] === 0)) return false;
  return true;
}
