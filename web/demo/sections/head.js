import { addCode } from '../parts/code.js';
import { onSchemeChange } from '../parts/colors.js';
import { el, finder } from '../parts/dom.js';
import { mustNotBeStrange } from '../parts/files.js';
import { chancesOf } from '../parts/chances.js';
import { barsKey, showBars, showProduct } from '../parts/head_bars.js';
import { PAGE_LLAMA, aboutOf, look, showLimits, showSeen, showTied, surprise } from '../parts/head_views.js';
import { termButton, withCards } from '../parts/hints.js';
import { LlamaBody } from '../parts/llama_body.js';
import { RowsBody } from '../parts/rows_body.js';
import { inWords, usable } from '../parts/say.js';
import { choice, number, sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { unitTable } from '../parts/unit_table.js';
import { bytes, plural } from '../parts/words.js';
import { head as snippet } from '../snippets.js';
import { LLAMA_SOURCE } from '../parts/llama_source.js';

const ALL = 101; // of the slider for top k: at its right end nothing is left out, as with top p
const DRAWS = 200;
const PACE = 70; // ms between two tokens of a story
const MOST_FILE = 64e6; // a body in plain JavaScript is too slow for more
const TALES = new URL('../models/tales.gguf', import.meta.url);

const FIELDS = {
  body: choice('tales', ['tales', 'rows']),
  context: text(
    'Once upon a time there was a king named Sam. He lived in a castle by the sea. One day Sam found a',
    1500,
  ),
  decay: number(0.85, 0.3, 1),
  temperature: number(1, 0, 2),
  topk: number(0, 0, 100),
  topp: number(1, 0.05, 1),
  again: choice('no', ['no', 'yes']),
};

/** @typedef {import('../parts/llama_body.js').Body} Body */
/** @typedef {NonNullable<Awaited<ReturnType<Body['read']>>>} ReadText */

/** @param {string} id @param {Node | string} label @param {number} least @param {number} most @param {number} step @param {string} name */
const slider = (id, label, least, most, step, name) =>
  el(
    'label',
    { id: `head-${id}-label` },
    el('span', {}, label, ': '),
    el('output', { id: `head-${id}-out` }),
    el('input', { type: 'range', id: `head-${id}`, min: least, max: most, step, 'aria-label': name }),
  );

const button = (/** @type {string} */ id, /** @type {string} */ name, primary = false) =>
  el('button', { type: 'button', id: `head-${id}`, text: name, class: primary ? 'primary' : '' });

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'What makes the hidden state', id: 'head-bodies' },
      el('button', { type: 'button', 'data-body': 'tales', text: 'A small LLaMA' }),
      el('button', { type: 'button', 'data-body': 'rows', text: 'No model: the rows added up' }),
      el(
        'label',
        { class: 'button' },
        'A LLaMA of your own (.gguf)',
        el('input', { type: 'file', id: 'head-file', class: 'visually-hidden' }),
      ),
    ),
    el('p', { class: 'quiet', id: 'head-about' }),
    el(
      'label',
      { class: 'field' },
      el('span', { text: 'The text so far' }),
      el('textarea', { id: 'head-context', rows: '4', dir: 'auto', spellcheck: 'false', autocomplete: 'off' }),
    ),
    el(
      'div',
      { class: 'buttons' },
      button('draw', 'Draw the next token', true),
      button('tell', 'Tell the story'),
      button('undo', 'Take it back'),
      el('span', { class: 'quiet', id: 'head-drawn', role: 'status' }),
    ),
    el('p', { class: 'answer', id: 'head-answer', role: 'status' }),
    el('div', { class: 'product-strips', id: 'head-product' }),
    el('p', { class: 'quiet', id: 'head-product-about' }),
    barsKey(),
    el('ol', { class: 'near probs', id: 'head-bars', 'aria-label': 'Best tokens and their probabilities' }),
    el('p', { class: 'quiet', id: 'head-rest' }),
    el(
      'div',
      { class: 'sliders' },
      slider('temperature', termButton('temperature', 'Temperature'), 0, 2, 0.05, 'Temperature'),
      slider('topk', termButton('topk', 'Top k'), 1, ALL, 1, 'Top k'),
      slider('topp', termButton('topp', 'Top p'), 0.05, 1, 0.05, 'Top p'),
      slider('decay', 'How far back it listens', 0.3, 1, 0.05, 'How far back it listens'),
    ),
    el(
      'div',
      { class: 'buttons' },
      button('many', `Draw ${DRAWS} times, to count`),
      el(
        'label',
        { class: 'check', id: 'head-again-label' },
        el('input', { type: 'checkbox', id: 'head-again' }),
        ' may repeat words of the text',
      ),
    ),
    el(
      'div',
      { id: 'head-looking' },
      el('h3', { text: 'What did the model expect?' }),
      el('p', {
        class: 'quiet',
        text: 'Every token of the text: the stronger its colour, the more it was expected. Point at one, tap it, or walk with the arrow keys. <0x51> and the like are single bytes, of letters that have no token.',
      }),
      el('p', {
        class: 'pieces',
        id: 'head-seen',
        role: 'listbox',
        'aria-label': 'Tokens of the text',
        'aria-orientation': 'horizontal',
      }),
      el('p', { class: 'readout', id: 'head-readout', role: 'status' }),
    ),
    el('h3', {}, 'One table or two?'),
    el(
      'p',
      { class: 'quiet' },
      'A ',
      termButton('tied', 'tied'),
      ' model uses one table both ways, in and out, and saves the second. Large models often keep two.',
    ),
    el('ul', { class: 'models tied', id: 'head-tied' }),
    el(
      'p',
      { class: 'quiet' },
      el('span', { class: 'key amount', text: 'the table' }),
      el('span', { class: 'key soft', text: 'everything else' }),
      el('span', { class: 'key second', text: 'a second table, for the way out' }),
      el('span', { class: 'key saved', text: 'a second table that is saved' }),
    ),
  );
}

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('head', FIELDS);
  for (const key of ['context', 'decay', 'temperature', 'topk', 'topp']) $(key).value = String(state.values[key]);
  if (state.values.topk === 0) $('topk').value = String(ALL);
  $('again').checked = state.values.again === 'yes';
  say.note(state.problems.join(' '));
  /** Which of them makes the hidden state now; `own` is a file of the visitor's. */
  let kind = String(state.values.body);
  /** @type {Record<string, Body & { about?: LlamaBody['about'], name?: string, dispose?: () => void }>} */
  const bodies = {};
  const given = () => ({
    body: kind === 'rows' ? 'rows' : 'tales',
    context: $('context').value,
    decay: Number($('decay').value),
    temperature: Number($('temperature').value),
    topk: Number($('topk').value) % ALL,
    topp: Number($('topp').value),
    again: $('again').checked ? 'yes' : 'no',
  });
  addCode(root, { code: () => snippet({ ...given(), source: LLAMA_SOURCE, model: TALES.href }) });
  let seed = 1;
  let telling = false;
  /** @type {string[]} the texts before each draw */
  const before = [];
  /** How often each token was drawn, while nothing changes. @type {Map<number, number>} */
  const drawn = new Map();
  /** What was read last. @type {ReadText | undefined} */
  let read;

  const bodyOf = async (/** @type {string} */ wanted) => {
    if (wanted === 'rows') return (bodies.rows ??= new RowsBody(layer, await unitTable(layer)));
    return (bodies[wanted] ??= await LlamaBody.from(await fetched(TALES), PAGE_LLAMA));
  };

  let updates = 0;
  /** Reads the text anew and shows what could follow. @returns {Promise<boolean>} whether this text is the last one */
  const update = async () => {
    const { context, decay, again } = given();
    const mine = ++updates;
    showLimits($, given());
    try {
      const { text: usableText, note } = usable(context);
      const now = await bodies[kind].read(usableText, { decay, again: again === 'yes' });
      if (!now || mine !== updates) return false; // the text or the model has changed meanwhile
      read = now;
      say.note([...state.problems, note, now.note].filter(Boolean).join(' '));
      showNext();
      showSeen($('seen'), now.seen);
      $('readout').textContent = surprise(now.seen);
      root.dataset.read = context;
    } catch (error) {
      if (mine !== updates) return false;
      read = undefined;
      say.error(error);
    }
    return true;
  };
  const showNext = () => {
    if (!read) return;
    const { temperature, topk, topp, context } = given();
    const { head, hidden } = read;
    const all = head.topK(hidden, head.vocabSize);
    const { chances, may } = chancesOf(all.logits, { temperature, topK: topk, topP: topp });
    const name = (/** @type {number} */ id) => bodies[kind].piece(id);
    showBars($, { ...all, chances, may, name, drawn, limits: { temperature, topk, topp } });
    showProduct($, { hidden, row: head.table.row(all.ids[0]), score: all.logits[0], piece: name(all.ids[0]) });
    $('answer').replaceChildren(
      el(
        'span',
        { class: 'verdict' },
        context.trim() === '' && kind === 'rows'
          ? 'Type a word. Without a text all tokens are alike; first is the padding, '
          : kind === 'rows'
            ? 'Most likely, to this recipe: '
            : read.note && read.seen.length > 0
              ? `Most likely after the last token read, “${read.seen[read.seen.length - 1].piece}”: `
              : 'Most likely next: ',
        el('b', { text: `“${name(all.ids[0])}”` }),
        el('span', { class: 'quiet', text: kind === 'rows' ? '' : ' (· is a space)' }),
      ),
    );
  };

  const sample = () => {
    const { temperature, topk, topp } = given();
    const { head, hidden } = /** @type {ReadText} */ (read);
    return head.sample(hidden, { temperature, topK: topk, topP: topp, seed: seed++ });
  };
  /** Draws one token into the text. @returns {Promise<boolean>} whether there can be another one */
  const draw = async () => {
    if (!read) return false;
    const body = bodies[kind];
    if (read.full) {
      $('drawn').textContent = 'The text is as long as this model can read. Take tokens back, or shorten it.';
      return false;
    }
    const id = sample();
    if (body.ends(id)) {
      $('drawn').textContent = 'The model ended its story here. Take a token back, or change the text.';
      return false;
    }
    before.push($('context').value);
    $('context').value = body.append($('context').value, id);
    $('context').scrollTop = $('context').scrollHeight;
    $('drawn').textContent = `“${body.piece(id)}” was drawn.`;
    const isLast = await changed();
    $('seen').scrollTop = $('seen').scrollHeight;
    return isLast;
  };
  const changed = async () => {
    drawn.clear();
    $('undo').disabled = before.length === 0;
    state.write(given());
    return update();
  };
  const careful = (/** @type {() => Promise<unknown>} */ act) => () => act().catch(say.error);

  $('draw').addEventListener('click', careful(draw));
  const tell = async () => {
    telling = !telling;
    $('tell').textContent = telling ? 'Stop' : 'Tell the story';
    if (!telling) return;
    try {
      while (telling && (await draw())) await new Promise((resolve) => setTimeout(resolve, PACE));
    } finally {
      telling = false;
      $('tell').textContent = 'Tell the story';
      root.dataset.told = String(before.length);
    }
  };
  $('tell').addEventListener('click', careful(tell));
  $('undo').addEventListener('click', () => {
    telling = false;
    $('context').value = before.pop() ?? $('context').value;
    changed();
  });
  const many = async () => {
    for (let i = 0; i < DRAWS && read; i++) {
      if (i % 20 === 0) await pause();
      const id = sample();
      drawn.set(id, (drawn.get(id) ?? 0) + 1);
    }
    showNext();
    const total = [...drawn.values()].reduce((sum, each) => sum + each, 0);
    $('drawn').textContent = `${plural(total, 'draw')}, ${plural(drawn.size, 'different token')}.`;
  };
  $('many').addEventListener('click', careful(many));

  const use = async (/** @type {string} */ wanted) => {
    telling = false;
    await bodyOf(wanted);
    kind = wanted;
    before.length = 0;
    for (const each of root.querySelectorAll('[data-body]')) {
      each.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (each).dataset.body === kind));
    }
    for (const id of ['decay-label', 'again-label']) $(id).hidden = kind !== 'rows';
    for (const id of ['tell', 'looking']) $(id).hidden = kind === 'rows';
    $('about').replaceChildren(
      ...withCards(aboutOf(bodies[kind]), { 'language model': 'openmodel', layers: 'layer', attention: 'attention' }),
    );
    showTied($('tied'), bodies[kind]);
    $('drawn').textContent = '';
    await changed();
  };
  for (const each of root.querySelectorAll('[data-body]')) {
    each.addEventListener(
      'click',
      careful(() => use(String(/** @type {HTMLElement} */ (each).dataset.body))),
    );
  }
  const open = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    say.clear();
    try {
      await mustNotBeStrange(file, 'a LLaMA in a .gguf');
      if (file.size > MOST_FILE)
        throw new Error(`“${file.name}” has ${bytes(file.size)}; this page runs models of up to ${bytes(MOST_FILE)}.`);
      const made = await LlamaBody.from(new Uint8Array(await file.arrayBuffer()), file.name).catch((error) => {
        throw new Error(`“${file.name}” cannot be run: ${inWords(error)}.`);
      });
      bodies.own?.dispose?.();
      bodies.own = made;
      await use('own');
    } catch (error) {
      say.error(error);
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
  look($, root, () => read?.seen ?? []);
  onSchemeChange(showNext);
  root.addEventListener('input', ({ target }) => {
    if (target === $('file')) return;
    if (target === $('context')) [telling, before.length] = [false, 0];
    $('drawn').textContent = ''; // what was drawn before this change
    state.problems.length = 0;
    changed();
  });
  await use(kind).catch(async (error) => {
    await use('rows');
    say.error(error);
  });
}

/** The weights of the page. @param {URL} place */
async function fetched(place) {
  const answer = await fetch(place).catch(() => null);
  if (!answer?.ok) throw new Error('The small LLaMA could not be loaded; the rows of the text are added up instead.');
  return new Uint8Array(await answer.arrayBuffer());
}
