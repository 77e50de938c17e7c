import { lineChart } from '../parts/chart.js';
import { addCode } from '../parts/code.js';
import { el, finder, perFrame, reducedMotion } from '../parts/dom.js';
import { readText } from '../parts/files.js';
import { flatten } from '../parts/flatten.js';
import { termButton } from '../parts/hints.js';
import { AnswerLog, aboutSteps, aboutTexts, sinceWhen, statusOf } from '../parts/learn_words.js';
import { PAIRS, smallWorld } from '../parts/small_world.js';
import { sayOn, saying } from '../parts/say.js';
import { sectionState, text } from '../parts/state.js';
import { wordPicture } from '../parts/word_picture.js';
import { count, decimal, plural } from '../parts/words.js';
import { learn as snippet } from '../snippets.js';

const SENTENCES = 3000;
const SEEN = 200; // of them stand in the box
const MOST = 5e6; // characters of a visitor's texts
const FIELDS = { a: text('king', 60), b: text('man', 60), c: text('woman', 60) };
const WEAK = 0.5; // a cosine
const FEW = 20; // sentences
const TOO_FEW =
  ' From so few little can be learned: what stands together in them comes close, be its meaning alike or not.';
const NOVICE = 6 * Math.log(2); // the loss of six coin tosses: one word of the context, five others

const word = (/** @type {string} */ label, /** @type {string} */ id) =>
  el(
    'label',
    { class: 'field' },
    el('span', { text: label }),
    el('input', { type: 'text', id: `learn-${id}`, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' }),
  );
const button = (/** @type {string} */ id, /** @type {string} */ name, primary = false) =>
  el('button', { type: 'button', id: `learn-${id}`, text: name, class: primary ? 'primary' : '' });

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'buttons' },
      button('run', 'Learn', true),
      button('step', 'One step'),
      button('undo', 'Undo'),
      button('again', 'Start again'),
      button('download', 'Download the vectors'),
      el('span', { class: 'quiet', id: 'learn-status', role: 'status' }),
    ),
    el(
      'div',
      { class: 'learn-grid' },
      el('div', {}, el('div', { id: 'learn-picture' }), el('p', { id: 'learn-parallel' })),
      el(
        'div',
        {},
        el('div', { class: 'three' }, word('Start from', 'a'), word('− take away', 'b'), word('+ add', 'c')),
        el('p', { class: 'answer', id: 'learn-answer', role: 'status' }),
        el('ol', { class: 'found-log', id: 'learn-log', 'aria-label': 'What it answered as it learned' }),
        el('p', { class: 'quiet', id: 'learn-about' }),
        el('div', { id: 'learn-loss' }),
      ),
    ),
    el('div', { class: 'quiet', id: 'learn-hint' }),
    el(
      'details',
      { id: 'learn-own' },
      el('summary', { text: 'The sentences, or your own' }),
      el(
        'label',
        { class: 'field' },
        el('span', { text: 'Sentences: a line each, or ended by . ! or ?', id: 'learn-texts-name' }),
        el('textarea', { id: 'learn-texts', rows: '6', spellcheck: 'false', dir: 'auto' }),
      ),
      el(
        'div',
        { class: 'drop' },
        button('use', 'Use these sentences'),
        el(
          'label',
          { class: 'button' },
          'Open a text file',
          el('input', { type: 'file', id: 'learn-file', class: 'visually-hidden' }),
        ),
        button('back', 'Back to the page’s sentences'),
      ),
      saying('learn-own-say'),
    ),
  );
}

