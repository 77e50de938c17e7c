// From measurements to Markdown, and what they are measured by.
import * as firstVector from './cases/first_vector.mjs';
import * as memory from './cases/memory.mjs';
import * as size from './cases/size.mjs';
import { inFreshProcess, median } from './measure.mjs';

/**
 * @typedef {object} Target
 * @property {string} what
 * @property {string} wanted
 * @property {string} reached
 * @property {boolean} met
 */

/** @typedef {{ text: string, targets: Target[] }} Section */

/** @type {Record<string, (options: { quick: boolean }) => Promise<Section> | Section>} */
export const SECTIONS = { lookup, pooling, first_vector: first, memory: peak, encode, size: download };

/** @typedef {import('./measure.mjs').Timing} Timing */

/** @param {string} name @param {boolean} quick @returns {Timing[]} of a case that has a process of its own */
const raceOf = (name, quick) =>
  inFreshProcess('children/race.mjs', [name, ...(quick ? ['--quick'] : [])], { keepMemory: true });

const least = (/** @type {number[]} */ samples) => Math.min(...samples);
const ratio = (/** @type {number} */ value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/**
 * @param {string[]} header the first column holds names, the others figures
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
 * @param {Timing[]} timings the first is wembed, by which the others are divided
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
  const header = ['', `median, ${unit}`, `least, ${unit}`, 'ratio of medians', 'ratio of least'];
  return `### ${title}\n\n${table(header, rows)}`;
}

const MS = { unit: 'ms', perMillisecond: 1 };
const US = { unit: 'µs', perMillisecond: 1000 };

/**
 * @param {Timing[]} timings
 * @param {string} over
 * @param {string} under
 * @returns {{ value: number, text: string }} the ratio of medians, and both ratios in words
 */
function compare(timings, over, under) {
  const [a, b] = [over, under].map((start) => {
    const found = timings.find(({ name }) => name.startsWith(start));
    if (!found) throw new Error(`no timing ${start}`);
    return found.samples;
  });
  const value = median(a) / median(b);
  return { value, text: `${ratio(value)} × (medians), ${ratio(least(a) / least(b))} × (least)` };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function lookup({ quick }) {
  const timings = raceOf('lookup', quick);
  const targets = ['wembed f32, new array', 'wembed f32, into an array'].map((name) => {
    const { value, text } = compare(timings, 'ONNX', name);
    return { what: `lookup against ONNX Runtime Web: ${name}`, wanted: '≥ 1.5 ×', reached: text, met: value >= 1.5 };
  });
  return { text: timingTable('Lookup of 8,192 random rows of a 32000 × 768 table', timings, MS), targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function pooling({ quick }) {
  const timings = raceOf('pooling', quick);
  return { text: timingTable('Mean of 512 bags of 17 ids of a 30000 × 256 f32 table', timings, MS), targets: [] };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function encode({ quick }) {
  const timings = raceOf('encode', quick);
  const targets = ['wembed: encode(text)', 'wembed: encode(texts), 256 at once'].map((name) => {
    const { value, text } = compare(timings, '@huggingface/tokenizers', name);
    const what = `encoding against @huggingface/tokenizers and pooling: ${name}`;
    return { what, wanted: '≥ 10 ×', reached: text, met: value >= 10 };
  });
  return { text: timingTable('Encoding with wembed/mini, a sentence of 17 tokens', timings, US), targets };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function first(options) {
  const timings = firstVector.run(options);
  const { value, text } = compare(timings, 'wembed', '@huggingface/tokenizers: construct');
  const what = 'bytes to first vector against constructing @huggingface/tokenizers';
  const target = { what, wanted: '≤ 1.5 ×', reached: text, met: value <= 1.5 };
  const title = 'From bytes in memory to the first vector of wembed/mini, each in a fresh process';
  return { text: timingTable(title, timings, MS), targets: [target] };
}

/** @param {{ quick: boolean }} options @returns {Section} */
function peak(options) {
  const title = '### Memory while a 30000 × 1024 f32 model loads from its folder';
  const loads = memory.run(options);
  if (loads.length === 0) return { text: `${title}\n\nMeasured on Linux only.`, targets: [] };
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
  const middle = (/** @type {(load: typeof loads[0]) => number} */ of) => median(loads.map(of));
  const size = loads[0].table;
  const extra = middle(({ peak, before }) => peak - before);
  const rows = [
    ['table', megabytes(size)],
    ['resident before, with the core and a tokenizer up', megabytes(middle(({ before }) => before))],
    ['most resident while loading and encoding once', megabytes(middle(({ peak }) => peak))],
    ['the difference', megabytes(extra)],
    ['what it has beyond the table', megabytes(extra - size)],
  ];
  const allowed = 1.1 * size + 20e6;
  const target = {
    what: 'peak memory while loading, beyond what was there before',
    wanted: `≤ ${megabytes(allowed)} MB (1.1 × table + 20 MB)`,
    reached: `${megabytes(extra)} MB`,
    met: extra <= allowed,
  };
  return { text: `${title}\n\n${table(['', 'median, MB'], rows)}`, targets: [target] };
}

/** @returns {Section} */
function download() {
  const kilobytes = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
  const libraries = size.run();
  const rows = libraries.map(({ name, wasm, js }) => [
    name,
    ...[wasm[0], js[0], wasm[1], js[1], wasm[1] + js[1]].map(kilobytes),
  ]);
  const header = ['', 'wasm', 'JS, minified', 'wasm, gzip', 'JS, gzip', 'both, gzip'];
  const whole = libraries[0].wasm[1] + libraries[0].js[1];
  const target = {
    what: 'library without a model, gzip',
    wanted: '≤ 80 kB',
    reached: `${kilobytes(whole)} kB`,
    met: whole <= 80_000,
  };
  return { text: `### What a page downloads, without a model, in kB\n\n${table(header, rows)}`, targets: [target] };
}

/** @param {Target[]} targets */
export function summary(targets) {
  const rows = targets.map(({ what, wanted, reached, met }) => [what, wanted, reached, met ? 'yes' : 'no']);
  return `### Targets\n\n${table(['', 'target', 'reached', 'met'], rows)}`;
}
