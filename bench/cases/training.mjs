// Word vectors learnt from the same sentences by wembed, by gensim (Python, C and BLAS) and by fastText in WebAssembly, one
// thread each, in turns.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainWordVectors } from '../../web/train.js';
import { randomFrom } from '../measure.mjs';
import { fastTextWordsPerSecond } from '../peers/fasttext_wasm.mjs';
import { startGensim } from '../peers/native.mjs';

const WORDS = 400_000;
const VOCABULARY = 20_000;

/** Sentences of 20 words, the n-th of which comes in proportion to 1 / n, as in a language. */
function sentences() {
  const random = randomFrom(11);
  const scale = Math.log(VOCABULARY);
  const word = () => `w${Math.floor(Math.exp(random() * scale))}`;
  return Array.from({ length: WORDS / 20 }, () => Array.from({ length: 20 }, word));
}

/**
 * @param {{ quick?: boolean }} options
 * @returns {Promise<{ name: string, samples: number[] }[]>} thousands of words learnt per second, wembed's first
 */
export async function run({ quick = false }) {
  const texts = sentences();
  const folder = mkdtempSync(join(tmpdir(), 'wembed-bench-'));
  const file = join(folder, 'sentences.txt');
  const lines = `${texts.map((words) => words.join(' ')).join('\n')}\n`;
  writeFileSync(file, lines);
  const gensim = startGensim(file);
  const results = [];
  for (const sg of [1, 0]) {
    const kind = sg ? 'skip-gram' : 'bag of words (CBOW)';
    const own = { name: `${kind}, wembed`, samples: /** @type {number[]} */ ([]) };
    const theirs = { name: `${kind}, gensim`, samples: /** @type {number[]} */ ([]) };
    const other = { name: `${kind}, fasttext.wasm.js`, samples: /** @type {number[]} */ ([]) };
    for (let round = 0; round < (quick ? 2 : 5); round++) {
      let perSecond = 0;
      const wv = await trainWordVectors(texts, { sg, epochs: 1, onProgress: (each) => ({ perSecond } = each) });
      wv.dispose();
      own.samples.push(perSecond / 1000);
      other.samples.push((await fastTextWordsPerSecond(lines, Boolean(sg))) / 1000);
      if (gensim) theirs.samples.push(WORDS / Number(await gensim.ask(String(sg))));
    }
    results.push(own, ...(gensim ? [theirs] : []), other);
  }
  gensim?.end();
  rmSync(folder, { recursive: true });
  return results;
}
