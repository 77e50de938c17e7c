// The visitor's texts as a search index, off the page's thread.
import { loadMini } from '../../mini.js';
import { VectorIndex } from '../../search.js';

const STEP_MS = 40; // a batch takes about as long, so that searches and a stop are heard in between
const HITS = 5;

/** @typedef {'keywords' | 'vectors' | 'auto'} By */
/** @typedef {{ id: number, score: number, text: string, words: [number, number][], tokens: { offset: [number, number], score: number }[] }} Hit offsets within `text` */

const layer = loadMini();
/** @type {VectorIndex | undefined} */
let index;
/** @type {string[]} */
let texts = [];
let run = 0;

const answer = (/** @type {unknown} */ message) =>
  /** @type {Worker} */ (/** @type {unknown} */ (globalThis)).postMessage(message);
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** @param {MessageEvent} event from the page */
export async function receive({ data }) {
  try {
    if (data.kind === 'index') await build(data.text, data.most);
    if (data.kind === 'search') await search(data.query, data.weight, data.number);
  } catch (error) {
    answer({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {string} text a line is a text of its own @param {number} most lines */
async function build(text, most) {
  const own = ++run;
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const used = lines.length > most ? lines.slice(0, most) : lines;
  const made = await VectorIndex.create({ layer: await layer, dtype: 'i8', passages: true });
  let step = 64;
  let computing = 0;
  for (let from = 0; from < used.length;) {
    const part = used.slice(from, from + step);
    const begun = performance.now();
    made.add(part.map((line, i) => ({ id: from + i, text: line })));
    const took = performance.now() - begun;
    computing += took;
    from += part.length;
    step = Math.max(16, Math.min(4 * step, Math.round((step * STEP_MS) / Math.max(took, 1))));
    answer({ kind: 'progress', done: from, of: used.length });
    await breathe();
    if (own !== run) return made.dispose(); // other texts came
  }
  index?.dispose();
  index = made;
  texts = used;
  answer({
    kind: 'indexed',
    lines: used.length,
    left: lines.length - used.length,
    ms: computing,
    sample: used.slice(0, 12),
  });
}

/** @param {string} query @param {number} weight of meaning @param {number} number */
async function search(query, weight, number) {
  if (!index) return;
  const found = /** @type {Record<By, { hits: Hit[], ms: number }>} */ ({});
  for (const by of /** @type {By[]} */ (['keywords', 'vectors', 'auto'])) {
    const begun = performance.now();
    const hybrid = by === 'auto' ? { method: by, weight } : by;
    const hits = index.search(query, { hybrid, topK: HITS });
    const ms = performance.now() - begun;
    found[by] = { ms, hits: hits.map(({ id, score, passage }) => explained(Number(id), score, passage, query)) };
  }
  answer({ kind: 'found', number, query, weight, found });
}

/**
 * @param {number} id
 * @param {number} score
 * @param {{ begin: number, end: number } | undefined} passage
 * @param {string} query
 * @returns {Hit}
 */
function explained(id, score, passage, query) {
  const text = texts[id];
  const span = passage ?? { begin: 0, end: text.length };
  const why = whyOf(id, span.begin, query);
  /** @type {(offset: [number, number]) => [number, number]} */
  const inside = ([from, to]) => [from - span.begin, to - span.begin];
  return {
    id,
    score,
    text: text.slice(span.begin, span.end),
    words: why.terms.flatMap(({ offsets }) => offsets.map(inside)),
    tokens: (why.tokens ?? []).map((token) => ({ score: token.score, offset: inside(token.offset) })),
  };
}

/** `explain` counts passages; a hit says where its passage begins. @param {number} id @param {number} begin @param {string} query */
function whyOf(id, begin, query) {
  const made = /** @type {VectorIndex} */ (index);
  for (let passage = 0; ; passage++) {
    const why = made.explain(id, query, { passage, pairs: 0 });
    if (why.passage.begin >= begin) return why;
  }
}
