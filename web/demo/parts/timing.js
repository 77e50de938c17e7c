// Browsers round their clocks, some to a millisecond, so a run of calls longer than that is timed.
const RUN_MS = 8;
export const RUNS = 9;

/**
 * The median time of one call, in microseconds. Lets the page react between runs.
 * @param {() => void} call
 * @param {AbortSignal} signal
 * @returns {Promise<{ micros: number, calls: number } | null>} null if aborted
 */
export async function measure(call, signal) {
  let calls = 1;
  // Twice in a row, because the first run is slow and would look like a long one.
  while (runOf(call, calls) < RUN_MS || runOf(call, calls) < RUN_MS) {
    calls *= 2;
    await pause();
    if (signal.aborted) return null;
  }
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < RUNS; i++) {
    await pause();
    if (signal.aborted) return null;
    times.push(runOf(call, calls));
  }
  times.sort((a, b) => a - b);
  return { micros: (1000 * times[(RUNS - 1) / 2]) / calls, calls: calls * RUNS };
}

/**
 * @param {() => void} call
 * @param {number} calls
 * @returns {number} milliseconds
 */
function runOf(call, calls) {
  const start = performance.now();
  for (let i = 0; i < calls; i++) call();
  return performance.now() - start;
}

/** Lets the page paint and react before a long computation goes on. */
export function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}
