// `npm run fuzz -- [seconds per target] [targets]`: coverage-guided fuzzing of the C++ code that reads untrusted bytes
// (tests/fuzz), with libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer. The corpus is stored in
// build/fuzz/corpus; an input that breaks something is written to build/fuzz and its path printed.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from './cmake.mjs';
import { Failure, ROOT, main, run } from './run.mjs';
import { setup } from './setup.mjs';
import { compatibilityTable } from '../web/tokenizer/compatibility.js';
import { graphemeRanges } from '../web/tokenizer/graphemes.js';
import { scriptRuns } from '../web/tokenizer/scripts.js';
import * as rare from '../web/tokenizer/rare_parts.js';
import { compileTokenizer } from '../web/tokenizer/compile.js';

const BUILD = join(ROOT, 'build/fuzz');
const GOLDEN = join(ROOT, 'tests/golden');

/** Where each target begins, by name; longer inputs than `most` only slow it down. @type {Record<string, { most: number, seeds: () => Uint8Array[] }>} */
const TARGETS = {
  vocab_json_fuzz: { most: 4096, seeds: vocabularies },
  tokenizer_fuzz: { most: 20_000, seeds: tokenizers },
  ggml_blocks_fuzz: { most: 2048, seeds: blocks },
  store_fuzz: { most: 4096, seeds: rows },
};

main(() => {
  const [seconds = '60', ...chosen] = process.argv.slice(2);
  const unknown = chosen.filter((name) => !(name in TARGETS));
  if (!(Number(seconds) > 0) || unknown.length > 0) {
    throw new Failure(`npm run fuzz -- [seconds per target] [${Object.keys(TARGETS).join(' ')}]`);
  }
  setup(['npm', 'native', 'fuzz']);
  build('fuzz');
  for (const name of chosen.length > 0 ? chosen : Object.keys(TARGETS)) fuzz(name, Number(seconds));
});

/**
 * @param {string} name
 * @param {number} seconds
 */
function fuzz(name, seconds) {
  const { most, seeds } = TARGETS[name];
  const [corpus, seed] = ['corpus', 'seeds'].map((kind) => join(BUILD, kind, name));
  for (const folder of [corpus, seed]) mkdirSync(folder, { recursive: true });
  seeds().forEach((bytes, i) => writeFileSync(join(seed, String(i)), bytes));
  console.log(`\n--- ${name}, ${seconds} s`);
  const limits = [`-max_total_time=${seconds}`, `-max_len=${most}`, '-timeout=20', '-rss_limit_mb=2048'];
  const artifacts = `-artifact_prefix=${BUILD}/${name}-`;
  run(join(BUILD, name), [...limits, artifacts, '-print_final_stats=1', corpus, seed]);
}

/**
 * Whole tokenizer.json files are too long to be changed byte by byte, so the seeds are their beginnings, and all kinds
 * of strings.
 */
function vocabularies() {
  const folder = join(GOLDEN, 'tokenizer');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json.gz'));
  const heads = files.map((name) => gunzipSync(readFileSync(join(folder, name))).subarray(0, 2000));
  const texts = [
    String.raw`{"model":{"vocab":{"a\u00e9":0,"\ud83d\ude00":12,"中":3},"x":[1,{}]}}`,
    String.raw`{"version":"1.0","added_tokens":[{"id":0,"content":"[PAD]"}],"model":{"type":"WordPiece","vocab":{"[PAD]":0,"##s":1}}}`,
    String.raw`{ "model" : { "type" : "BPE", "vocab" : { "\"\\\/\b\f\n\r\t" : 99999999 }, "merges" : [] } }`,
    String.raw`{"model":{"type":"BPE","vocab":{"Ġ":0,"b":1,"Ġb":2},"merges":["Ġ b",["Ġ","b"]]}}`,
    String.raw`{"config":{"a":1},"vocab":[{"rank":0,"token_bytes":"YQ==","token_str":"a"},{"rank":1,"token_bytes":"/w==","token_str":null}]}`,
    String.raw`{"vocab":[{"token_str":"\ud83d\ude00","token_bytes":"8J+YgA==","rank":0}],"special_tokens":[{"rank":0}]}`,
  ];
  return [...heads, ...texts.map((text) => new TextEncoder().encode(text))];
}

