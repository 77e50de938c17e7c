// Vectors as lines of JSON. Many of them are written by a thread of their own while the next texts are encoded.
import { Worker } from 'node:worker_threads';
import { JsonBytes, startNumberModule } from './json_numbers.js';

/**
 * What the lines of some vectors begin with. `texts`: the texts they are of; `heads`: JSON up to the vector; neither: nothing.
 * @typedef {{ texts?: string[], heads?: string[] }} Heads
 */
/**
 * To the thread: some vectors, one after the other in the first numbers of `numbers`. It sends the array back once they are written.
 * @typedef {Heads & { numbers: Float32Array<ArrayBuffer>, rows: number }} Block
 */
/**
 * To the thread, before the first block: where the lines go. `position`: of the next byte, in a file of which somebody has written the start.
 * @typedef {{ fd: number, position: number | null }} Target
 */
/**
 * From the thread: it has started, a block is written, or why not.
 * @typedef {{ isReady?: true, numbers?: Float32Array<ArrayBuffer>, error?: { code?: string, message: string, syscall?: string } }} Answer
 */

/** The thread starts after so many numbers: a Node thread takes 30 ms to start. */
const MANY = 2 ** 19;
/** Blocks that are under way at a time. */
const BLOCKS = 3;
/** Lines are written once there are so many bytes, and at the end of a block. */
const BYTES = 2 ** 18;

/**
 * @param {JsonBytes} json takes the lines
 * @param {Heads & { numbers: Float32Array, rows: number }} block
 * @param {number} dim
 * @param {(bytes: Buffer) => void} [write] takes them as they become many
 */
export function putLines(json, { texts, heads, numbers, rows }, dim, write) {
  const isObject = texts !== undefined || heads !== undefined;
  for (let i = 0; i < rows; i++) {
    if (texts) json.text(`{"text":${JSON.stringify(texts[i])},"vector":`);
    else if (heads) json.text(heads[i]);
    json.numbers(numbers.subarray(i * dim, (i + 1) * dim));
    json.text(isObject ? '}\n' : '\n');
    if (write && json.length >= BYTES) write(json.take());
  }
}

/** Writes vectors as lines of JSON, in the order in which they come. */
export class VectorLines {
  #output;
  #dim;
  #json = new JsonBytes(startNumberModule());
  #numbers = 0;
  /** Once there is one: it takes some time to start. @type {Worker | undefined} */
  #thread;
  #isReady = false;
  #isHandedOver = false;
  /** Arrays that the thread has sent back. @type {Float32Array<ArrayBuffer>[]} */
  #free = [];
  #underWay = 0;
  /** @type {unknown} */
  #error;
  /** Wakes who waits for the thread. */
  #wake = () => {};

  /** @param {import('./output.js').Output} output @param {number} dim */
  constructor(output, dim) {
    this.#output = output;
    this.#dim = dim;
  }

  /**
   * @param {number} length
   * @returns {Promise<Float32Array<ArrayBuffer>>} an array of at least so many numbers, for the next vectors
   */
  async room(length) {
    await this.#until(() => this.#underWay < BLOCKS);
    const free = this.#free.pop();
    // Reads differ in length: what serves most of them is used again.
    return free && free.length >= length ? free : new Float32Array(2 ** Math.ceil(Math.log2(length)));
  }

  /** @param {Block} block `numbers`: what `room` gave, for the lines alone from now on */
  async write(block) {
    if (this.#isReady) return this.#send(block);
    putLines(this.#json, block, this.#dim);
    await this.#output.write(this.#json.take());
    this.#free = [block.numbers];
    this.#numbers += block.rows * this.#dim;
    if (this.#numbers >= MANY && !this.#thread && !this.#output.isTerminal) this.#start();
  }

  /** @param {Block} block */
  async #send(block) {
    if (!this.#isHandedOver) this.#thread?.postMessage(await this.#output.target());
    this.#isHandedOver = true;
    this.#underWay++;
    this.#thread?.postMessage(block, [block.numbers.buffer]);
  }

  /** Waits until all lines are written. */
  async end() {
    try {
      await this.#until(() => this.#underWay === 0);
    } finally {
      await this.#thread?.terminate();
    }
  }

  #start() {
    const thread = new Worker(new URL('./vector_lines_thread.js', import.meta.url), { workerData: this.#dim });
    this.#thread = thread;
    thread.on('message', (/** @type {Answer} */ { isReady, numbers, error }) => {
      if (isReady) this.#isReady = true;
      if (error) {
        this.#error = this.#output.failure(Object.assign(new Error(error.message), error));
        process.stdin.destroy(); // nobody waits for more
      }
      if (numbers) {
        this.#free.push(numbers);
        this.#underWay--;
      }
      this.#wake();
    });
    thread.on('error', (error) => {
      if (!this.#isReady) return; // then there is none
      this.#error = error;
      this.#wake();
    });
  }

  /** @param {() => boolean} isSo */
  async #until(isSo) {
    while (!this.#error && !isSo()) await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    if (this.#error) throw this.#error;
  }
}
