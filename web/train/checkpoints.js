// A checkpoint is a file of sections with checksums, as an index is: what it is of, the settings and the place in the texts as
// JSON; then what has been learnt, a section for each tensor.
import { WembedError, isA, shown } from '../core/errors.js';
import { readChunks } from '../search/chunk_reader.js';
import { writeChunk } from '../search/chunks.js';

const NAME = 'the checkpoint';
const FILE = { magic: 'WEMBLRNT', name: NAME };

/** @param {string} what @param {unknown} [cause] */
const corrupted = (what, cause) => new WembedError('bad_file', `${NAME} ${what}`, { reason: 'corrupted', cause });

/**
 * @param {string} kind of training
 * @param {object} state anything that JSON holds
 * @param {Record<string, Float32Array>} tensors which are copied
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeCheckpoint(kind, state, tensors) {
  const json = new TextEncoder().encode(JSON.stringify({ kind, names: Object.keys(tensors), state }));
  const bytes = Object.values(tensors).map((data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return writeChunk([json, ...bytes], FILE);
}

/**
 * @param {unknown} file a caller's
 * @returns {Uint8Array} its bytes, not copied
 */
function bytesOf(file) {
  if (!ArrayBuffer.isView(file) && !isA(file, ArrayBuffer)) {
    throw new WembedError('invalid_argument', `${NAME} must be the bytes that checkpoint() gave`);
  }
  try {
    const view = ArrayBuffer.isView(file) ? file : new Uint8Array(file);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    // Memory of several threads may change while it is read; numbers are read at addresses that are multiples of 4.
    return isA(bytes.buffer, ArrayBuffer) && bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  } catch (cause) {
    throw new WembedError('invalid_argument', `${NAME} must be bytes that are there: their buffer is detached`, {
      cause,
    });
  }
}

/**
 * @param {string} kind of training that it is to be of
 * @param {unknown} file
 * @returns {{ state: Record<string, unknown>, tensors: Record<string, Float32Array> }} state: unchecked; tensors: views of the
 *   file, to be read before anything is waited for. Errors: `bad_file` with reason 'foreign', 'truncated' or 'corrupted',
 *   `unsupported` with reason 'newer'
 */
export function readCheckpoint(kind, file) {
  const [[json, ...sections], ...more] = readChunks(bytesOf(file), undefined, FILE);
  if (more.length > 0 || !json) throw corrupted('has more in it than one state');
  const head = parsed(json);
  if (head.kind !== kind) {
    const what = `${NAME} is not one of ${kind}, but of ${shown(head.kind)}`;
    throw new WembedError('bad_file', what, { reason: 'foreign' });
  }
  const { names, state } = head;
  if (typeof state !== 'object' || state === null) throw corrupted('has no state');
  if (!Array.isArray(names) || names.length !== sections.length) throw corrupted('has numbers without names');
  const tensors = Object.fromEntries(
    sections.map(({ buffer, byteOffset, length }, i) => {
      if (length % 4 !== 0) throw corrupted('has half a number');
      return [String(names[i]), new Float32Array(buffer, byteOffset, length / 4)];
    }),
  );
  return { state: /** @type {Record<string, unknown>} */ (state), tensors };
}

/** @param {Uint8Array} json @returns {Record<string, unknown>} */
function parsed(json) {
  try {
    return Object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)));
  } catch (cause) {
    throw corrupted('has a state that is no JSON', cause);
  }
}

/**
 * Refuses a checkpoint of other texts or options.
 * @param {Record<string, unknown>} identity what has to be the same where training goes on
 * @param {Record<string, unknown>} state of the checkpoint
 */
export function checkSame(identity, state) {
  for (const [name, value] of Object.entries(identity)) {
    if (value === undefined || state[name] === value) continue;
    const what = `${name} is ${shown(value)}, but was ${shown(state[name])} in the checkpoint`;
    throw new WembedError('invalid_argument', `the same texts and options are needed to go on: ${what}`);
  }
}

/** A number that is another one for other texts. It changes with any one of what is added. */
export class Fingerprint {
  #hash = 0x811c9dc5;

  /** @param {ArrayLike<number>} numbers whole ones, of up to 32 bits */
  add(numbers) {
    let hash = this.#hash;
    for (let i = 0; i < numbers.length; i++) hash = mixed(hash, numbers[i]);
    this.#hash = hash;
    return this;
  }

  /** @param {Float32Array} numbers whose bits are added */
  addFloats({ buffer, byteOffset, length }) {
    const bits = new Uint32Array(buffer, byteOffset, length);
    let hash = this.#hash;
    for (let i = 0; i < length; i++) hash = mixed(hash, bits[i]); // a loop of one type of array is several times as fast
    this.#hash = hash;
    return this;
  }

  /** @param {string} text */
  addText(text) {
    for (let i = 0; i < text.length; i++) this.#hash = mixed(this.#hash, text.charCodeAt(i));
    return this;
  }

  get value() {
    return this.#hash >>> 0;
  }
}

/**
 * Turned at each number: without that the signs of an even number of floats would cancel.
 * @param {number} hash
 * @param {number} number
 */
const mixed = (hash, number) => Math.imul((hash << 13) | (hash >>> 19), 0x9e3779b1) ^ number;
