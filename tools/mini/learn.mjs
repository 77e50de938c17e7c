// One seed's table, learnt by `distil` of wembed/train: `node tools/mini/learn.mjs LESSON OUT SEED`.
//
// LESSON is the folder that make.py writes: the layer to begin with, and what it learns as numbers of the machine's byte
// order: ids.u32 of all texts one after the other, starts.u32 of each and the end, targets.f32 (texts, width),
// pairs.u32 (two places each), groups.u32, and lesson.json with `stages`: distil's options, and whether pairs are used.
// OUT is the folder that the layer is written to. Progress goes to the standard output.
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingLayer } from '../../web/index.js';
import { Matrix, distil } from '../../web/train.js';

/** Files of more than 2 GB are read in parts. */
const PART = 2 ** 28;

/**
 * @template {Uint32Array | Float32Array} T
 * @param {{ new (length: number): T }} Type
 * @param {string} path
 * @returns {T}
 */
function readNumbers(Type, path) {
  const file = openSync(path, 'r');
  try {
    const numbers = new Type(fstatSync(file).size / 4);
    const bytes = new Uint8Array(numbers.buffer);
    for (let at = 0; at < bytes.length;) {
      const read = readSync(file, bytes, at, Math.min(PART, bytes.length - at), at);
      if (read === 0) throw new Error(`${path} ends early`);
      at += read;
    }
    return numbers;
  } finally {
    closeSync(file);
  }
}

const [folder, out, seed] = process.argv.slice(2);
const { stages } = JSON.parse(readFileSync(join(folder, 'lesson.json'), 'utf8'));
const ids = readNumbers(Uint32Array, join(folder, 'ids.u32'));
const starts = readNumbers(Uint32Array, join(folder, 'starts.u32'));
const targets = readNumbers(Float32Array, join(folder, 'targets.f32'));
const flat = readNumbers(Uint32Array, join(folder, 'pairs.u32'));
const groups = readNumbers(Uint32Array, join(folder, 'groups.u32'));

const texts = Array.from({ length: starts.length - 1 }, (_, i) => ids.subarray(starts[i], starts[i + 1]));
const pairs = Array.from({ length: flat.length / 2 }, (_, i) => /** @type {[number, number]} */ ([flat[2 * i], flat[2 * i + 1]])); // prettier-ignore
const examples = { texts, targets: new Matrix(targets, texts.length, targets.length / texts.length) };

let layer = await EmbeddingLayer.fromPretrained(`${join(folder, 'start')}/`);
for (const [i, { pairs: withPairs, ...options }] of stages.entries()) {
  let [losses, batches, tenth] = [0, 0, 1];
  const taught = await distil(
    layer,
    { ...examples, ...(withPairs && { pairs }) },
    {
      ...options,
      ...(groups.length > 0 && { groups }),
      seed: Number(seed) + i,
      onProgress({ done, total, loss, secondsLeft }) {
        losses += loss;
        batches++;
        if ((10 * done) / total < tenth) return;
        const line = `stage ${i + 1}: ${tenth} tenths, loss ${(losses / batches).toFixed(4)}, ${Math.round(secondsLeft)} s left`;
        console.log(line);
        [losses, batches, tenth] = [0, 0, Math.floor((10 * done) / total) + 1];
      },
    },
  );
  layer.dispose();
  layer = taught;
}
mkdirSync(out, { recursive: true });
for (const [name, bytes] of await layer.save({ dtype: 'f32' })) writeFileSync(join(out, name), bytes);
