// A .wasm file that is another module of wembed, of another version or of something else, damaged or cut short: the load fails and
// says what came, and after the file is mended the next call works. Each program runs in a process of its own, because a module
// that has started stays.
import { execFileSync } from 'node:child_process';
import { WembedError, createWorker } from '../../web/worker.js';
import { ROOT } from '../support/sources.js';
import { readBytes } from '../support/wembed.js';

/** Loads of the three modules, each with an answer that is right only where its module runs. */
const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { EmbeddingTable, Tokenizer, env } from './web/index.js';
  import { Variable } from './web/train.js';

  const bpe = { model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] } };
  const loads = {
    core: async () => (await EmbeddingTable.from([1, 2], { rows: 1, dim: 2 })).row(0)[1] === 2 && 'ok',
    text: async () => String((await Tokenizer.from(bpe)).encode('abb').ids) === '2,1' && 'ok',
    train: async () => (await Variable.from([1, 2], { rows: 1, dim: 2 })).rows === 1 && 'ok',
  };
  const SETTINGS = { core: 'wasm', text: 'textWasm', train: 'trainWasm' };
  const load = (module) =>
    loads[module]().catch(({ name, code, reason, message, stack }) =>
      name === 'WembedError' ? { code, reason, message } : stack);
  const fileOf = (module, variant) => (module === 'core' ? '' : module + '_') + variant + '.wasm';
  const read = (name) => new Uint8Array(readFileSync('dist/assets/' + name));
  const served = {};
  globalThis.fetch = async (url) => new Response(served[new URL(url).pathname.slice(1)]);

  /** Every way to give bytes in place of a module: a folder of the page's, files in hand, the module's own setting. */
  const WAYS = {
    folder: (module, name, bytes) => { served[name] = bytes; env.assets = 'https://a.example/'; },
    files: (module, name, bytes) => { env.assets = { [name]: bytes }; },
    compiled: (module, name, bytes) => { env.assets = { [name]: new WebAssembly.Module(bytes) }; },
    setting: (module, name, bytes) => { env[SETTINGS[module]] = bytes; },
  };
  /** @returns what a load answers for bytes in place of a module, given in each way */
  const answers = async (module, name, bytes, ways = Object.keys(WAYS)) => {
    const found = {};
    for (const way of ways) {
      env.assets = env[SETTINGS[module]] = undefined;
      WAYS[way](module, name, bytes);
      found[way] = await load(module);
    }
    env.assets = env[SETTINGS[module]] = undefined;
    return found;
  };
  /** Mends the file where it was served, without a change of a setting. */
  const mended = async (module, name) => {
    env.assets = 'https://a.example/';
    const before = await load(module);
    served[name] = read(name);
    return [before.code, await load(module)];
  };
