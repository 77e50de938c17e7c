// What the section on the way back shows beside its bars.
import { el, roving } from './dom.js';
import { MODELS } from './models.js';
import { count, decimal, percent, plural } from './words.js';

/** @typedef {import('./llama_body.js').LlamaBody} LlamaBody */
/** @typedef {import('./llama_body.js').SeenToken} SeenToken */

export const PAGE_LLAMA = 'the LLaMA of this page';

/**
 * What the sliders stand at, in words.
 * @param {(id: string) => HTMLInputElement} $
 * @param {{ decay: number, temperature: number, topk: number, topp: number }} given
 */
export function showLimits($, { decay, temperature, topk, topp }) {
  $('decay-out').textContent = decay === 1 ? 'to the beginning' : `each token back weighs ${percent(decay)}`;
  $('temperature-out').textContent = temperature === 0 ? '0, always the best' : temperature.toFixed(2);
  $('topk-out').textContent = topk === 0 ? 'all' : String(topk);
  $('topp-out').textContent = topp === 1 ? 'all' : topp.toFixed(2);
  for (const id of ['decay', 'temperature', 'topk', 'topp'])
    $(id).setAttribute('aria-valuetext', $(`${id}-out`).textContent ?? '');
}

/** @param {{ about?: LlamaBody['about'], name?: string }} body */
export function aboutOf({ about, name }) {
  if (!about) {
    return 'Without a model: the rows of your text are added up, later ones weighing more. So it knows what the text is about, and nothing of grammar. From there on everything is as in a real model.';
  }
  const { blocks, vocabSize, dim, parameters } = about;
  const made =
    name === PAGE_LLAMA
      ? `A real language model, only tiny: ${count(parameters)} numbers, trained for this page on made-up stories, and good for nothing else.`
      : `${name}: ${count(parameters)} numbers.`;
  return `${made} The rows of its table (${count(vocabSize)} × ${dim}) go in; ${plural(blocks, 'layer')} of attention turn them into one vector, the hidden state; then every row is scored against it. Rows and scores are wembed’s, the layers a page of JavaScript. All of it runs in this tab.`;
}

/** @param {number} share */
export function chance(share) {
  if (share > 0 && share < 0.0005) return UNDER;
  return share < 1 && share >= 0.9995 ? 'over 99.9%' : `${(100 * share).toFixed(1)}%`;
}
const UNDER = 'under 0.1%';

/** @param {SeenToken} token */
function expected({ piece, share, likelier }) {
  const worth = likelier.filter((each) => chance(each.share) !== UNDER); // others teach nothing
  const others = worth.map((each) => `“${each.piece}” ${chance(each.share)}`).join(', ');
  if (others) return `“${piece}” was expected with ${chance(share)}; likelier was ${others}.`;
  return `“${piece}” was expected with ${chance(share)}${likelier.length > 0 ? '; what was likelier had no more either' : ', more than any other'}.`;
}

/** The token that was expected least. @param {SeenToken[]} seen */
export function surprise(seen) {
  if (seen.length === 0) return 'No text yet: nothing was expected.';
  return `The greatest surprise: ${expected(seen.reduce((least, each) => (each.share < least.share ? each : least)))}`;
}

/** @param {HTMLElement} place @param {SeenToken[]} seen */
export function showSeen(place, seen) {
  const pieces = seen.map(({ piece, share }, i) => {
    const made = el('span', {
      class: 'piece',
      role: 'option',
      'aria-selected': 'false',
      tabindex: i === 0 ? '0' : '-1',
      'data-index': i,
      text: piece,
    });
    made.style.background = `color-mix(in srgb, var(--amount) ${Math.round(45 * share)}%, var(--field))`;
    return made;
  });
  place.replaceChildren(...pieces);
}

/**
 * A token of the text says how much it was expected: to the pointer, the finger and the keys.
 * @param {(id: string) => HTMLInputElement} $
 * @param {HTMLElement} root
 * @param {() => SeenToken[]} seen
 */
export function look($, root, seen) {
  const tell = (/** @type {Event} */ event) => {
    const at = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('#head-seen .piece'));
    if (!at) return;
    for (const each of root.querySelectorAll('#head-seen [aria-selected="true"]'))
      each.setAttribute('aria-selected', 'false');
    at.setAttribute('aria-selected', 'true');
    $('readout').textContent = expected(seen()[Number(at.dataset.index)]);
  };
  for (const kind of ['pointerover', 'focusin', 'click']) $('seen').addEventListener(kind, tell);
  roving(
    $('seen'),
    '.piece',
    (at, key) => at + ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key] ?? 0),
  );
}

/**
 * What a second table would add to models that have one, and what it is of those that have two.
 * @param {HTMLElement} place
 * @param {{ about?: LlamaBody['about'], name?: string }} body that is shown above
 */
export function showTied(place, { about: own, name }) {
  const known = MODELS.filter(({ name }) => ['GPT-2', 'Qwen2.5 0.5B', 'Llama 3.1 8B'].includes(name));
  const here = own && {
    ...{
      name: name === PAGE_LLAMA ? 'this small LLaMA' : (name ?? ''),
      vocab: own.vocabSize,
      dim: own.dim,
      parameters: own.parameters,
      tied: true,
    },
  };
  const lines = [...(here ? [here] : []), ...known].map(({ name: called, vocab, dim, parameters, tied }) => {
    const table = vocab * dim;
    const whole = tied ? parameters + table : parameters;
    const part = (/** @type {string} */ kind, /** @type {number} */ size) => {
      const bar = el('span', { class: kind });
      bar.style.width = `${(100 * size) / whole}%`;
      return bar;
    };
    const words = tied
      ? `one table: saves ${percent(table / whole)}`
      : `two tables, each ${decimal((100 * table) / whole, 1)}%`;
    return el(
      'li',
      {},
      el('span', { text: called }),
      el(
        'span',
        { class: 'track' },
        part('bar', table),
        part('rest', whole - 2 * table),
        part(tied ? 'saved' : 'bar second', table),
      ),
      el('span', { class: 'right', text: words }),
    );
  });
  place.replaceChildren(...lines);
}
