/**
 * Requests that are under way at once and equal in everything share one download: two loads of one model read it once.
 * Each reader gets bytes of its own.
 */

/** A reader that comes when more bytes than this have arrived downloads for itself: until then they are kept for it. */
const KEPT = 2 ** 23;

/**
 * What a caller needs of a response, whoever's download it is. Spelt out, for projects without the DOM's types.
 * @typedef {{ status: number, statusText: string, ok: boolean, type: string, url: string, headers: Headers, body: SharedBody | null }} SharedResponse
 */

/**
 * @typedef {object} SharedBody
 * @property {boolean} locked whether it is being read
 * @property {() => { read: () => Promise<{ done: boolean, value?: Uint8Array }>, cancel: () => Promise<void> }} getReader
 * @property {() => Promise<void>} cancel
 */

/** By the function that fetches, then by request. @type {Map<unknown, Map<string, Flight>>} */
const flights = new Map();

/**
 * @param {unknown} fetcher requests of different functions share nothing
 * @param {string} key equal for equal requests
 * @param {AbortSignal[]} signals of this reader: the download ends when all its readers have left
 * @returns {Promise<SharedResponse> | undefined} undefined where no download can be joined
 */
export function joined(fetcher, key, signals) {
  const flight = flights.get(fetcher)?.get(key);
  return flight?.open ? flight.join(signals) : undefined;
}

/**
 * Starts a download that others may join.
 * @param {unknown} fetcher
 * @param {string} key
 * @param {AbortSignal[]} signals of this reader
 * @param {(signal: AbortSignal) => Promise<Response>} start
 * @returns {Promise<SharedResponse>}
 */
export function started(fetcher, key, signals, start) {
  const own = flights.get(fetcher) ?? new Map();
  flights.set(fetcher, own);
  const flight = new Flight(start, () => {
    if (own.get(key) === flight) own.delete(key);
    if (own.size === 0 && flights.get(fetcher) === own) flights.delete(fetcher);
  });
  own.set(key, flight);
  return flight.join(signals);
}

/** One download and its readers. */
class Flight {
  /** Whether another reader can still have all bytes. */
  open = true;
  #controller = new AbortController();
  #response;
  #landed;
  /** @type {Set<{ next: number }>} */
  #readers = new Set();
  /** Bytes that a reader may still need, and the index of the first piece. @type {Uint8Array[]} */
  #pieces = [];
  #first = 0;
  #bytes = 0;
  /** @type {ReadableStreamDefaultReader<Uint8Array> | undefined} */
  #source;
  /** @type {Promise<void> | undefined} */
  #reading;
  #ended = false;

  /**
   * @param {(signal: AbortSignal) => Promise<Response>} start
   * @param {() => void} landed called when nobody can join any more
   */
  constructor(start, landed) {
    this.#landed = landed;
    this.#response = start(this.#controller.signal);
    this.#response.catch(() => this.#close());
  }

  /**
   * @param {AbortSignal[]} signals
   * @returns {Promise<SharedResponse>}
   */
  async join(signals) {
    const reader = { next: 0 };
    this.#readers.add(reader);
    const leave = () => {
      for (const signal of signals) signal.removeEventListener('abort', leave);
      this.#leave(reader);
    };
    for (const signal of signals) signal.addEventListener('abort', leave);
    try {
      const { status, statusText, ok, type, url, headers, body } = await this.#response;
      if (!body) this.#close();
      return { status, statusText, ok, type, url, headers, body: body && this.#bodyFor(reader, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * @param {{ next: number }} reader
   * @param {() => void} leave
   * @returns {SharedBody}
   */
  #bodyFor(reader, leave) {
    const cancel = async () => leave();
    const read = async () => {
      const next = await this.#next(reader);
      if (next.done) leave();
      return next;
    };
    return {
      locked: false,
      cancel,
      getReader() {
        this.locked = true;
        return { read, cancel };
      },
    };
  }

  /**
   * @param {{ next: number }} reader
   * @returns {Promise<{ done: boolean, value?: Uint8Array }>}
   */
  async #next(reader) {
    while (reader.next === this.#first + this.#pieces.length) {
      if (this.#ended) return { done: true };
      await (this.#reading ??= this.#read());
    }
    const piece = this.#pieces[reader.next++ - this.#first];
    // Another reader's bytes are never the same memory.
    const value = this.#readers.size > 1 || this.open ? piece.slice() : piece;
    this.#drop();
    return { done: false, value };
  }

  /** Gets the next piece, for whoever needs it. */
  async #read() {
    try {
      const { body } = await this.#response;
      this.#source ??= /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
      const { done, value } = await this.#source.read();
      if (done) this.#ended = true;
      else {
        this.#pieces.push(value);
        this.#bytes += value.length;
      }
      if (done || this.#bytes > KEPT) this.#close();
    } catch (error) {
      this.#close();
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  /**
   * A download that somebody has given up is joined by nobody more: it may hang.
   * @param {{ next: number }} reader
   */
  #leave(reader) {
    if (!this.#readers.delete(reader)) return;
    this.#close();
    if (this.#readers.size > 0) return this.#drop();
    this.#pieces = [];
    if (this.#ended) return;
    this.#source?.cancel().catch(() => {});
    this.#controller.abort();
  }

  /** From now on nobody can join: what all readers have had is dropped. */
  #close() {
    if (!this.open) return;
    this.open = false;
    this.#landed();
    this.#drop();
  }

  #drop() {
    if (this.open) return;
    const least = Math.min(...[...this.#readers].map(({ next }) => next));
    const had = Math.min(least - this.#first, this.#pieces.length);
    this.#pieces.splice(0, had);
    this.#first += had;
  }
}
