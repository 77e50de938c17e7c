// What training does when it goes astray in a later pass: it goes back to where that pass began by learning again, to the
// same bits, and holds no copy for it. Learners of the tests' own, since a rate that is too high shows in the first pass.
import { DivergedError, Variable } from '../../web/train.js';
import { readCheckpoint } from '../../web/train/checkpoints.js';
import { Corpus } from '../../web/train/corpus.js';
import { adam } from '../../web/train/optimisers.js';
import { checkedPasses, runPasses } from '../../web/train/passes.js';
import { Clock } from '../../web/train/texts.js';
import { viewOf } from '../../web/train/variables.js';
import { WordCourse } from '../../web/train/word_course.js';
import { checkedWord2Vec } from '../../web/train/word2vec.js';
import { SENTENCES } from '../support/lessons.js';
import { errorOf } from '../support/wembed.js';

const EXAMPLES = 5;
const BATCHES = 3;

/**
 * A variable of five rows that learns in passes of three steps.
 * @param {(step: number) => number} lossAt
 */
async function learnerOf(lossAt) {
  const rows = await Variable.from(new Float32Array(EXAMPLES * 2), { rows: EXAMPLES, dim: 2 });
  return {
    ...{ kind: 'a test', identity: {}, variables: [rows], optimiser: adam({ rate: 0.1 }) },
    restart: () => void viewOf(rows).forEach((_, i, all) => (all[i] = i / 7)),
    result: async () => /** @type {any} */ ([...rows.value().data]),
    loss(/** @type {Uint32Array} */ batch, /** @type {number} */ step) {
      rows.lookupBackward(
        batch,
        Float32Array.from({ length: 2 * batch.length }, (_, i) => Math.sin(i + step)),
      );
      return lossAt(step);
    },
  };
}

/** @param {object} options @param {(step: number) => number} lossAt */
async function run(options, lossAt) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const kept = [];
  const onCheckpoint = (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => void kept.push(bytes);
  const passes = checkedPasses({ seed: 3, onCheckpoint, ...options }, { epochs: 4, batchSize: 2, rate: 0.1 });
  const ended = await runPasses(EXAMPLES, passes, await learnerOf(lossAt)).catch((error) => error);
  return { kept, ended };
}
const rowsIn = (/** @type {Uint8Array} */ bytes) => [...readCheckpoint('a test', bytes).tensors['rows.0']];
const START = Array.from({ length: EXAMPLES * 2 }, (_, i) => Math.fround(i / 7));

test.each([
  [0, 0],
  [1, 0], // in the first pass
  [3, 0], // at the first step of the second, whose start no loss has shown to be good
  [4, 1],
  [8, 2],
])('a loss that is infinite at step %d: the numbers after %d passes', async (step, passes) => {
  const { kept, ended } = await run({}, (at) => (at === step ? Infinity : 1));
  expect(ended).toBeInstanceOf(DivergedError);
  expect(ended.message).toMatch(
    `diverged in pass ${Math.floor(step / BATCHES) + 1}: the loss is Infinity. A lower rate`,
  );
  expect(ended.message).not.toMatch('cannot be learnt again');
  expect(ended.lastGood).toEqual(passes ? rowsIn(kept[passes - 1]) : START);
});

test('after a checkpoint: from there, or from the start where it has been changed since', async () => {
  const { kept } = await run({ epochs: 4 }, () => 1);
  for (const harm of [() => {}, () => void kept[0].fill(7)]) {
    const goal = rowsIn(kept[2]);
    const onProgress = (/** @type {{ done: number }} */ { done }) => done === 9 && harm();
    const { ended } = await run({ resume: kept[0], onProgress }, (at) => (at === 10 ? NaN : 1));
    expect(ended.lastGood).toEqual(goal);
  }
});

test('what can no longer be learnt again is where it began, and the message says so; a stop stops that, too', async () => {
  let calls = 0;
  const { ended } = await run({}, (at) => {
    if (calls++ > 7) throw new Error('the targets are others now');
    return at === 7 ? Infinity : 1;
  });
  expect(ended).toBeInstanceOf(DivergedError);
  expect(ended.message).toMatch('cannot be learnt again');
  expect(ended.lastGood).toEqual(START);
  const controller = new AbortController();
  let seen = 0;
  const stopped = await run({ signal: controller.signal }, (at) => {
    if (seen++ === 9) controller.abort();
    return at === 7 ? Infinity : 1;
  });
  expect(stopped.ended.code).toBe('aborted');
});

/** Passes over words with a model that counts, and is lost at a batch. @param {{ at: [number, number], texts?: any }} how */
async function courseOf({ at, texts = SENTENCES }) {
  const numbers = { vectors: new Float32Array(4), outputs: new Float32Array(2) };
  const model = /** @type {any} */ ({
    state: numbers,
    restart: () => void (numbers.vectors.fill(0), numbers.outputs.fill(0)),
    train({ ids, length }, /** @type {number} */ alpha, /** @type {number} */ epoch, /** @type {number} */ batch) {
      for (let i = 0; i < length; i++) numbers.vectors[i % 4] += Math.fround((ids[i] + 1) * alpha);
      numbers.outputs[0] = epoch;
      return { loss: epoch === at[0] && batch === at[1] ? 1e9 : 1, examples: 1 };
    },
  });
  const corpus = await Corpus.of(texts, { minCount: 1 });
  const rules = checkedWord2Vec({ batchWords: 100, epochs: 4 }, () => 1);
  return { course: new WordCourse(corpus, model, rules), numbers };
}

test.each([
  [[0, 1], 0],
  [[2, 0], 1],
  [[2, 2], 2],
])('word vectors that are lost at pass and batch %j: those after %d passes', async (at, passes) => {
  for (const texts of [SENTENCES, () => SENTENCES]) {
    const { course, numbers } = await courseOf({ at: /** @type {[number, number]} */ (at), texts });
    /** @type {number[][]} */
    const starts = [];
    let astray;
    while (!astray) {
      if (course.place.batch === 0) starts.push([...numbers.vectors]);
      astray = await course.step();
    }
    expect(astray).toMatch(`in pass ${at[0] + 1}: the loss is`);
    expect(await course.goBack(new Clock(0))).toBe(true);
    expect([...numbers.vectors]).toEqual(starts[passes]);
    expect(course.place).toEqual({ epoch: passes, batch: 0, words: 0 });
  }
});

test('word vectors of a function whose texts become others: it goes back to the start, and says that', async () => {
  let reads = 0;
  const other = SENTENCES.map((each) => each.replace('king', 'cat'));
  const texts = () => (reads++ > 3 ? other : SENTENCES);
  const { course, numbers } = await courseOf({ at: [2, 1], texts });
  while (!(await course.step()));
  expect(await course.goBack(new Clock(0))).toBe(false);
  expect([...numbers.vectors]).toEqual([0, 0, 0, 0]);
  const controller = new AbortController();
  const again = await courseOf({ at: [2, 1] });
  while (!(await again.course.step()));
  controller.abort();
  await errorOf(() => again.course.goBack(new Clock(0), controller.signal), 'aborted');
  while (again.course.place.epoch < 1) await again.course.step(); // and it goes on from where it is
});
