// One start, from bytes in memory: node first_vector.mjs wembed | wembedTokenizer | tokenizers | tokenizersAndIds. A
// process can start only once: later starts find compiled code.
import { readFileSync } from 'node:fs';

const SENTENCE = 'The quick brown fox jumps over the lazy dog while seventeen curious children watch from the bridge.';
const file = (/** @type {string} */ name) => readFileSync(new URL(`../../models/mini/${name}`, import.meta.url));

/**
 * @type {Record<string, () => Promise<() => any>>} each loads its library and its bytes, and returns the function to
 *   time
 */
const STARTS = {
  async wembed() {
    const { EmbeddingLayer } = await import('../../web/index.js');
    const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
    const files = new Map(names.map((name) => [name, new Uint8Array(file(name))]));
    return async () => (await EmbeddingLayer.fromPretrained(files)).encode(SENTENCE);
  },
  async wembedTokenizer() {
    const { EmbeddingTable, Tokenizer } = await import('../../web/index.js');
    await EmbeddingTable.from([0], { rows: 1, dim: 1 });
    const bytes = new Uint8Array(file('tokenizer.json'));
    return () => Tokenizer.from(bytes);
  },
  async tokenizers() {
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const text = file('tokenizer.json').toString();
    return () => new Tokenizer(JSON.parse(text), {});
  },
  async tokenizersAndIds() {
    const construct = await STARTS.tokenizers();
    return () => construct().encode(SENTENCE).ids;
  },
};

const begin = await STARTS[process.argv[2]]();
const start = performance.now();
await begin();
console.log(performance.now() - start);