`;

/** @param {string} script @returns {any} what it returns */
function run(script) {
  const program = `${PROGRAM}
    const main = async () => { ${script} };
    process.stdout.write(JSON.stringify(await main()));`;
  const args = ['--input-type=module', '--no-warnings', '-e', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

const NAMES = {
  core: 'the core (simd128.wasm or scalar.wasm)',
  text: 'the module for tokenizers (text_simd128.wasm or text_scalar.wasm)',
  train: 'the module that trains (train_simd128.wasm or train_scalar.wasm)',
};
const MODULES = /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES));
const WAYS = ['folder', 'files', 'compiled', 'setting'];

test.each(['simd128', 'scalar'])('each module in place of each other one is refused: %s', (variant) => {
  const found = run(`
    env.variant = '${variant}';
    const found = {};
    for (const module of Object.keys(loads)) {
      const name = fileOf(module, '${variant}');
      for (const other of Object.keys(loads)) {
        if (other !== module) found[module + ' ' + other] = await answers(module, name, read(fileOf(other, '${variant}')));
      }
      found[module] = await mended(module, name);
    }
    return found;`);
  for (const module of MODULES) {
    for (const other of MODULES) {
      if (other === module) continue;
      const answers = found[`${module} ${other}`];
      expect(Object.keys(answers)).toEqual(WAYS);
      for (const [way, answer] of Object.entries(answers)) {
        expect([way, answer]).toMatchObject([way, { code: 'bad_file', reason: 'other_module' }]);
        expect(answer.message).toContain(`is ${NAMES[other]} of wembed, not ${NAMES[module]}: `);
      }
      expect(answers.folder.message).toMatch(/^https:\/\/a\.example\/\w+\.wasm is .*env\.assets/);
      expect(answers.files.message).toMatch(/^the file in env\.assets is .*env\.assets/);
      expect(answers.setting.message).toMatch(/^env\.(wasm|textWasm|trainWasm) is .*: env\.\w+ must be the address/);
    }
    expect([module, found[module]]).toEqual([module, ['bad_file', 'ok']]);
  }
});

test('a worker says what came in place of its module, and the next one starts', async () => {
  const start = (/** @type {string} */ file) =>
    createWorker({ env: { wasm: readBytes(`dist/assets/${file}`), variant: 'scalar' } });
  const refused = await start('train_scalar.wasm').catch((error) => error);
  expect(refused).toBeInstanceOf(WembedError);
  expect(refused).toMatchObject({ code: 'bad_file', reason: 'other_module' });
  expect(refused.message).toContain(`env.wasm is ${NAMES.train} of wembed, not ${NAMES.core}: `);
  const worker = await start('scalar.wasm');
  expect(await worker.encode('It is raining')).toHaveLength(256);
  worker.dispose();
});

test('a module of another build, or of something else, is refused', () => {
  const found = run(`
    const other = (bytes) => {
      const changed = Buffer.from(bytes);
      for (let at = -1; (at = changed.indexOf('asm#', at + 1)) >= 0;) changed[at + 4] ^= 1;
      return new Uint8Array(changed);
    };
    const header = [0, 97, 115, 109, 1, 0, 0, 0];
    // (module (import "a" "a" (func)))
    const foreign = Uint8Array.of(...header, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 97, 1, 97, 0, 0);
    const found = {};
    for (const module of Object.keys(loads)) {
      const name = fileOf(module, 'simd128');
      found[module] = [
        await answers(module, name, other(read(name))),
        await answers(module, name, foreign),
        await answers(module, name, Uint8Array.from(header)),
        await mended(module, name),
      ];
    }
    return found;`);
  for (const module of MODULES) {
    const [another, foreign, hollow, end] = found[module];
    for (const way of WAYS) {
      expect(another[way]).toMatchObject({ code: 'bad_file', reason: 'other_version' });
      expect(another[way].message).toContain(`is ${NAMES[module]} of another version of wembed than its scripts: `);
      for (const answer of [foreign[way], hollow[way]]) {
        expect(answer).toMatchObject({ code: 'bad_file', reason: 'other_module' });
        expect(answer.message).toContain(`is a module of something else or of an older wembed, not ${NAMES[module]}: `);
      }
    }
    expect(end).toEqual(['bad_file', 'ok']);
  }
});

test.each(['simd128', 'scalar'])('a file that is empty, cut short anywhere or damaged is refused: %s', (variant) => {
  const found = run(`
    env.variant = '${variant}';
    /** Where the sections of a module end. */
    const ends = (wasm) => {
      const found = [];
      for (let at = 8; at < wasm.length; found.push(at)) {
        let [size, shift, byte] = [0, 0, 0];
        at++;
        do { byte = wasm[at++]; size += (byte & 127) * 2 ** shift; shift += 7; } while (byte > 127);
        at += size;
      }
      return found;
    };
    const found = {};
    for (const module of Object.keys(loads)) {
      const name = fileOf(module, '${variant}');
      const whole = read(name);
      const short = async (n) => [n, (await answers(module, name, whole.slice(0, n), ['setting'])).setting];
      const damaged = whole.slice();
      damaged.fill(255, whole.length >> 1, (whole.length >> 1) + 64);
      found[module] = { cut: [], sections: [] };
      for (const n of [9, 30, 300, whole.length >> 1, whole.length - 1]) found[module].cut.push(await short(n));
      for (const n of ends(whole).filter((end) => end < whole.length)) found[module].sections.push(await short(n));
      const ways = ['folder', 'files', 'setting'];
      found[module].empty = await answers(module, name, new Uint8Array(0), ways);
      found[module].damaged = await answers(module, name, damaged, ways);
      structuredClone(whole.buffer, { transfer: [whole.buffer] });
      found[module].detached = await answers(module, name, whole, ['setting']);
      found[module].mended = await mended(module, name);
    }
    return found;`);
  for (const module of MODULES) {
    const { cut, sections, empty, damaged, detached, mended } = found[module];
    for (const [n, answer] of cut) {
      expect([n, answer]).toMatchObject([n, { code: 'bad_file', reason: 'truncated' }]);
      expect(answer.message).toContain(` ends after ${n} bytes, which is not the whole file: `);
    }
    // Whole sections are a module, but not this one.
    expect(sections.length).toBeGreaterThan(7);
    for (const [n, { code, reason }] of sections) {
      expect([n, code]).toEqual([n, 'bad_file']);
      expect(['damaged', 'other_module']).toContain(reason);
    }
    for (const way of ['folder', 'files', 'setting']) {
      expect(empty[way]).toMatchObject({ code: 'bad_file', reason: 'empty' });
      expect(damaged[way]).toMatchObject({ code: 'bad_file', reason: 'damaged' });
    }
    expect(detached.setting).toMatchObject({ code: 'bad_file', reason: 'empty' });
    expect(mended).toEqual(['bad_file', 'ok']);
  }
});
