// The thread of vector_lines.js: blocks of vectors come, lines of JSON go to a file or a pipe.
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { JsonBytes, startNumberModule } from './json_numbers.js';
import { putLines } from './vector_lines.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const json = new JsonBytes(startNumberModule());
const never = new Int32Array(new SharedArrayBuffer(4));
/** @type {import('./vector_lines.js').Target} */
let target;

/** Waits a while, in milliseconds. @param {number} time */
const sleep = (time) => Atomics.wait(never, 0, 0, time);

/** @param {Buffer} bytes */
function write(bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      const written = writeSync(target.fd, bytes, at, bytes.length - at, target.position);
      at += written;
      if (target.position !== null) target.position += written;
    } catch (error) {
      // A pipe that is full, where it does not wait by itself.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error;
      sleep(0.2);
    }
  }
}

/** @param {import('./vector_lines.js').Block} block */
function writeBlock(block) {
  try {
    putLines(json, block, workerData, write);
    write(json.take());
    port.postMessage({ numbers: block.numbers }, [block.numbers.buffer]);
  } catch (error) {
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
