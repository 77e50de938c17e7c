// Starts a server of a row and asks it.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { Failure } from '../../tools/run.mjs';
import { cleanEnvironment } from './project.mjs';

/** @returns {Promise<number>} a port that nobody listens on */
export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/**
 * @template T
 * @param {(port: number) => string[]} words of its command
 * @param {string} folder
 * @param {(url: string) => Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function withServer(words, folder, ask) {
  const port = await freePort();
  const [name, ...args] = words(port);
  const env = { ...cleanEnvironment(), PORT: String(port), HOST: '127.0.0.1' };
  const server = spawn(name, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(url).then(
      (response) => response.body?.cancel().then(() => true) ?? true,
      () => false,
    );
  try {
    for (let attempt = 0; !(await answers()); attempt++) {
      if (attempt > 150 || server.exitCode !== null) throw new Failure('the server does not answer');
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return await ask(url);
  } catch (error) {
    throw new Failure(`${/** @type {Error} */ (error).message}\nthe server said: ${said.slice(-1500)}`);
  } finally {
    if (server.pid) process.kill(-server.pid);
  }
}

/** @param {string} url @returns {Promise<import('./project.mjs').Outcome>} its answer, JSON */
export const answerOf = async (url) => /** @type {any} */ (await (await fetch(url)).json());
