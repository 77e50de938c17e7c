// What a person sees meanwhile: one line on the terminal, rewritten; nothing where the terminal is none.

const INTERVAL = 100;

/** @param {number} bytes */
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param {number} number */
export const grouped = (number) => Math.round(number).toLocaleString('en');

/** One line on standard error. */
export class Progress {
  #isShown = process.stderr.isTTY;
  #last = 0;
  #start = performance.now();

  /** @param {() => string} text */
  show(text) {
    const now = performance.now();
    if (!this.#isShown || now - this.#last < INTERVAL) return;
    this.#last = now;
    process.stderr.write(`\r\x1b[2K${text()}`);
  }

  /** @param {number} lines @param {number} bytes */
  lines(lines, bytes) {
    const seconds = (performance.now() - this.#start) / 1000;
    this.show(() => `${grouped(lines)} lines, ${megabytes(bytes)}, ${grouped(lines / seconds)} lines/s`);
  }

  done() {
    if (this.#isShown && this.#last > 0) process.stderr.write('\r\x1b[2K');
  }
}
