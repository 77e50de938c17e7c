// Peers that are separate programs, one thread each: an input line says what to encode, an output line how long it
// took.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const MODEL = path('../../models/mini');
const ONE_THREAD = {
  RAYON_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  TOKENIZERS_PARALLELISM: 'false',
};

/** @type {Record<string, () => [command: string, args: string[]]>} each installs or builds its program, or throws */
const PEERS = {
  'model2vec-rs (native)': () => {
    const folder = path('model2vec_rs');
    execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], { cwd: folder, stdio: 'inherit' });
    return [`${folder}/target/release/wembed-bench-model2vec-rs`, [MODEL]];
  },
  'model2vec (Python)': () => [python(), [path('model2vec_python.py'), MODEL]],
};

/** @returns {string} a Python that has the packages of requirements.txt */
function python() {
  const venv = path('../.venv');
  const wanted = readFileSync(path('../requirements.txt'), 'utf8');
  if (!existsSync(`${venv}/ready`) || readFileSync(`${venv}/ready`, 'utf8') !== wanted) {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    execFileSync(`${venv}/bin/pip`, ['install', '--quiet', '-r', path('../requirements.txt')], { stdio: 'inherit' });
    writeFileSync(`${venv}/ready`, wanted);
  }
  return `${venv}/bin/python`;
}

/** @param {string} file sentences, one a line @returns {NativePeer | undefined} undefined, with a message, where it cannot run */
export function startGensim(file) {
  try {
    return start('gensim (Python)', python(), [path('word2vec_gensim.py'), file]);
  } catch (error) {
    console.error(`gensim is left out: ${/** @type {Error} */ (error).message}`);
    return undefined;
  }
}

/**
 * @param {string} file of f32 rows
 * @param {number} dim
 * @returns {NativePeer[]} what searches in Python; for what cannot run it prints why not
 */
export function startPythonSearch(file, dim) {
  try {
    const own = python();
    const names = ['numpy', 'gensim', 'sqlite-vec'];
    return names.map((name) => start(`${name} (Python)`, own, [path('search_python.py'), name, file, String(dim)]));
  } catch (error) {
    console.error(`Python's search is left out: ${/** @type {Error} */ (error).message}`);
    return [];
  }
}

/** @param {number} bytes @returns {NativePeer} reads this many bytes of memory per line */
export function startReader(bytes) {
  const program = path('../../build/bench/read_bandwidth');
  mkdirSync(path('../../build/bench'), { recursive: true });
  execFileSync('c++', ['-O3', '-march=native', '-o', program, path('read_bandwidth.cc')], { stdio: 'inherit' });
  return start('native read', program, [String(bytes)]);
}

/**
 * @typedef {object} NativePeer
 * @property {string} name
 * @property {(line: string) => Promise<string>} ask
 * @property {() => void} end
 */

/** @returns {NativePeer[]} those that this machine can run; for the others it prints why not */
export function startNativePeers() {
  return Object.entries(PEERS).flatMap(([name, prepare]) => {
    try {
      return [start(name, ...prepare())];
    } catch (error) {
      console.error(`${name} is left out: ${/** @type {Error} */ (error).message}`);
      return [];
    }
  });
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @returns {NativePeer}
 */
function start(name, command, args) {
  const child = spawn(command, args, { env: { ...process.env, ...ONE_THREAD }, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error(`${name} ended`);
      return value;
    },
    end: () => child.stdin.end(),
  };
}
