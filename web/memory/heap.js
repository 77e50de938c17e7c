import { floatsOf, integersOf, lengthOf } from '../core/arguments.js';
import { WembedError, coreError } from '../core/errors.js';
import { loadCore } from './module.js';

/** @typedef {import('./core_exports.js').Core} Core */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts up to so many units are copied unit by unit while they are ASCII. */
const SHORT_TEXT = 256;

/** Rows pass through a block of so many bytes, which stays in the processor's cache: one pass over memory instead of two. */
export const STRIP_BYTES = 64 * 1024;

/** From so many units on, a text's UTF-8 is counted before room is made for it. */
const LONG_TEXT = 2 ** 20;

/** Scratch blocks of more bytes than these are given back when the code that runs has ended. */
const KEPT_BYTES = 8 * 2 ** 20;

/**
 * The core's memory: the only place that touches it. Views are made anew after every growth, which detaches the old.
 */
export class Heap {
  /** @type {Map<string, { address: number, bytes: number }>} */
  #scratch = new Map();
  #core;
  #memory;
  #u8 = new Uint8Array(0);
  #u32 = new Uint32Array(0);
  #f32 = new Float32Array(0);
  #stackTop;

  /**
   * @param {Core} core
   * @param {WebAssembly.Memory} memory
   * @param {import('./module.js').Variant} variant
   */
  constructor(core, memory, variant) {
    this.#core = core;
    this.core = this.#guarded();
    this.variant = variant;
    this.#memory = memory;
    this.#stackTop = core.stackSave();
  }

  /**
   * The core's functions as everybody calls them: after one that does not return (memory that cannot be had, no room on
   * the stack of whoever called) the next call works.
   * @returns {Core}
   */
  #guarded() {
    const core = /** @type {Record<string, Function>} */ (/** @type {unknown} */ (this.#core));
    /** @type {Record<string, Function>} */
    const guarded = {};
    for (const name of Object.keys(core)) {
      if (typeof core[name] !== 'function') continue;
      guarded[name] = (/** @type {unknown[]} */ ...args) => {
        try {
          return core[name](...args);
        } catch (error) {
          throw this.#abandoned(error);
        }
      };
    }
    return /** @type {Core} */ (/** @type {unknown} */ (guarded));
  }

  /**
   * @param {unknown} error that ended a call, with its frames left on the core's stack
   * @returns {unknown} what to throw
   */
  #abandoned(error) {
    this.#core.stackRestore(this.#stackTop);
    if (/** @type {Error} */ (error)?.name !== 'RuntimeError') return error;
    const bytes = this.#core.takeOutOfMemory() >>> 0;
    return bytes ? new WembedError('out_of_memory', `no memory for ${bytes} bytes`, { cause: error }) : error;
  }

  #refresh() {
    if (this.#u8.length > 0) return; // growth detaches views; asking the memory for its buffer takes 20 times as long
    this.#u8 = new Uint8Array(this.#memory.buffer);
    this.#u32 = new Uint32Array(this.#memory.buffer);
    this.#f32 = new Float32Array(this.#memory.buffer);
  }

  get u8() {
    this.#refresh();
    return this.#u8;
  }
  get u32() {
    this.#refresh();
    return this.#u32;
  }
  get f32() {
    this.#refresh();
    return this.#f32;
  }

  /**
   * A block that lives until `free`; 16 bytes stand after it for kernels that read a whole register.
   * @param {number} bytes
   * @returns {number} its address
   */
  allocate(bytes) {
    const address = bytes < 2 ** 32 - 4096 ? this.core._malloc(bytes + 16) >>> 0 : 0;
    if (!address) throw new WembedError('out_of_memory', `no memory for ${bytes} bytes`);
    return address;
  }

  /** @param {number} address from `allocate`, or 0 */
  free(address) {
    if (address) this.core._free(address);
  }

  /**
   * A block reused by every call that names the same slot: hot loops allocate nothing. Valid until the slot is next
   * asked for, and no longer than the code that runs now: callers never keep it, nor wait for anything while they use it.
   * @param {string} slot
   * @param {number} bytes
   * @returns {number} its address
   */
  scratch(slot, bytes) {
    const block = this.#scratch.get(slot);
    if (block && block.bytes >= bytes) return block.address;
    const room = Math.max(1024, block ? Math.min(2 * block.bytes, bytes + 2 ** 20) : 0, bytes);
    this.#release(slot);
    const address = this.allocate(room);
    this.#scratch.set(slot, { address, bytes: room });
    if (room > KEPT_BYTES) Promise.resolve().then(() => this.#release(slot, KEPT_BYTES));
    return address;
  }

  /**
   * @param {string} slot
   * @param {number} [most] a block of no more bytes is kept
   */
  #release(slot, most = 0) {
    const block = this.#scratch.get(slot);
    if (!block || block.bytes <= most) return;
    this.#scratch.delete(slot);
    this.free(block.address);
  }

