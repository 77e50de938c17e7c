// Browsers round their clocks, some to a millisecond: what is timed is a run of calls that takes longer than that.
const RUN_MS = 8;
export const RUNS = 9;

/**
 * The median time of one call, in microseconds. Gives the page a chance to react between runs.
 * @param {() => void} call
 * @param {AbortSignal} signal
 * @returns {Promise<{ micros: number, calls: number } | null>} null if given up
 */
export async function measure(call, signal) {
  let calls = 1;
  // Twice in a row, because the first run of anything is slow, and would pass for a long one.
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

function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}
