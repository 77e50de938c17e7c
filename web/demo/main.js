import { loadMini } from '../mini.js';
import { hueOf, onSchemeChange } from './colors.js';
import { Heatmap, drawLegend } from './heatmap.js';
import { Sentences } from './sentences.js';
import { RUNS, measure } from './timing.js';

const MOST_ROWS = 64;
const MOST_CHIPS = 256;
const HINT = 'Point at a cell to read its number.';

/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);
const count = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

start();
$('retry').addEventListener('click', start);

async function start() {
  setState('loading');
  $('error').hidden = true;
  $('loading').hidden = false;
  try {
    const begun = performance.now();
    const layer = await loadMini({ onProgress: progressBar() });
    const seconds = (performance.now() - begun) / 1000;
    $('progress').value = 1;
    $('loading').hidden = true;
    $('app').hidden = false;
    showFacts(layer.describe(), seconds);
    showPage(layer);
    setState('ready');
  } catch (error) {
    showError(error);
    $('loading').hidden = true;
    $('retry').hidden = !$('app').hidden;
    setState('failed');
  }
}

/** @param {'loading' | 'ready' | 'failed'} state for the style sheet and for tests */
function setState(state) {
  document.documentElement.dataset.state = state;
}

/** @param {unknown} error */
function showError(error) {
  const { code, message } = /** @type {{ code?: string, message?: string }} */ (error);
  $('error-text').textContent = `${message ?? error}${code ? ` (${code})` : ''}`;
  $('error').hidden = false;
  console.error(error);
}

/** Sums the loaded bytes of all files. */
function progressBar() {
  /** @type {Map<string, { loaded: number, total: number }>} */
  const files = new Map();
  const bar = $('progress');
  bar.value = 0;
  /** @param {{ file: string, loaded: number, total: number }} event */
  return ({ file, loaded, total }) => {
    files.set(file, { loaded, total });
    const all = [...files.values()];
    const sum = all.reduce((bytes, each) => bytes + each.loaded, 0);
    const whole = all.reduce((bytes, each) => bytes + each.total, 0);
    // The settings often arrive first, when the size of the weights, by far the largest file, is not known yet. It is
    // never known if a server compresses and so does not send a length.
    const known = files.has('model.safetensors') && all.every((each) => each.total > 0);
    if (known) bar.value = Math.max(bar.value, sum / whole);
    else if (sum > 1e6) bar.removeAttribute('value');
    $('progress-text').textContent =
      `Loading the model: ${(sum / 1e6).toFixed(1)}${known ? ` of ${(whole / 1e6).toFixed(1)}` : ''} MB`;
  };
}

/**
 * @param {ReturnType<import('../index.js').EmbeddingLayer['describe']>} facts
 * @param {number} seconds
 */
function showFacts({ vocabSize, dim, dtype, bytes, variant, normalize }, seconds) {
  $('normalized').hidden = !normalize;
  $('facts').textContent = [
    `${count.format(vocabSize)} tokens`,
    `${count.format(dim)} dimensions`,
    `stored as ${dtype}`,
    `${(bytes / 1e6).toFixed(1)} MB in memory`,
    `WebAssembly ${variant}`,
    `loaded in ${seconds.toFixed(2)} s`,
  ].join(' · ');
}

