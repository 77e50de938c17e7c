// Work that may take long: lists in strips, and calls that wait for something.
import { WembedError } from '../index.js';

/** A strip is to take so many milliseconds: a query that comes meanwhile waits no longer. */
const STRIP = 8;
const FIRST_STRIP = 16;
const LONGEST_STRIP = 4096;

/**
 * What a job tells its caller.
 * @typedef {object} Answers
 * @property {(result: unknown) => void} done
 * @property {(error: unknown) => void} fail
 * @property {(progress: import('./messages.js').CallProgress) => void} progress
 * @property {() => void} pull asks for the next part of the list
 */

/**
 * What is done with a list.
 * @typedef {object} ListWork
 * @property {string} status for progress
 * @property {(strip: unknown[]) => void} each
 * @property {() => unknown} [finish] gives the result
 * @property {() => void} [undo] after a failure, or where the call is aborted
 */

/** A list that comes in parts, done in strips. */
export class ListJob {
  #work;
  #answers;
  #total;
  /** @type {unknown[]} */
  #part = [];
  #at = 0;
  #loaded = 0;
  #isLast = false;
  #strip = FIRST_STRIP;
  #asked = false;
  #aborted = false;

  /**
   * @param {ListWork} work
   * @param {Answers} answers
   * @param {number | undefined} total
   */
  constructor(work, answers, total) {
    this.#work = work;
    this.#answers = answers;
    this.#total = total;
  }

  get ready() {
    return this.#aborted || !this.#asked;
  }

  /** @param {unknown[]} part @param {boolean} isLast */
  receive(part, isLast) {
    [this.#part, this.#at, this.#isLast, this.#asked] = [part, 0, isLast, false];
  }

  abort() {
    this.#aborted = true;
  }

  step() {
    try {
      if (this.#aborted) throw new WembedError('aborted', 'the call was aborted');
      if (this.#at < this.#part.length) this.#doStrip();
      if (this.#at < this.#part.length) return false;
      if (this.#isLast) {
        this.#answers.done(this.#work.finish?.());
        return true;
      }
      this.#asked = true;
      this.#answers.pull();
      return false;
    } catch (error) {
      this.#answers.fail(failing(error, this.#work.undo));
      return true;
    }
  }

  #doStrip() {
    const strip = this.#part.slice(this.#at, this.#at + this.#strip);
    const start = performance.now();
    try {
      this.#work.each(strip);
    } catch (error) {
      throw counted(error, this.#loaded);
    }
    const time = performance.now() - start;
    this.#at += strip.length;
    this.#loaded += strip.length;
    if (time < STRIP / 2) this.#strip = Math.min(2 * this.#strip, LONGEST_STRIP);
    else if (time > STRIP) this.#strip = Math.max(1, Math.floor((this.#strip * STRIP) / time));
    if (this.#at === this.#part.length) {
      this.#answers.progress({ status: this.#work.status, loaded: this.#loaded, total: this.#total });
    }
  }
}

/**
 * @param {unknown} error of a strip, whose elements are counted from 0
 * @param {number} before how many elements came before the strip
 */
function counted(error, before) {
  if (!(error instanceof WembedError) || before === 0) return error;
  const { code, message, status, url, reason, cause } = error;
  return new WembedError(code, `${message} (counted from element ${before} on)`, { status, url, reason, cause });
}

/**
 * @param {unknown} error
 * @param {(() => void) | undefined} undo
 * @returns {unknown} the error, whatever undoing says
 */
function failing(error, undo) {
  try {
    undo?.();
  } catch {
    // What failed first is what matters.
  }
  return error;
}

/** A call that gives a promise or a result, in the order of its lane. */
export class CallJob {
  #run;
  #answers;
  #wake;
  /** @type {'waits' | 'runs' | 'done'} */
  #state = 'waits';

  /**
   * @param {() => unknown} run
   * @param {Answers} answers
   * @param {() => void} wake
   */
  constructor(run, answers, wake) {
    this.#run = run;
    this.#answers = answers;
    this.#wake = wake;
  }

  get ready() {
    return this.#state !== 'runs';
  }

  abort() {
    // It changes too little to be worth undoing; the caller has its error already.
  }

  step() {
    if (this.#state === 'done') return true;
    this.#state = 'runs';
    const settle = () => {
      this.#state = 'done';
      this.#wake();
    };
    Promise.resolve().then(this.#run).then(this.#answers.done, this.#answers.fail).finally(settle);
    return false;
  }
}
