import { chunksOf } from '../../sources/source.js';

/** Bytes of the first request: enough for the header of most files, and few compared with the rows of one lookup. */
const FIRST_READ = 16384;

/** A model's files; counts the bytes that are read. */
export class CountedFiles {
  #files;
  /** @type {Map<string, { source: import('../../sources/source.js').ByteSource, sliced: number }>} */
  #opened = new Map();

  /** @param {import('../../sources/files.js').ModelFiles} files */
  constructor(files) {
    this.#files = files;
    this.name = files.name;
  }

  /**
   * @param {string} file
   * @param {{ ranges?: boolean | number }} [how]
   * @returns {Promise<import('../../sources/source.js').ByteSource | null>}
   */
  async open(file, how) {
    const source = await this.#files.open(file, how?.ranges === true ? { ranges: FIRST_READ } : how);
    if (!source) return null;
    const opened = { source, sliced: 0 };
    this.#opened.set(file, opened);
    return {
      ...{ byteLength: source.byteLength, inOrder: source.inOrder, close: async () => source.close?.() },
      slice: async (start, end, signal) => {
        const bytes = await source.slice(start, end, signal);
        opened.sliced += bytes.byteLength;
        return bytes;
      },
      stream: async function* (signal, start, end) {
        for await (const bytes of chunksOf(source, signal, start, end)) {
          opened.sliced += bytes.length;
          yield bytes;
        }
      },
    };
  }

  /** @param {unknown} error */
  async settle(error) {
    await this.#files.settle?.(error);
  }

  /** Bytes sent by a server or, for other sources, bytes read. */
  get bytes() {
    return [...this.#opened.values()].reduce((sum, { source, sliced }) => sum + (source.received ?? sliced), 0);
  }
}
