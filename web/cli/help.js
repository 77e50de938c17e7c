// What --help says.

/** @typedef {import('./options.js').Command} Command */
/** @typedef {import('./options.js').Option} Option */

const HEAD = `wembed: text to vectors, search, neighbours, tokens, at the command line.

wembed COMMAND [OPTIONS] [ARGUMENTS]`;

const FOOT = `wembed COMMAND --help   options and examples of a command
wembed --version

Texts are read from files or from standard input, a line a text; results go to standard output.
Exit code: 0 done, 1 failed, 2 wrongly called.`;

/** @param {[string, string][]} rows @returns {string} in two columns */
function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/** @param {Record<string, Command>} commands @returns {string} */
export function overview(commands) {
  const rows = Object.entries(commands).map(([name, { summary }]) => /** @type {[string, string]} */ ([name, summary]));
  return `${HEAD}\n\n${columns(rows)}\n\n${FOOT}`;
}

/** @param {string} name @param {Option} option @returns {[string, string]} */
function optionRow(name, { type, short, value, choices, help }) {
  const taken = type === 'flag' ? '' : ` ${choices ? choices.join('|') : (value ?? 'N')}`;
  return [`${short ? `-${short}, ` : ''}--${name}${taken}`, help];
}

/** @param {string} name @param {Command} command @returns {string} */
export function commandHelp(name, { summary, usage, about, options, examples }) {
  const rows = Object.entries(options).map(([option, rules]) => optionRow(option, rules));
  const lines = examples.map(({ run, says }) => `  ${run}\n      ${says}`);
  return [
    `wembed ${name}: ${summary}\n\n${`wembed ${name} ${usage}`.trimEnd()}`,
    about,
    `Options\n${columns([...rows, ['-h, --help', 'this text']])}`,
    `Examples\n${lines.join('\n')}`,
  ].join('\n\n');
}
