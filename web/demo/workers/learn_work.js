// Learning word vectors off the page's thread, a batch at a time, so that each step can be seen.
import { WordVectorTrainer } from '../../train.js';

const SMALL = 3000; // words of text up to which every word counts
const SEED = 7; // of its noise the nearest word is not near
const STEPS = 400; // of a small text, at least
const PACE = 25; // milliseconds between two steps that are shown

/** @type {WordVectorTrainer | undefined} */
let trainer;
/** @type {string[]} */
let texts = [];
/** @type {Record<string, unknown>} */
let options = {};
/** Checkpoints from before each press of a button. @type {{ bytes: Uint8Array, losses: number[], steps: number, spent: number }[]} */
let past = [];
/** @type {{ shown: string[], equation: string[] }} */
let wanted = { shown: [], equation: [] };
let running = false;
/** Milliseconds of learning so far; and when the last of it began, while it runs. */
let spent = 0;
let begun = 0;
/** @type {number[]} */
let losses = [];
let steps = 0;

const answer = (/** @type {unknown} */ message) =>
  /** @type {Worker} */ (/** @type {unknown} */ (globalThis)).postMessage(message);

/** One message after another: a step is whole before the next one is read. @type {Promise<unknown>} */
let queue = Promise.resolve();
/** @param {MessageEvent} event from the page */
export function receive({ data }) {
  if (data.equation && data.kind !== 'create') wanted.equation = data.equation; // while it runs, too
  if (data.kind === 'stop') running = false;
  else if (data.kind !== 'look' || !running)
    queue = queue
      .then(() => act(data))
      .catch((error) =>
        answer({ kind: 'error', of: data.kind, message: error instanceof Error ? error.message : String(error) }),
      );
}

/** @param {{ kind: string, texts: string[], made: boolean, equation: string[] }} ask */
async function act(ask) {
  if (ask.kind === 'create') await create(ask.texts, ask.made, ask.equation);
  if (!trainer) return;
  if (ask.kind === 'step' || ask.kind === 'run') remember(trainer.checkpoint());
  if (ask.kind === 'step') {
    const before = performance.now();
    await step(trainer);
    spent += performance.now() - before;
  }
  if (ask.kind === 'run') await run(trainer);
  if (ask.kind === 'undo') await undo();
  if (ask.kind === 'download') return answer({ kind: 'file', text: word2vecText(trainer) });
  await show(trainer);
}

/**
 * @param {string[]} given
 * @param {boolean} made whether these are the page's own sentences
 * @param {string[]} equation
 */
async function create(given, made, equation) {
  const words = given.reduce((sum, text) => sum + text.split(/\s+/).length, 0);
  const few = made || words < SMALL;
  options = {
    sg: 1,
    vectorSize: made ? 16 : 32,
    window: 5,
    alpha: 0.04,
    seed: SEED,
    epochs: made ? 6 : Math.max(10, Math.ceil(STEPS / Math.max(1, Math.ceil(words / 400)))),
    minCount: few ? 1 : 3,
    sample: few ? 0 : 1e-3, // of a small text every word is frequent
    batchWords: made ? 400 : Math.max(400, Math.round(words / 60)),
  };
  const next = await WordVectorTrainer.create(given, options);
  trainer?.dispose();
  trainer = next;
  [texts, past, losses, steps, spent] = [given, [], [], 0, 0];
  const { words: vocabulary } = trainer.vocabulary;
  const some = vocabulary.length > 40 ? vocabulary.filter((word) => word.length > 3).slice(0, 30) : vocabulary;
  wanted = { shown: made ? [] : some, equation };
  const known = new Set(vocabulary);
  const hasEquation = equation.every((word) => known.has(word));
  answer({
    kind: 'created',
    vocabulary: vocabulary.length,
    words,
    shown: some,
    hasEquation,
    batch: options.batchWords,
  });
}

/** @param {Uint8Array} bytes of a checkpoint */
function remember(bytes) {
  past.push({ bytes, losses: losses.slice(), steps, spent });
  if (past.length > 20) past.shift();
}

/** @param {WordVectorTrainer} made */
async function step(made) {
  await made.train({ batches: 1 });
  const { loss } = made.progress; // NaN where a few words made no example
  if (Number.isFinite(loss)) losses.push(loss);
  steps++;
}

/** @param {WordVectorTrainer} made */
async function run(made) {
  running = true;
  begun = performance.now();
  while (running && made.progress.epoch < made.progress.epochs) {
    await step(made);
    await show(made);
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  spent += performance.now() - begun;
  running = false;
}

async function undo() {
  const checkpoint = past.pop();
  if (!checkpoint) return;
  const back = await WordVectorTrainer.resume(checkpoint.bytes, texts, options);
  trainer?.dispose();
  trainer = back;
  ({ losses, steps, spent } = checkpoint);
}

/** @param {WordVectorTrainer} made */
async function show(made) {
  const vectors = await made.wordVectors();
  const shown = wanted.shown.length > 0 ? wanted.shown : made.vocabulary.words;
  const [a, b, c] = wanted.equation;
  const missing = wanted.equation.find((word) => !vectors.has(word));
  /** @type {{ key: string, score: number }[] | string} */
  const found =
    missing === undefined && a
      ? vectors.mostSimilar({ positive: [a, c], negative: [b], topn: 3 })
      : missing === '' || missing === undefined
        ? 'Type three of the words above, to do arithmetic with them.'
        : `These texts do not have the word “${missing.length > 40 ? `${missing.slice(0, 40)}…` : missing}”.`;
  vectors.dispose();
  answer({
    kind: 'state',
    shown,
    vectors: made.vectors(shown).data,
    progress: made.progress,
    losses: losses.slice(),
    steps,
    found,
    equation: wanted.equation,
    undo: past.length,
    running,
    ms: running ? spent + performance.now() - begun : spent,
  });
}

/** The text format of word2vec, which gensim and wembed read. @param {WordVectorTrainer} made */
function word2vecText(made) {
  const { words } = made.vocabulary;
  const all = made.vectors();
  return [
    `${words.length} ${all.dim}`,
    ...words.map((word, i) => `${word} ${Array.from(all.row(i), (value) => value.toPrecision(7)).join(' ')}`),
  ].join('\n');
}
