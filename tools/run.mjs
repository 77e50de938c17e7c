import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

// This Node and the project's own binaries come first, even if a system package installs another Node.
const PATH = [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);

/** A failure that the user can act on: only its message is shown, without a stack. */
export class Failure extends Error {}

/**
 * Runs a command, shows its output, and throws a `Failure` if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options] `quiet` shows the output only on failure
 */
export function run(command, args, { env = {}, quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    env: { ...process.env, PATH, ...env },
    stdio: quiet ? 'pipe' : 'inherit',
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const why = result.error?.message ?? (result.signal ? `stopped by ${result.signal}` : `exit code ${result.status}`);
  throw new Failure(`${command} ${args.slice(0, 4).join(' ')}${args.length > 4 ? ' …' : ''}: ${why}`);
}

/**
 * Runs a script with this Node.
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options]
 */
export const node = (args, options) => run(process.execPath, args, options);

/**
 * Runs a command once per file, as many at a time as there are processors, and shows the output of the failed ones.
 * @param {string} command
 * @param {string[]} args
 * @param {string[]} files
 * @param {(file: string) => void} passed called for each file whose command succeeded
 */
export async function runForEach(command, args, files, passed) {
  const queue = [...files];
  const failed = [];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const [error, output] = await new Promise((resolve) => {
        execFile(command, [...args, file], { cwd: ROOT, env: { ...process.env, PATH } }, (...result) =>
          resolve(result),
        );
      });
      if (error) {
        failed.push(file);
        process.stderr.write(output || `${error.message}\n`);
      } else {
        passed(file);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failed.length > 0) throw new Failure(`${command}: ${failed.join(', ')}`);
}

/**
 * @param {string} command
 * @returns {string | undefined} its path, if it is on PATH
 */
export function which(command) {
  for (const folder of PATH.split(delimiter)) {
    for (const suffix of process.platform === 'win32' ? ['.exe', '.bat', '.cmd'] : ['']) {
      const file = join(folder, command + suffix);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not here: look in the next folder.
      }
    }
  }
  return undefined;
}

/**
 * Runs a tool's main function; a `Failure` ends it with its message, anything else with its stack.
 * @param {() => void | Promise<void>} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
