// TypeScript's language service, as editors talk to it: the Language Server Protocol over a child's stdin and stdout.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './sources.js';

/** One server for one folder; `close` ends it. */
export class LanguageService {
  #child;
  #buffer = Buffer.alloc(0);
  #next = 1;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /** @param {string} folder of the project */
  static async start(folder) {
    const service = new LanguageService();
    await service.#request('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
    });
    service.#notify('initialized', {});
    return service;
  }

  constructor() {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    this.#child = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdout.on('data', (/** @type {Buffer} */ data) => this.#receive(data));
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the language service ended'));
    });
  }

  /** @param {string} path @param {string} text */
  open(path, text) {
    const uri = pathToFileURL(path).href;
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
  }

  /**
   * What an editor shows when the pointer rests there.
   * @param {string} path of an opened file
   * @param {number} line from 0
   * @param {number} character from 0
   * @returns {Promise<string>} markdown; empty if there is nothing
   */
  async hover(path, line, character) {
    const textDocument = { uri: pathToFileURL(path).href };
    const result = await this.#request('textDocument/hover', { textDocument, position: { line, character } });
    return result?.contents?.value ?? '';
  }

  async close() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#request('shutdown');
    this.#notify('exit');
    this.#child.stdin.end();
    await ended;
  }

  /** @param {string} method @param {unknown} [params] @returns {Promise<any>} */
  #request(method, params) {
    const id = this.#next++;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** @param {string} method @param {unknown} [params] */
  #notify(method, params) {
    this.#send({ method, params });
  }

  /** @param {object} message */
  #send(message) {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** @param {Buffer} data */
  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const head = this.#buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString('utf8', 0, head))?.[1]);
      if (this.#buffer.length < head + 4 + length) return;
      const message = JSON.parse(this.#buffer.toString('utf8', head + 4, head + 4 + length));
      this.#buffer = this.#buffer.subarray(head + 4 + length);
      this.#answer(message);
    }
  }

  /** @param {any} message */
  #answer({ id, method, params, result, error }) {
    if (method === undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    } else if (id !== undefined) {
      // The server asks for settings, or to be told of changed files: it has the defaults.
      const items = method === 'workspace/configuration' ? params.items.map(() => null) : null;
      this.#send({ id, result: items });
    }
  }
}
