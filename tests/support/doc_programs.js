// What the programs of README, docs and the API reference use and do not define, and a stand-in for the network.
import { join } from 'node:path';
import { ROOT } from './sources.js';

const read = (/** @type {string} */ file) => `(await import('node:fs')).readFileSync('${join(ROOT, file)}')`;

/** What examples use and do not define. @type {Record<string, string>} */
const GIVEN = {
  signal: 'new AbortController().signal',
  config: `JSON.parse(${read('tests/golden/checkpoints/llama/config.json')})`,
  rows: '20',
  dim: '128',
  float32Array: 'new Float32Array(20 * 128).fill(0.5)',
  bytes: 'new Uint8Array(20 * 128)',
  scale: 'Float32Array.of(1)',
  heads: '2',
  positions: '[0, 1, 2]',
  q: 'new Float32Array(3 * 2 * 12).fill(1)',
};

/**
 * The servers' files, also by ranges: a static model at example.org, a tiny LLaMA with a tokenizer at hub ids, but for those of a
 * tiny Gemma 3n and of a classifier.
 */
export const SERVED = `
  async function madeFiles(path) {
    if (/org.gemma/.test(path)) {
      const { filesOf, madeTypes } = await import('${join(ROOT, 'tests/support/made_types.js')}');
      const made = Object.entries(filesOf(madeTypes().get('gemma3n_text')));
      return Object.fromEntries(made.map(([key, one]) => [key, typeof one === 'string' || one.byteLength ? Buffer.from(one) : one]));
    }
    if (/org.classifier/.test(path)) {
      const { readFileSync } = await import('node:fs');
      const [{ files }] = JSON.parse(readFileSync('${ROOT}' + 'tests/golden/classifiers.json')).cases;
      return Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
    }
  }
  globalThis.fetch = async (input, init) => {
    const { readFile } = await import('node:fs/promises');
    const { hostname, pathname } = new URL(input.url ?? input);
    const name = pathname.split('/').at(-1);
    const hub = hostname === 'huggingface.co' ? ['tests/golden/checkpoints/llama/'] : [];
    let bytes = (await madeFiles(pathname))?.[name];
    for (const folder of [...hub, 'models/mini/', 'tests/golden/gguf/']) bytes ??= await readFile('${ROOT}' + folder + name).catch(() => undefined);
    if (!bytes) return new Response(null, { status: 404 });
    const range = /bytes=(\\d+)-(\\d*)/.exec(new Headers(init?.headers).get('range') ?? '');
    if (!range) return new Response(bytes, { headers: { 'accept-ranges': 'bytes' } });
    const [first, last] = [Number(range[1]), Math.min(Number(range[2] || Infinity), bytes.length - 1)];
    const headers = { 'content-range': \`bytes \${first}-\${last}/\${bytes.length}\`, etag: '"1"' };
    return new Response(Buffer.from(bytes).subarray(first, last + 1), { status: 206, headers });
  };`;

/** @param {string} code @returns {string} definitions of the names that it uses and does not define */
export function givenFor(code) {
  const uses = (/** @type {string} */ name) =>
    new RegExp(`(?<![\\w.'])${name}\\b(?!:)`).test(code.replace(/\/\/.*/g, '')) &&
    !new RegExp(`(?:const|let)\\s[^=;]*\\b${name}\\b[^=;]*=`).test(code);
  const names = Object.keys(GIVEN).filter(uses);
  return names.map((name) => `const ${name} = ${GIVEN[name]};`).join('\n');
}
