// Word vectors from memory, in each format, compared with JavaScript's own split and Number on the same text.
import { WordVectors } from '../../web/index.js';
import { checkSame, race, randomFrom } from '../measure.mjs';

const ROWS = 20_000;
const DIM = 300;

const keys = Array.from({ length: ROWS }, (_, i) => `word${i}`);

/** @param {(x: number) => string} format @param {Float32Array} vectors */
const textOf = (format, vectors) =>
  Buffer.from(
    keys.map((key, i) => `${key} ${Array.from(vectors.subarray(i * DIM, (i + 1) * DIM), format).join(' ')}\n`).join(''),
  );

/** @param {Float32Array} vectors */
function binaryOf(vectors) {
  const rows = keys.flatMap((key, i) => [
    Buffer.from(`${key} `),
    Buffer.from(vectors.slice(i * DIM, (i + 1) * DIM).buffer),
  ]);
  return Buffer.concat([Buffer.from(`${ROWS} ${DIM}\n`), ...rows]);
}

/** The code that a page would write by hand. @param {Uint8Array} text */
function splitAndNumber(text) {
  const lines = new TextDecoder().decode(text).trimEnd().split('\n');
  const index = new Map();
  const vectors = new Float32Array(lines.length * DIM);
  for (const [i, line] of lines.entries()) {
    const fields = line.split(' ');
    index.set(fields[0], i);
    for (let d = 0; d < DIM; d++) vectors[i * DIM + d] = Number(fields[d + 1]);
  }
  return { index, vectors };
}

/**
 * @param {Uint8Array} file
 * @param {import('../../web/core/dtypes.js').Dtype} [dtype]
 */
async function load(file, dtype) {
  const wv = await WordVectors.load(file, { dtype });
  wv.dispose();
}

/**
 * @param {{ quick?: boolean }} options
 * @returns {Promise<{ megabytes: number, timing: import('../measure.mjs').Timing }[]>}
 */
export async function run({ quick = false }) {
  const random = randomFrom(3);
  const vectors = Float32Array.from({ length: ROWS * DIM }, () => random() - 0.5);
  const files = {
    binary: binaryOf(vectors),
    // Five digits as in GloVe's files, nine as in gensim's.
    glove: textOf((x) => x.toPrecision(5), vectors),
    text: textOf((x) => String(Number(x.toPrecision(9))), vectors),
  };
  const whole = await WordVectors.load(files.glove);
  checkSame(whole.vectors(keys).data, splitAndNumber(files.glove).vectors, 0, 'split and Number');
  whole.dispose();
  /** @type {[string, Uint8Array, () => unknown][]} */
  const contenders = [
    ['word2vec binary → f32', files.binary, () => load(files.binary)],
    ['word2vec binary → i8', files.binary, () => load(files.binary, 'i8')],
    ['text of 5 digits → f32', files.glove, () => load(files.glove)],
    ['text of 5 digits → i8', files.glove, () => load(files.glove, 'i8')],
    ['text of 5 digits, split and Number()', files.glove, () => splitAndNumber(files.glove)],
    ['text of 9 digits → f32', files.text, () => load(files.text)],
    ['text of 9 digits, split and Number()', files.text, () => splitAndNumber(files.text)],
  ];
  const timings = await race(Object.fromEntries(contenders.map(([name, , call]) => [name, call])), {
    ...{ rounds: quick ? 3 : 9, warmUp: 1 },
  });
  return timings.map((timing, i) => ({ timing, megabytes: contenders[i][1].length / 1e6 }));
}
