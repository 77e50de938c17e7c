// Text to ids beside hypertok, the fastest tokenizer on the web: the same texts, one process, one thread, ids compared
// first. `node bench/cases/tokenizers.mjs [gpt2 cl100k o200k] [--quick]`; hypertok and its vocabularies are looked for in
// bench/node_modules, or in the folder that PEERS names.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Tokenizer } from '../../web/tokenizer/tokenizer.js';
import { median, race } from '../measure.mjs';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(join(process.env.PEERS ?? fileURLToPath(new URL('../', import.meta.url)), 'x.js'));

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

/** @param {string} name */
async function wembed(name) {
  const { ranks, encoding } = VOCABULARIES[name];
  const bytes = readFileSync(join(DATA, ranks));
  const start = performance.now();
  const tokenizer = await Tokenizer.from(new Uint8Array(bytes), { encoding });
  const ready = performance.now() - start;
  const options = { addSpecialTokens: false };
  const encode = (/** @type {string} */ text) => tokenizer.encode(text, options).ids;
  const batch = (/** @type {string[]} */ all) =>
    all.length > 1 ? tokenizer.encodeBatch(all, options) : all.map(encode);
  const saved = tokenizer.save();
  const again = performance.now();
  await Tokenizer.from(saved);
  return { batch, ready, fromSaved: performance.now() - again };
}

/** @param {string} name */
async function hypertok(name) {
  const { fromBytes } = await import(pathToFileURL(require.resolve('hypertok')).href);
  const { vocabulary } = await import(pathToFileURL(require.resolve(`@hypertok/vocab-${name}`)).href);
  const bytes = new Uint8Array(readFileSync(new URL(vocabulary)));
  const start = performance.now();
  const tokenizer = await fromBytes(bytes, { tier: 'single' });
  const ready = performance.now() - start;
  const encode = (/** @type {string} */ text) => tokenizer.encodeSync(text);
  return { batch: (/** @type {string[]} */ all) => all.map(encode), ready };
}

/** @param {ArrayLike<number>[]} a @param {ArrayLike<number>[]} b where the first two ids differ */
function difference(a, b) {
  for (let t = 0; t < a.length; t++) {
    for (let i = 0; i < Math.max(a[t].length, b[t].length); i++) {
      if (a[t][i] !== b[t][i]) return { text: t, index: i, ours: a[t][i], theirs: b[t][i] };
    }
  }
  return null;
}

/** @param {{ quick?: boolean, names?: string[] }} options */
export async function run({ quick = false, names = Object.keys(VOCABULARIES) }) {
  const results = [];
  for (const name of names) {
    const [ours, theirs] = [await wembed(name), await hypertok(name)];
    for (const [kind, all] of Object.entries(texts())) {
      const bytes = all.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      let start = performance.now();
      const ids = ours.batch(all);
      const firstTime = performance.now() - start;
      start = performance.now();
      const theirIds = theirs.batch(all);
      const theirFirst = performance.now() - start;
      const differs = difference(ids, theirIds);
      const timings = await race(
        { wembed: () => ours.batch(all), hypertok: () => theirs.batch(all) },
        { rounds: quick ? 5 : 15 },
      );
      const [a, b] = timings.map(({ samples }) => bytes / median(samples) / 1e3);
      const least = timings.map(({ samples }) => (bytes / Math.min(...samples) / 1e3).toFixed(0)).join(' / ');
      const [a1, b1] = [bytes / firstTime / 1e3, bytes / theirFirst / 1e3];
      results.push({
        vocabulary: name,
        text: kind,
        'same ids': differs ? JSON.stringify(differs) : 'yes',
        least: least,
        wembed: +a.toFixed(1),
        hypertok: +b.toFixed(1),
        ratio: +(a / b).toFixed(2),
        'first time': `${a1.toFixed(1)} / ${b1.toFixed(1)}`,
        'ready ms (ranks, saved / hypertok)': `${ours.ready.toFixed(0)}, ${ours.fromSaved.toFixed(0)} / ${theirs.ready.toFixed(0)}`,
      });
    }
  }
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const names = args.filter((name) => name in VOCABULARIES);
  const results = await run({ quick: args.includes('--quick'), names: names.length ? names : undefined });
  console.table(results);
}
