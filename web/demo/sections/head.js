import { addCode } from '../parts/code.js';
import { el, finder, pause, perFrame } from '../parts/dom.js';
import { usable } from '../parts/say.js';
import { choice, number, sectionState, text } from '../parts/state.js';
import { MODELS } from '../parts/models.js';
import { allowed, headWithout, hiddenState } from '../parts/topic_head.js';
import { unitTable } from '../parts/unit_table.js';
import { termButton } from '../parts/hints.js';
import { count, percent, plural } from '../parts/words.js';
import { head as snippet } from '../snippets.js';

const SHOWN = 14; // bars
const BEST = 400; // tokens among which those that may be drawn are counted
const DRAWS = 200;

const FIELDS = {
  context: text('Once upon a time there was a king who lived in a', 400),
  decay: number(0.85, 0.3, 1),
  temperature: number(1, 0, 2),
  topk: number(0, 0, 100),
  topp: number(1, 0.05, 1),
  again: choice('no', ['no', 'yes']),
};

/** @param {string} id @param {Node | string} label @param {number} least @param {number} most @param {number} step @param {string} name */
const slider = (id, label, least, most, step, name) =>
  el(
    'label',
    {},
    el('span', {}, label, ': '),
    el('output', { id: `head-${id}-out` }),
    el('input', { type: 'range', id: `head-${id}`, min: least, max: most, step, 'aria-label': name }),
  );

