import { addCode } from '../parts/code.js';
import { el, finder } from '../parts/dom.js';
import { termButton } from '../parts/hints.js';
import { BYTES, MODELS, tableNumbers } from '../parts/models.js';
import { readoutOf } from '../parts/readable.js';
import { sayOn, saying } from '../parts/say.js';
import { number, sectionState, text } from '../parts/state.js';
import {
  aboutNumbers,
  clip,
  colorRows,
  cost,
  describe,
  explain,
  isAddress,
  showLog,
  showRows,
  wrongIds,
} from '../parts/file_views.js';
import { onSchemeChange } from '../parts/colors.js';
import { bytes, count, percent, plural } from '../parts/words.js';
import { size as snippet } from '../snippets.js';

/** @typedef {import('../parts/file_views.js').Opened} Opened */

const OWN = 'This page’s own model';
const [MOST_ROWS, MOST_NUMBERS, MOST_IDS] = [10_000_000, 100_000, 100];
const FIRST = MODELS[4];
const FIELDS = {
  vocab: number(FIRST.vocab, 1, MOST_ROWS),
  dim: number(FIRST.dim, 1, MOST_NUMBERS),
  ids: text('5, 17, 28000', 200),
};

/** @type {Record<string, string>} */
const NAMES = { f32: '32 bits (f32)', f16: '16 bits (f16)', i8: '8 bits (i8)', i4: '4 bits (i4)' };

