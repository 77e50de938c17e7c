import { WembedError, shown } from './errors.js';

const encoder = new TextEncoder();

const NEWLINE = 10;

/** The hash of keys that cannot be found. */
const UNFOUND = 0;

/** Keys decoded together when all are requested. */
const STRIP = 4096;

/**
 * Keys and their order, found by hash. Millions of keys take their UTF-8 and a dozen bytes each, in a few arrays: a
 * third of the memory of strings in a Map, and no work for the garbage collector.
 */
export class KeyIndex {
  #decoder;
  /** Random, so that no file can be made to collide. */
  #seed = Math.floor(Math.random() * 2 ** 32);
  /** All keys' UTF-8, each followed by a line break. */
  #bytes = new Uint8Array(2 ** 16);
  /** The end of each key. */
  #ends = new Uint32Array(2 ** 10);
  #hashes = new Uint32Array(2 ** 10);
  /**
   * The index + 1 of the key in each hash slot; 0 for an empty slot. The number of slots is a power of two, at least a
   * third of them empty.
   */
  #slots = new Uint32Array(2 ** 11);
  /** @type {string[] | undefined} */
  #list;
  /** @type {Map<string, number> | undefined} */
  #map;
  /** The number of keys. */
  length = 0;

  /** @param {string} [encoding] of the keys to be added, as TextDecoder names it; invalid bytes become U+FFFD */
  constructor(encoding = 'utf-8') {
    try {
      this.#decoder = new TextDecoder(typeof encoding === 'string' ? encoding : shown(encoding), { ignoreBOM: true });
    } catch (cause) {
      throw new WembedError('invalid_argument', `encoding '${shown(encoding)}' is not one that TextDecoder knows`, {
        cause,
      });
    }
  }

  /**
   * @param {readonly string[]} keys all different
   * @returns {KeyIndex}
   */
  static from(keys) {
    const index = new KeyIndex();
    for (const key of keys) {
      if (!index.addText(key)) throw new WembedError('invalid_argument', `key '${key}' occurs twice`);
    }
    return index;
  }

