import { floatsOf, integersOf, lengthOf, plainArray } from '../core/arguments.js';
import { CODES } from '../core/codes.js';
import { WembedError } from '../core/errors.js';
import { loadCore } from './module.js';

/** @typedef {import('./core_exports.js').Core} Core */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts of up to this many UTF-16 units are copied unit by unit while they are ASCII. */
const SHORT_TEXT = 256;

/**
 * Rows pass through a block of this many bytes, which stays in the processor's cache: one pass over main memory instead
 * of two.
 */
export const STRIP_BYTES = 64 * 1024;

/** For texts of at least this many UTF-16 units, the length of the UTF-8 is counted before memory is allocated. */
const LONG_TEXT = 2 ** 20;

/** Larger scratch blocks, in bytes, are freed when the running code ends. */
const KEPT_BYTES = 8 * 2 ** 20;

/**
 * The core's memory: only this class touches it. Views are recreated after every growth, which detaches the old views.
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
  /** @type {((text: string) => number) | undefined} the room of a long text, where the module counts faster */
  countRoom;

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
   * The core's functions, guarded: if a call does not return (out of memory, or the caller's stack is full), the next
   * call still works.
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
   * A block that lives until `free`, followed by 16 spare bytes for kernels that read a whole register.
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
   * A block reused by every call that names the same slot, so that hot loops allocate nothing. Valid until the slot is
   * requested again, and only within the running code: never store it or use it across an `await`.
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
   * @param {number} [most] blocks of at most this many bytes are not freed
   */
  #release(slot, most = 0) {
    const block = this.#scratch.get(slot);
    if (!block || block.bytes <= most) return;
    this.#scratch.delete(slot);
    this.free(block.address);
  }

  /**
   * Copies an array of ids or offsets into a scratch slot as u32. A negative id of a signed typed array becomes an id
   * above 2^31, which no table has; the core refuses it.
   * @param {string} slot its name appears in messages
   * @param {import('../core/arguments.js').IntegerArray} values
   * @returns {number} the address
   */
  integers(slot, values) {
    const checked = integersOf(slot, values); // before allocating
    const address = this.scratch(slot, 4 * lengthOf(checked));
    this.u32.set(checked, address >>> 2);
    return address;
  }

  /**
   * Copies floats into a scratch slot.
   * @param {string} slot its name appears in messages
   * @param {ArrayLike<number>} values
   * @returns {number} the address
   */
  floats(slot, values) {
    const checked = floatsOf(slot, values); // before allocating
    const address = this.scratch(slot, 4 * lengthOf(checked));
    this.f32.set(checked, address >>> 2);
    return address;
  }

  /**
   * Writes a text as UTF-8; lone surrogates become U+FFFD. Most texts are short and ASCII, where this loop is faster
   * than a call of encodeInto, which writes the rest.
   * @param {string} text
   * @param {number} address with room for `utf8Room(text)` bytes
   * @param {number} [limit] bytes are written only below this address
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
    // The view is no longer than the text needs: Node's encodeInto stops early in views of 2 GB and more.
    return begin + encoder.encodeInto(rest, bytes.subarray(begin, Math.min(begin + 3 * rest.length, limit))).written;
  }

  /**
   * Passes rows through the core and back, in strips that fit the processor's cache.
   * @param {Float32Array} from (n, dim)
   * @param {Float32Array} to may be `from`
   * @param {number} dim
   * @param {(address: number, first: number, rows: number) => void} change in place
   */
  changeRows(from, to, dim, change) {
    const [source, target] = [plainArray(from), plainArray(to)];
    const [n, most] = [source.length / dim, Math.max(1, Math.floor(STRIP_BYTES / (4 * dim)))];
    const address = this.scratch('out', 4 * dim * Math.min(n, most));
    for (let first = 0; first < n; first += most) {
      const rows = Math.min(most, n - first);
      this.f32.set(source.subarray(first * dim, (first + rows) * dim), address / 4);
      change(address, first, rows);
      target.set(this.f32.subarray(address / 4, address / 4 + rows * dim), first * dim);
    }
  }

  /**
   * @param {number} address
   * @param {number} size
   * @returns {string} decoded from UTF-8; invalid bytes become U+FFFD
   */
  readText(address, size) {
    return decoder.decode(this.u8.subarray(address, address + size));
  }

  /**
   * Throws the error of a core call that returned `code`.
   * @param {number} code
   */
  check(code) {
    if (code === 0) return;
    const { core } = this;
    const what = core.errorWhat() >>> 0;
    const text = this.readText(what, this.u8.indexOf(0, what) - what);
    const index = core.errorIndex();
    const limit = core.errorLimit();
    const place = index >= 0 ? ` at index ${index}` : '';
    const most = limit && limit < Infinity ? ` (limit ${limit})` : '';
    const name = /** @type {import('../core/errors.js').ErrorCode} */ (CODES[code]);
    throw new WembedError(name, `${text}: ${core.errorValue()}${place}${most}`);
  }
}

/**
 * @param {string} text
 * @param {Heap} heap where it goes
 * @returns {number} an upper bound of the bytes of its UTF-8; for long texts little more than there are
 */
export function utf8Room(text, { countRoom }) {
  if (text.length < LONG_TEXT) return 3 * text.length;
  if (countRoom) return countRoom(text);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3; // of a pair, 6 for 4
  }
  return bytes;
}

/** @type {Promise<Heap> | undefined} */
let shared;

/** @type {Heap | undefined} */
let running;

/**
 * The heap shared by the whole program; the first call starts its core.
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

/** The same without waiting: undefined until the core has started. */
export function runningHeap() {
  return running;
}
