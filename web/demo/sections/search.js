import { NOTES } from '../notes.js';
import { addCode } from '../parts/code.js';
import { el, finder } from '../parts/dom.js';
import { readText } from '../parts/files.js';
import { termButton } from '../parts/hints.js';
import { inWords, sayOn, saying } from '../parts/say.js';
import { sectionState, text } from '../parts/state.js';
import { count, decimal, duration, plural } from '../parts/words.js';
import { search as snippet } from '../snippets.js';

const MOST_LINES = 100_000;
const LONG_PASTE = 50_000; // characters: a text field becomes slow with more

/** Queries to try among the notes, with what each shows. */
const QUERIES = [
  {
    query: 'plane trip problems',
    lesson:
      'Keywords find the one note with the word “trip”. By meaning the fog at the airport comes first, though it shares no word with the query. Both together have both on top.',
  },
  {
    query: 'how to cook noodles',
    lesson:
      'No note has one of these words, so keywords find nothing. The rows of pasta, fry and bake are near to those of cook and noodles.',
  },
  {
    query: 'harbour',
    lesson: 'For a name or a rare word keywords are right at once. By meaning the beach and the ocean come along.',
  },
  {
    query: 'I cannot fall asleep',
    name: 'Keywords fail',
    lesson: '“cannot” is rare here, so keywords think that it matters. By meaning the sleepless come first.',
  },
  {
    query: 'my computer is broken',
    name: 'Meaning fails',
    lesson:
      'A broken wrist comes before the laptop: “broken” has a long row, and a mean of rows cannot know that the computer was the point.',
  },
];
const FIELDS = { q: text(QUERIES[0].query, 300) };

/** @type {{ by: 'keywords' | 'vectors' | 'auto', name: string, about: string }[]} */
const COLUMNS = [
  { by: 'keywords', name: 'By keywords', about: 'Scored by the words you typed, underlined.' },
  { by: 'vectors', name: 'By meaning', about: 'Scored by the cosine; the words that made it, in colour.' },
  { by: 'auto', name: 'By both', about: 'Scored by 0.3 × cosine + 0.7 × ' },
];

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'search-grid' },
      el(
        'div',
        {},
        el(
          'label',
          { class: 'field' },
          el('span', { text: 'What are you looking for?' }),
          el('input', { type: 'search', id: 'search-q', autocomplete: 'off', spellcheck: 'false', dir: 'auto' }),
        ),
        el('div', { class: 'buttons', id: 'search-queries', role: 'group', 'aria-label': 'Queries to try' }),
      ),
      el(
        'div',
        { id: 'search-drop' },
        el(
          'label',
          { class: 'field' },
          el('span', { text: 'Where? In the notes, or in texts of your own' }),
          el('textarea', {
            id: 'search-own',
            rows: '1',
            dir: 'auto',
            spellcheck: 'false',
            placeholder: 'Paste or type your own, a line per text',
          }),
        ),
        el(
          'div',
          { class: 'drop' },
          el(
            'label',
            { class: 'button' },
            'Open text files',
            el('input', { type: 'file', id: 'search-files', multiple: true, class: 'visually-hidden' }),
          ),
          el('button', { type: 'button', id: 'search-notes', text: 'Back to the notes', class: 'unseen' }),
          el('span', { class: 'quiet', text: 'or drop them here' }),
        ),
        saying('search-own-say'),
      ),
    ),
    el('p', { class: 'quiet', id: 'search-status', role: 'status', text: 'Reading the notes…' }),
    el('progress', { id: 'search-progress', max: '1', value: '0', 'aria-label': 'Indexing' }),
    el(
      'div',
      { class: 'columns' },
      ...COLUMNS.map(({ by, name, about }) =>
        el(
          'div',
          {},
          el('h3', { text: name }),
          el('p', { class: 'quiet' }, about, ...(by === 'auto' ? [termButton('fusion', 'keyword share'), '.'] : [])),
          el('p', { class: 'none', id: `search-${by}-none`, hidden: true }),
          el('ol', { class: 'hits', id: `search-${by}`, 'aria-label': name }),
        ),
      ),
    ),
    el('p', { class: 'lesson', id: 'search-lesson' }),
  );
}

