// What was typed, checked: Node's parseArgs, with numbers and choices.
import { parseArgs } from 'node:util';
import { UsageError } from './usage_error.js';

/**
 * One option of a command.
 * @typedef {object} Option
 * @property {'flag' | 'text' | 'number' | 'texts'} type a flag takes no value; texts may be given several times
 * @property {string} help one line
 * @property {string} [short] its letter
 * @property {string} [value] what the help calls its value
 * @property {readonly string[]} [choices]
 * @property {number} [least] of a number, default 1
 * @property {number} [most] of a number
 * @property {boolean} [fraction] whether a number need not be whole
 */

/**
 * @typedef {object} Command
 * @property {string} summary one line
 * @property {string} usage what follows its name
 * @property {string} about some lines on what it reads and writes
 * @property {Record<string, Option>} options
 * @property {{ run: string, says: string }[]} examples shell lines, and what each is for
 * @property {(given: CommandLine) => void | Promise<void>} run
 */

/**
 * The values of all commands' options, of which each command has its own.
 * @typedef {object} OptionValues
 * @property {string} [model]
 * @property {import('../index.js').Dtype | 'auto'} [dtype]
 * @property {string} [revision]
 * @property {boolean} [jsonl]
 * @property {string} [field]
 * @property {boolean} [lossy]
 * @property {boolean} [json]
 * @property {'jsonl' | 'npy' | 'raw'} [format]
 * @property {string} [output]
 * @property {boolean} [no-text]
 * @property {boolean} [normalize]
 * @property {number} [dimensions]
 * @property {number} [max-length]
 * @property {'mean' | 'sum' | 'max'} [pooling]
 * @property {import('../index.js').Dtype} [vector-dtype]
 * @property {boolean} [passages]
 * @property {string} [id-field]
 * @property {number} [top]
 * @property {'auto' | 'vectors' | 'keywords' | 'rrf' | 'convex'} [hybrid]
 * @property {boolean} [explain]
 * @property {string} [words]
 * @property {boolean} [from-words]
 * @property {number} [limit]
 * @property {number} [threshold]
 * @property {boolean} [kept]
 * @property {boolean} [each]
 * @property {boolean} [special-tokens]
 * @property {boolean} [ids]
 * @property {boolean} [offsets]
 * @property {boolean} [tensors]
 * @property {number} [keep]
 * @property {number} [port]
 * @property {string} [root]
 */

/** What was typed. @typedef {{ name: string, args: string[], options: OptionValues }} CommandLine */

/** Of every command that has a model. @type {Record<string, Option>} */
export const MODEL_OPTIONS = {
  model: {
    ...{ type: 'text', short: 'm', value: 'LOCATION' },
    help: 'a folder (./, ../, /), an address, or a hub id org/name; default: the small English model of the package',
  },
  dtype: {
    ...{ type: 'text', choices: ['auto', 'f32', 'f16', 'bf16', 'i8', 'i4'] },
    help: 'how to keep its table in memory',
  },
  revision: { type: 'text', value: 'NAME', help: 'of a hub id: branch, tag or commit; default main' },
};

/** Of every command that reads lines. @type {Record<string, Option>} */
export const INPUT_OPTIONS = {
  jsonl: { type: 'flag', help: 'a line is JSON: a string, or an object whose text is a member of it' },
  field: { type: 'text', value: 'NAME', help: 'that member; default text' },
  lossy: { type: 'flag', help: 'bytes that are not UTF-8 become U+FFFD; without it they are an error' },
};

/** @type {Record<string, Option>} */
export const JSON_OPTION = { json: { type: 'flag', help: 'the result as JSON' } };

/**
 * @param {string} name of the command
 * @param {Command} command
 * @param {string[]} args
 * @returns {CommandLine}
 */
export function parse(name, command, args) {
  const known = Object.entries(command.options).map(([option, { type, short }]) => [
    option,
    { type: type === 'flag' ? 'boolean' : 'string', multiple: type === 'texts', ...(short && { short }) },
  ]);
  try {
    const { values, positionals } = parseArgs({
      args,
      options: Object.fromEntries(known),
      allowPositionals: true,
      strict: true,
    });
    const checked = Object.entries(values).map(([option, value]) => [
      option,
      checkedValue(name, option, command.options[option], value),
    ]);
    return { name, args: positionals, options: Object.fromEntries(checked) };
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const [first] = message.replace(/\. To specify.*/s, '').split('\n');
    const why = first
      .replace(/\.$/, '')
      .replace(/argument is ambiguous$/, "takes a value that begins with '-' after '=' only");
    throw usage(name, why);
  }
}

/**
 * @param {string} name of the command
 * @param {string} option
 * @param {Option} rules
 * @param {unknown} value
 */
function checkedValue(name, option, { type, choices, least = 1, most = Infinity, fraction }, value) {
  if (choices && !choices.includes(String(value))) {
    throw usage(name, `--${option} is one of ${choices.join(', ')}, not '${value}'`);
  }
  if (type !== 'number') return value;
  const number = value === '' ? NaN : Number(value);
  if (number >= least && number <= most && (fraction ? Number.isFinite(number) : Number.isSafeInteger(number)))
    return number;
  throw usage(
    name,
    `--${option} takes a ${fraction ? '' : 'whole '}number from ${least} ${most === Infinity ? 'on' : `to ${most}`}, not '${value}'`,
  );
}

/**
 * @param {string} name of the command
 * @param {string} message
 */
export const usage = (name, message) => new UsageError(`wembed ${name}: ${message}. See: wembed ${name} --help`);

/**
 * @param {CommandLine} given
 * @param {string} what must be given
 * @param {number} least
 * @param {number} [most]
 */
export function checkCount({ name, args }, what, least, most = Infinity) {
  if (args.length < least) throw usage(name, `${what} is missing`);
  if (args.length > most) throw usage(name, `'${args[most]}' is one argument too many`);
}

/**
 * @param {CommandLine} given
 * @param {string} what it is
 * @returns {string} the value of --output
 */
export function outputOf({ name, options: { output } }, what) {
  if (output) return output;
  throw usage(name, `say where ${what} goes: --output PATH`);
}
