// How the core is found and loaded, and the error if it cannot be. Each case runs in its own process, because the core
// is loaded once per process.
import { execFileSync } from 'node:child_process';
import { ROOT } from '../support/sources.js';

/**
 * @param {string} script with env, configure, WembedError and `load`, which answers { code, reason, status, message } or 'ok'
 * @param {string[]} [options] of Node
 * @returns {any} what it returns
 */
function run(script, options = []) {
  const program = `
    import { readFileSync } from 'node:fs';
    import { EmbeddingTable, configure, env } from './web/index.js';
    const wasm = readFileSync('dist/assets/scalar.wasm');
    const load = () => EmbeddingTable.from([1, 2], { rows: 1, dim: 2 }).then(
      (table) => table.row(0)[1] === 2 && 'ok',
      ({ name, code, reason, status, message }) => ({ name, code, reason, status, message }),
    );
    const main = async () => { ${script} };
    process.stdout.write(JSON.stringify(await main()));`;
  const args = [...options, '--input-type=module', '--no-warnings', '-e', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

test('env.wasm takes an address, a path, bytes of every kind, and a compiled module; env.variant picks the file', () => {
  const sources = [
    'undefined',
    "'dist/assets/scalar.wasm'",
    "new URL('dist/assets/scalar.wasm', 'file://' + process.cwd() + '/')",
    "'file://' + process.cwd() + '/dist/assets/scalar.wasm'",
    'new Uint8Array(wasm)',
    'new Uint8Array([...new Uint8Array(16), ...wasm]).subarray(16)',
    'new Uint8Array(wasm).buffer',
    'new WebAssembly.Module(wasm)',
    "await (async () => { globalThis.fetch = async () => new Response(wasm); return 'https://a.example/x.wasm'; })()",
  ];
  for (const source of sources) expect([source, run(`env.wasm = ${source}; return load();`)]).toEqual([source, 'ok']);
  expect(run("env.variant = 'scalar'; return [env.variant, env.wasm ?? null, await load()];")).toEqual([
    'scalar',
    null,
    'ok',
  ]);
  expect(run("configure({ variant: 'scalar', wasm }); return [env.variant, env.wasm === wasm, await load()];")).toEqual(
    ['scalar', true, 'ok'],
  );
});

test('invalid settings, and settings after the first load, are refused', () => {
  const refused = (/** @type {string} */ setting) =>
    run(`try { ${setting} } catch ({ code, message }) { return { code, message }; } return 'taken';`);
  expect(refused("env.variant = 'avx'")).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('avx'),
  });
  expect(refused('env.wasm = 5')).toMatchObject({ code: 'invalid_argument' });
  expect(refused("configure({ wasmUrl: 'x' })")).toMatchObject({ code: 'invalid_argument' });
  expect(refused('configure(null)')).toMatchObject({ code: 'invalid_argument' });
  expect(refused("await load(); env.variant = 'scalar'").message).toMatch('before the first load');
  expect(refused("await load(); configure({ variant: 'scalar' })").message).toMatch('before the first load');
  expect(refused('env.wasm = undefined')).toBe('taken');
});