/**
 * The golden tokenizers with a vocabulary of a few hundred tokens, which libFuzzer mutates faster; each after a text
 * and options.
 */
function tokenizers() {
  const folder = join(GOLDEN, 'tokenizer');
  const text = new TextEncoder().encode("Hello  wörld, it's 2024! ﬁ 안녕 😀\n\t[SEP]<s>");
  const jsons = readdirSync(folder)
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => withFewTokens(JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString())));
  const mapped = structuredClone(jsons.find(({ model }) => model.type === 'Unigram'));
  mapped.normalizer = { type: 'Precompiled', precompiled_charsmap: charsmap({ ﬁ: 'fi', '①': '1', '\t': ' ' }) };
  const tables = { rare, compatibility: compatibilityTable(), graphemes: graphemeRanges(), scripts: scriptRuns() };
  return [...jsons, mapped].map((json, i) => {
    const { spec } = compileTokenizer(json, undefined, tables);
    return Buffer.concat([Uint8Array.of(text.length, 0, 1 + (i % 4)), text, spec]);
  });
}

/**
 * SentencePiece's map from characters to texts: a darts-clone trie, here with one block per node.
 * @param {Record<string, string>} entries
 * @returns {string} base64
 */
function charsmap(entries) {
  const BLOCK = 256;
  const root = BLOCK;
  const units = Array(2 * BLOCK).fill(0);
  units[0] = root << 10;
  let texts = '';
  for (const [key, text] of Object.entries(entries)) {
    let node = root;
    new TextEncoder().encode(key).forEach((label, i, { length }) => {
      const at = node ^ label;
      if (units[at] === 0) {
        units[at] = label | ((at ^ units.length) << 10);
        units.push(...Array(BLOCK).fill(0));
      }
      node = at ^ (units[at] >>> 10);
      if (i === length - 1) units[at] |= 0x100; // marks the end of a text
    });
    units[node] = 0x80000000 | texts.length;
    texts += `${text}\0`;
  }
  const words = Uint32Array.of(4 * units.length, ...units);
  return Buffer.concat([Buffer.from(words.buffer), Buffer.from(texts)]).toString('base64');
}

/** @param {any} json a tokenizer.json, changed in place */
function withFewTokens(json) {
  const { model } = json;
  const most = 300;
  if (Array.isArray(model.vocab)) model.vocab.length = Math.min(model.vocab.length, most);
  else model.vocab = Object.fromEntries(Object.entries(model.vocab).filter(([, id]) => Number(id) < most));
  const known = (/** @type {string} */ token) => Object.hasOwn(model.vocab, token);
  model.merges &&= model.merges.filter((/** @type {string | string[]} */ merge) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
    return known(left) && known(right) && known(left + right);
  });
  json.added_tokens = json.added_tokens.filter((/** @type {{ id: number }} */ { id }) => id < most);
  return json;
}

/** One row of each type's golden blocks. */
function blocks() {
  const bytes = new Uint8Array(readFileSync(join(GOLDEN, 'ggml_blocks.bin')));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  /** @type {Uint8Array[]} */
  const all = [];
  for (let at = 64; at < bytes.length;) {
    const [type, count, numbers, size] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, true));
    all.push(Buffer.concat([Uint8Array.of(type, all.length % 5, 0), bytes.subarray(at + 16, at + 16 + count * size)]));
    at += 16 + count * (size + 4 * numbers);
  }
  return all;
}

/** Rows of every dtype, to be converted into every other. */
function rows() {
  const numbers = Float32Array.of(0, -0, 1, -1, 0.5, 127, -127.5, 65504, 65536, 1e-8, -3e-41, 1e30, Infinity, NaN);
  const bytes = new Uint8Array(numbers.buffer);
  const pairs = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3, 4].map((to) => [from, to]));
  return pairs.map(([from, to]) => Buffer.concat([Uint8Array.of(from, to, from % 2 ? 6 : 13), bytes]));
}
