import { NOTES } from '../notes.js';
import { addCode } from '../parts/code.js';
import { el, finder, perFrame } from '../parts/dom.js';
import { readText } from '../parts/files.js';
import { termButton } from '../parts/hints.js';
import { TWO_LINES, hitOf } from '../parts/hits.js';
import { inWords, sayOn, saying } from '../parts/say.js';
import { number, sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { count, decimal, duration, percent, plural } from '../parts/words.js';
import { search as snippet } from '../snippets.js';

const MOST_LINES = 100_000;
const LONG_PASTE = 50_000; // characters: a text field becomes slow with more

/** Queries to try among the notes: what kind each is of, and what it shows. */
const QUERIES = [
  {
    query: 'plane trip problems',
    kind: 'Meaning finds more',
    lesson:
      'Keywords find the one note with the word “trip”. By meaning the fog at the airport comes too, though it shares no word with the query. Both together keep both on top.',
  },
  {
    query: 'how to cook noodles',
    kind: 'Other words',
    lesson:
      'No note has “cook” or “noodles”, and words like “how” and “to” do not count, so keywords find nothing. The rows of pasta, fry and bake are near to those of cook and noodles.',
  },
  {
    query: 'harbour',
    kind: 'A rare word',
    lesson: 'For a name or a rare word keywords are right at once. By meaning the beach and the ocean come along.',
  },
  {
    query: 'I cannot fall asleep',
    kind: 'Keywords mislead',
    lesson:
      '“cannot” is rare here, so keywords think that it matters. By meaning the sleepless come first: give meaning more weight, and they lead in both, too.',
  },
  {
    query: 'money worries',
    kind: 'Meaning misleads',
    lesson:
      'No note speaks of money worries in these words. “worries” is nearest to “sorry”, so an apology leads. Mind the low cosine: it says that nothing really fits.',
  },
  {
    query: 'my computer is broken',
    kind: 'Both mislead',
    lesson:
      'A broken wrist comes before the laptop: of the words that count (“my” and “is” do not), “broken” is the one that a note has, and its row is long. A mean of rows cannot know that the computer was the point.',
  },
];
const POOR = 0.25; // cosines below it say little
const WEIGHT = 0.3; // of meaning, as the library has it for queries of up to four words
const OWN_QUERY =
  'A query or texts of your own: compare the three rankings, and move the weight until what you were after comes first.';
const NO_QUERY = 'Type what you are looking for, or press one of the queries above: each shows something else.';
const FIELDS = { q: text(QUERIES[0].query, 300), w: number(WEIGHT, 0, 1) };

/** @type {{ by: 'keywords' | 'vectors' | 'auto', name: string, about: string }[]} */
const COLUMNS = [
  {
    by: 'keywords',
    name: 'By keywords',
    about: 'Scored by the words you typed, underlined: higher is better, and there is no highest.',
  },
  { by: 'vectors', name: 'By meaning', about: 'Scored by the cosine; the words that made it, in colour.' },
  { by: 'auto', name: 'By both', about: 'Scored by ' },
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
          el('span', { class: 'quiet pointers-only', text: 'or drop them here' }),
          el('button', { type: 'button', id: 'search-notes', text: 'Back to the notes', class: 'unseen' }),
        ),
        saying('search-own-say'),
      ),
    ),
    el('p', { class: 'lesson', id: 'search-lesson' }),
    el('p', { class: 'quiet', id: 'search-status', role: 'status', text: 'Reading the notes…' }),
    el('progress', { id: 'search-progress', max: '1', value: '0', 'aria-label': 'Indexing' }),
    el(
      'div',
      { class: 'buttons tabs', role: 'group', 'aria-label': 'Ranking to be shown' },
      ...COLUMNS.map(({ by, name }) =>
        el('button', { type: 'button', 'data-by': by, 'aria-pressed': String(by === 'auto'), text: name }),
      ),
    ),
    el(
      'div',
      { class: 'columns', id: 'search-columns', 'data-by': 'auto' },
      ...COLUMNS.map(({ by, name, about }) =>
        el(
          'div',
          { class: `column ${by}` },
          el('h3', { text: name }),
          el(
            'div',
            {},
            el('p', { class: 'quiet about' }, about, ...(by === 'auto' ? formula() : [])),
            ...(by === 'auto' ? [weightSlider()] : []),
          ),
          el('p', { class: 'none', id: `search-${by}-none`, hidden: true }),
          el('ol', { class: 'hits', id: `search-${by}`, 'aria-label': name }),
        ),
      ),
    ),
    el('button', { type: 'button', id: 'search-whole', 'aria-pressed': 'false', text: 'Show the whole passages' }),
  );
}

/** What the third column's score is made of. */
const formula = () => [el('span', { id: 'search-formula' }), termButton('fusion', 'keyword share'), '.'];

/** How much meaning counts in the third column. */
const weightSlider = () =>
  el(
    'div',
    { class: 'sliders' },
    el(
      'label',
      {},
      'Weight of meaning: ',
      el('output', { id: 'search-w-out' }),
      el('input', { type: 'range', id: 'search-w', min: '0', max: '1', step: '0.05' }),
      el(
        'span',
        { class: 'ends', 'aria-hidden': 'true' },
        el('span', { text: 'keywords alone' }),
        el('span', { text: 'meaning alone' }),
      ),
    ),
  );