/** @param {import('../index.js').EmbeddingLayer} layer */
function showPage(layer) {
  const { maxLength } = layer.describe();
  const box = /** @type {HTMLTextAreaElement} */ ($('text'));
  const chips = /** @type {HTMLElement} */ ($('chips'));
  /** @type {{ id: number, token: string, row: number | null, known: boolean }[]} */
  let tokens = [];
  /** @type {number[]} the token of each heatmap row */
  let tokenOfRow = [];

  const heatmap = new Heatmap($('heatmap'), (cell) => {
    select(cell && cell.row >= 0 ? tokenOfRow[cell.row] : null);
    if (!cell) return;
    const name = cell.row < 0 ? 'vector' : `“${tokens[tokenOfRow[cell.row]].token}”`;
    $('readout').textContent = `${name}, dimension ${cell.column}: ${signed(cell.value, 4)}`;
  });
  const sentences = new Sentences((texts) => layer.encode(texts, { normalize: true }), showError);

  function update() {
    const text = box.value;
    const { unkId } = layer.tokenizer;
    const { ids, tokens: pieces } = layer.tokenizer.encode(text, { addSpecialTokens: false });
    let rows = 0;
    tokens = pieces.map((token, i) => {
      const known = ids[i] !== unkId;
      return { id: ids[i], token, known, row: known && rows < MOST_ROWS ? rows++ : null };
    });
    tokenOfRow = tokens.flatMap(({ row }, i) => (row === null ? [] : [i]));
    showChips();

    const shown = tokenOfRow.map((i) => tokens[i]);
    const pooled = layer.encode(text);
    heatmap.show({ tokens: shown, rows: layer.table.lookup(shown.map(({ id }) => id)), pooled });
    const { limits } = heatmap;
    $('legend-text').textContent = shown.length
      ? `rows ±${limits.rows.toFixed(2)}, vector ±${limits.pooled.toFixed(2)} or more`
      : 'no tokens: a vector of zeros';
    $('readout').textContent = HINT;
    const first = Array.from(pooled.subarray(0, 8), (value) => signed(value, 4)).join('  ');
    $('vector').textContent = `[ ${first}  … ]  ${pooled.length} numbers`;
    $('error').hidden = true;
  }

  function showChips() {
    const list = tokens.slice(0, MOST_CHIPS).map(({ id, token, known }, i) => {
      const chip = document.createElement('span');
      const name = document.createElement('b');
      const number = document.createElement('small');
      name.textContent = token;
      number.textContent = String(id);
      chip.className = known ? 'chip' : 'chip left-out';
      chip.setAttribute('role', 'option');
      chip.setAttribute('aria-selected', 'false');
      chip.tabIndex = i === 0 ? 0 : -1;
      chip.dataset.index = String(i);
      chip.style.setProperty('--hue', hueOf(id));
      chip.append(name, number);
      return chip;
    });
    chips.replaceChildren(...list);

    const unknown = tokens.filter(({ known }) => !known).length;
    const total = tokens.length;
    const notes = [total === 1 ? '1 token' : `${count.format(total)} tokens`];
    if (total > MOST_CHIPS) notes.push(`the first ${MOST_CHIPS} are listed`);
    if (total > maxLength) notes.push(`the vector is made of the first ${count.format(maxLength)} at most`);
    if (unknown > 0) notes.push(`${count.format(unknown)} not in the vocabulary, and left out`);
    $('chips-note').textContent = `${notes.join('; ')}.`;
    $('rows-note').textContent = `First ${MOST_ROWS} tokens of ${count.format(total)}, then the text’s vector:`;
    $('rows-note').hidden = total - unknown <= MOST_ROWS;
  }

  /** @param {number | null} index of the token to highlight */
  function select(index) {
    chips.querySelector('[aria-selected="true"]')?.setAttribute('aria-selected', 'false');
    const chip = index === null ? null : chips.children[index];
    chip?.setAttribute('aria-selected', 'true');
    heatmap.mark(index === null ? null : tokens[index].row);
    $('readout').textContent = index === null ? HINT : describeToken(tokens[index]);
  }

  /** @param {{ id: number, token: string, row: number | null, known: boolean }} token */
  function describeToken({ id, token, row, known }) {
    if (!known) return `“${token}” is not in the vocabulary: it has no row`;
    const length = Math.hypot(...layer.table.row(id));
    const place = row === null ? `, below the ${MOST_ROWS} shown` : '';
    return `“${token}” is row ${count.format(id)} of the table, of length ${length.toFixed(2)}${place}`;
  }

  /** @param {Event} event */
  const indexOf = (event) => {
    const chip = /** @type {HTMLElement} */ (event.target).closest('.chip');
    return chip ? Number(/** @type {HTMLElement} */ (chip).dataset.index) : null;
  };
  const focused = () => (chips.contains(document.activeElement) ? indexOf({ target: document.activeElement }) : null);
  chips.addEventListener('pointerover', (event) => select(indexOf(event) ?? focused()));
  chips.addEventListener('pointerleave', () => select(focused()));
  chips.addEventListener('pointerdown', (event) => {
    const index = indexOf(event);
    if (index !== null) /** @type {HTMLElement} */ (chips.children[index]).focus();
  });
  chips.addEventListener('focusin', (event) => {
    chips.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    /** @type {HTMLElement} */ (event.target).tabIndex = 0; // tabbing back returns here
    select(indexOf(event));
  });
  chips.addEventListener('focusout', () => select(null));
  chips.addEventListener('keydown', (event) => {
    const at = focused();
    if (at === null) return;
    const last = chips.children.length - 1;
    const targets = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last };
    const to = targets[/** @type {keyof typeof targets} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (chips.children[Math.min(last, Math.max(0, to))]).focus();
  });

  let measuring = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  function timeLater() {
    measuring.abort();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      measuring = new AbortController();
      showTimes(layer, box.value, measuring.signal).catch(showError);
    }, 300); // not while someone types: it would measure the typing, and slow it down
  }

  box.addEventListener('input', () => {
    try {
      update();
      timeLater();
    } catch (error) {
      showError(error);
    }
  });
  onSchemeChange(() => {
    heatmap.draw();
    drawLegend($('legend-bar'));
    sentences.update();
  });
  drawLegend($('legend-bar'));
  update();
  timeLater();
}

/**
 * @param {import('../index.js').EmbeddingLayer} layer
 * @param {string} text
 * @param {AbortSignal} signal
 */
async function showTimes(layer, text, signal) {
  const { tokenizer } = layer;
  const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
  const used = Math.min(ids.filter((id) => id !== tokenizer.unkId).length, layer.describe().maxLength);
  const into = new Float32Array(layer.dim);
  const time = await measure(() => layer.encode(text, { into }), signal);
  if (!time) return;
  $('time-encode').textContent = duration(time.micros);
  $('time-texts').textContent = rate(1e6 / time.micros);
  $('time-rate').textContent = used > 0 ? rate((used * 1e6) / time.micros) : '–';
  $('time-note').textContent =
    `Measured on this device for the text above: the median of ${RUNS} runs, ${count.format(time.calls)} calls in all.`;
}

/** @param {number} perSecond */
function rate(perSecond) {
  return count.format(Number(perSecond.toPrecision(2))); // more digits would change from run to run
}

/** @param {number} micros */
function duration(micros) {
  return micros < 10_000 ? `${short.format(micros)} µs` : `${short.format(micros / 1000)} ms`;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function signed(value, digits) {
  return `${value < 0 ? '−' : value > 0 ? '+' : ''}${Math.abs(value).toFixed(digits)}`;
}
