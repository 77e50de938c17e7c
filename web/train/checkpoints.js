// A checkpoint is a safetensors file: what has been learnt as tensors, and the settings and the place in the texts as JSON.
import { WembedError, isA, shown } from '../core/errors.js';
import { readSafetensorsHeader } from '../formats/safetensors.js';
import { writeSafetensors } from '../formats/safetensors_writer.js';

const NAME = 'the checkpoint';

/**
 * @param {string} kind of training
 * @param {object} state anything that JSON holds
 * @param {Record<string, Float32Array>} tensors
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeCheckpoint(kind, state, tensors) {
  const arrays = Object.entries(tensors).map(([name, data]) => ({ name, dtype: 'F32', shape: [data.length], data }));
  const json = new TextEncoder().encode(JSON.stringify(state));
  return writeSafetensors([...arrays, { name: 'state', dtype: 'U8', shape: [json.length], data: json }], {
    format: `wembed ${kind}`,
  });
}

/** @param {ArrayBufferView | ArrayBuffer} file */
function copyOf(file) {
  try {
    const view = ArrayBuffer.isView(file) ? file : new Uint8Array(file);
    return Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  } catch (cause) {
    throw new WembedError('invalid_argument', `${NAME} must be bytes that are there: their buffer is detached`, {
      cause,
    });
  }
}

/**
 * @param {string} kind of training that it is to be of
 * @param {unknown} file
 * @returns {Promise<{ state: Record<string, unknown>, tensors: Record<string, Float32Array> }>} state: unchecked
 */
export async function readCheckpoint(kind, file) {
  if (!ArrayBuffer.isView(file) && !isA(file, ArrayBuffer)) {
    throw new WembedError('invalid_argument', `${NAME} must be the bytes that checkpoint() gave`);
  }
  const bytes = copyOf(file);
  let at = 0;
  const read = async (/** @type {number} */ n) => {
    if (at + n > bytes.length) throw new WembedError('bad_file', `${NAME} ends early`, { reason: 'truncated' });
    return bytes.subarray(at, (at += n));
  };
  const { tensors, metadata } = await readSafetensorsHeader({ name: NAME, read }, bytes.length);
  if (metadata.format !== `wembed ${kind}`) {
    throw new WembedError('bad_file', `${NAME} is not one of ${kind}, but '${metadata.format ?? 'unnamed'}'`);
  }
  /** @type {Record<string, Float32Array>} */
  const arrays = {};
  let state;
  for (const { name, dtype, begin, end } of tensors.values()) {
    const data = bytes.slice(at + begin, at + end);
    if (name === 'state' && dtype === 'U8') state = parsed(data);
    else if (dtype === 'F32') arrays[name] = new Float32Array(data.buffer);
  }
  if (typeof state !== 'object' || state === null) throw new WembedError('bad_file', `${NAME} has no state`);
  return { state, tensors: arrays };
}

/** @param {Uint8Array} json */
function parsed(json) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw new WembedError('bad_file', `${NAME} has a state that is no JSON`, { cause });
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

/** A number that is another one for other texts: FNV-1a. */
export class Fingerprint {
  #hash = 0x811c9dc5;

  /** @param {ArrayLike<number>} numbers */
  add(numbers) {
    let hash = this.#hash;
    for (let i = 0; i < numbers.length; i++) hash = Math.imul(hash ^ numbers[i], 16777619);
    this.#hash = hash;
    return this;
  }

  /** @param {string} text */
  addText(text) {
    for (let i = 0; i < text.length; i++) this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 16777619);
    return this;
  }

  get value() {
    return this.#hash >>> 0;
  }
}
