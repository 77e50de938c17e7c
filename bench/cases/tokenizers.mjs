// Text to ids beside the web's other tokenizers: the same texts, one process, one thread, ids compared first, in turns;
// the time is the processor's, so that other work on the machine counts less. `npm run bench -- tokenizers`, or
// `node bench/cases/tokenizers.mjs [gpt2 cl100k o200k] [--quick]`.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tokenizerOfTiktoken } from '../../web/tokenizer/files/tiktoken.js';
import { Tokenizer } from '../../web/tokenizer/tokenizer.js';
import { median } from '../measure.mjs';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);

const VOCABULARIES = {
  gpt2: { ranks: 'gpt2/r50k_base.tiktoken', encoding: 'r50k_base' },
  cl100k: { ranks: 'tokenizers/cl100k_base.tiktoken', encoding: 'cl100k_base' },
  o200k: { ranks: 'tokenizers/o200k_base.tiktoken', encoding: 'o200k_base' },
};

/** Whole characters, about so many bytes of UTF-8. @param {string} text @param {number} bytes */
const first = (text, bytes) =>
  Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\ufffd+$/, '');

/** @param {string} folder @returns {string[]} */
const sourcesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|cc|h|mjs)$/.test(name) && !name.includes('unicode_tables'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));

/** The texts of the system's Chinese message catalogues: the only Chinese that a Debian machine always has. */
function chinese() {
  const texts = [];
  for (const locale of ['zh_CN', 'zh_TW', 'zh_HK']) {
    const folder = `/usr/share/locale/${locale}/LC_MESSAGES`;
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)
      .filter((file) => file.endsWith('.mo'))
      .sort()) {
      const bytes = readFileSync(join(folder, name));
      if (bytes.length < 28 || bytes.readUInt32LE(0) !== 0x950412de) continue;
      const [count, , at] = [8, 12, 16].map((field) => bytes.readUInt32LE(field));
      for (let i = 0; i < count; i++) {
        const [length, begin] = [bytes.readUInt32LE(at + 8 * i), bytes.readUInt32LE(at + 8 * i + 4)];
        const text = bytes.toString('utf8', begin, begin + length).replaceAll('\0', '\n');
        if (2 * (text.match(/\p{Script=Han}/gu)?.length ?? 0) > text.length) texts.push(text);
      }
    }
  }
  return texts.join('\n');
}

/** Emoji of all kinds among short words. */
function emoji() {
  const emojis = [];
  for (let cp = 0x1f300; cp < 0x1fa00; cp++) {
    const character = String.fromCodePoint(cp);
    if (/\p{Emoji_Presentation}/u.test(character)) emojis.push(character);
  }
  let text = '';
  for (let i = 0; text.length < 100_000; i++) {
    text += emojis[(i * 7919) % emojis.length];
    if (i % 5 === 4) text += ['🏽 ', '‍', '️ ', ' so good ', '!\n'][((i / 5) % 5) | 0];
  }
  return text;
}

function texts() {
  const prose = readFileSync(join(DATA, 'corpora/state_union.txt'), 'utf8');
  const other = readFileSync(join(DATA, 'corpora/inaugural.txt'), 'utf8');
  const lines = other
    .split('\n')
    .filter((line) => line.length > 20)
    .map((line) => line.slice(0, 80));
  while (lines.length < 5000) lines.push(...lines.slice(0, 5000 - lines.length));
  return {
    prose: [first(prose, 1 << 20)],
    code: [first(sourcesIn(join(ROOT, 'web')).join('\n') + sourcesIn(join(ROOT, 'cpp')).join('\n'), 1 << 20)],
    Chinese: [first(chinese(), 1 << 20)],
    emoji: [emoji()],
    '5,000 short lines': lines.slice(0, 5000),
  };
}

/** @typedef {{ all: (texts: string[]) => ArrayLike<number>[], ready: number, saved?: number }} Contender */

/** The processor's time for this process, in milliseconds. */
const spent = () => process.cpuUsage().user / 1000;

/**
 * @template T
 * @param {() => T | Promise<T>} make
 * @returns {Promise<{ value: T, time: number }>}
 */
async function timed(make) {
  const start = spent();
  const value = await make();
  return { value, time: spent() - start };
}

/** @param {string} name */
const module = (name) => import(pathToFileURL(require.resolve(name)).href);

