// The timing of all cases: contenders take turns within each round, so that other work on the machine slows all of them
// alike. Compare figures within one run only.
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** @param {number[]} values */
export function median(values) {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @typedef {object} Timing
 * @property {string} name
 * @property {number[]} samples one per round
 */

/**
 * Runs A B C, A B C, … and times each.
 * @param {Record<string, () => unknown>} contenders may be asynchronous
 * @param {{ rounds: number, warmUp?: number, prepare?: () => void }} options `prepare` runs untimed before every call:
 *   it draws new ids, so that no call finds its rows in the processor's cache
 * @returns {Promise<Timing[]>} in milliseconds
 */
export async function race(contenders, { rounds, warmUp = 2, prepare }) {
  const timings = Object.keys(contenders).map((name) => ({ name, samples: /** @type {number[]} */ ([]) }));
  for (let round = -warmUp; round < rounds; round++) {
    for (const { name, samples } of timings) {
      // One untimed call, so that no turn pays for the state that the previous one left: garbage, memory returned to
      // the system, another table in the processor's cache.
      prepare?.();
      await contenders[name]();
      globalThis.gc?.();
      await pause(2); // a collection frees large arrays on another thread
      prepare?.();
      const start = performance.now();
      await contenders[name]();
      const time = performance.now() - start;
      if (round >= 0) samples.push(time);
    }
  }
  return timings;
}

/**
 * Keeps freed memory in the process (glibc's malloc). By default some of it is returned to the system, and the next
 * contender that needs a large array pays for every page again. The largest result has 2^24.6 bytes.
 */
const KEEP_MEMORY = { MALLOC_TRIM_THRESHOLD_: String(2 ** 32), MALLOC_MMAP_THRESHOLD_: String(2 ** 25) };

/**
 * Runs a script of bench/ in a new Node process.
 * @param {string} script
 * @param {string[]} args
 * @param {{ keepMemory?: boolean }} [options]
 * @returns {any} its output, parsed as JSON
 */
export function inFreshProcess(script, args, { keepMemory = false } = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, ...(keepMemory ? KEEP_MEMORY : {}) };
  const output = execFileSync(process.execPath, ['--expose-gc', path, ...args], { encoding: 'utf8', env });
  return JSON.parse(output);
}

/**
 * A generator that gives the same numbers in every run (mulberry32).
 * @param {number} seed
 * @returns {() => number} in [0, 1)
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {Float32Array} actual
 * @param {Float32Array} expected
 * @param {number} tolerance relative to the largest expected value
 * @param {string} name of the contender; its timing means nothing if its results are wrong
 */
export function checkSame(actual, expected, tolerance, name) {
  if (actual.length !== expected.length) throw new Error(`${name}: ${actual.length} numbers, not ${expected.length}`);
  const largest = expected.reduce((best, value) => Math.max(best, Math.abs(value)), 0);
  const bad = actual.findIndex((value, i) => !(Math.abs(value - expected[i]) <= tolerance * largest));
  if (bad >= 0) throw new Error(`${name}: ${actual[bad]} at ${bad}, not ${expected[bad]}`);
}