describe('a core that cannot be loaded says why, never that the network failed', () => {
  const answer = (/** @type {string} */ response) =>
    run(`globalThis.fetch = async () => ${response}; env.wasm = 'https://a.example/core.wasm'; return load();`);

  test.each([
    ['an HTML page', "new Response('\\n<!doctype html><p>hello')", 'bad_file', 'html', /HTML page.*env\.wasm/],
    ['another file', "new Response('{}')", 'bad_file', 'not_wasm', /another kind.*env\.wasm/],
    ['an empty file', "new Response('')", 'bad_file', 'empty', /is empty.*env\.wasm/],
    ['half a file', 'new Response(wasm.subarray(0, 5000))', 'bad_file', 'truncated', /5000 bytes/],
    ['404', "new Response('', { status: 404 })", 'not_found', undefined, /404.*env\.wasm/],
  ])('%s', (_, response, code, reason, message) => {
    const error = answer(response);
    expect(error).toMatchObject({ name: 'WembedError', code });
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
  });

  test('a failing or missing server is a network error', () => {
    expect(answer("new Response('', { status: 503 })")).toMatchObject({ code: 'network', status: 503 });
    expect(answer("Promise.reject(new TypeError('fetch failed'))")).toMatchObject({ code: 'network' });
  });

  test('a missing file', () => {
    expect(run("env.wasm = 'nowhere/core.wasm'; return load();")).toMatchObject({ code: 'not_found' });
  });

  test.each([
    "Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script",
    'call to WebAssembly.compile() blocked by CSP',
    'Compiling or instantiating WebAssembly module violates the following Content Security Policy directive',
  ])('a policy that forbids WebAssembly: %s', (message) => {
    const error =
      run(`WebAssembly.compile = async () => { throw new WebAssembly.CompileError(${JSON.stringify(message)}); };
      return load();`);
    expect(error).toMatchObject({ code: 'unsupported', reason: 'csp' });
    expect(error.message).toMatch("script-src 'wasm-unsafe-eval'");
  });

  test('a policy that forbids the address', () => {
    const error = run(`
      const listeners = new Set();
      globalThis.addEventListener = (type, listener) => listeners.add(listener);
      globalThis.removeEventListener = (type, listener) => listeners.delete(listener);
      globalThis.fetch = async (url) => {
        setTimeout(() => listeners.forEach((each) => each({ blockedURI: url })));
        throw new TypeError('Failed to fetch');
      };
      env.wasm = 'https://a.example/core.wasm';
      return { ...(await load()), listeners: listeners.size };`);
    expect(error).toMatchObject({ code: 'unsupported', reason: 'csp', listeners: 0 });
    expect(error.message).toMatch('connect-src');
  });

  test('an engine without WebAssembly', () => {
    const error = run('delete globalThis.WebAssembly; return load();');
    expect(error).toMatchObject({ code: 'unsupported', reason: 'no_wasm' });
  });

  // V8 has SIMD where the processor has SSE 4.1, or seems to.
  const testOnX64 = process.arch === 'x64' ? test : test.skip;
  testOnX64('an engine without SIMD loads the scalar file, and finds the same bits', () => {
    const script = `
      const { loadMini } = await import('./web/mini.js');
      const layer = await loadMini();
      const { data } = layer.encode(['It is raining', 'Wet weather']);
      return [layer.describe().variant, [...new Uint32Array(data.buffer, data.byteOffset, data.length)]];`;
    const [variant, bits] = run(script, ['--no-enable-sse4-1']);
    const [usual, expected] = run(script);
    expect([variant, usual]).toEqual(['scalar', 'simd128']);
    expect(bits).toEqual(expected);
  });

  test('the next call tries again, with changed settings if necessary', () => {
    expect(run("env.wasm = 'nowhere'; await load(); env.wasm = wasm; return load();")).toBe('ok');
  });
});

describe('a script of the package that cannot be loaded when it is needed', () => {
  const HOOK = `export const resolve = (name, context, next) => {
    if (name.startsWith('.')) throw new TypeError('import() is disallowed here');
    return next(name, context);
  };`;
  const calls = [
    "EmbeddingLayer.fromPretrained('org/name')",
    "Tokenizer.fromPretrained('org/name')",
    "inspect('org/name')",
    'EmbeddingTable.from([1], { rows: 1, dim: 1 })',
    "isCached('org/name')",
    "clearCache('org/name')",
    "WordVectors.fromPretrained('https://a.example/glove.txt')",
    "RemoteTable.fromPretrained('org/name')",
    'VectorIndex.create({ dim: 1 })',
  ];
  const all = (/** @type {string} */ before) =>
    run(`
      const { EmbeddingLayer, RemoteTable, Tokenizer, WordVectors, clearCache, inspect, isCached } = await import('./web/index.js');
      const { VectorIndex } = await import('./web/search.js');
      const { register } = await import('node:module');
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOK)}));
      ${before}
      const told = ({ name, code, reason, message }) => ({ name, code, reason, message });
      return [${calls.map((call) => `await ${call}.then(() => 'loaded', told)`).join(', ')}];`);

  test('in a service worker: that wembed/static has it', () => {
    for (const [i, found] of all('globalThis.ServiceWorkerGlobalScope = class {};').entries()) {
      expect([calls[i], found]).toEqual([
        calls[i],
        {
          ...{ name: 'WembedError', code: 'unsupported', reason: 'no_import' },
          message: expect.stringContaining("import from 'wembed/static'"),
        },
      ]);
    }
  });

  test('elsewhere: a network error', () => {
    for (const [i, found] of all('').entries()) {
      expect([calls[i], found]).toMatchObject([calls[i], { name: 'WembedError', code: 'network' }]);
      expect(found.message).toMatch('a script of wembed could not be loaded: import() is disallowed here');
    }
  });
});
