import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { loadMini } from '../../web/mini.js';
import { checkSame, race, randomFrom } from '../measure.mjs';

const WORDS = (
  'the of and to in that it was for on are with they at be this from have or by one had not but what all were when we ' +
  'there can said which do how if will up other about out many then them these so some her would make like him into ' +
  'time has look two more write go see number no way could people my than first water been called who oil its now find ' +
  'long down day did get come made may part'
).split(' ');

const SENTENCES = 256;

/** The model as plain arrays, for the peer: config, embeddings and token weights of models/mini. */
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

/** What a page would write by hand around @huggingface/tokenizers: ids, weighted mean, unit length. */
function peer() {
  const { dim, table, weights, tokenizer: json } = readMini();
  const tokenizer = new Tokenizer(json, {});
  const unknown = tokenizer.token_to_id(json.model.unk_token);
  return (/** @type {string} */ text) => {
    const { ids } = tokenizer.encode(text, { add_special_tokens: false });
    const out = new Float32Array(dim);
    for (const id of ids) {
      if (id === unknown) continue;
      for (let d = 0, at = id * dim; d < dim; d++, at++) out[d] += weights[id] * table[at];
    }
    const norm = Math.hypot(...out) || 1; // the mean's divisor cancels
    for (let d = 0; d < dim; d++) out[d] /= norm;
    return out;
  };
}

export async function run({ quick = false }) {
  const random = randomFrom(3);
  const sentence = () => `${Array.from({ length: 16 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')}.`;
  const layer = await loadMini();
  const encodeByHand = peer();
  /** @type {string[]} */
  let texts = [];
  const drawTexts = () => (texts = Array.from({ length: SENTENCES }, sentence));
  drawTexts();
  for (const text of texts) checkSame(layer.encode(text), encodeByHand(text), 1e-5, 'wembed');

  const into = new Float32Array(SENTENCES * layer.dim);
  const timings = await race(
    {
      'wembed: encode(text)': () => texts.forEach((text) => layer.encode(text)),
      'wembed: encode(texts), 256 at once': () => layer.encode(texts, { into }),
      '@huggingface/tokenizers, mean and norm in JS': () => texts.forEach((text) => encodeByHand(text)),
      'wembed: tokenizer.encode(text) alone': () => texts.forEach((text) => layer.tokenizer.encode(text)),
    },
    { rounds: quick ? 15 : 101, warmUp: 10, prepare: drawTexts },
  );
  layer.dispose();
  return timings.map(({ name, samples }) => ({ name, samples: samples.map((time) => time / SENTENCES) }));
}
