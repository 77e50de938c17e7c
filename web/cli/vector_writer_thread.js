// A thread of vector_writer.js: blocks of vectors come, and go to a file or a pipe when it is their turn.
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { JsonBytes, startNumberModule } from './json_numbers.js';
import { bytesOf, putLines } from './vector_writer.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const { dim, isJson } = workerData;
const { turn, position } = /** @type {import('./vector_writer.js').Shared} */ (workerData.shared);
const json = new JsonBytes(startNumberModule());
const never = new Int32Array(new SharedArrayBuffer(4));
/** @type {import('./vector_writer.js').Target} */
let target;

/** Lines are written once there are so many bytes, when it is their turn; when there are so many, they wait for it. */
const [SOME, MOST] = [2 ** 18, 2 ** 24];
/** Whose turn it is after an error. */
const NOBODY = -1;

/** Waits a while, in milliseconds. @param {number} time */
const sleep = (time) => Atomics.wait(never, 0, 0, time);

/** @param {number} own @param {boolean} waits @returns {boolean} whether it is a block's turn */
function isTurn(own, waits) {
  for (;;) {
    const now = Atomics.load(turn, 0);
    if (now === own || now === NOBODY || !waits) return now === own;
    Atomics.wait(turn, 0, now);
  }
}

/** @param {number} next */
function pass(next) {
  Atomics.store(turn, 0, next);
  Atomics.notify(turn, 0);
}

/** @param {Buffer} bytes */
function write(bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      const written = writeSync(target.fd, bytes, at, bytes.length - at, target.position === null ? null : position[0]);
      at += written;
      position[0] += written;
    } catch (error) {
      // A pipe that is full, where it does not wait by itself.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error;
      sleep(0.2);
    }
  }
}

/** @param {number} own */
function writeSome(own) {
  if (json.length >= SOME && isTurn(own, json.length >= MOST)) write(json.take());
}

/** @param {import('./vector_writer.js').Block} block */
function writeBlock(block) {
  const own = block.turn;
  try {
    if (isJson) putLines(json, block, dim, () => writeSome(own));
    if (!isTurn(own, true)) return port.close(); // another thread has met an error
    write(isJson ? json.take() : bytesOf(block, dim));
    pass(own + 1);
    port.postMessage({ numbers: block.numbers }, [block.numbers.buffer]);
  } catch (error) {
    pass(NOBODY);
    const { code, message, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
    port.postMessage({ error: { code, message, syscall } });
    port.close();
  }
}

port.on('message', (message) => {
  if ('fd' in message) target = message;
  else writeBlock(message);
});
port.postMessage({ isReady: true });