/** @param {{ root: HTMLElement, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('learn', FIELDS);
  for (const key of Object.keys(FIELDS)) $(key).value = String(state.values[key]);
  say.note(state.problems.join(' '));
  const own = smallWorld(SENTENCES);
  const sample = own.slice(0, SEEN).join('\n');
  $('texts').value = sample;
  /** What is learned from, and what was asked for: it may be refused. @type {string[]} */
  let texts = own;
  let wanted = own;
  const sayOwn = sayOn($('own-say'));
  let running = false;
  /** What was asked for last. */
  let did = '';
  /** What the box held when its sentences were taken. */
  let inUse = sample;
  /** What there is to say of texts that were just given, once they are there. @type {string | undefined} */
  let given;
  /** When “queen” was found and stayed. @type {{ ms: number, steps: number } | null} */
  let first = null;
  const answers = new AnswerLog();
  /** @type {ReturnType<typeof flatten> | undefined} */
  let before;
  /** @type {Map<string, import('../parts/word_picture.js').NameSide>} */
  const sides = new Map();
  /** @type {(value?: unknown) => void} */
  let ready = () => {};
  const worker = new Worker(new URL('../workers/learn.js', import.meta.url), { type: 'module' });
  const equation = () => ['a', 'b', 'c'].map((id) => $(id).value.trim().toLowerCase());
  const ask = (/** @type {string} */ kind, more = {}) => worker.postMessage({ kind, equation: equation(), ...more });
  const create = () => {
    say.note(state.problems.join(' '));
    if (running) ask('stop');
    ask('create', { texts: wanted, made: wanted === own });
  };

  /** Takes down a step: on a slow machine not every one is drawn. */
  const note = (/** @type {LearnState} */ { found, equation: asked, steps, ms, running: runs }) => {
    running = runs;
    const [best] = typeof found === 'string' ? [] : found;
    answers.add(steps, asked.join(), best?.key);
    const right = asked.join() === 'king,man,woman' && best?.key === 'queen';
    if (right && running && answers.fromStart) first ??= { ms, steps };
    if (!right) first = null;
  };
  const show = (/** @type {LearnState} */ now) => {
    const { shown, vectors, progress, losses, found, undo } = now;
    for (const id of ['status', 'answer']) $(id).setAttribute('aria-live', now.running ? 'off' : 'polite'); // not each step
    const finished = progress.epoch === progress.epochs;
    $('run').textContent = running ? 'Stop' : 'Learn';
    $('run').disabled = finished;
    $('step').disabled = running || finished;
    $('undo').disabled = running || undo === 0;
    for (const id of ['again', 'download', 'use']) $(id).disabled = running;
    $('status').textContent = statusOf(now, did);
    before = flatten(shown, vectors, texts === own ? PAIRS : [], before);
    $('parallel').replaceChildren(...aboutSteps(before));
    $('picture').replaceChildren(wordPicture(before, texts === own ? PAIRS : [], now.equation, sides));
    $('loss').replaceChildren(
      lineChart({
        wide: 480,
        x: [0, ...losses.map((_, i) => i + 1), ...(losses.length < 10 ? [10] : [])],
        lines: [{ y: [NOVICE, ...losses, ...(losses.length < 10 ? [NaN] : [])], className: 'line' }],
        names: ['steps', 'loss'],
        label: `The loss after each step, from ${NOVICE.toFixed(2)} to ${(losses.at(-1) ?? NOVICE).toFixed(2)}`,
      }),
    );
    $('about').replaceChildren(
      termButton('loss', 'Loss'),
      losses.length === 0
        ? `: blind guessing scores ${NOVICE.toFixed(2)}, as six tosses of a coin would (6 × ln 2): there it begins. Press “Learn”, and it falls.`
        : `: ${losses[losses.length - 1].toFixed(2)} after ${plural(losses.length, 'step')}; blind guessing scores ${NOVICE.toFixed(2)}.`,
    );
    $('log').replaceChildren(...answers.lines());
    if (typeof found === 'string') {
      $('answer').textContent = found;
    } else {
      const [a, b, c] = now.equation;
      const since = first
        ? sinceWhen(first, now)
        : now.steps === 0
          ? '. That is chance: nothing is learned yet.'
          : texts !== own && (found[0]?.score ?? 0) < WEAK
            ? '. All are far: so little text says little.'
            : '.';
      $('answer').replaceChildren(
        a === b
          ? el('span', { class: 'verdict' }, `“${a}” − “${b}” is nothing: what is left is `, el('b', { text: c }))
          : b === c
            ? el('span', { class: 'verdict' }, `From “${b}” to “${c}” is no step: it stays at `, el('b', { text: a }))
            : el(
                'span',
                { class: 'verdict' },
                `${a} − ${b} + ${c} leads to `,
                el('b', { text: found[0]?.key ?? 'nothing' }),
              ),
        el(
          'span',
          { class: 'quiet' },
          'Nearest other words, by ',
          termButton('cosine', 'cosine'),
          ': ',
          el('span', { class: 'nearest', text: found.map(({ key, score }) => `${key} ${decimal(score)}`).join(', ') }),
          since,
        ),
      );
    }
    root.dataset.steps = String(now.steps);
    ready();
  };
  /** @type {LearnState | undefined} */
  let latest;
  const soon = perFrame(() => latest && show(latest));
  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') {
      if (data.of === 'create')
        sayOwn.error(`${data.message[0].toUpperCase()}${data.message.slice(1)}. The sentences before are kept.`);
      else say.error(data.message);
      wanted = texts;
      ready();
    }
    if (data.kind === 'created') {
      texts = wanted;
      [first, before] = [null, undefined];
      answers.clear();
      $('hint').replaceChildren(...aboutTexts(data, texts, texts === own));
      if (texts !== own && given !== undefined) {
        sayOwn.note(
          `${given} “Learn”, above, now learns from ${plural(texts.length, 'sentence')}.${texts.length < FEW ? TOO_FEW : ''}`.trim(),
        );
        given = undefined;
      }
      $('back').hidden = texts === own;
      $('texts-name').textContent =
        `Sentences: a line each, or ended by . ! or ?${texts === own ? `: the first ${SEEN} of ${count(SENTENCES)}` : ''}`;
      if (!data.hasEquation && texts !== own) {
        // Which words differ in the same thing only who wrote the texts knows.
        for (const id of ['a', 'b', 'c']) $(id).value = '';
        ask('look');
      }
    }
    if (data.kind === 'state') {
      note(data);
      latest = data;
      soon();
    }
    if (data.kind === 'file') save(data.text);
  });
  worker.addEventListener('error', () => {
    say.error('The worker that learns could not be started.');
    ready();
  });
  $('run').addEventListener('click', (event) => {
    if (running && event.detail > 1) return; // the second half of a double click
    if (running) return ask('stop');
    running = true;
    $('run').textContent = 'Stop';
    ask((did = 'run'));
  });
  for (const id of ['step', 'undo']) $(id).addEventListener('click', () => ask((did = id)));
  $('download').addEventListener('click', () => ask('download'));
  $('again').addEventListener('click', create);
  const use = (/** @type {string} */ content, note = '') => {
    const lines = content
      .slice(0, MOST)
      .split(/\n|(?<=[.!?])\s+/)
      .filter((line) => line.trim() !== '');
    if (lines.length === 0) return sayOwn.error('There is no sentence to learn from.');
    sayOwn.clear();
    given = content.length > MOST ? `The first ${count(MOST)} characters are used. ${note}` : note;
    wanted = lines;
    create();
    $('run').scrollIntoView({ block: 'center', behavior: reducedMotion.matches ? 'instant' : 'smooth' });
  };
  const restore = () => {
    wanted = own;
    inUse = $('texts').value = sample;
    sayOwn.clear();
    for (const [id, field] of Object.entries(FIELDS)) $(id).value = String(field.initial);
    create();
  };
  $('use').addEventListener('click', () => {
    if ($('texts').value === sample) return restore();
    inUse = $('texts').value;
    use(inUse);
  });
  $('texts').addEventListener('input', () =>
    sayOwn.note($('texts').value === inUse ? '' : '“Learn” takes what you wrote once you press “Use these sentences”.'),
  );
  $('back').addEventListener('click', restore);
  const open = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    /** @type {HTMLDetailsElement} */ (/** @type {unknown} */ ($('own'))).open = true;
    try {
      const { text: content, note } = await readText(file);
      use(content, note);
    } catch (error) {
      sayOwn.error(error);
    }
  };
  $('file').addEventListener('change', () => {
    open($('file').files?.[0]);
    $('file').value = '';
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    open(event.dataTransfer?.files?.[0]);
  });
  root.addEventListener('input', ({ target }) => {
    if (![$('a'), $('b'), $('c')].includes(/** @type {HTMLInputElement} */ (target))) return;
    const [a, b, c] = equation();
    state.write({ a, b, c });
    ask('look');
  });
  addCode(root, { code: () => snippet({ texts: texts.slice(0, 60), words: equation() }) });
  create();
  await new Promise((resolve) => {
    ready = resolve;
  });
}

/** @typedef {{ shown: string[], vectors: Float32Array, progress: { epoch: number, epochs: number, done: number, total: number }, losses: number[], steps: number, found: { key: string, score: number }[] | string, equation: string[], undo: number, running: boolean, ms: number }} LearnState */

/** @param {string} content */
function save(content) {
  const link = el('a', {
    href: URL.createObjectURL(new Blob([content], { type: 'text/plain' })),
    download: 'vectors.txt',
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.getAttribute('href') ?? ''), 1000);
}