  /**
   * Adds a key if it is new.
   * @param {Uint8Array} bytes
   * @param {number} begin of the key in `bytes`
   * @param {number} end
   * @returns {boolean} false for a key that is already present: nothing is added
   */
  add(bytes, begin, end) {
    let some = 0;
    for (let i = begin; i < end; i++) some |= bytes[i];
    if (some < 128) return this.#addUtf8(bytes, begin, end);
    const utf8 = encoder.encode(this.#decoder.decode(bytes.subarray(begin, end)));
    return this.#addUtf8(utf8, 0, utf8.length);
  }

  /**
   * @param {string} key
   * @returns {boolean} false for a key that is already present
   */
  addText(key) {
    const utf8 = encoder.encode(key);
    return this.#addUtf8(utf8, 0, utf8.length);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} begin
   * @param {number} end
   */
  #addUtf8(bytes, begin, end) {
    const before = this.length;
    return this.numberOf(bytes, begin, end) === before;
  }

  /**
   * The number of a key, which is added where it is new.
   * @param {Uint8Array} bytes the key is UTF-8
   * @param {number} begin of the key in `bytes`
   * @param {number} end
   * @returns {number}
   */
  numberOf(bytes, begin, end) {
    const hash = this.#hash(bytes, begin, end);
    const slot = this.#slotOf(hash, bytes, begin, end);
    const found = this.#slots[slot];
    if (found) return found - 1;
    this.#slots[slot] = this.length + 1;
    this.#append(hash, bytes, begin, end);
    return this.length - 1;
  }

  /**
   * @param {Uint8Array} bytes the key is UTF-8
   * @param {number} begin of the key in `bytes`
   * @param {number} end
   * @returns {number} its number, -1 for one that is not there
   */
  findUtf8(bytes, begin, end) {
    return this.#slots[this.#slotOf(this.#hash(bytes, begin, end), bytes, begin, end)] - 1;
  }

  /**
   * Adds a key whether it is there or not, without being found: for rows that must be counted.
   * @param {Uint8Array} bytes
   */
  addAnyway(bytes) {
    if (!this.add(bytes, 0, bytes.length)) this.#append(UNFOUND, bytes, 0, bytes.length);
  }

  /**
   * @param {number} hash
   * @param {Uint8Array} bytes
   * @param {number} begin
   * @param {number} end
   */
  #append(hash, bytes, begin, end) {
    const at = this.#start(this.length);
    const size = at + end - begin + 1;
    if (size > this.#bytes.length) this.#bytes = larger(this.#bytes, size);
    if (this.length === this.#ends.length) {
      this.#ends = larger(this.#ends, this.length + 1);
      this.#hashes = larger(this.#hashes, this.length + 1);
    }
    this.#hashes[this.length] = hash;
    const target = this.#bytes;
    for (let i = begin, to = at; i < end; i++, to++) target[to] = bytes[i];
    target[size - 1] = NEWLINE;
    this.#ends[this.length++] = size - 1;
    if (3 * this.length > 2 * this.#slots.length) this.#rehash();
  }

  /** @param {number} i */
  #start(i) {
    return i === 0 ? 0 : this.#ends[i - 1] + 1;
  }

  #rehash() {
    const mask = 2 * this.#slots.length - 1;
    const slots = (this.#slots = new Uint32Array(mask + 1));
    for (let i = 0; i < this.length; i++) {
      if (this.#hashes[i] === UNFOUND) continue;
      let slot = this.#hashes[i] & mask;
      while (slots[slot]) slot = (slot + 1) & mask;
      slots[slot] = i + 1;
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} begin
   * @param {number} end
   * @returns {number} never UNFOUND
   */
  #hash(bytes, begin, end) {
    let hash = this.#seed; // FNV-1a, with murmur's finalizer to mix the last bytes
    for (let i = begin; i < end; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return Math.max(1, (hash ^ (hash >>> 13)) >>> 0);
  }

  /**
   * @param {number} hash
   * @param {Uint8Array} bytes
   * @param {number} begin
   * @param {number} end
   * @returns {number} the slot of this key, or the empty slot where it belongs
   */
  #slotOf(hash, bytes, begin, end) {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const one = this.#slots[slot];
      if (one === 0 || (this.#hashes[one - 1] === hash && this.#is(one - 1, bytes, begin, end))) return slot;
    }
  }

  /**
   * @param {number} i
   * @param {Uint8Array} bytes
   * @param {number} begin
   * @param {number} end
   */
  #is(i, bytes, begin, end) {
    const own = this.#bytes;
    let at = this.#start(i);
    if (this.#ends[i] - at !== end - begin) return false;
    while (begin < end && own[at] === bytes[begin]) {
      at++;
      begin++;
    }
    return begin === end;
  }

  /**
   * @param {string} key
   * @returns {number} its index, -1 if it is not present
   */
  find(key) {
    if (typeof key !== 'string') return -1;
    const utf8 = encoder.encode(key);
    return this.findUtf8(utf8, 0, utf8.length);
  }

  /**
   * @param {number} i
   * @returns {Uint8Array} key i as UTF-8: a view, valid until the next key is added
   */
  utf8(i) {
    return this.#bytes.subarray(this.#start(i), this.#ends[i]);
  }

  /** @param {number} i */
  key(i) {
    return decoder.decode(this.utf8(i));
  }

  /** All keys in order; created on first use. @returns {readonly string[]} */
  get list() {
    this.#list ??= this.#strings();
    return this.#list;
  }

  /** Each key's index; created on first use. @returns {ReadonlyMap<string, number>} */
  get map() {
    if (!this.#map) {
      this.#map = new Map();
      for (const [i, key] of this.list.entries()) if (!this.#map.has(key)) this.#map.set(key, i);
    }
    return this.#map;
  }

  /** @returns {string[]} all keys in order */
  #strings() {
    /** @type {string[]} */
    const keys = [];
    for (let first = 0; first < this.length; first += STRIP) {
      const end = Math.min(first + STRIP, this.length);
      const strip = decoder.decode(this.#bytes.subarray(this.#start(first), this.#ends[end - 1])).split('\n');
      if (strip.length === end - first) for (const key of strip) keys.push(key);
      else for (let i = first; i < end; i++) keys.push(this.key(i)); // a key contains a line break
    }
    return keys;
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * @template {Uint8Array | Uint32Array} T
 * @param {T} array
 * @param {number} length the minimum length
 * @returns {T} a copy with 1.5 times that length
 */
function larger(array, length) {
  const Type = /** @type {new (length: number) => T} */ (array.constructor);
  const copy = new Type(Math.ceil(1.5 * length));
  copy.set(array);
  return copy;
}