/** @param {string} label @param {string} id @param {number} most */
const amount = (label, id, most) =>
  el(
    'label',
    { class: 'field' },
    el('span', { text: label }),
    el('input', { type: 'number', id: `size-${id}`, min: '1', max: String(most), step: '1', inputmode: 'numeric' }),
  );

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'two' },
      amount('Tokens in the vocabulary', 'vocab', MOST_ROWS),
      amount('Dimensions', 'dim', MOST_NUMBERS),
    ),
    el('p', { class: 'answer', id: 'size-answer', role: 'status' }),
    el('dl', { class: 'bars', id: 'size-bars', 'aria-label': 'Bytes of the table by precision' }),
    el('p', {
      class: 'quiet',
      text: 'Whole numbers need a factor beside them: i8 keeps one for every row, i4 one for every 32 numbers, which makes it 4.5 bits a number.',
    }),
    el('h3', { text: 'How much of a model is its table?' }),
    el('p', {
      class: 'quiet',
      text: 'The filled part of each bar is the table’s share of all the numbers of the model (both tables’, where a second one scores the next word). Choose a model.',
    }),
    el('ul', { class: 'models', id: 'size-models' }),
    el('h3', { text: 'Look inside a real file' }),
    el(
      'p',
      { class: 'quiet' },
      'A file (',
      termButton('safetensors', '.safetensors'),
      ' or ',
      termButton('gguf', '.gguf'),
      ') lists in its header its tensors, which are its blocks of numbers, and where each lies; so single rows can be read without the rest. A file stays here; an address is fetched by your browser directly.',
    ),
    el(
      'div',
      { class: 'drop' },
      el(
        'label',
        { class: 'button' },
        'Open a .safetensors or .gguf',
        el('input', { type: 'file', id: 'size-file', class: 'visually-hidden' }),
      ),
      el('button', { type: 'button', id: 'size-own', text: 'This page’s own model' }),
    ),
    el(
      'form',
      { class: 'ask', id: 'size-form' },
      el(
        'label',
        { class: 'field' },
        el('span', { text: 'Or the address of one, or of its folder' }),
        el('input', {
          type: 'text',
          id: 'size-address',
          inputmode: 'url',
          placeholder: 'https://…/model.safetensors',
          autocomplete: 'off',
          spellcheck: 'false',
        }),
      ),
      el('button', { type: 'submit', text: 'Read its header' }),
    ),
    saying('size-file-say'),
    el('p', { class: 'readout', id: 'size-file-answer', role: 'status', text: 'Reading…' }),
    el(
      'form',
      { class: 'ask', id: 'size-rows-form' },
      el(
        'label',
        { class: 'field' },
        el('span', { text: 'Rows to look up, by id' }),
        el('input', { type: 'text', id: 'size-ids', inputmode: 'numeric', autocomplete: 'off' }),
      ),
      el('button', { type: 'submit', text: 'Look them up' }),
    ),
    saying('size-rows-say'),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'The rows' },
      el('table', { class: 'plain rows-found', id: 'size-found' }),
    ),
    readoutOf('size-value'),
    el('p', { class: 'quiet', id: 'size-numbers' }),
    el('p', { class: 'answer', id: 'size-cost', role: 'status' }),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'What was read' },
      el('table', { class: 'plain', id: 'size-log' }),
    ),
  );
}

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('size', FIELDS);
  for (const key of Object.keys(FIELDS)) $(key).value = String(state.values[key]);
  say.note(state.problems.join(' '));
  const worker = new Worker(new URL('../workers/size.js', import.meta.url), { type: 'module' });
  const given = () => ({ vocab: Number($('vocab').value), dim: Number($('dim').value), ids: $('ids').value });

  const sizes = () => {
    const { vocab, dim } = given();
    const isIn = (/** @type {number} */ value, /** @type {number} */ most) =>
      Number.isInteger(value) && value > 0 && value <= most;
    const [tokens, dimensions] = [isIn(vocab, MOST_ROWS), isIn(dim, MOST_NUMBERS)];
    if (!tokens || !dimensions) {
      $('answer').textContent = dimensions
        ? `Tokens: a whole number from 1 to ${count(MOST_ROWS)}.`
        : tokens
          ? `Dimensions: a whole number from 1 to ${count(MOST_NUMBERS)}.`
          : 'Tokens and dimensions: whole numbers from 1.';
      $('bars').style.visibility = 'hidden'; // what is below it stays where it is
      for (const button of $('models').querySelectorAll('button')) button.setAttribute('aria-pressed', 'false');
      return;
    }
    $('bars').style.visibility = '';
    $('answer').textContent = `${count(vocab)} rows of ${plural(dim, 'number')} are ${count(vocab * dim)} numbers.`;
    const all = Object.entries(BYTES).map(([dtype, of]) => ({ dtype, size: of(vocab, dim) }));
    $('bars').replaceChildren(
      ...all.flatMap(({ dtype, size }) => [
        el('dt', { text: NAMES[dtype] }),
        el('dd', {}, track(size / all[0].size), el('span', { text: bytes(size) })),
      ]),
    );
    for (const button of $('models').querySelectorAll('button')) {
      const model = MODELS.find(({ name }) => name === button.dataset.name);
      button.setAttribute('aria-pressed', String(model?.vocab === vocab && model.dim === dim));
    }
  };
  $('models').append(
    ...MODELS.map((model) => {
      const share = tableNumbers(model) / model.parameters;
      const use = () => {
        $('vocab').value = String(model.vocab);
        $('dim').value = String(model.dim);
        $('dim').dispatchEvent(new Event('input', { bubbles: true }));
      };
      const button = el('button', { type: 'button', 'data-name': model.name, onclick: use, text: model.name });
      return el(
        'li',
        {},
        button,
        track(share),
        el('span', { class: 'right', text: `${percent(share)} of ${short(model.parameters)}` }),
      );
    }),
  );
  root.addEventListener('input', ({ target }) => {
    state.problems.length = 0;
    if (target === $('vocab') || target === $('dim')) sizes();
    if (target === $('vocab') || target === $('dim') || target === $('ids')) state.write(given());
  });

  const [sayFile, sayRows] = [sayOn($('file-say')), sayOn($('rows-say'))];
  /** The file that is open. @type {Opened | undefined} */
  let opened;
  const clearRows = () => {
    for (const id of ['found', 'numbers', 'cost', 'log']) $(id).replaceChildren();
  };
  /** Whether a file is being read: what is shown is of the one before. */
  let reading = false;
  const showReading = (/** @type {boolean} */ is) => {
    reading = is;
    for (const id of ['rows-form', 'found', 'numbers', 'cost', 'log']) $(id).classList.toggle('of-another', is);
  };
  /** What stays open when the next file cannot be read. */
  const keepFile = () => {
    showReading(false);
    $('rows-form').hidden = !opened?.table;
    $('file-answer').textContent = opened ? `Still open: ${describe(opened)}` : '';
  };
  const quiet = () => {
    say.note(state.problems.join(' '));
    for (const each of [sayFile, sayRows]) each.clear();
    if (opened) $('file-answer').textContent = describe(opened);
  };
  const ask = (/** @type {Record<string, unknown>} */ message) => {
    quiet();
    showReading(true);
    $('file-answer').textContent = 'Reading…';
    worker.postMessage(message);
  };
  const lookUp = () => {
    if (!opened?.table || reading) return;
    quiet();
    const ids = $('ids')
      .value.split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
    const wrong = wrongIds(ids, opened.table.rows);
    if (wrong) {
      clearRows();
      return sayRows.error(wrong);
    }
    if (ids.length > MOST_IDS) sayRows.note(`The first ${MOST_IDS} of these ids are looked up.`);
    worker.postMessage({ kind: 'rows', ids: ids.slice(0, MOST_IDS) });
  };
  $('file').addEventListener('change', () => {
    const file = $('file').files?.[0];
    if (file) ask({ kind: 'file', file });
    $('file').value = '';
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files?.[0];
    if (file) ask({ kind: 'file', file });
  });
  $('own').addEventListener('click', () => ask({ kind: 'own' }));
  $('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const address = $('address').value.trim();
    if (!isAddress(address)) {
      quiet();
      return sayFile.error(
        `${address === '' ? 'Write the address of a file here.' : `“${clip(address)}” is no address.`} It begins with https://, or http:// on your own machine.`,
      );
    }
    ask({ kind: 'address', address });
  });
  $('rows-form').addEventListener('submit', (event) => {
    event.preventDefault();
    lookUp();
  });
  /** Called with the first answer, or what went wrong. @type {(value?: unknown) => void} */
  let shown = () => {};
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') {
      const ofRows = data.of === 'rows';
      (ofRows ? sayRows : sayFile).error(explain(data));
      if (ofRows) clearRows();
      else keepFile();
      shown();
    }
    if (data.kind === 'opened') {
      opened = data;
      clearRows();
      showReading(false);
      $('file-answer').textContent = describe(data);
      showLog($('log'), data.log);
      $('rows-form').hidden = !data.table;
      root.dataset.opened = data.name;
      if (data.table) lookUp();
      else shown();
    }
    if (data.kind === 'rows' && opened) {
      const isOwn = opened.name === OWN;
      showRows($('found'), data, (id) => (isOwn ? (layer.tokenizer.idToToken(id) ?? '') : ''));
      $('numbers').textContent = aboutNumbers(opened);
      $('cost').textContent = cost(data);
      showLog($('log'), data.log);
      shown();
    }
  });
  onSchemeChange(() => colorRows($('found')));
  worker.addEventListener('error', () => {
    say.error('The worker that reads files could not be started.');
    shown();
  });
  addCode(root, { code: () => snippet({ place: $('address').value.trim(), ids: $('ids').value }) });
  sizes();
  ask({ kind: 'own' });
  await new Promise((resolve) => {
    shown = resolve;
  });
}

/** @param {number} share of a bar */
function track(share) {
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.min(100, 100 * share)}%`;
  return el('span', { class: 'track' }, bar);
}

/** @param {number} parameters */
const short = (parameters) =>
  parameters >= 1e9 ? `${(parameters / 1e9).toPrecision(3)} billion` : `${Math.round(parameters / 1e6)} million`;
