import { loadMini } from '../mini.js';
import { hold, startContents } from './parts/contents.js';
import { idle } from './parts/dom.js';
import { startHints } from './parts/hints.js';
import { inWords, sayIn } from './parts/say.js';
import { forgetState, readHash } from './parts/state.js';
import { pause } from './parts/timing.js';
import { bytes, count } from './parts/words.js';
import * as alike from './sections/alike.js';

/** @typedef {import('../index.js').EmbeddingLayer} EmbeddingLayer */
/** @typedef {{ start: (given: { root: HTMLElement, layer: EmbeddingLayer, say: ReturnType<typeof sayIn> }) => unknown }} Section */

/** The sections after the first, loaded when they come near. @type {Record<string, () => Promise<Section>>} */
const SECTIONS = {
  rows: () => import('./sections/rows.js'),
  map: () => import('./sections/map.js'),
  search: () => import('./sections/search.js'),
  positions: () => import('./sections/positions.js'),
  head: () => import('./sections/head.js'),
  size: () => import('./sections/size.js'),
  learn: () => import('./sections/learn.js'),
  speed: () => import('./sections/speed.js'),
};

const OFFLINE_AFTER_MS = 3000;

/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

startHints();
startContents();
catchDrops();
alike.prepare($('alike'));
start();
$('retry').addEventListener('click', start);

async function start() {
  document.documentElement.dataset.state = 'loading';
  $('error').hidden = true;
  $('progress').hidden = false;
  try {
    const begun = performance.now();
    const layer = await loadMini({ onProgress: progressBar() });
    const seconds = (performance.now() - begun) / 1000;
    $('progress').value = 1;
    await pause(); // loading and answering are two tasks
    await startSection($('alike'), alike, layer);
    $('progress').hidden = true;
    performance.mark('first answer');
    document.documentElement.dataset.state = 'ready';
    startOthers(layer);
    layOut();
    keepOffline();
    idle().then(() => showFacts(layer.describe(), seconds));
  } catch (error) {
    document.documentElement.dataset.state = 'failed';
    $('progress').hidden = true;
    $('error-text').textContent =
      typeof WebAssembly === 'undefined'
        ? 'This browser has WebAssembly turned off, and the model runs in it. Turn it on, or open the page elsewhere.'
        : `The model could not be loaded. ${inWords(error)}`;
    $('alike-answer').textContent = 'No model, no answer: see above.';
    $('error').hidden = false;
    $('retry').hidden = typeof WebAssembly === 'undefined';
    console.warn(error);
  }
}

/**
 * @param {HTMLElement} root
 * @param {Section} section
 * @param {EmbeddingLayer} layer
 */
function startSection(root, section, layer) {
  const say = sayIn(root);
  const failed = (/** @type {unknown} */ error) => {
    say.error(`This section could not start: ${inWords(error)}. Load the page again to try once more.`);
    root.dataset.state = 'failed';
    console.warn(error);
  };
  try {
    const done = section.start({ root, layer, say });
    root.dataset.state = 'started';
    return Promise.resolve(done).then(
      () => (root.dataset.state = 'ready'),
      (error) => failed(error),
    );
  } catch (error) {
    return failed(error);
  }
}

/** @param {EmbeddingLayer} layer */
function startOthers(layer) {
  /** @type {Set<string>} */
  const begun = new Set();
  const begin = async (/** @type {string} */ id) => {
    if (begun.has(id)) return;
    begun.add(id);
    const root = $(id);
    root.dataset.state = 'loading';
    try {
      const section = await SECTIONS[id]();
      await idle();
      startSection(root, section, layer);
    } catch (error) {
      begun.delete(id);
      root.dataset.state = 'failed';
      sayIn(root).error(`This section could not be loaded: ${inWords(error)}. Scroll here again to try once more.`);
    }
  };
  const seen = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && begin(target.id)),
    { rootMargin: '60% 0px' },
  );
  for (const id of Object.keys(SECTIONS)) seen.observe($(id));

  const follow = () => {
    const { id } = readHash(location.hash);
    const root = id ? document.getElementById(id) : null;
    if (id && !root?.classList.contains('section')) {
      sayIn($('alike')).note(`This page has no section “${id.slice(0, 40)}”; here is the first one.`);
      return;
    }
    if (!root) return;
    for (const section of document.querySelectorAll('.section')) section.classList.add('laid-out'); // where it is to stay
    if (id in SECTIONS) begin(id);
    hold(root);
  };
  addEventListener('hashchange', () => {
    // Another link to a section that runs: start afresh with what it says.
    if ([...readHash(location.hash).params.keys()].length === 0) return follow();
    forgetState();
    location.reload();
  });
  follow();
}

/** The room of the sections below, one at a time, so that no single frame has all of it to do. */
async function layOut() {
  for (const section of document.querySelectorAll('.section')) {
    await idle();
    section.classList.add('laid-out');
  }
}

/** A file that misses its section would take the page's place: it is caught, and its sender told where it belongs. */
function catchDrops() {
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    const files = event.dataTransfer?.files.length ?? 0;
    if (event.defaultPrevented || files === 0) return;
    event.preventDefault();
    const section = event.target instanceof Element ? event.target.closest('.section') : null;
    const words = 'Nothing here takes a file. “Text to vector”, “Search”, “Next word”, “Size” and “Training” do.';
    sayIn(/** @type {HTMLElement} */ (section ?? $('alike'))).note(words);
  });
}

/** The page without a connection: a service worker that fetches all its files, once the first sections are there. */
async function keepOffline() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  await new Promise((resolve) => setTimeout(resolve, OFFLINE_AFTER_MS));
  await idle();
  try {
    await navigator.serviceWorker.register(new URL('./service_worker.js', location.href));
    $('facts').dataset.offline = 'ready';
  } catch {
    $('facts').append(' · not kept for offline use: this browser stores nothing here');
  }
}

function progressBar() {
  const totals = new Map();
  const bar = $('progress');
  return (/** @type {{ file: string, loaded: number, total?: number }} */ { file, loaded, total }) => {
    totals.set(file, [loaded, total ?? loaded]);
    let [done, all] = [0, 8e6];
    for (const [some] of totals.values()) done += some;
    all = Math.max(all, done);
    bar.value = Math.max(bar.value, Math.min(0.99, done / all));
  };
}

/**
 * @param {import('../index.js').LayerDescription} about
 * @param {number} seconds
 */
function showFacts({ vocabSize, dim, dtype, bytes: size, variant }, seconds) {
  $('facts').prepend(
    `${count(vocabSize)} tokens · ${dim} dimensions · stored as ${dtype} · ${bytes(size)} of memory · ` +
      `WebAssembly ${variant}${variant === 'simd128' ? '' : ' (this browser has no SIMD: slower, same numbers)'} · ` +
      `loaded in ${seconds.toFixed(2)} s`,
  );
}