/** @param {HTMLElement} place */
function build(place) {
  place.append(
    el(
      'label',
      { class: 'field' },
      el('span', { text: 'The text so far' }),
      el('textarea', { id: 'head-context', rows: '2', dir: 'auto', spellcheck: 'false', autocomplete: 'off' }),
    ),
    el(
      'p',
      { class: 'quiet' },
      'A language model makes the hidden state with many layers of attention. This page has none, and says so: it adds up the rows of your text, later ones weighing more. So it knows what the text is about, and nothing of grammar. From here on everything is as in a real model.',
    ),
    el(
      'div',
      { class: 'sliders' },
      slider('decay', 'How far back it listens', 0.3, 1, 0.05, 'How far back it listens'),
      slider('temperature', termButton('temperature', 'Temperature'), 0, 2, 0.05, 'Temperature'),
      slider('topk', termButton('topk', 'Top k'), 0, 100, 1, 'Top k'),
      slider('topp', termButton('topp', 'Top p'), 0.05, 1, 0.05, 'Top p'),
    ),
    el(
      'label',
      { class: 'check' },
      el('input', { type: 'checkbox', id: 'head-again' }),
      ' may repeat words of the text',
    ),
    el('p', { class: 'answer', id: 'head-answer', role: 'status' }),
    el('ol', { class: 'near probs', id: 'head-bars', 'aria-label': 'Best tokens and their probabilities' }),
    el('p', { class: 'quiet', id: 'head-rest' }),
    el(
      'div',
      { class: 'buttons' },
      el('button', { type: 'button', id: 'head-draw', class: 'primary', text: 'Draw a token' }),
      el('button', { type: 'button', id: 'head-many', text: `Draw ${DRAWS} times` }),
      el('button', { type: 'button', id: 'head-undo', text: 'Take it back', disabled: true }),
      el('span', { class: 'quiet', id: 'head-drawn', role: 'status' }),
    ),
    el('h3', {}, 'One table or two?'),
    el('p', { id: 'head-tied' }),
  );
}

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  build($('live'));
  const state = sectionState('head', FIELDS);
  for (const key of ['context', 'decay', 'temperature', 'topk', 'topp']) $(key).value = String(state.values[key]);
  $('again').checked = state.values.again === 'yes';
  say.note(state.problems.join(' '));
  const given = () => ({
    context: $('context').value,
    decay: Number($('decay').value),
    temperature: Number($('temperature').value),
    topk: Number($('topk').value),
    topp: Number($('topp').value),
    again: $('again').checked ? 'yes' : 'no',
  });
  addCode(root, { code: () => snippet(given()) });
  tied($('tied'));
  const table = await unitTable(layer);
  let seed = 1;
  /** @type {string[]} the texts before each draw */
  const before = [];
  /** How often each token was drawn, while nothing changes. @type {Map<number, number>} */
  const drawn = new Map();

  const now = () => {
    const { context, decay, temperature, topk, topp, again } = given();
    const { ids, hidden } = hiddenState(layer, usable(context).text, decay);
    const head = headWithout(table, again === 'yes' ? null : ids);
    return { head, hidden, options: { temperature, topK: topk, topP: topp } };
  };
  const update = () => {
    const { temperature, topk, topp, decay, context } = given();
    $('decay-out').textContent = decay === 1 ? 'to the beginning' : `each token back weighs ${percent(decay)}`;
    $('temperature-out').textContent = temperature === 0 ? '0, always the best' : temperature.toFixed(2);
    $('topk-out').textContent = topk === 0 ? 'all' : String(topk);
    $('topp-out').textContent = topp === 1 ? 'all' : topp.toFixed(2);
    for (const id of ['decay', 'temperature', 'topk', 'topp'])
      $(id).setAttribute('aria-valuetext', $(`${id}-out`).textContent ?? '');
    try {
      const { head, hidden } = now();
      const scaled = temperature > 0 ? hidden.map((value) => value / temperature) : hidden;
      const { ids, probs } = head.topK(scaled, BEST);
      head.dispose();
      const may = temperature === 0 ? 1 : allowed(probs, { topK: topk, topP: topp });
      showBars(ids, probs, may);
      const first = layer.tokenizer.idToToken(ids[0]);
      $('answer').replaceChildren(
        el(
          'span',
          { class: 'verdict' },
          context.trim() === '' ? 'Without a text all tokens are alike; first is ' : 'Most likely, to this recipe: ',
          el('b', { text: String(first) }),
        ),
      );
      say.note(usable(context).note);
    } catch (error) {
      say.error(error);
    }
  };
  const showBars = (/** @type {Uint32Array} */ ids, /** @type {Float32Array} */ probs, /** @type {number} */ may) => {
    const draws = [...drawn.values()].reduce((sum, each) => sum + each, 0);
    const lines = Array.from(ids.subarray(0, SHOWN), (id, i) => {
      const bar = el('span', { class: 'bar' });
      bar.style.width = `${(100 * probs[i]) / probs[0]}%`;
      const times = draws > 0 ? `, drawn ${drawn.get(id) ?? 0}` : '';
      return el(
        'li',
        { class: i < may ? '' : 'cut' },
        el('span', { class: 'name', text: String(layer.tokenizer.idToToken(id)) }),
        el('span', { class: 'track' }, bar),
        el('span', { class: 'right', text: `${(100 * probs[i]).toFixed(1)} %${i < may ? times : ', cut'}` }),
      );
    });
    $('bars').replaceChildren(...lines);
    const shown = probs.subarray(0, SHOWN).reduce((sum, each) => sum + each, 0);
    const limits = given();
    const limited = limits.topk > 0 || limits.topp < 1 || limits.temperature === 0;
    const rest = limited
      ? `${may < BEST ? plural(may, 'token') : `${BEST} tokens or more`} may be drawn.`
      : 'Every token may be drawn.';
    $('rest').textContent =
      `These ${SHOWN} have ${percent(shown)} of the probability; ${count(layer.table.rows - SHOWN)} others share the rest. ${rest}`;
  };
  const draw = () => {
    const { head, hidden, options } = now();
    const id = head.sample(hidden, { ...options, seed: seed++ });
    head.dispose();
    return id;
  };
  $('draw').addEventListener('click', () => {
    try {
      const token = String(layer.tokenizer.idToToken(draw()));
      const context = $('context').value;
      before.push(context);
      $('context').value = token.startsWith('##')
        ? context.trimEnd() + token.slice(2)
        : `${context.trimEnd()} ${token}`;
      $('drawn').textContent = `“${token}” was drawn.`;
      changed();
    } catch (error) {
      say.error(error);
    }
  });
  $('undo').addEventListener('click', () => {
    $('context').value = before.pop() ?? $('context').value;
    changed();
  });
  $('many').addEventListener('click', async () => {
    const { head, hidden, options } = now();
    for (let i = 0; i < DRAWS; i++) {
      if (i % 20 === 0) await pause();
      const id = head.sample(hidden, { ...options, seed: seed++ });
      drawn.set(id, (drawn.get(id) ?? 0) + 1);
    }
    head.dispose();
    update();
    $('drawn').textContent = `${plural(
      [...drawn.values()].reduce((sum, each) => sum + each, 0),
      'draw',
    )}, ${plural(drawn.size, 'different token')}.`;
  });
  const changed = () => {
    drawn.clear();
    $('undo').disabled = before.length === 0;
    state.write(given());
    soon();
  };
  const soon = perFrame(update);
  root.addEventListener('input', changed);
  update();
}

/** @param {HTMLElement} place */
function tied(place) {
  const small = /** @type {typeof MODELS[number]} */ (MODELS.find(({ name }) => name === 'Qwen2.5 0.5B'));
  const large = /** @type {typeof MODELS[number]} */ (MODELS.find(({ name }) => name === 'Llama 3.1 8B'));
  const million = (/** @type {number} */ numbers) => `${Math.round(numbers / 1e6)} million`;
  place.append(
    termButton('tied', 'Tied'),
    `, the table that turned tokens into rows scores them too: ${small.name} does so, and a second table would add ${million(small.vocab * small.dim)} numbers to its ${million(small.parameters)}. ${large.name} has two, ${million(large.vocab * large.dim)} numbers each; with ${(large.parameters / 1e9).toFixed(0)} billion in all it can afford them. Here one table of 7.4 million does both.`,
  );
}
