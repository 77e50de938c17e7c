import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { loadMini } from '../../web/mini.js';
import { PreTrainedTokenizer } from '@huggingface/transformers';
import { checkSame, randomFrom } from '../measure.mjs';
import { startNativePeers } from '../peers/native.mjs';

const WORDS = (
  'the of and to in that it was for on are with they at be this from have or by one had not but what all were when we ' +
  'there can said which do how if will up other about out many then them these so some her would make like him into ' +
  'time has look two more write go see number no way could people my than first water been called who oil its now find ' +
  'long down day did get come made may part'
).split(' ');

/**
 * Words of Russian, Greek, Arabic, Hindi, Thai, Chinese, Japanese and Korean, for texts without a fast path for ASCII.
 */
const OTHER_WORDS = (
  'время человек дело жизнь день рука раз год слово место вода дом ночь город дорога χρόνος άνθρωπος ζωή ημέρα λόγος ' +
  'νερό σπίτι νύχτα πόλη وقت حياة يوم كلمة ماء بيت ليل مدينة समय जीवन दिन शब्द पानी घर रात शहर เวลา ชีวิต วัน คำ น้ำ บ้าน ' +
  '时间 生活 日子 词语 水 房子 夜晚 城市 時間 生活する 言葉 お水 家 夜 都市 시간 생활 하루 단어 물 집 밤 도시'
).split(' ');

/**
 * The texts to encode: `words` words each, one text per call or all in one call.
 * @type {Record<string, { texts: number, words: number, from: string[], how: 'single' | 'batch', slow?: boolean }>}
 */
const SETS = {
  'two words, one text per call': { texts: 512, words: 2, from: WORDS, how: 'single' },
  '17 tokens, one text per call': { texts: 256, words: 16, from: WORDS, how: 'single' },
  '17 tokens, 256 texts per call': { texts: 256, words: 16, from: WORDS, how: 'batch' },
  'paragraphs of 150 words, one per call': { texts: 64, words: 150, from: WORDS, how: 'single' },
  'other scripts, 16 words, 256 per call': { texts: 256, words: 16, from: OTHER_WORDS, how: 'batch' },
  '10 MB, 100,000 lines in one call': { texts: 100_000, words: 23, from: WORDS, how: 'batch', slow: true },
};

/** The model of models/mini as plain arrays, for the peer: config, embeddings and token weights. */
function readMini() {
  const read = (/** @type {string} */ name) => readFileSync(new URL(`../../models/mini/${name}`, import.meta.url));
  const file = new Uint8Array(read('model.safetensors')).buffer;
  const headerLength = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, headerLength)));
  const data = (/** @type {string} */ name) =>
    file.slice(...header[name].data_offsets.map((at) => at + 8 + headerLength));
  return {
    dim: header.embeddings.shape[1],
    table: new Int8Array(data('embeddings')),
    weights: new Float32Array(data('weights')),
    tokenizer: JSON.parse(read('tokenizer.json').toString()),
  };
}

/**
 * The code that a page would write by hand around a tokenizer: ids, weighted mean, normalization.
 * @param {(text: string) => number[]} idsOf
 */
function byHand(idsOf) {
  const { dim, table, weights, tokenizer: json } = readMini();
  const unknown = json.model.vocab[json.model.unk_token];
  return (/** @type {string} */ text) => {
    const ids = idsOf(text)
      .filter((id) => id !== unknown)
      .slice(0, 512);
    const out = new Float32Array(dim);
    for (const id of ids) {
      for (let d = 0, at = id * dim; d < dim; d++, at++) out[d] += weights[id] * table[at];
    }
    const norm = Math.hypot(...out) || 1; // the mean's divisor cancels
    for (let d = 0; d < dim; d++) out[d] /= norm;
    return out;
  };
}

/** @typedef {{ set: string, texts: number, timings: import('../measure.mjs').Timing[] }} SetTimings */

/** @returns {Promise<SetTimings[]>} in milliseconds per text */
export async function run({ quick = false }) {
  const random = randomFrom(3);
  const layer = await loadMini();
  const { tokenizer: json } = readMini();
  const library = new Tokenizer(json, {});
  const transformers = new PreTrainedTokenizer(json, { clean_up_tokenization_spaces: false });
  const encodeByHand = byHand((text) => library.encode(text, { add_special_tokens: false }).ids);
  const encodeByTransformers = byHand((text) => transformers.encode(text, { add_special_tokens: false }));
  const natives = startNativePeers();
  const folder = mkdtempSync(join(tmpdir(), 'wembed-bench-'));
  const results = [];
  try {
    for (const [set, { texts: n, words, from, how, slow }] of Object.entries(SETS)) {
      const texts = Array.from(
        { length: n },
        () => `${Array.from({ length: words }, () => from[Math.floor(random() * from.length)]).join(' ')}.`,
      );
      const file = join(folder, `${results.length}.txt`);
      writeFileSync(file, texts.join('\n'));
      const into = new Float32Array(n * layer.dim);
      const ours =
        how === 'batch' ? () => layer.encode(texts, { into }) : () => texts.forEach((text) => layer.encode(text));
      /** @type {Record<string, () => number | Promise<number>>} each returns its milliseconds */
      const contenders = {
        wembed: timed(ours),
        '@huggingface/tokenizers + JS': timed(() => texts.forEach((text) => encodeByHand(text))),
        'transformers.js + JS': timed(() => texts.forEach((text) => encodeByTransformers(text))),
      };
      for (const { name, ask } of natives) contenders[name] = async () => Number(await ask(`${file} ${how}`));
      const expected = layer.encode(texts.slice(0, 8)).data;
      for (let i = 0; i < 8; i++) {
        const vector = expected.subarray(i * layer.dim, (i + 1) * layer.dim);
        checkSame(encodeByHand(texts[i]), vector, 1e-5, '@huggingface/tokenizers');
        checkSame(encodeByTransformers(texts[i]), vector, 1e-5, 'transformers.js');
      }
      for (const { name, ask } of natives) {
        checkSame(Float32Array.from(JSON.parse(await ask(`${file} vectors`))), expected, 1e-5, name);
      }
      const rounds = slow ? (quick ? 1 : 3) : quick ? 9 : 41;
      results.push({ set, texts: n, timings: await takeTurns(contenders, n, rounds, slow ? 0 : 3) });
    }
  } finally {
    natives.forEach(({ end }) => end());
    rmSync(folder, { recursive: true });
    layer.dispose();
  }
  return results;
}

/** @param {() => unknown} call */
function timed(call) {
  return () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  };
}

/**
 * Like measure.mjs' race, with contenders that time themselves.
 * @param {Record<string, () => number | Promise<number>>} contenders
 * @param {number} texts
 * @param {number} rounds
 * @param {number} warmUp
 */
async function takeTurns(contenders, texts, rounds, warmUp) {
  const timings = Object.keys(contenders).map((name) => ({ name, samples: /** @type {number[]} */ ([]) }));
  for (let round = -warmUp; round < rounds; round++) {
    for (const { name, samples } of timings) {
      globalThis.gc?.();
      const time = await contenders[name]();
      if (round >= 0) samples.push(time / texts);
    }
  }
  return timings;
}
