import { EmbeddingTable } from '../../index.js';
import { NOTES } from '../notes.js';
import { addCode } from '../parts/code.js';
import { el, finder } from '../parts/dom.js';
import { measure, pause } from '../parts/timing.js';
import { unitTable } from '../parts/unit_table.js';
import { bytes, count, decimal, duration, percent, rate } from '../parts/words.js';
import { speed as snippet } from '../snippets.js';

const ROWS = 32_768; // × 256 numbers in f32: 34 MB, more than the caches of most machines hold
const DIM = 256;
const LOOKUPS = 4096;
const POOLED = 16; // rows of a mean

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
      text: `An embedding layer hardly computes: it fetches. So its measure is how fast this browser copies memory. Here on a table of ${count(ROWS)} rows of ${DIM} numbers in f32, ${bytes(4 * ROWS * DIM)}. Counted are the bytes of the rows that are read; one scale for all.`,
    }),
    el('dl', { class: 'bars', id: 'speed-bars' }),
    el('p', {
      class: 'readout',
      id: 'speed-answer',
      text: 'Once measured, this says how near each comes to a copy, and why some are faster or slower.',
    }),
  );
}

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export function start({ root, layer, say }) {
  const $ = finder(root);
  build($('live'));
  const each = `${NOTES.length} notes in one call, ${decimal(tokensOf(layer) / NOTES.length, 1)} tokens each`;
  const figures = [
    ['one short text to a vector', `“${NOTES[0]}”`],
    ['texts to vectors, per second', each],
    ['tokens to vectors, per second', 'the same notes'],
    ['one vector against every row', `${count(layer.table.rows)} rows of this page’s model in f32, the ten nearest`],
  ];
  const show = (/** @type {string[]} */ values) =>
    $('figures').replaceChildren(
      ...figures.map(([name, what], i) =>
        el(
          'div',
          {},
          el('dt', { text: name }),
          el('dd', {}, el('span', { class: 'value', text: values[i] ?? '–' }), el('p', { class: 'quiet', text: what })),
        ),
      ),
    );
  const bars = (/** @type {[string, number][]} */ list) => {
    const most = Math.max(...list.map(([, value]) => value), 1e-9);
    $('bars').replaceChildren(
      ...list.flatMap(([name, value]) => {
        const bar = el('span', { class: 'bar' });
        bar.style.width = `${(100 * value) / most}%`;
        return [
          el('dt', {}, name, el('span', { text: GIGABYTES[name] })),
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
  bars(Object.keys(GIGABYTES).map((name) => [name, 0]));
  addCode(root, { code: snippet });
  /** @type {AbortController | undefined} */
  let running;
  $('run').addEventListener('click', async () => {
    if (running) return running.abort();
    running = new AbortController();
    say.clear();
    $('run').textContent = 'Stop';
    try {
      await run(layer, running.signal, (step) => ($('status').textContent = step), show, bars, $('answer'));
      $('status').textContent = running.signal.aborted
        ? 'Stopped.'
        : 'Measured just now: the median of nine runs each.';
      root.dataset.measured = String(!running.signal.aborted);
    } catch (error) {
      say.error(error);
      $('status').textContent = '';
    }
    running = undefined;
    $('run').textContent = 'Measure again';
  });
}

/** @param {import('../../index.js').EmbeddingLayer} layer */
const tokensOf = (layer) => NOTES.reduce((sum, note) => sum + layer.tokenizer.count(note), 0);

/** What is measured against the memory, and on what. @type {Record<string, string>} */
const GIGABYTES = {
  'copying memory': `${count(LOOKUPS)} rows in one piece`,
  'rows by id, used before': `the same ${count(LOOKUPS)} again and again`,
  'rows by id, new ones': 'others in every round',
  'means of rows': `${POOLED} new ones to each`,
  'scores of rows': 'all of them, times one vector',
};

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
  const tokens = tokensOf(layer);
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
    const found = Object.keys(GIGABYTES).map((name) => /** @type {[string, number]} */ ([name, 0]));
    found[0][1] = gigabytes(copy.byteLength, copying);
    bars(found);
    status('Rows…');
    // The same rows again come from the processor's caches; others with every call, until all had their turn, do not.
    const turns = Array.from({ length: ROWS / LOOKUPS }, (_, turn) =>
      Uint32Array.from({ length: LOOKUPS }, (_id, i) => ((turn * LOOKUPS + i) * 7919) % ROWS),
    );
    let turn = 0;
    const ids = () => turns[turn++ % turns.length];
    const again = await measure(() => table.lookup(turns[0], { into: copy }), signal);
    const looking = await measure(() => table.lookup(ids(), { into: copy }), signal);
    const offsets = Uint32Array.from({ length: LOOKUPS / POOLED + 1 }, (_, i) => POOLED * i);
    const means = new Float32Array((LOOKUPS / POOLED) * DIM);
    const pooling = await measure(() => table.bag(ids(), offsets, { mode: 'mean', into: means }), signal);
    const nearest = await measure(() => table.nearest(into, 10), signal);
    const words = await unitTable(layer);
    const search = await measure(() => words.nearest(into, 10), signal);
    if (!again || !looking || !pooling || !nearest || !search) return;
    [again, looking, pooling].forEach((time, i) => (found[i + 1][1] = gigabytes(copy.byteLength, time)));
    found[4][1] = gigabytes(data.byteLength, nearest);
    bars(found);
    show([...values, duration(search.micros)]);
    answer.textContent = inSentences(found.map(([, value]) => value));
  } finally {
    table.dispose();
  }
}

/** @param {number[]} gigabytes a second, in the order of the bars */
function inSentences([copying, again, looking, , scoring]) {
  const share = (/** @type {number} */ value) =>
    value >= copying
      ? 'as fast as this browser copies memory'
      : `at ${percent(value / copying)} of the speed of a copy`;
  // Smaller differences are those between one measurement and the next, and explain nothing.
  const clearly = (/** @type {number} */ more, /** @type {number} */ less) => more > 1.2 * less;
  const reads = clearly(scoring, copying)
    ? ' Scoring reads on and writes next to nothing, so it can be faster than a copy.'
    : '';
  const cached = clearly(again, looking)
    ? `, ${decimal(again / looking, 1)} times as fast as new ones: the processor’s cache has them`
    : '';
  const far = clearly(copying, looking) ? ': each is a jump in memory, where a copy reads on' : '';
  const alike = cached || clearly(looking, again) ? '' : ' That is no clear difference.';
  const odd = clearly(looking, again) ? ' That new ones come faster is chance: something else ran here.' : '';
  return `Rows that were used before, as those of frequent words are, arrive ${share(again)}${cached}. New ones arrive ${share(looking)}${far}.${alike}${odd}${reads} Other work on this device changes the numbers: measure again.`;
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
