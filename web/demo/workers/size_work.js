// Files and addresses of models, read by their headers and single rows. A worker may fetch an address that the visitor
// pasted; the page itself may not, by its own policy.
import { RemoteTable, env, inspect } from '../../index.js';
import { loadMini } from '../../mini.js';
import { mustNotBeStrange } from '../parts/files.js';

const HEADER = 'its beginning, with the header';

/** One read. `from` to `to`: bytes of the file; `what`: why it was read. @typedef {{ what: string, file: string, from: number, to: number }} FileRead */

/** @type {FileRead[]} */
let log = [];
let what = HEADER;
/** @type {RemoteTable | undefined} */
let table;
let size = 0;
/** What a row of the table takes, and where row 0 begins, once a read has shown it. */
let rowBytes = 0;
let firstRow = NaN;
/** The file that was opened last. It stays open when the next one cannot be read. */
let good = { table, log, size, rowBytes, firstRow };

const answer = (/** @type {unknown} */ message) =>
  /** @type {Worker} */ (/** @type {unknown} */ (globalThis)).postMessage(message);

/** A file whose reads are noted down. */
class NotedFile {
  #file;

  /** @param {File} file */
  constructor(file) {
    this.#file = file;
    this.byteLength = file.size;
  }

  /** @param {number} from @param {number} [to] */
  slice(from, to = this.byteLength) {
    const end = Math.min(to, this.byteLength);
    if (from > 0 || to > 4) log.push({ what, file: this.#file.name, from, to: end });
    return this.#file.slice(from, end).arrayBuffer();
  }
}

env.fetch = async (input, init) => {
  const response = await fetch(input, init);
  const file = new URL(response.url || String(input)).pathname.split('/').pop() ?? '';
  // Another site's answer may hide its Content-Range: what was asked for is known here.
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? [];
  const whole = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const length = Number(response.headers.get('content-length') ?? 0);
  size = Math.max(size, Number(whole ?? 0));
  if (response.status === 206 && from !== undefined)
    log.push({ what, file, from: Number(from), to: Math.min(Number(to) + 1, size || Infinity) });
  else if (response.ok && init?.method !== 'HEAD') log.push({ what: 'a whole file', file, from: 0, to: length });
  return response;
};

/** What is read now; the next file ends it. */
let reading = new AbortController();
const PATIENCE = 60_000; // milliseconds for a header

/** @param {MessageEvent} event from the page */
export async function receive({ data }) {
  if (data.kind !== 'rows') {
    reading.abort();
    reading = new AbortController();
  }
  const { signal } = reading;
  try {
    if (data.kind === 'own') await open(await ownFile(), 'This page’s own model', signal);
    if (data.kind === 'file') await open(data.file, data.file.name, signal);
    if (data.kind === 'address') await inTime(open(data.address, data.address, signal), data.address);
    if (data.kind === 'rows') await rows(data.ids, signal);
  } catch (error) {
    if (signal.aborted && !(error instanceof NoAnswer)) return; // another file was chosen meanwhile
    if (data.kind !== 'rows') ({ table, log, size, rowBytes, firstRow } = good);
    const { message, code, status } = /** @type {{ message: string, code?: string, status?: number }} */ (error);
    answer({ kind: 'error', of: data.kind, name: data.file?.name, address: data.address, message, code, status });
  }
}

class NoAnswer extends Error {}

/** @param {Promise<void>} opening @param {string} address */
async function inTime(opening, address) {
  const mine = reading;
  const patience = setTimeout(() => mine.abort(new NoAnswer(`${address} has not answered for a minute.`)), PATIENCE);
  try {
    await opening;
  } catch (error) {
    throw mine.signal.reason instanceof NoAnswer ? mine.signal.reason : error;
  } finally {
    clearTimeout(patience);
  }
}

/** The file that `layer.save()` writes. */
async function ownFile() {
  const layer = await loadMini();
  const files = await layer.save();
  layer.dispose();
  return new File([/** @type {Uint8Array<ArrayBuffer>} */ (files.get('model.safetensors'))], 'model.safetensors');
}

/** @param {File | string} place @param {string} name @param {AbortSignal} signal */
async function open(place, name, signal) {
  log = [];
  what = HEADER;
  size = typeof place === 'string' ? 0 : place.size;
  if (typeof place !== 'string') await mustNotBeStrange(place, 'a .safetensors or .gguf');
  const info = await inspect(/** @type {string} */ (place), { cache: false, signal });
  log = []; // the table reads the header by itself: what a lookup costs
  const { tensors, ...about } = info;
  /** @type {string | undefined} */
  let whyNoRows;
  /** @type {RemoteTable | undefined} */
  let opened;
  try {
    const source = typeof place === 'string' ? /** @type {never} */ (place) : new NotedFile(place);
    opened = await RemoteTable.from(source, { signal });
    if (signal.aborted) return opened.dispose();
  } catch (error) {
    signal.throwIfAborted();
    whyNoRows = error instanceof Error ? error.message : String(error);
  }
  good.table?.dispose();
  table = opened;
  const shown = table && { rows: table.rows, dim: table.dim, tensor: table.tensor };
  const stored = table && tensors.find(({ name: each }) => each === table?.tensor);
  rowBytes = stored ? stored.bytes / stored.shape[0] : NaN;
  firstRow = NaN;
  const largest = [...tensors].sort((a, b) => b.bytes - a.bytes).slice(0, 5);
  size = Math.max(size, info.bytes);
  good = { table, log, size, rowBytes, firstRow };
  answer({
    ...{ kind: 'opened', name, about, many: tensors.length, largest, size, whyNoRows, log },
    ...{ table: shown, dtype: stored?.dtype, rowBytes },
  });
}

/** @param {number[]} ids @param {AbortSignal} signal */
async function rows(ids, signal) {
  if (!table) throw new Error('There is no file open whose rows could be looked up.');
  what = `rows ${ids.join(', ')}`;
  const before = log.length;
  const begun = performance.now();
  const { data: values, dim } = await table.lookup(ids, { signal });
  nameRows(log.slice(before), ids);
  good.firstRow = firstRow;
  answer({ kind: 'rows', ids, values, dim, ms: performance.now() - begun, log, before, size });
}

/**
 * Says of each read which rows it brought: the one that begins first has the smallest of those asked for. Where the
 * others do not fit to that, their names stay as they are.
 * @param {FileRead[]} reads
 * @param {number[]} ids
 */
function nameRows(reads, ids) {
  if (reads.length === 0) return;
  const begins = reads.map(({ from }) => from);
  if (Number.isNaN(firstRow)) firstRow = Math.min(...begins) - Math.min(...ids) * rowBytes;
  const spans = reads.map(({ from, to }) => [(from - firstRow) / rowBytes, (to - firstRow) / rowBytes - 1]);
  const fits = spans.every(
    ([from, to]) => Number.isInteger(from) && Number.isInteger(to) && ids.some((id) => id >= from && id <= to),
  );
  if (!fits) return;
  reads.forEach((read, i) => {
    const [from, to] = spans[i].map((row) => row.toLocaleString('en'));
    read.what = from === to ? `row ${from}` : `rows ${from} to ${to}`;
  });
}
