// Vectors as lines of JSON or as they are. Many of them are written by threads of their own while the next texts are encoded.
import { Worker } from 'node:worker_threads';
import { JsonBytes, startNumberModule } from './json_numbers.js';

/**
 * What the lines of some vectors begin with. `texts`: the texts they are of; `utf8`: the same, in lines; `heads`: JSON up to
 * the vector; none of them: nothing.
 * @typedef {{ texts?: string[], utf8?: Uint8Array<ArrayBuffer>, heads?: string[] }} Heads
 */
/**
 * To a thread: some vectors, one after the other in the first numbers of `numbers`. It sends the array back once they are
 * written. `turn`: how many blocks come before.
 * @typedef {Heads & { numbers: Float32Array<ArrayBuffer>, rows: number, turn: number }} Block
 */
/**
 * To a thread, before its first block: where the lines go. `position`: of the next byte, in a file of which somebody has
 * written the start.
 * @typedef {{ fd: number, position: number | null }} Target
 */
/**
 * From a thread: it has started, a block is written, or why not.
 * @typedef {{ isReady?: true, numbers?: Float32Array<ArrayBuffer>, error?: { code?: string, message: string, syscall?: string } }} Answer
 */
/**
 * What the threads share: whose turn it is to write, and where in a file.
 * @typedef {{ turn: Int32Array<SharedArrayBuffer>, position: Float64Array<SharedArrayBuffer> }} Shared
 */
/** One of the threads. @typedef {{ worker: Worker, isReady: boolean, underWay: number }} LineWriter */

/** The threads start after so many numbers: a Node thread takes 30 ms to start. */
const MANY = 2 ** 19;
/** Writing lines takes longer than encoding their texts, writing vectors as they are does not. */
const THREADS = { json: 2, numbers: 1 };
/** Blocks that are under way at a time, for each thread. */
const BLOCKS = 2;

const [NEWLINE, CARRIAGE_RETURN] = [10, 13];

/**
 * @param {JsonBytes} json takes the lines
 * @param {Heads & { numbers: Float32Array, rows: number }} block
 * @param {number} dim
 * @param {() => void} [afterLine] may take what there is
 */
export function putLines(json, { texts, utf8, heads, numbers, rows }, dim, afterLine) {
  let begin = 0;
  for (let i = 0; i < rows; i++) {
    if (texts) json.text(`{"text":${JSON.stringify(texts[i])},"vector":`);
    else if (heads) json.text(heads[i]);
    else if (utf8) begin = putText(json, utf8, begin);
    json.numbers(numbers.subarray(i * dim, (i + 1) * dim));
    json.text(texts || heads || utf8 ? '}\n' : '\n');
    afterLine?.();
  }
}

/** @param {JsonBytes} json @param {Uint8Array} utf8 @param {number} begin of a line @returns {number} of the next */
function putText(json, utf8, begin) {
  const newline = utf8.indexOf(NEWLINE, begin);
  const end = newline < 0 ? utf8.length : newline;
  json.text('{"text":');
  json.quoted(utf8, begin, end > begin && utf8[end - 1] === CARRIAGE_RETURN ? end - 1 : end);
  json.text(',"vector":');
  return end + 1;
}

/** @param {{ numbers: Float32Array, rows: number }} block @param {number} dim */
export const bytesOf = ({ numbers, rows }, dim) => Buffer.from(numbers.buffer, numbers.byteOffset, 4 * rows * dim);

/** Writes vectors in the order in which they come. */
export class VectorWriter {
  #output;
  #dim;
  #isJson;
  #json = new JsonBytes(startNumberModule());
  #numbers = 0;
  /** They take some time to start. @type {LineWriter[]} */
  #threads = [];
  #shared = {
    turn: new Int32Array(new SharedArrayBuffer(4)),
    position: new Float64Array(new SharedArrayBuffer(8)),
  };
  #isHandedOver = false;
  /** Blocks that the threads were given. */
  #blocks = 0;
  /** Arrays that they have sent back. @type {Float32Array<ArrayBuffer>[]} */
  #free = [];
  /** @type {unknown} */
  #error;
  /** Wakes who waits for the threads. */
  #wake = () => {};

  /**
   * @param {import('./output.js').Output} output
   * @param {number} dim
   * @param {boolean} isJson lines of JSON; otherwise the numbers alone
   */
  constructor(output, dim, isJson) {
    this.#output = output;
    this.#dim = dim;
    this.#isJson = isJson;
  }

  get #underWay() {
    return this.#threads.reduce((sum, { underWay }) => sum + underWay, 0);
  }

  /**
   * @param {number} length
   * @returns {Promise<Float32Array<ArrayBuffer>>} an array of at least so many numbers, for the next vectors
   */
  async room(length) {
    await this.#until(() => this.#underWay < BLOCKS * Math.max(1, this.#threads.length));
    const free = this.#free.pop();
    // Reads differ in length: what serves most of them is used again.
    return free && free.length >= length ? free : new Float32Array(2 ** Math.ceil(Math.log2(length)));
  }

  /** @param {Omit<Block, 'turn'>} block `numbers`: what `room` gave, for this alone from now on */
  async write(block) {
    if (this.#threads.some(({ isReady }) => isReady)) return this.#send(block);
    if (this.#isJson) putLines(this.#json, block, this.#dim);
    await this.#output.write(this.#isJson ? this.#json.take() : bytesOf(block, this.#dim));
    this.#free = [block.numbers];
    this.#numbers += block.rows * this.#dim;
    if (this.#numbers >= MANY && this.#threads.length === 0 && !this.#output.isTerminal) this.#start();
  }

  /** @param {Omit<Block, 'turn'>} block */
  async #send(block) {
    if (!this.#isHandedOver) await this.#handOver();
    const [thread] = this.#threads.filter(({ isReady }) => isReady).sort((a, b) => a.underWay - b.underWay);
    thread.underWay++;
    thread.worker.postMessage({ ...block, turn: this.#blocks++ }, [block.numbers.buffer]);
  }

  async #handOver() {
    const target = await this.#output.target();
    this.#shared.position[0] = target.position ?? 0;
    for (const { worker } of this.#threads) worker.postMessage(target);
    this.#isHandedOver = true;
  }

  /** Waits until all vectors are written. */
  async end() {
    try {
      await this.#until(() => this.#underWay === 0);
    } finally {
      await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    }
  }

  #start() {
    const workerData = { dim: this.#dim, isJson: this.#isJson, shared: this.#shared };
    this.#threads = Array.from({ length: this.#isJson ? THREADS.json : THREADS.numbers }, () => {
      const worker = new Worker(new URL('./vector_writer_thread.js', import.meta.url), { workerData });
      const thread = { worker, isReady: false, underWay: 0 };
      worker.on('message', (answer) => this.#take(thread, answer));
      worker.on('error', (error) => {
        if (!thread.isReady) return; // then there is none
        this.#error = error;
        this.#wake();
      });
      return thread;
    });
  }

  /** @param {LineWriter} thread @param {Answer} answer */
  #take(thread, { isReady, numbers, error }) {
    if (isReady) thread.isReady = true;
    if (error) {
      this.#error ??= this.#output.failure(Object.assign(new Error(error.message), error));
      process.stdin.destroy(); // nobody waits for more
    }
    if (numbers) {
      this.#free.push(numbers);
      thread.underWay--;
    }
    this.#wake();
  }

  /** @param {() => boolean} isSo */
  async #until(isSo) {
    while (!this.#error && !isSo()) await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    if (this.#error) throw this.#error;
  }
}
