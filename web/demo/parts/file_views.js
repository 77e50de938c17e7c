// What the section on sizes shows of a file: its header, its rows, and what reading them took.
import { shade } from './colors.js';
import { el } from './dom.js';
import { readable } from './readable.js';
import { bytes, count, decimal, duration, inThousands, percent, plural } from './words.js';

/** @typedef {import('../workers/size_work.js').FileRead} FileRead */
/** @typedef {{ name: string, about: import('../../index.js').ModelInfo, many: number, largest: { name: string, shape: number[], dtype: string }[], size: number, whyNoRows?: string, table?: { rows: number, dim: number, tensor: string }, dtype?: string, rowBytes: number, log: FileRead[] }} Opened */
/** @typedef {{ ids: number[], values: Float32Array, dim: number, ms: number, log: FileRead[], before: number, size: number }} FoundRows `before`: the reads that were made earlier */

const FIRST = 8; // numbers of a row that are written out
const STRIPS = 20; // rows that are shown
const LINES = 40; // reads that are listed

/** @param {string} text */
export const clip = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** @param {string} text */
export const isAddress = (text) => /^https?:\/\//.test(text) && URL.canParse(text);

/** What is wrong with ids, or nothing. @param {number[]} ids @param {number} rows of the table */
export function wrongIds(ids, rows) {
  const bad = ids.find((id) => !(Number.isSafeInteger(id) && id >= 0));
  if (ids.length === 0 || bad !== undefined) return 'Ids are whole numbers from 0, with commas between them.';
  const beyond = ids.find((id) => id >= rows);
  if (beyond === undefined) return '';
  return `There is no row ${count(beyond)}: this table has ${plural(rows, 'row')}, from 0 to ${count(rows - 1)}.`;
}

/** @param {Opened} opened */
export function describe({ name, about, many, largest, size, whyNoRows }) {
  const { layer, format, parameters, headerBytes } = about;
  const parts = [
    `${name}: ${format}, ${plural(many, 'tensor')}, ${count(parameters)} numbers in ${bytes(Math.max(size, about.bytes))}. Its header, which says so, takes ${bytes(headerBytes)}.`,
  ];
  if (many === 0) parts.push('It has no tensors, so there is nothing to look up.');
  else if (layer) {
    const way = layer.tied ? ', which also scores tokens on the way out (tied)' : '';
    parts.push(
      `Its token table is ${count(layer.vocabSize)} × ${count(layer.dim)} in ${layer.dtype.toLowerCase()}: ${percent((layer.vocabSize * layer.dim) / parameters)} of the numbers${way}.`,
    );
  } else {
    parts.push(
      `Which of them is a token table is not known (${about.whyNoLayer}). The largest is ${largest[0]?.name}, ${largest[0]?.shape.join(' × ')}.`,
    );
  }
  if (whyNoRows && many > 0) parts.push(`Its rows cannot be looked up: ${whyNoRows}.`);
  return parts.join(' ');
}

/** A library's message, and what may be the reason. @param {{ message: string, code?: string, status?: number, name?: string, address?: string }} error */
export function explain({ message, code, status, name, address }) {
  // The worker reads a visitor's file under the usual name of its kind.
  const legible = message.replace(/\d{5,}(?= bytes)/g, inThousands);
  const own = name
    ? legible.replace(/^(the file|model\.(safetensors|gguf))/, `“${name}”`).replace(/: WordVectors\..*/, '')
    : legible;
  if (message.includes('the option file'))
    return `${clip(address ?? 'This folder')} has no single file of weights. Write the address of the file itself.`;
  if (name && /\.gguf$/i.test(name) && message.includes('safetensors'))
    return `“${name}” is no GGUF file: those begin with the letters GGUF.`;
  if (code === 'bad_file' || code === 'unsupported')
    return `This is no .safetensors or .gguf that can be read: ${own}.`;
  if (code !== 'network' || status) return own;
  return `${clip(address ?? 'The file')} could not be reached. Its server must answer, and must allow other pages to read it (CORS).`;
}

/** What the numbers of the rows are. @param {Opened} opened */
export function aboutNumbers({ table, dtype, rowBytes, largest }) {
  if (!table) return '';
  if (dtype !== 'I8')
    return `A row is ${plural(table.dim, 'number')}, ${bytes(rowBytes)}. The colour is strongest at its greatest number.`;
  const factors = largest.find(({ shape }) => shape.length === 1 && shape[0] === table.rows);
  const apart = factors ? ` (“${factors.name}”, ${bytes(4 * table.rows)})` : '';
  return `A row is ${plural(table.dim, 'whole number')} from −127 to 127, ${bytes(rowBytes)}. One factor per row, kept elsewhere in the file${apart} and not read here, brings them to the size that the rest of the page works with: it makes a row longer or shorter, and does not turn it.`;
}