/** @param {{ root: HTMLElement, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, say }) {
  const $ = finder(root);
  build($('live'));
  await pause(); // what is shown, what it does, and the index are tasks of their own
  const state = sectionState('search', FIELDS);
  $('q').value = String(state.values.q);
  $('w').value = String(state.values.w);
  const given = () => ({ q: $('q').value, w: Number($('w').value) });
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
  const ask = () => {
    const { q: query, w: weight } = given();
    $('w-out').textContent = percent(weight);
    $('w').setAttribute('aria-valuetext', `${percent(weight)} meaning, ${percent(1 - weight)} keywords`);
    $('formula').textContent = `${decimal(weight)} × cosine + ${decimal(1 - weight)} × `;
    worker.postMessage({ kind: 'search', query, weight, number: ++number });
  };
  const index = (/** @type {string} */ content, /** @type {string} */ called) => {
    name = called;
    $('progress').hidden = false;
    $('progress').value = '0';
    // Out of sight, but in their place, so that nothing moves while it is indexed.
    $('notes').classList.toggle('unseen', called === 'the notes');
    worker.postMessage({ kind: 'index', text: content, most: MOST_LINES });
  };
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') {
      say.error(data.message);
      shown();
    }
    if (data.kind === 'progress') {
      $('progress').value = String(data.done / data.of);
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
      delete root.dataset.query; // what was found is of the texts before
      ask();
    }
    if (data.kind === 'found' && data.number === number) show(data);
  });
  worker.addEventListener('error', () => {
    say.error('The search worker could not be started.');
    shown();
  });

  const show = (
    /** @type {{ query: string, weight: number, found: Record<string, { hits: import('../workers/search_work.js').Hit[], ms: number }> }} */ {
      query,
      weight,
      found,
    },
  ) => {
    const isEmpty = query.trim() === '';
    for (const { by } of COLUMNS) {
      const { hits } = found[by];
      $(by).replaceChildren(...hits.map((hit) => hitOf(hit, by)));
      const none = isEmpty
        ? 'Type a query.'
        : by === 'keywords'
          ? 'No text has one of these words, or they are too common to count, as “the”, “to” and “not” are.'
          : by === 'vectors'
            ? 'No piece of your query has a row: this model has read English only.'
            : 'Nothing found.';
      $(`${by}-none`).textContent = hits.length > 0 ? '' : none;
      $(`${by}-none`).hidden = hits.length > 0;
    }
    const texts = COLUMNS.flatMap(({ by }) => found[by].hits.map((hit) => hit.text));
    if (texts.length > 0) sample = [...new Set(texts)];
    const slowest = Math.max(...COLUMNS.map(({ by }) => found[by].ms));
    const took = isEmpty ? '' : ` Each ranking took ${duration(Math.max(1, 1000 * slowest))} or less.`;
    $('status').textContent = indexed + took;
    const known = name === 'the notes' ? QUERIES.find((each) => each.query === query) : undefined;
    const best = found.vectors.hits[0]?.score ?? 1;
    const poor = best < POOR ? `By meaning nothing really fits: the best cosine is ${decimal(best)}. ` : '';
    $('lesson').replaceChildren(el('span', { text: isEmpty ? NO_QUERY : (known?.lesson ?? `${poor}${OWN_QUERY}`) }));
    for (const button of $('queries').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(known !== undefined && button.dataset.query === query));
    $('whole').classList.toggle('unseen', !texts.some((each) => each.length > TWO_LINES));
    root.dataset.query = query;
    root.dataset.weight = String(weight);
    shown();
  };

  const askSoon = perFrame(ask);
  root.addEventListener('input', ({ target }) => {
    if (target !== $('q') && target !== $('w')) return;
    state.write(given());
    askSoon();
  });
  for (const { query, kind } of QUERIES) {
    const use = () => {
      $('q').value = query;
      $('q').dispatchEvent(new Event('input', { bubbles: true }));
      if (name !== 'the notes') backToNotes(); // which the examples are about
    };
    const label = [el('small', { text: kind }), el('span', { text: query })];
    $('queries').append(el('button', { type: 'button', 'data-query': query, onclick: use }, ...label));
  }
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.tabs [data-by]'))) {
    tab.addEventListener('click', () => {
      $('columns').dataset.by = tab.dataset.by;
      for (const each of root.querySelectorAll('.tabs [data-by]'))
        each.setAttribute('aria-pressed', String(each === tab));
    });
  }
  $('whole').addEventListener('click', () => {
    const whole = $('whole').getAttribute('aria-pressed') !== 'true';
    $('whole').setAttribute('aria-pressed', String(whole));
    $('columns').classList.toggle('whole', whole);
  });

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
    read([...($('files').files ?? [])]);
    $('files').value = '';
  });
  root.addEventListener('dragover', (event) => {
    event.preventDefault();
    root.dataset.dropping = 'true';
  });
  root.addEventListener('dragleave', () => delete root.dataset.dropping);
  root.addEventListener('drop', (event) => {
    delete root.dataset.dropping;
    event.preventDefault();
    read([...(event.dataTransfer?.files ?? [])]);
  });
  function backToNotes() {
    sayOwn.clear();
    $('own').value = '';
    index(NOTES.join('\n'), 'the notes');
  }
  $('notes').addEventListener('click', backToNotes);
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
  addCode(root, {
    code: () => snippet({ query: given().q, weight: given().w, lines: sample.map((line) => line.slice(0, 300)) }),
  });
  await pause();
  const answered = new Promise((resolve) => {
    shown = resolve;
  });
  index(NOTES.join('\n'), 'the notes');
  await answered;
}
