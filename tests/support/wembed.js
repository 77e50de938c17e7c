// The library for the tests: from the sources, in the variant chosen by the runner.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configure } from '../../web/index.js';

const variant = /** @type {import('../../web/memory/module.js').Variant | undefined} */ (process.env.WEMBED_VARIANT);
if (variant) configure({ variant });

export * from '../../web/index.js';
export { loadMini } from '../../web/mini.js';
export { VectorIndex } from '../../web/search.js';
export {
  TextClassifier,
  TiedLM,
  Variable,
  WordVectorTrainer,
  adagrad,
  adam,
  adapt,
  batchSimilarity,
  buildVocabulary,
  crossEntropy,
  distance,
  distil,
  infoNce,
  logits,
  logitsBackward,
  negativeSampling,
  sampledCrossEntropy,
  schedule,
  sgd,
  trainClassifier,
  trainTiedLM,
  trainWordVectors,
  wordLayer,
  wordsOf,
} from '../../web/train.js';

// Each test file has its own cache, not the user's.
const cache = join(tmpdir(), `wembed-tests-${process.pid}`);
process.env.WEMBED_CACHE = cache;
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const ROOT = new URL('../../', import.meta.url);

/** @param {string} path from the project's root */
export function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'));
}

/** @param {string} path from the project's root */
export function readBytes(path) {
  return new Uint8Array(readFileSync(new URL(path, ROOT)));
}

/**
 * Real data that other clones may lack. If it is missing, the tests that need it are skipped with a message.
 * @param {string} path below ../shared/data
 * @returns {{ path: string, test: typeof test }}
 */
export function sharedData(path) {
  const location = fileURLToPath(new URL(`../shared/data/${path}`, ROOT));
  if (existsSync(location)) return { path: location, test };
  const { skip } = test;
  process.stderr.write(`skipped: ../shared/data/${path} is not here\n`); // one line, where console.warn has ten
  return { path: location, test: /** @type {typeof test} */ (skip) };
}

/**
 * Checks that a call throws a WembedError with this code, and returns its message for further checks.
 * @param {() => unknown} call
 * @param {string} code
 * @returns {Promise<string>}
 */
export async function errorOf(call, code) {
  try {
    await call();
  } catch (error) {
    const { name, code: found, message } = /** @type {any} */ (error);
    expect({ name, code: found, message }).toEqual({ name: 'WembedError', code, message: expect.stringMatching(/\S/) });
    return message;
  }
  throw new Error(`expected a WembedError '${code}', but the call succeeded`);
}

/**
 * Which texts get the ids that the Rust tokenizers gives: all, where the core runs. The JS library differs on a few that
 * mix in characters beyond the basic plane, or unassigned ones; more than a tenth would be something else.
 * @param {import('../../web/index.js').Tokenizer} tokenizer
 * @param {string[]} texts
 * @param {number[][]} expected
 * @returns {boolean[]}
 */
export function sameIds(tokenizer, texts, expected) {
  const same = texts.map((text, i) => {
    const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
    // The reference's list ends with the 512th id.
    const whole = ids.length === expected[i].length || expected[i].length === 512;
    return whole && expected[i].every((id, k) => id === ids[k]);
  });
  expect(same.filter(Boolean).length).toBeGreaterThanOrEqual((tokenizer.engine === 'wasm' ? 1 : 0.9) * texts.length);
  return same;
}
