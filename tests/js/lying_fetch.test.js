// Any answer of a server, without a network in between: rows are right or refused, and what is cached stays right.
import { lyingFetch } from '../support/lying_fetch.js';
import { safetensors } from '../support/models.js';
import { randomFrom } from '../support/mutants.js';
import { randomLie } from '../support/server.js';
import { EmbeddingLayer, RemoteTable, env } from '../support/wembed.js';

const RUNS = process.env.WEMBED_FULL ? 100_000 : 200;
const TIMEOUT = 3_600_000;
const [ROWS, DIM] = [300, 32];
const NAME = 'model.embed_tokens.weight';
const VALUES = Float32Array.from({ length: ROWS * DIM }, (_, i) => Math.fround(Math.sin(i)));
const FILE = safetensors({
  before: { dtype: 'F32', shape: [20_000], data: new Float32Array(20_000) },
  [NAME]: { dtype: 'F32', shape: [ROWS, DIM], data: VALUES },
  after: { dtype: 'F32', shape: [20_000], data: new Float32Array(20_000) },
});
const CONFIG = JSON.stringify({
  model_type: 'llama',
  hidden_size: DIM,
  num_attention_heads: 2,
  tie_word_embeddings: true,
});
const FILES = new Map([
  ['model.safetensors', FILE],
  ['config.json', new TextEncoder().encode(CONFIG)],
]);
const rowsOf = (/** @type {number[]} */ ids) => ids.flatMap((id) => [...VALUES.subarray(id * DIM, (id + 1) * DIM)]);

beforeEach(() => void Object.assign(env, { delay: 0, attempts: 2 }));

/**
 * @param {() => Promise<number[]>} call
 * @param {number[]} expected
 * @param {() => string} told for whoever has to find out
 * @returns {Promise<boolean>} whether it was answered
 */
async function rightOrRefused(call, expected, told) {
  let found;
  try {
    found = await call();
  } catch (error) {
    const { name, code } = /** @type {any} */ (error);
    if (name === 'WembedError' && /^(bad_file|network|not_found|unsupported)$/.test(code)) return false;
    throw new Error(`after ${told()}`, { cause: error });
  }
  if (String(found) !== String(expected)) throw new Error(`wrong rows after ${told()}`);
  return true;
}

test(
  'rows of a remote table',
  async () => {
    const random = randomFrom(11);
    let answered = 0;
    for (let run = 0; run < RUNS; run++) {
      const ids = Array.from({ length: 1 + random(6) }, () => random(ROWS));
      /** @type {unknown[]} */
      const told = [];
      const fetch = lyingFetch(FILES, (range) => {
        const lie = random(2) ? randomLie(random, FILE.length) : undefined;
        told.push([range, lie]);
        return lie;
      });
      const lookup = async () => {
        const remote = await RemoteTable.open('http://in.memory/model.safetensors', {
          tensor: NAME,
          fetch,
          cache: false,
        });
        try {
          return [...(await remote.lookup(ids)).data];
        } finally {
          remote.dispose();
        }
      };
      if (await rightOrRefused(lookup, rowsOf(ids), () => JSON.stringify(told))) answered++;
    }
    expect(answered).toBeGreaterThan(RUNS / 50);
    expect(answered).toBeLessThan(RUNS);
  },
  TIMEOUT,
);

/** The least that a page may give as its cache. */
class MemoryCache {
  /** @type {Map<string, { body: ArrayBuffer, status: number, headers: [string, string][] }>} */
  held = new Map();

  /** @param {string} key */
  async match(key) {
    const found = this.held.get(key);
    return found && new Response(found.body, { status: found.status, headers: found.headers });
  }

  /** @param {string} key @param {Response} response */
  async put(key, response) {
    this.held.set(key, { body: await response.arrayBuffer(), status: response.status, headers: [...response.headers] });
  }
}

/** One that can be cleared. */
class FullCache extends MemoryCache {
  /** @param {string} key */
  async delete(key) {
    return this.held.delete(key);
  }

  async keys() {
    return [...this.held.keys()];
  }
}

test(
  'rows of a model through a cache',
  async () => {
    const random = randomFrom(12);
    let answered = 0;
    for (let run = 0; run < RUNS; run++) {
      const cache = /** @type {any} */ (run % 2 ? new MemoryCache() : new FullCache());
      /** @type {unknown[]} */
      const told = [];
      let lying = true;
      const fetch = lyingFetch(FILES, (range) => {
        const lie = lying && !random(3) ? randomLie(random, FILE.length) : undefined;
        told.push([range, lie]);
        return lie;
      });
      const embed = async () => {
        const layer = await EmbeddingLayer.fromPretrained('http://in.memory/', { fetch, cache });
        try {
          return [...layer.embed([299, 1]).data];
        } finally {
          layer.dispose();
        }
      };
      for (let load = 0; load < 2; load++) {
        if (await rightOrRefused(embed, rowsOf([299, 1]), () => JSON.stringify(told))) answered++;
      }
      lying = false;
      if (!(await rightOrRefused(embed, rowsOf([299, 1]), () => JSON.stringify(told))))
        throw new Error(`refused after ${JSON.stringify(told)}`);
    }
    expect(answered).toBeGreaterThan(RUNS / 50);
    expect(answered).toBeLessThan(2 * RUNS);
  },
  TIMEOUT,
);
