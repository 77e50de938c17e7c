// fastText compiled to WebAssembly (fasttext.wasm.js), without subwords: word2vec's two models with negative sampling.
import { getFastTextClass, getFastTextModule } from 'fasttext.wasm.js';

/**
 * @param {string} sentences one a line, which it reads from an address
 * @param {boolean} sg skip-gram, or else the bag of words
 * @returns {Promise<number>} words learnt per second, counted by fastText itself
 */
export async function fastTextWordsPerSecond(sentences, sg) {
  const FastText = await getFastTextClass({ getFastTextModule });
  const model = new FastText();
  const word2vec = { loss: 'ns', dim: 100, ws: 5, neg: 5, epoch: 1, minCount: 5, t: 1e-3, minn: 0, maxn: 0, bucket: 1 };
  const options = { ...word2vec, lr: sg ? 0.025 : 0.05, verbose: 0 };
  const address = URL.createObjectURL(new Blob([sentences]));
  let perSecond = 0;
  const report = (/** @type {number[]} */ ...[, , words]) => void (perSecond = words);
  await model._train(address, sg ? 'skipgram' : 'cbow', options, report);
  URL.revokeObjectURL(address);
  return perSecond;
}
