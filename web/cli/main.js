#!/usr/bin/env node
// `npx wembed`: the command line. Each command is a file of commands/, loaded when it is asked for.
import { WembedError } from '../index.js';
import { commandHelp, overview } from './help.js';
import { parse } from './options.js';
import { version } from './package_files.js';
import { UsageError } from './usage_error.js';

/** @typedef {import('./options.js').Command} Command */

/** @type {Record<string, () => Promise<{ command: Command }>>} */
const COMMANDS = {
  encode: () => import('./commands/encode.js'),
  index: () => import('./commands/index.js'),
  search: () => import('./commands/search.js'),
  similar: () => import('./commands/similar.js'),
  analogy: () => import('./commands/analogy.js'),
  duplicates: () => import('./commands/duplicates.js'),
  count: () => import('./commands/count.js'),
  tokenize: () => import('./commands/tokenize.js'),
  inspect: () => import('./commands/inspect.js'),
  convert: () => import('./commands/convert.js'),
  prune: () => import('./commands/prune.js'),
  eval: () => import('./commands/eval.js'),
  demo: () => import('./commands/demo.js'),
};

const EXIT = { failure: 1, usage: 2 };

/** @returns {Promise<Record<string, Command>>} */
async function allCommands() {
  const loaded = Object.entries(COMMANDS).map(async ([name, load]) => [name, (await load()).command]);
  return Object.fromEntries(await Promise.all(loaded));
}

/** @param {string[]} args */
async function run([name, ...args]) {
  if (name === '--version' || name === '-v') return console.log(version());
  if (name === undefined) throw new UsageError(overview(await allCommands()));
  if (name === 'help' && args.length > 0) return run([args[0], '--help']);
  if (['help', '--help', '-h'].includes(name)) return console.log(overview(await allCommands()));
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageError(`wembed: there is no command '${name}'. Commands: ${Object.keys(COMMANDS).join(', ')}`);
  }
  const { command } = await COMMANDS[name]();
  if (args.includes('--help') || args.includes('-h')) return console.log(commandHelp(name, command));
  await command.run(parse(name, command, args));
}

let hasFailed = false;

/** @param {unknown} error */
function fail(error) {
  const { code, message, syscall } = /** @type {{ code?: string, message: string, syscall?: string }} */ (
    Object(error)
  );
  if (code === 'EPIPE') process.exit(0); // whoever read has enough
  if (hasFailed) return; // what cannot be written is told by the stream and by who wrote
  hasFailed = true;
  if (error instanceof UsageError) console.error(message);
  else if (error instanceof WembedError || syscall) console.error(`wembed: ${oneLine(message)}`);
  else console.error(error); // a fault of this program, with its place
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** @param {string} text */
const oneLine = (text) => text.replace(/\s*\n\s*/g, ' ');

process.stdout.on('error', fail);
process.stderr.on('error', () => {}); // a terminal that is gone
run(process.argv.slice(2)).catch(fail);