/** @param {{ root: HTMLElement, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('search', FIELDS);
  $('q').value = state.values.q;
  say.note(state.problems.join(' '));
  const sayOwn = sayOn($('own-say'));
  let sample = NOTES.slice(0, 12);
  let number = 0;
  let name = 'the notes';
  /** What was indexed, in words. */
  let indexed = '';
  const worker = new Worker(new URL('../workers/search.js', import.meta.url), { type: 'module' });

  /** Called with the first results. @type {(value?: unknown) => void} */
  let shown = () => {};
  const ask = () => worker.postMessage({ kind: 'search', query: $('q').value, number: ++number });
  const index = (/** @type {string} */ content, /** @type {string} */ called) => {
    name = called;
    $('progress').hidden = false;
    $('progress').value = 0;
    // Out of sight, but in their place, so that nothing moves while it is indexed.
    $('notes').classList.toggle('unseen', called === 'the notes');
    $('queries').classList.toggle('unseen', called !== 'the notes');
    worker.postMessage({ kind: 'index', text: content, most: MOST_LINES });
  };
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') {
      say.error(data.message);
      shown();
    }
    if (data.kind === 'progress') {
      $('progress').value = data.done / data.of;
      $('status').textContent = `Indexing ${name}: ${count(data.done)} of ${plural(data.of, 'text')}`;
    }
    if (data.kind === 'indexed') {
      $('progress').hidden = true;
      sample = data.sample;
      const left =
        data.left > 0 ? ` The other ${count(data.left)} lines are left out: this page takes ${count(MOST_LINES)}.` : '';
      $('status').textContent = indexed =
        data.lines === 0
          ? `There is no text in ${name}.`
          : `${plural(data.lines, 'text')} of ${name} indexed in ${duration(1000 * data.ms)}, in this tab.${left}`;
      root.dataset.indexed = String(data.lines);
      ask();
    }
    if (data.kind === 'found' && data.number === number) show(data);
  });
  worker.addEventListener('error', () => {
    say.error('The search worker could not be started.');
    shown();
  });

  const show = (
    /** @type {{ query: string, found: Record<string, { hits: import('../workers/search_work.js').Hit[], ms: number }> }} */ {
      query,
      found,
    },
  ) => {
    for (const { by } of COLUMNS) {
      const { hits } = found[by];
      $(by).replaceChildren(...hits.map((hit) => hitOf(hit, by)));
      const none =
        query.trim() === ''
          ? 'Type a query.'
          : by === 'keywords'
            ? 'No text has one of these words.'
            : 'Nothing found.';
      $(`${by}-none`).textContent = none;
      $(`${by}-none`).hidden = hits.length > 0;
    }
    const texts = COLUMNS.flatMap(({ by }) => found[by].hits.map((hit) => hit.text));
    if (texts.length > 0) sample = [...new Set(texts)];
    const slowest = Math.max(...COLUMNS.map(({ by }) => found[by].ms));
    $('status').textContent = `${indexed} Each ranking took ${duration(Math.max(1, 1000 * slowest))} or less.`;
    const known = name === 'the notes' ? QUERIES.find((each) => each.query === query) : undefined;
    $('lesson').textContent = known?.lesson ?? '';
    for (const button of $('queries').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.query === query));
    root.dataset.query = query;
    shown();
  };

  root.addEventListener('input', ({ target }) => {
    if (target === $('q')) {
      state.write({ q: $('q').value });
      ask();
    }
  });
  for (const { query, name: called } of QUERIES) {
    const use = () => {
      $('q').value = query;
      $('q').dispatchEvent(new Event('input', { bubbles: true }));
    };
    const label = called ? `${called}: ${query}` : query;
    $('queries').append(el('button', { type: 'button', 'data-query': query, text: label, onclick: use }));
  }

  const read = async (/** @type {File[]} */ files) => {
    if (files.length === 0) return;
    sayOwn.clear();
    /** @type {string[]} */
    const problems = [];
    /** @type {string[]} */
    const contents = [];
    for (const file of files) {
      try {
        const { text: content, note } = await readText(file);
        contents.push(content);
        if (note) problems.push(note);
      } catch (error) {
        problems.push(inWords(error));
      }
    }
    if (problems.length > 0) sayOwn.error(problems.join(' '));
    if (contents.length === 0) return;
    const title = files.length === 1 ? `“${files[0].name}”` : plural(contents.length, 'file');
    index(contents.join('\n'), title);
  };
  $('files').addEventListener('change', () => {
    read([...$('files').files]);
    $('files').value = '';
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    read([...(event.dataTransfer?.files ?? [])]);
  });
  $('notes').addEventListener('click', () => {
    sayOwn.clear();
    $('own').value = '';
    index(NOTES.join('\n'), 'the notes');
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  $('own').addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => $('own').value.trim() && index($('own').value, 'what you typed'), 400);
  });
  $('own').addEventListener('paste', (/** @type {ClipboardEvent} */ event) => {
    const pasted = event.clipboardData?.getData('text') ?? '';
    if (pasted.length < LONG_PASTE) return;
    event.preventDefault();
    $('own').value =
      `${pasted.slice(0, 1000)}\n… and ${count(pasted.length - 1000)} characters more, all of them indexed.`;
    index(pasted, 'what you pasted');
  });
  addCode(root, { code: () => snippet({ query: $('q').value, lines: sample.map((line) => line.slice(0, 300)) }) });
  index(NOTES.join('\n'), 'the notes');
  await new Promise((resolve) => {
    shown = resolve;
  });
}

