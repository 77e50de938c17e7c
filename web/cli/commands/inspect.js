// `wembed inspect`: what a model is, from headers alone.
import { statSync } from 'node:fs';
import { inspect } from '../../index.js';
import { checkFolder } from '../models.js';
import { JSON_OPTION, MODEL_OPTIONS, checkCount, usage } from '../options.js';
import { print } from '../output.js';
import { grouped, megabytes } from '../progress.js';
import { tableLines } from '../text_table.js';

/** @type {import('../options.js').Command} */
export const command = {
  summary: 'sizes, shapes and settings of a model, from its headers alone',
  usage: 'LOCATION',
  about: 'A folder, an address, a hub id, or a .safetensors or .gguf file: no weights are read.',
  options: {
    tensors: { type: 'flag', help: 'all tensors too' },
    ...JSON_OPTION,
    revision: MODEL_OPTIONS.revision,
  },
  examples: [
    { run: 'wembed inspect ./models/mini/', says: 'a folder' },
    { run: 'wembed inspect Qwen/Qwen3-0.6B --json', says: 'of a hub; everything that is known, as JSON' },
    { run: 'wembed inspect model.gguf --tensors', says: 'every tensor of a file' },
  ],

  async run(given) {
    checkCount(given, 'LOCATION', 1, 1);
    const { args, options } = given;
    checkFolder(args[0]);
    if (isJson(args[0])) {
      throw usage(given.name, `${args[0]} is a JSON file: name the folder it is in, or a .safetensors or .gguf file`);
    }
    const info = await inspect(args[0], { revision: options.revision });
    if (options.json) return print(`${JSON.stringify(info)}\n`);
    const { tensors, layer, ...rest } = info;
    await print(tableLines(['', ''], [...figures(rest, ''), ...figures(layer ?? {}, 'layer.')]).trimStart());
    if (!options.tensors) return;
    const rows = tensors.map(({ name, dtype, shape, bytes }) => [name, dtype, shape.join(' × '), bytes]);
    await print(`\n${tableLines(['tensor', 'dtype', 'shape', 'bytes'], rows)}`);
  },
};

/** @param {string} location @returns {boolean} of a file that is there; a folder may be called so */
const isJson = (location) =>
  /\.json$/i.test(location) && Boolean(statSync(location, { throwIfNoEntry: false })?.isFile());

/** @param {Record<string, unknown>} info @param {string} prefix @returns {[string, string][]} what has a value */
function figures(info, prefix) {
  return Object.entries(info)
    .filter(([, value]) => value !== null && value !== undefined && typeof value !== 'object')
    .map(([name, value]) => [`${prefix}${name} `, shownAs(name, value)]);
}

/** @param {string} name @param {unknown} value */
function shownAs(name, value) {
  if (typeof value !== 'number') return `${value} `;
  return `${/bytes|download/i.test(name) ? `${grouped(value)} bytes, ${megabytes(value)}` : value} `;
}