  /**
   * Copies an array of ids, or offsets, into a scratch slot as u32. A negative id of a signed typed array becomes one
   * above 2^31, which no table has: the core refuses it.
   * @param {string} slot which names the values in messages
   * @param {import('../core/arguments.js').IntegerArray} values
   * @returns {number} the address
   */
  integers(slot, values) {
    const checked = integersOf(slot, values); // before memory is asked for
    const length = lengthOf(checked);
    const address = this.scratch(slot, 4 * length);
    this.u32.subarray(address >>> 2, (address >>> 2) + length).set(checked);
    return address;
  }

  /**
   * Copies floats into a scratch slot.
   * @param {string} slot which names the values in messages
   * @param {ArrayLike<number>} values
   * @returns {number} the address
   */
  floats(slot, values) {
    const checked = floatsOf(slot, values); // before memory is asked for
    const length = lengthOf(checked);
    const address = this.scratch(slot, 4 * length);
    this.f32.subarray(address >>> 2, (address >>> 2) + length).set(checked);
    return address;
  }

  /**
   * Writes a text as UTF-8, lone surrogates as U+FFFD. Most texts are short and ASCII, where this loop is faster than a
   * call of encodeInto, which takes what remains.
   * @param {string} text
   * @param {number} address with room for `utf8Room(text)` bytes
   * @param {number} [limit] the address that nothing is written at or after
   * @returns {number} the address after it
   */
  writeText(text, address, limit = Infinity) {
    const bytes = this.u8;
    const plain = Math.min(text.length, SHORT_TEXT, limit - address);
    let i = 0;
    for (let unit; i < plain && (unit = text.charCodeAt(i)) < 0x80; i++) bytes[address + i] = unit;
    if (i === text.length) return address + i;
    const rest = i === 0 ? text : text.slice(i);
    const begin = address + i;
    // No longer a view than the text needs: Node's encodeInto stops early in one of 2 GB and more.
    return begin + encoder.encodeInto(rest, bytes.subarray(begin, Math.min(begin + 3 * rest.length, limit))).written;
  }

  /**
   * Brings rows into the core and back, a strip that stays in the processor's cache at a time.
   * @param {Float32Array} from (n, dim)
   * @param {Float32Array} to may be `from`
   * @param {number} dim
   * @param {(address: number, first: number, rows: number) => void} change in place
   */
  changeRows(from, to, dim, change) {
    const [n, most] = [from.length / dim, Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)))];
    const address = this.scratch('out', 4 * dim * Math.min(n, most));
    for (let first = 0; first < n; first += most) {
      const rows = Math.min(most, n - first);
      this.f32.set(from.subarray(first * dim, (first + rows) * dim), address / 4);
      change(address, first, rows);
      to.set(this.f32.subarray(address / 4, address / 4 + rows * dim), first * dim);
    }
  }

  /**
   * @param {number} address
   * @param {number} size
   * @returns {string} of UTF-8; what is none becomes U+FFFD
   */
  readText(address, size) {
    return decoder.decode(this.u8.subarray(address, address + size));
  }

  /**
   * Throws what a core call that returned `code` has to say.
   * @param {number} code
   */
  check(code) {
    if (code === 0) return;
    const { core } = this;
    const what = core.errorWhat() >>> 0;
    throw coreError(code, {
      what: this.readText(what, this.u8.indexOf(0, what) - what),
      value: core.errorValue(),
      limit: core.errorLimit(),
      index: core.errorIndex(),
    });
  }
}

/**
 * @param {string} text
 * @returns {number} the bytes its UTF-8 takes at most, exactly if it is long
 */
export function utf8Room(text) {
  if (text.length < LONG_TEXT) return 3 * text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : (unit & 0xfc00) === 0xd800 && isPair(text, i) ? 1 : 3;
  }
  return bytes;
}

/**
 * @param {string} text
 * @param {number} i
 */
const isPair = (text, i) => (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;

/** @type {Promise<Heap> | undefined} */
let shared;

/** @type {Heap | undefined} */
let running;

/**
 * The heap that everything in this program shares, its core started at the first call.
 * @returns {Promise<Heap>}
 */
export function loadHeap() {
  shared ??= loadCore().then(
    ({ core, memory, variant }) => (running = new Heap(core, memory, variant)),
    (error) => {
      shared = undefined;
      throw error;
    },
  );
  return shared;
}

/** The same for those that cannot wait: nothing before the core has started. */
export function runningHeap() {
  return running;
}