/**
 * @param {import('../workers/search_work.js').Hit} hit
 * @param {string} by
 */
function hitOf({ text: content, score, words, tokens }, by) {
  // One scale for all hits: a weak one is not coloured as a strong one is.
  const best = Math.max(0.15, ...tokens.map((token) => token.score));
  const marks = /** @type {{ from: number, to: number, strength: number, word: boolean }[]} */ ([]);
  if (by !== 'keywords') {
    for (const { offset, score: share } of tokens) {
      if (share > 0.2 * best) marks.push({ from: offset[0], to: offset[1], strength: share / best, word: false });
    }
  }
  if (by !== 'vectors') for (const [from, to] of words) marks.push({ from, to, strength: 0, word: true });
  return el(
    'li',
    {},
    el('span', { class: 'score', text: decimal(score) }),
    el('span', { dir: 'auto' }, ...marked(content, marks)),
  );
}

const SHOWN = 400; // characters of a text

/**
 * @param {string} content
 * @param {{ from: number, to: number, strength: number, word: boolean }[]} marks
 * @returns {(Node | string)[]}
 */
function marked(content, marks) {
  const first = Math.min(...marks.map(({ from }) => from), content.length);
  const begin = content.length > SHOWN ? Math.max(0, first - 80) : 0;
  const end = Math.min(content.length, begin + SHOWN);
  const edges = [...new Set([begin, end, ...marks.flatMap(({ from, to }) => [from, to])])]
    .filter((at) => at >= begin && at <= end)
    .sort((a, b) => a - b);
  /** @type {(Node | string)[]} */
  const parts = begin > 0 ? ['…'] : [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const part = content.slice(edges[i], edges[i + 1]);
    const over = marks.filter(({ from, to }) => from <= edges[i] && to >= edges[i + 1]);
    if (over.length === 0) parts.push(part);
    else {
      const strength = Math.max(...over.map((mark) => mark.strength));
      const made = el('mark', { class: over.some(({ word }) => word) ? 'word' : '', text: part });
      if (strength > 0)
        made.style.backgroundColor = `color-mix(in srgb, var(--up) ${Math.round(55 * strength)}%, transparent)`;
      parts.push(made);
    }
  }
  if (end < content.length) parts.push('…');
  return parts;
}
