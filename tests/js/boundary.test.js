// The boundary between C++ and JavaScript: cpp/bindings/boundary.txt and the files generated from it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generated, isIn, readBoundary } from '../../tools/boundary.mjs';
import { loadCore } from '../../web/memory/module.js';
import { loadTextHeap } from '../../web/memory/text_module.js';
import { loadTrainHeap } from '../../web/memory/train_module.js';
import { ROOT, filesUnder } from '../support/sources.js';
import '../support/wembed.js';

const boundary = readBoundary();

test.each(Object.entries(generated(boundary)))('%s is what tools/boundary.mjs writes', (file, text) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text);
});

test('every export is called by a file in web/', () => {
  const sources = filesUnder('web', /\.js$/)
    .filter((file) => file !== 'web/memory/core_exports.js')
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const called = ({ name }) => new RegExp(`\\.${name}\\(|'${name}'`).test(sources);
  expect(boundary.exports.length).toBeGreaterThan(30);
  expect(boundary.exports.filter((each) => !called(each)).map(({ name }) => name)).toEqual([]);
});

test.each([
  ['core', async () => (await loadCore()).core],
  ['text', async () => (await loadTextHeap()).core],
  ['train', async () => (await loadTrainHeap()).core],
])('the compiled %s module has its exports of the list, each with its number of arguments', async (module, load) => {
  const core = /** @type {Record<string, any>} */ (await load());
  for (const { name, args, where } of boundary.exports) {
    if (!isIn(where, /** @type {any} */ (module))) {
      expect([name, core[name]]).toEqual([name, undefined]);
      continue;
    }
    expect([name, typeof core[name]]).toEqual([name, 'function']);
    // Embind's own JavaScript of some compilers does not give the number.
    if (module === 'core') expect([args.length, 0]).toContain(core[name].length);
  }
});

test('names are the same on both sides', async () => {
  const codes = await import('../../web/core/codes.js');
  expect(codes.DTYPES.indexOf('bf16')).toBe(3);
  expect(codes.GGML_TYPES.iq4_nl).toBe(20);
  expect(codes.NO_ID).toBe(2 ** 32 - 1);
  const names = boundary.exports.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