/** @param {number} share 0 to 1 */
const exactPercent = (share) => `${Number((100 * share).toPrecision(2))}%`;

/** @param {FoundRows} found */
export function cost({ ids, log, before, ms, size }) {
  const sum = (/** @type {FileRead[]} */ reads) => reads.reduce((total, { from, to }) => total + to - from, 0);
  const [earlier, now] = [sum(log.slice(0, before)), sum(log.slice(before))];
  const all = `${bytes(earlier + now)} of ${bytes(size)} (${exactPercent((earlier + now) / size)})`;
  if (log.length === before) return `Nothing had to be read: these rows were here already. So far ${all}.`;
  return `${plural(ids.length, 'row')}: ${plural(log.length - before, 'read')}, ${bytes(now)} together, in ${duration(1000 * ms)}. With the ${bytes(earlier)} read before, the header among them: ${all}.`;
}

/** @param {HTMLElement} table @param {FoundRows} found @param {(id: number) => string} tokenOf */
export function showRows(table, { ids, values, dim }, tokenOf) {
  const many = Math.min(ids.length, STRIPS);
  const lines = ids.slice(0, many).map((id, i) => {
    const row = values.subarray(i * dim, (i + 1) * dim);
    const strip = el('canvas', { class: 'strip', width: dim, height: 1, 'aria-label': `row ${count(id)}` });
    strip.dataset.values = Array.from(row, (value) => Number(value.toPrecision(4))).join();
    const digits = (/** @type {number} */ value) => decimal(value, Number.isInteger(value) ? 0 : 3);
    const say = (/** @type {number} */ at) => `row ${count(id)}, number ${at}: ${digits(row[at])}`;
    readable(strip, { columns: dim, say, readout: () => document.getElementById('size-value') });
    const token = tokenOf(id);
    const written = Array.from(row.subarray(0, FIRST), digits);
    return el(
      'tr',
      {},
      el(
        'th',
        { scope: 'row', text: count(id) },
        ...(token ? [el('span', { class: 'quiet', text: ` “${token}”` })] : []),
      ),
      el('td', {}, strip, el('span', { class: 'numbers', text: `${written.join(' ')}${dim > FIRST ? ' …' : ''}` })),
    );
  });
  const head = ['row', 'its numbers'].map((text) => el('th', { scope: 'col', text }));
  const more = ids.length - many;
  table.replaceChildren(
    el('thead', {}, el('tr', {}, ...head)),
    el(
      'tbody',
      {},
      ...lines,
      ...(more ? [el('tr', {}, el('td', { colspan: 2, text: `and ${plural(more, 'row')} more` }))] : []),
    ),
  );
  colorRows(table);
}

/** Paints the strips in the colours of the light or the dark page. @param {HTMLElement} table */
export function colorRows(table) {
  for (const strip of table.querySelectorAll('canvas')) {
    const values = (strip.dataset.values ?? '').split(',').map(Number);
    const most = Math.max(...values.map(Math.abs)) || 1;
    const context = /** @type {CanvasRenderingContext2D} */ (strip.getContext('2d'));
    values.forEach((value, i) => {
      context.fillStyle = shade(value / most);
      context.fillRect(i, 0, 1, 1);
    });
  }
}

/** @param {HTMLElement} table @param {FileRead[]} log */
export function showLog(table, log) {
  const files = new Set(log.map(({ file }) => file));
  const cell = (/** @type {string} */ text) => el('td', { class: 'right', text });
  const lines = log
    .slice(0, LINES)
    .map(({ what, file, from, to }) =>
      el(
        'tr',
        {},
        el('td', { text: files.size > 1 ? `${file}: ${what}` : what }),
        cell(count(from)),
        cell(count(to - 1)),
        cell(count(to - from)),
      ),
    );
  const head = ['what was read', 'from byte', 'to byte', 'bytes'].map((name, i) =>
    el('th', { scope: 'col', class: i ? 'right' : '', text: name }),
  );
  const rest = log.length - lines.length;
  if (rest > 0) lines.push(el('tr', {}, el('td', { colspan: 4, text: `and ${plural(rest, 'read')} more` })));
  const total = log.reduce((sum, { from, to }) => sum + to - from, 0);
  const foot = el(
    'tr',
    {},
    el('th', { scope: 'row', text: plural(log.length, 'read') }),
    cell(''),
    cell(''),
    cell(count(total)),
  );
  table.replaceChildren(el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...lines), el('tfoot', {}, foot));
}
