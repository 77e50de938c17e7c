// Turns measurements into Markdown, and compares them with the targets.
import * as firstVector from './cases/first_vector.mjs';
import * as loads from './cases/loading.mjs';
import * as memory from './cases/memory.mjs';
import * as size from './cases/size.mjs';
import * as trainingCase from './cases/training.mjs';
import { inFreshProcess, median } from './measure.mjs';
import { tokenizers } from './report_tokenizers.mjs';

/**
 * @typedef {object} Target
 * @property {string} what
 * @property {string} target
 * @property {string} reached
 * @property {boolean} met
 */

/** @typedef {{ text: string, targets: Target[] }} Section */

/** @type {Record<string, (options: { quick: boolean }) => Promise<Section> | Section>} */
export const SECTIONS = {
  lookup,
  pooling,
  first_vector: first,
  memory: peak,
  loading,
  transforms,
  word_vectors: vectors,
  training,
  search,
  text,
  tokenizers: (options) => tokenizers(options, { table, ratio }),
  flatness,
  logits,
  size: download,
};

/** @typedef {import('./measure.mjs').Timing} Timing */

/** @param {string} name @param {boolean} quick @returns {Timing[]} of a case that runs in its own process */
const raceOf = (name, quick) =>
  inFreshProcess('children/race.mjs', [name, ...(quick ? ['--quick'] : [])], { keepMemory: true });

