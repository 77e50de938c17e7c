import { EmbeddingTable } from '../../index.js';
import { NOTES } from '../notes.js';
import { addCode } from '../parts/code.js';
import { el, finder } from '../parts/dom.js';
import { measure, pause } from '../parts/timing.js';
import { unitTable } from '../parts/unit_table.js';
import { count, decimal, duration, rate } from '../parts/words.js';
import { speed as snippet } from '../snippets.js';

const ROWS = 32_768; // × 256 numbers in f32: 34 MB, more than the caches of most machines hold
const DIM = 256;
const LOOKUPS = 4096;

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'buttons' },
      el('button', { type: 'button', id: 'speed-run', class: 'primary', text: 'Measure this machine' }),
      el('span', {
        class: 'quiet',
        id: 'speed-status',
        role: 'status',
        text: 'Takes a few seconds; the page stays usable.',
      }),
    ),
    el('dl', { class: 'figures', id: 'speed-figures' }),
    el('h3', { text: 'How close to the memory’s own speed?' }),
    el('p', {
      class: 'quiet',
      text: 'An embedding layer hardly computes: it fetches. So its measure is what this machine’s memory can copy. One scale for all.',
    }),
    el('dl', { class: 'bars', id: 'speed-bars' }),
    el('p', { class: 'readout', id: 'speed-answer' }),
  );
}

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export function start({ root, layer, say }) {
  const $ = finder(root);
  build($('live'));
  const names = [
    'one short text to a vector',
    'texts per second',
    'tokens per second',
    `search among ${count(layer.table.rows)} rows`,
  ];
  const show = (/** @type {string[]} */ values) =>
    $('figures').replaceChildren(
      ...names.map((name, i) =>
        el('div', {}, el('dt', { text: name }), el('dd', {}, el('span', { class: 'value', text: values[i] ?? '–' }))),
      ),
    );
  const bars = (/** @type {[string, number][]} */ list) => {
    const most = Math.max(...list.map(([, value]) => value), 1e-9);
    $('bars').replaceChildren(
      ...list.flatMap(([name, value]) => {
        const bar = el('span', { class: 'bar' });
        bar.style.width = `${(100 * value) / most}%`;
        return [
          el('dt', { text: name }),
          el(
            'dd',
            {},
            el('span', { class: 'track' }, bar),
            el('span', { text: value > 0 ? `${decimal(value, 1)} GB/s` : '–' }),
          ),
        ];
      }),
    );
  };
  show([]);
  bars(GIGABYTES.map((name) => [name, 0]));
  addCode(root, { code: snippet });
  /** @type {AbortController | undefined} */
  let running;
  $('run').addEventListener('click', async () => {
    if (running) return running.abort();
    running = new AbortController();
    $('run').textContent = 'Stop';
    try {
      await run(layer, running.signal, (step) => ($('status').textContent = step), show, bars, $('answer'));
      $('status').textContent = running.signal.aborted
        ? 'Stopped.'
        : 'Measured just now: the median of nine runs each.';
      root.dataset.measured = String(!running.signal.aborted);
    } catch (error) {
      say.error(error);
    }
    running = undefined;
    $('run').textContent = 'Measure again';
  });
}

const GIGABYTES = ['memory: copying', 'rows by id', 'mean of rows', 'scores of all rows'];

/**
 * @param {import('../../index.js').EmbeddingLayer} layer
 * @param {AbortSignal} signal
 * @param {(step: string) => void} status
 * @param {(values: string[]) => void} show
 * @param {(list: [string, number][]) => void} bars
 * @param {HTMLElement} answer
 */
async function run(layer, signal, status, show, bars, answer) {
  const short = NOTES[0];
  const into = new Float32Array(layer.dim);
  const all = new Float32Array(NOTES.length * layer.dim);
  const tokens = NOTES.reduce((sum, note) => sum + layer.tokenizer.count(note), 0);
  status('Texts…');
  const one = await measure(() => layer.encode(short, { into }), signal);
  const many = await measure(() => layer.encode(NOTES, { into: all }), signal);
  if (!one || !many) return;
  const seconds = many.micros / 1e6;
  const values = [duration(one.micros), rate(NOTES.length / seconds), rate(tokens / seconds)];
  show(values);

  status('Memory…');
  const data = await numbers();
  const copy = new Float32Array(LOOKUPS * DIM);
  const table = await EmbeddingTable.from(data, { rows: ROWS, dim: DIM });
  try {
    let at = 0;
    const copying = await measure(() => {
      copy.set(data.subarray(at, at + copy.length));
      at = (at + copy.length) % data.length;
    }, signal);
    if (!copying) return;
    const gigabytes = (/** @type {number} */ size, /** @type {{ micros: number }} */ time) => size / time.micros / 1000;
    const found = GIGABYTES.map((name) => /** @type {[string, number]} */ ([name, 0]));
    found[0][1] = gigabytes(copy.byteLength, copying);
    bars(found);
    status('Rows…');
    const ids = Uint32Array.from({ length: LOOKUPS }, (_, i) => (i * 7919) % ROWS);
    const looking = await measure(() => table.lookup(ids, { into: copy }), signal);
    const offsets = Uint32Array.from({ length: LOOKUPS / 16 + 1 }, (_, i) => 16 * i);
    const means = new Float32Array((LOOKUPS / 16) * DIM);
    const pooling = await measure(() => table.bag(ids, offsets, { mode: 'mean', into: means }), signal);
    const nearest = await measure(() => table.nearest(into, 10), signal);
    const words = await unitTable(layer);
    const search = await measure(() => words.nearest(into, 10), signal);
    if (!looking || !pooling || !nearest || !search) return;
    found[1][1] = gigabytes(copy.byteLength, looking);
    found[2][1] = gigabytes(copy.byteLength, pooling);
    found[3][1] = gigabytes(data.byteLength, nearest);
    bars(found);
    show([...values, duration(search.micros)]);
    answer.textContent = `${found[1][1] > found[0][1] ? 'Rows arrive as fast as this browser copies memory.' : `Rows arrive at ${Math.round((100 * found[1][1]) / found[0][1])} % of the speed at which this browser copies memory.`} Other work on this device changes the numbers: measure again.${found[3][1] > found[0][1] ? ' Scoring only reads, copying writes too: so it can be faster than a copy.' : ''}`;
  } finally {
    table.dispose();
  }
}

/** Any numbers, made in steps so that the page stays quick. */
async function numbers() {
  const data = new Float32Array(ROWS * DIM);
  for (let i = 0; i < data.length; i++) {
    data[i] = ((i * 2654435761) % 1000) / 1000 - 0.5;
    if (i % 1e6 === 0) await pause();
  }
  return data;
}
