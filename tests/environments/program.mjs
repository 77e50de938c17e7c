// The program that every row runs: the model, a search, and a tokenizer of the second WebAssembly module.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, ROOT } from '../../tools/run.mjs';

/** @param {string} language of the code @returns {string} the README's first example in it */
export function readmeExample(language) {
  const fence = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm');
  const code = fence.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1];
  if (!code) throw new Failure(`README.md has no example in ${language}`);
  return code;
}

/** A small byte-level BPE tokenizer, as tokenizer.json has it. */
const BPE = {
  model: {
    type: 'BPE',
    vocab: { l: 0, o: 1, w: 2, e: 3, r: 4, lo: 5, low: 6, er: 7, Ġ: 8, Ġlow: 9 },
    merges: ['l o', 'lo w', 'e r', 'Ġ low'],
  },
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
};

/** Prints the four numbers that every row must find, in a checkout. */
export const REFERENCE = `
import { loadMini } from './web/mini.js';
const vector = (await loadMini()).encode('It is raining');
const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
console.log(JSON.stringify([0, 1, 100, 255].map((i) => bits[i])));`;

/** Four numbers of one vector bit for bit, the best of two texts, and ids of the BPE tokenizer. */
const BODY = `
async function numbers(options) {
  const layer = await loadMini(options);
  const vector = layer.encode('It is raining');
  const index = await VectorIndex.create({ layer });
  index.add([{ id: 'cat', text: 'The cat sleeps' }, { id: 'rain', text: 'Take an umbrella' }]);
  const [{ id: found }] = index.search('rainy weather', { hybrid: 'vectors' });
  const tokenizer = await Tokenizer.from(${JSON.stringify(BPE)});
  const ids = [...tokenizer.encode('low lower').ids].join();
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  return { numbers: [0, 1, 100, 255].map((i) => bits[i]), found, ids };
}
const failed = (error) => ({ error: String(error && error.message), code: error && error.code });
`;

/**
 * @param {{ from?: string, before?: string, after?: string }} [options] `from`: one module instead of the three entry
 *   points; `before`: what is set first
 * @returns {string} a module that exports `numbers` and `failed`
 */
export const program = ({ from, before = '', after = 'export { numbers, failed };' } = {}) => `
${
  from
    ? `import { Tokenizer, VectorIndex, env, loadMini } from '${from}';`
    : `import { Tokenizer, env } from 'wembed';
import { loadMini } from 'wembed/mini';
import { VectorIndex } from 'wembed/search';`
}
${before}
${BODY}
${after}
`;

/** The same for CommonJS. */
export const commonJs = (after = 'module.exports = { numbers, failed };') => `
const { Tokenizer } = require('wembed');
const { loadMini } = require('wembed/mini');
const { VectorIndex } = require('wembed/search');
${BODY}
${after}
`;

/** Runs it and prints what it found. */
export const PRINT = 'numbers().catch(failed).then((found) => console.log(JSON.stringify(found)));';

/** Runs it in a page. */
export const SHOW = 'numbers().catch(failed).then((found) => { globalThis.wembedResult = JSON.stringify(found); });';

/** Runs it in a worker. */
export const POST = 'numbers().catch(failed).then((found) => postMessage(JSON.stringify(found)));';

/** @param {string} script its address @param {string} [head] */
export const page = (script, head = '') =>
  `<!doctype html><html><head><meta charset="utf-8"><title>wembed</title>${head}</head><body><script type="module" src="${script}"></script></body></html>\n`;
