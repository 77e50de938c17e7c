/** Rows further apart than this, in bytes, are fetched by separate requests: a request costs less than such a gap. */
const MAX_GAP = 32768;

/** Unrequested bytes between rows are at most this fraction of the requested bytes. */
const WASTE = 0.4;

/** The longest range of one request, in bytes, so that converting can start early. */
const MAX_RANGE = 2 ** 22;

/**
 * Groups rows into ranges: neighbouring rows together, and rows with a small gap between them, the smallest gaps first,
 * as long as few bytes are fetched needlessly.
 * @param {Uint32Array} rows in rising order
 * @param {number} bytes per row
 * @returns {Uint32Array[]} the rows of each range
 */
export function runsOf(rows, bytes) {
  const gap = (/** @type {number} */ i) => (rows[i] - rows[i - 1] - 1) * bytes;
  const gaps = Array.from(rows.keys()).slice(1);
  let budget = WASTE * rows.length * bytes;
  const bridged = new Set(
    gaps
      .filter((i) => gap(i) <= MAX_GAP)
      .sort((a, b) => gap(a) - gap(b))
      .filter((i) => (budget -= gap(i)) >= 0),
  );
  const runs = [];
  for (let from = 0, i = 1; i <= rows.length; i++) {
    const long = i < rows.length && (rows[i] - rows[from] + 1) * bytes > MAX_RANGE;
    if (i < rows.length && bridged.has(i) && !long) continue;
    runs.push(rows.subarray(from, i));
    from = i;
  }
  return runs;
}