const least = (/** @type {number[]} */ samples) => Math.min(...samples);
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
const ratio = (/** @type {number} */ value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/**
 * @param {string[]} header the first column holds names, the others numbers
 * @param {string[][]} rows
 */
function table(header, rows) {
  const widths = header.map((_, i) => Math.max(3, ...[header, ...rows].map((row) => row[i].length)));
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/**
 * @param {string} title
 * @param {Timing[]} timings the first is wembed; ratios are relative to it
 * @param {{ unit: string, perMillisecond: number }} unit
 */
function timingTable(title, timings, { unit, perMillisecond }) {
  const [base] = timings;
  const rows = timings.map(({ name, samples }) => [
    name,
    (median(samples) * perMillisecond).toFixed(2),
    (least(samples) * perMillisecond).toFixed(2),
    ratio(median(samples) / median(base.samples)),
    ratio(least(samples) / least(base.samples)),
  ]);
  const header = ['', `median, ${unit}`, `shortest, ${unit}`, 'ratio of medians', 'ratio of shortest'];
  return `### ${title}\n\n${table(header, rows)}`;
}

const MS = { unit: 'ms', perMillisecond: 1 };

/**
 * @param {Timing[]} timings
 * @param {string} over
 * @param {string} under
 * @returns {{ value: number, text: string }} the ratio of medians, and both ratios as text
 */
function compare(timings, over, under) {
  const [a, b] = [over, under].map((start) => {
    const found = timings.find(({ name }) => name.startsWith(start));
    if (!found) throw new Error(`no timing ${start}`);
    return found.samples;
  });
  const value = median(a) / median(b);
  return { value, text: `${ratio(value)} × (medians), ${ratio(least(a) / least(b))} × (shortest)` };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function lookup({ quick }) {
  const timings = raceOf('lookup', quick);
  const targets = ['wembed f32, new array', 'wembed f32, into an array'].map((name) => {
    const { value, text } = compare(timings, 'ONNX', name);
    return { what: `lookup against ONNX Runtime Web: ${name}`, target: '≥ 1.5 ×', reached: text, met: value >= 1.5 };
  });
  for (const dtype of ['f16', 'bf16', 'i8', 'i4']) {
    const { value, text } = compare(timings, `wembed ${dtype}, into an array`, 'wembed f32, into an array');
    const what = `lookup into an array: time of wembed ${dtype} / wembed f32`;
    targets.push({ what, target: '≤ 1.3 ×', reached: text, met: value <= 1.3 });
  }
  return { text: timingTable('Lookup of 8,192 random rows of a 32000 × 768 table', timings, MS), targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function pooling({ quick }) {
  const timings = raceOf('pooling', quick);
  return { text: timingTable('Mean of 512 bags of 17 ids of a 30000 × 256 f32 table', timings, MS), targets: [] };
}

/** wembed's targets against peers, as ratios of medians, and the text sets they apply to. */
const TEXT_TARGETS = [
  { peer: '@huggingface/tokenizers', target: 10, sets: /^17 tokens/, named: '17 tokens' },
  { peer: 'model2vec-rs', target: 8, sets: /^17 tokens, one/, named: '17 tokens, one text per call' },
  { peer: 'model2vec-rs', target: 1, sets: /^(?!17 tokens, one)/, named: 'the other texts' },
  { peer: 'model2vec (Python)', target: 1, sets: /per call$|one call$/, named: 'the other texts' },
];

/** @param {{ quick: boolean }} options @returns {Section} */
function text({ quick }) {
  /** @type {import('./cases/text.mjs').SetTimings[]} */
  const sets = inFreshProcess('children/race.mjs', ['text', ...(quick ? ['--quick'] : [])], { keepMemory: true });
  const peers = sets[0].timings.slice(1).map(({ name }) => name);
  const rows = sets.map(({ set, timings: [base, ...others] }) => [
    set,
    (median(base.samples) * 1000).toFixed(2),
    (least(base.samples) * 1000).toFixed(2),
    ...others.map(({ samples }) => `${ratio(median(samples) / median(base.samples))} ×`),
  ]);
  const targets = TEXT_TARGETS.flatMap(({ peer, target, sets: which, named }) => {
    const name = peers.find((found) => found.startsWith(peer));
    if (!name) return [];
    const ratios = sets
      .filter(({ set }) => which.test(set))
      .map(({ timings }) => compare(timings, name, 'wembed').value);
    const worst = Math.min(...ratios);
    const reached = `${ratio(worst)} × at least, ${ratio(Math.max(...ratios))} × at most (medians)`;
    return [
      { what: `text → vector against ${name}, ${named}`, target: `≥ ${target} ×`, reached, met: worst >= target },
    ];
  });
  const header = ['', 'wembed, median µs per text', 'shortest', ...peers.map((name) => `${name} takes`)];
  return { text: `### Text → vector with wembed/mini\n\n${table(header, rows)}`, targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function transforms({ quick }) {
  /** @type {Record<'rotary' | 'norm', Timing[]>} */
  const { rotary, norm } = inFreshProcess('children/race.mjs', ['transforms', ...(quick ? ['--quick'] : [])], {
    keepMemory: true,
  });
  // Into the core and back are two copies.
  const targets = [rotary, norm].map((timings) => {
    const { value, text } = compare(timings, 'wembed', 'copy');
    return { what: `${timings[0].name}: time of a copy`, target: '≤ 3 ×', reached: text, met: value <= 3 };
  });
  const text = [
    timingTable('Rotary positions of 2,048 × 32 heads of 128', rotary, MS),
    timingTable('LayerNorm of 8,192 rows of 1,024', norm, MS),
  ];
  return { text: text.join('\n\n'), targets };
}

/**
 * The head's targets: the minimum ratio of the time of `over` to that of `under`, given by the start of their names.
 */
const LOGITS_TARGETS = [
  { family: 'floats', states: 1, over: 'native read', under: 'wembed f32, logits', target: 0.9 },
  { family: 'floats', states: 1, over: 'wembed f32, logits', under: 'wembed f16', target: 1 },
  { family: 'floats', states: 1, over: 'wembed f32, logits', under: 'wembed bf16', target: 1 },
  { family: 'floats', states: 1, over: 'wembed f32, logits', under: 'wembed f32, topK', target: 1 / 1.05 },
  { family: 'floats', states: 64, over: 'ONNX Runtime Web, Gemm', under: 'wembed f32, logits', target: 1 },
  { family: 'i8', states: 1, over: 'ONNX Runtime Web, dynamic int8', under: 'wembed i8', target: 3 },
  { family: 'i8', states: 1, over: 'wembed i8, logits', under: 'wembed i8, topK', target: 1 / 1.05 },
  { family: 'i8', states: 64, over: 'ONNX Runtime Web, dynamic int8', under: 'wembed i8', target: 1 },
  { family: 'i4', states: 1, over: 'ONNX Runtime Web, MatMulNBits', under: 'wembed i4', target: 20 },
  { family: 'i4', states: 1, over: 'wembed i4, logits', under: 'wembed i4, topK', target: 1 / 1.05 },
];

/** @param {{ quick: boolean }} options @returns {Section} */
function logits({ quick }) {
  const shapes = quick ? ['32000x768'] : ['32000x768', '128256x2048'];
  const races = shapes.flatMap((shape) =>
    // One process each, so that one peer's tables do not take memory from another.
    ['floats', 'i8', 'i4'].flatMap((family) => {
      const args = ['logits', shape, family, ...(quick ? ['--quick'] : [])];
      /** @type {import('./cases/logits.mjs').StateTimings[]} */
      const found = inFreshProcess('children/race.mjs', args, { keepMemory: true });
      return found.map((race) => ({ ...race, shape, family }));
    }),
  );
  const text = races.map(({ shape, family, states, timings }) => {
    const of = states === 1 ? 'one hidden state' : `${states} hidden states`;
    return timingTable(`Scores of ${of} against ${shape.replace('x', ' × ')}, ${family}`, timings, MS);
  });
  const targets = LOGITS_TARGETS.flatMap(({ family, states, over, under, target }) =>
    races
      .filter((race) => race.family === family && race.states === states)
      .filter(({ timings }) => timings.some(({ name }) => name.startsWith(over)))
      .map(({ shape, timings }) => {
        const { value, text: reached } = compare(timings, over, under);
        const what = `scores, ${shape.replace('x', ' × ')}, ${states} ${states === 1 ? 'state' : 'states'}: time of ${over} / ${under}`;
        return { what, target: `≥ ${ratio(target)} ×`, reached, met: value >= target };
      }),
  );
  return { text: text.join('\n\n'), targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function flatness() {
  const { rows, growth } = inFreshProcess('children/flatness.mjs', []);
  const cells = rows.map((/** @type {any} */ { text, bytes, time }) => [
    text,
    bytes.toLocaleString('en-US'),
    ((time / bytes) * 1e6).toFixed(1),
  ]);
  const target = {
    what: 'memory growth while encoding one text of 10 MB, relative to the text',
    target: '≤ 2 ×',
    reached: `${growth.toFixed(2)} ×`,
    met: growth <= 2,
  };
  const title = '### One text of any length, not truncated (`maxLength: Infinity`)';
  return { text: `${title}\n\n${table(['', 'bytes', 'ns per byte'], cells)}`, targets: [target] };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function first(options) {
  const timings = firstVector.run(options);
  const { value, text } = compare(timings, 'wembed: fromPretrained', '@huggingface/tokenizers: construct');
  const what = 'bytes to first vector against constructing @huggingface/tokenizers';
  const target = { what, target: '≤ 1.5 ×', reached: text, met: value <= 1.5 };
  const title = 'From bytes in memory to the first vector of wembed/mini, each in a fresh process';
  const ready = compare(timings, 'wembed: Tokenizer', '@huggingface/tokenizers: construct');
  const other = {
    what: 'tokenizer ready from its bytes: time relative to @huggingface/tokenizers',
    target: '≤ 0.5 ×',
  };
  const targets = [target, { ...other, reached: ready.text, met: ready.value <= 0.5 }];
  return { text: timingTable(title, timings, MS), targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function peak(options) {
  const title = '### Memory while a 30000 × 1024 f32 model loads from its folder';
  const loads = memory.run(options);
  if (loads.length === 0) return { text: `${title}\n\nMeasured on Linux only.`, targets: [] };
  const middle = (/** @type {(load: typeof loads[0]) => number} */ of) => median(loads.map(of));
  const size = loads[0].table;
  const extra = middle(({ peak, before }) => peak - before);
  const rows = [
    ['table', megabytes(size)],
    ['resident before loading, with the core and a tokenizer', megabytes(middle(({ before }) => before))],
    ['peak resident while loading and encoding once', megabytes(middle(({ peak }) => peak))],
    ['the difference', megabytes(extra)],
    ['the difference minus the table', megabytes(extra - size)],
  ];
  const allowed = 1.1 * size + 20e6;
  const target = {
    what: 'peak memory while loading, minus the memory before',
    target: `≤ ${megabytes(allowed)} MB (1.1 × table + 20 MB)`,
    reached: `${megabytes(extra)} MB`,
    met: extra <= allowed,
  };
  return { text: `${title}\n\n${table(['', 'median, MB'], rows)}`, targets: [target] };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function loading({ quick }) {
  /** @type {import('./cases/loading.mjs').Loading[]} */
  const all = inFreshProcess('children/race.mjs', ['loading', ...(quick ? ['--quick'] : [])], { keepMemory: true });
  const speed = (/** @type {number} */ size, /** @type {number[]} */ samples) => size / median(samples);
  const rows = all.flatMap(({ stored, megabytes: size, timings: [file, array, memory, ...loads] }) =>
    [file, array, memory, ...loads].map((timing) => {
      const base = timing.name.startsWith('memory') || timing === memory ? memory : array;
      const share = ratio(median(base.samples) / median(timing.samples));
      const best = ratio(least(base.samples) / least(timing.samples));
      return [
        `${stored}, ${timing.name}`,
        median(timing.samples).toFixed(1),
        (1000 * speed(size, timing.samples)).toFixed(0),
        share,
        best,
      ];
    }),
  );
  const title = '### Loading a 32000 × 1024 table of a checkpoint';
  const header = ['', 'median, ms', 'MB/s', 'speed relative to reading, medians', 'shortest'];
  const [{ megabytes: size, timings }] = all;
  const i8 = Math.min(...timings.filter(({ name }) => name.endsWith('i8')).map(({ samples }) => speed(size, samples)));
  const targets = [
    ...['file', 'memory'].map((place) => {
      const base = place === 'file' ? 'reading the file into' : 'copying';
      const { value, text } = compare(timings, base, `${place} → f32`);
      return {
        what: `loading as stored, from ${place}: speed relative to reading`,
        target: '≥ 0.8 ×',
        reached: text,
        met: value >= 0.8,
      };
    }),
    {
      what: 'loading f32 as i8, counted in stored bytes',
      target: '≥ 400 MB/s',
      reached: `${(1000 * i8).toFixed(0)} MB/s`,
      met: i8 >= 0.4,
    },
    ...loadingPeaks(quick),
  ];
  return { text: `${title}\n\n${table(header, rows)}`, targets };
}

/** @param {boolean} quick @returns {Target[]} */
function loadingPeaks(quick) {
  const runs = loads.peaks({ quick });
  return [...new Set(runs.map(({ name }) => name))].map((name) => {
    const own = runs.filter((run) => run.name === name);
    const extra = median(own.map(({ peak, before }) => peak - before));
    const allowed = 1.1 * own[0].table + 32e6;
    return {
      what: `peak memory while loading ${name}`,
      target: `≤ ${megabytes(allowed)} MB (1.1 × table + 32 MB)`,
      reached: `${megabytes(extra)} MB`,
      met: extra <= allowed,
    };
  });
}

/** @param {{ quick: boolean }} options @returns {Section} */
function vectors({ quick }) {
  /** @type {{ megabytes: number, timing: Timing }[]} */
  const all = /** @type {any} */ (raceOf('word_vectors', quick));
  const rows = all.map(({ megabytes: size, timing: { name, samples } }) => [
    name,
    size.toFixed(0),
    median(samples).toFixed(0),
    ((1000 * size) / median(samples)).toFixed(0),
    ((1000 * size) / least(samples)).toFixed(0),
  ]);
  const title = '### Loading 20000 × 300 word vectors from memory';
  return { text: `${title}\n\n${table(['', 'MB', 'median, ms', 'MB/s', 'MB/s, best'], rows)}`, targets: [] };
}

/** @param {{ quick: boolean }} options @returns {Promise<Section>} */
async function training({ quick }) {
  const results = await trainingCase.run({ quick });
  const most = (/** @type {number[]} */ samples) => Math.max(...samples);
  const rows = results.map(({ name, samples }) => [name, median(samples).toFixed(0), most(samples).toFixed(0)]);
  const targets = ['skip-gram', 'bag of words (CBOW)'].flatMap((kind) => {
    const of = (/** @type {string} */ who) => results.find(({ name }) => name === `${kind}, ${who}`)?.samples;
    const own = median(/** @type {number[]} */ (of('wembed')));
    return Object.entries({ gensim: 0.7, 'fasttext.wasm.js': 1 }).flatMap(([who, least]) => {
      const theirs = of(who);
      if (!theirs) return [];
      const reached = own / median(theirs);
      return {
        ...{ what: `word vectors, ${kind}: words per second against ${who}`, target: `≥ ${least} ×` },
        ...{ reached: `${ratio(reached)} ×`, met: reached >= least },
      };
    });
  });
  const title = '### Word vectors learnt: 100 numbers, window 5, 5 negative samples, one thread';
  return { text: `${title}\n\n${table(['', 'thousand words/s, median', 'best'], rows)}`, targets };
}

/** @typedef {import('./cases/search.mjs').Finding} Finding */

/** @param {string} title @param {Finding[]} findings */
function findingTable(title, findings) {
  const rows = findings.map(({ name, seconds, recall, samples }) => [
    name,
    ...[seconds.toFixed(2), recall.toFixed(3), median(samples).toFixed(3), least(samples).toFixed(3)],
  ]);
  return `### ${title}\n\n${table(['', 'index, s', 'recall@10', 'median, ms', 'shortest, ms'], rows)}`;
}

/** @param {{ quick: boolean }} options @returns {Section} */
function search({ quick }) {
  /** @type {{ vectors: Timing[], keywords: Timing[], python: Finding[], few: Finding[] }} */
  const found = /** @type {any} */ (raceOf('search', quick));
  const size = quick ? '20,000' : '100,000';
  const targets = [
    ['wembed f32', 'wembed i8', 3],
    ['wembed i8', 'wembed i4', 1.3],
    ['wembed f32', 'wembed f32, bits', 10],
  ].map(([over, under, least]) => {
    const { value, text } = compare(found.vectors, String(over), String(under));
    return {
      what: `search: time of ${over} / ${under}`,
      target: `≥ ${least} ×`,
      reached: text,
      met: value >= Number(least),
    };
  });
  const { value, text } = compare(found.keywords, 'MiniSearch', 'wembed');
  targets.push({
    what: 'search by keywords: time of MiniSearch / wembed',
    target: '≥ 1 ×',
    reached: text,
    met: value >= 1,
  });
  return {
    text: [
      timingTable(`The ten nearest of ${size} vectors of 256 numbers`, found.vectors, MS),
      findingTable(`The same in Python, one thread`, found.python),
      findingTable('The ten nearest of 1,000 vectors of 256 numbers', found.few),
      timingTable(`The ten best of ${quick ? '5,000' : '20,000'} texts of 20 words for four words`, found.keywords, MS),
    ].join('\n\n'),
    targets,
  };
}

/** @returns {Promise<Section>} */
async function download() {
  const kilobytes = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
  const libraries = await size.run();
  const rows = libraries.map(({ name, wasm, js }) => [
    name,
    ...[wasm[0], js[0], wasm[1], js[1], wasm[1] + js[1]].map(kilobytes),
  ]);
  const header = ['', 'wasm', 'JS, minified', 'wasm, gzip', 'JS, gzip', 'both, gzip'];
  const whole = libraries[0].wasm[1] + libraries[0].js[1];
  const target = {
    what: 'library without a model, gzip',
    target: '≤ 80 kB',
    reached: `${kilobytes(whole)} kB`,
    met: whole <= 80_000,
  };
  return { text: `### What a page downloads, without a model, in kB\n\n${table(header, rows)}`, targets: [target] };
}

/** @param {Target[]} targets */
export function summary(targets) {
  const rows = targets.map(({ what, target, reached, met }) => [what, target, reached, met ? 'yes' : 'no']);
  return `### Targets\n\n${table(['', 'target', 'reached', 'met'], rows)}`;
}