/** Each gets the bytes of the file that its package would load, in memory, and is ready when it can encode. */
const CONTENDERS = /** @type {Record<string, (name: string) => Promise<Contender>>} */ ({
  async wembed(name) {
    const { ranks, encoding } = VOCABULARIES[name];
    const bytes = new Uint8Array(readFileSync(join(DATA, ranks)));
    const { value: tokenizer, time: ready } = await timed(() => Tokenizer.from(bytes, { encoding }));
    const file = tokenizer.save();
    const { value: again, time: saved } = await timed(() => Tokenizer.from(file));
    again.dispose();
    const options = { addSpecialTokens: false };
    const one = (/** @type {string} */ text) => tokenizer.encode(text, options).ids;
    const all = (/** @type {string[]} */ texts) =>
      texts.length > 1 ? tokenizer.encodeBatch(texts, options) : texts.map(one);
    return { all, ready, saved };
  },
  async hypertok(name) {
    const { fromBytes } = await module('hypertok');
    const { vocabulary } = await module(`@hypertok/vocab-${name}`);
    const bytes = new Uint8Array(readFileSync(new URL(vocabulary)));
    const { value, time: ready } = await timed(() => fromBytes(bytes, { tier: 'single' }));
    return { all: (texts) => texts.map((text) => value.encodeSync(text)), ready };
  },
  async 'gpt-tokenizer'(name) {
    const { encoding } = VOCABULARIES[name];
    // What comes with the import is built by it.
    const { value, time: ready } = await timed(() => module(`gpt-tokenizer/encoding/${encoding}`));
    const none = { disallowedSpecial: new Set() };
    return { all: (texts) => texts.map((text) => value.encode(text, none)), ready };
  },
  async 'js-tiktoken'(name) {
    const { Tiktoken } = await module('js-tiktoken/lite');
    const encoding = name === 'gpt2' ? 'gpt2' : VOCABULARIES[name].encoding;
    const { default: ranks } = await module(`js-tiktoken/ranks/${encoding}`);
    const { value, time: ready } = await timed(() => new Tiktoken(ranks.default ?? ranks));
    return { all: (texts) => texts.map((text) => value.encode(text, [], [])), ready };
  },
  async '@huggingface/tokenizers'(name) {
    const { ranks, encoding } = VOCABULARIES[name];
    const made = tokenizerOfTiktoken(new Uint8Array(readFileSync(join(DATA, ranks))), {}, { encoding });
    const file = JSON.stringify(made);
    const peer = await import('@huggingface/tokenizers');
    const { value, time: ready } = await timed(() => new peer.Tokenizer(JSON.parse(file), {}));
    return { all: (texts) => texts.map((text) => value.encode(text, { add_special_tokens: false }).ids), ready };
  },
});

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function sameIds(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A call of so many milliseconds is measured once: it is far from the others. */
const SLOW = 250;
/** These two race each other before any other is there: whoever allocates pays for collecting what the others hold. */
const FAST = ['wembed', 'hypertok'];

/**
 * In turns.
 * @param {[string, Contender][]} contenders
 * @param {string[]} texts
 * @param {number} rounds
 * @returns {Promise<{ peer: string, time: number, ids: ArrayLike<number>[] }[]>}
 */
async function raceOf(contenders, texts, rounds) {
  const runs = [];
  for (const [peer, { all }] of contenders) {
    const { value: ids, time } = await timed(() => all(texts));
    runs.push({ peer, all, ids, samples: time > SLOW ? [time] : [], slow: time > SLOW });
  }
  for (let round = -3; round < rounds; round++) {
    for (const { all, samples, slow } of runs) {
      if (slow) continue;
      // An untimed call, so that no turn pays for the state that the previous one left.
      all(texts);
      const { time } = await timed(() => all(texts));
      if (round >= 0) samples.push(time);
    }
  }
  return runs.map(({ peer, ids, samples }) => ({ peer, ids, time: median(samples) }));
}

/** @param {{ quick?: boolean, names?: string[] }} options */
export async function run({ quick = false, names = Object.keys(VOCABULARIES) }) {
  const [speeds, ready, found] = [[], [], new Map()];
  const others = Object.keys(CONTENDERS).filter((peer) => !FAST.includes(peer));
  for (const peers of [FAST, others]) {
    for (const name of names) {
      /** @type {[string, Contender][]} */
      const contenders = [];
      for (const peer of peers) {
        const contender = await CONTENDERS[peer](name);
        contenders.push([peer, contender]);
        ready.push({ vocabulary: name, peer, time: contender.ready, saved: contender.saved });
      }
      for (const [kind, all] of Object.entries(texts())) {
        const bytes = all.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
        for (const { peer, ids, time } of await raceOf(contenders, all, quick ? 5 : 15)) {
          const wanted = found.get(name + kind) ?? ids;
          found.set(name + kind, wanted);
          const same = ids.every((each, t) => sameIds(each, wanted[t]));
          speeds.push({ vocabulary: name, text: kind, peer, same, speed: bytes / time / 1e3 });
        }
      }
    }
  }
  return { speeds, ready };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const names = args.filter((name) => name in VOCABULARIES);
  console.log(JSON.stringify(await run({ quick: args.includes('--quick'), names: names.length ? names : undefined })));
}
