// Real tokenizer files against tokenizers and tiktoken: tools/golden/real_tokenizers.py says what a hash is made of.
import { readdirSync, statSync } from 'node:fs';
import { Fnv, goldenTexts } from '../support/golden_texts.js';
import { Tokenizer, readBytes, readJson, sharedData } from '../support/wembed.js';

const { cases } = readJson('tests/golden/real_tokenizers.json');
const all = goldenTexts();
const texts = [
  ...all.slice(0, 500),
  ...Array.from({ length: 200 }, (_, n) =>
    Array.from({ length: 11 }, (_, i) => all[(7 * n + i) % all.length]).join(''),
  ),
];

for (const [name, golden] of Object.entries(cases)) {
  const { path, test: testReal } = sharedData(golden.file);

  testReal(`${name}: ids, offsets and decoded text of ${texts.length} texts are the reference’s`, async () => {
    const tokenizer = await load(path, golden.ranks ? { encoding: name } : {});
    const hashes = Buffer.from(golden.hashes, 'base64');
    expect(hashes.length).toBe(4 * texts.length);
    const { ranks, plain = ranks, spans = !ranks } = golden;
    const options = { offsets: spans, addSpecialTokens: !plain };
    const asked = texts.map((_, i) => hashes.readUInt32LE(4 * i));
    expect(asked.filter(Boolean).length).toBeGreaterThan(500);
    expect(texts.filter((text, i) => asked[i] && hashOf(tokenizer, text, options) !== asked[i])).toEqual([]);
    tokenizer.dispose();
  });
}

/** @param {string} path of a file or a folder @param {{ encoding?: string }} options */
function load(path, options) {
  if (!statSync(path).isDirectory()) return Tokenizer.from(readBytes(path), options);
  return Tokenizer.fromPretrained(new Map(readdirSync(path).map((name) => [name, readBytes(`${path}/${name}`)])));
}

/**
 * @param {Tokenizer} tokenizer
 * @param {string} text
 * @param {{ offsets: boolean, addSpecialTokens: boolean }} options
 */
function hashOf(tokenizer, text, options) {
  const { ids, offsets = [] } = tokenizer.encode(text, options);
  const fnv = new Fnv();
  fnv.add(ids.length);
  for (const id of ids) fnv.add(id);
  for (const [begin, end] of offsets) [begin, end].forEach((value) => fnv.add(value));
  for (const skipSpecialTokens of [true, false]) {
    new TextEncoder().encode(tokenizer.decode(ids, { skipSpecialTokens })).forEach((byte) => fnv.add(byte));
  }
  return fnv.hash;
}
