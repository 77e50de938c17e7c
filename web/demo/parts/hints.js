import { el } from './dom.js';

/** Every word of the trade that the page uses, in one sentence or two. */
export const GLOSSARY = /** @type {Record<string, string>} */ ({
  token:
    'A piece of text that has a number of its own: a word, a part of a word, a sign. “##ing” is a piece that continues a word.',
  id: 'The number of a token. It is the number of a row in the table, and means nothing else.',
  row: 'The numbers that the table keeps for one token: here 256 of them.',
  table: 'One row of numbers per token. It is all that an embedding layer learns.',
  vector: 'A list of numbers, read as an arrow: it has a direction and a length.',
  cosine:
    'How much two arrows point the same way: 1 is the same direction, 0 a right angle, −1 the opposite. It ignores their lengths.',
  length:
    'How far the arrow reaches: the root of the sum of its squared numbers. In a mean a long row counts more than a short one.',
  dimension: 'One of the numbers of a vector. This model has 256.',
  mean: 'The sum of the rows, divided by how many there are. Its length is then made 1: only the direction is kept.',
  bits: 'f32 keeps a number in 32 bits, i8 in 8, i4 in 4, and 1 bit keeps only its sign.',
  overlap: 'Of the ten nearest sentences with all numbers, how many are still among the ten nearest.',
  bytepiece:
    'A letter for which this tokenizer has no piece is cut into its bytes, written in base 16: <0x7A> is “z”. So no text is unknown to it.',
  tokenizer: 'What cuts a text into tokens. Every model comes with its own.',
  pca: 'Principal component analysis: the flat view of all points that keeps the most of their spread. Straight lines stay straight.',
  umap: 'A map that keeps near points near and gives up the rest: distances between far groups mean nothing.',
  keywords:
    'BM25: counts the words that query and text share; rare words count more, long texts less. English endings are cut (“boats” counts as “boat”), and words that are everywhere, such as “the”, “to” or “not”, are left out.',
  meaning: 'The cosine between the vector of the query and that of the text.',
  fusion:
    'The keyword score divided by the most that any text could get for this query, so that both parts go to 1. Words that stand side by side in the query count more where a text has them so. Left to itself, the library gives meaning 0.3, and up to 0.4 in longer queries.',
  logit: 'A score: the product of the hidden state with one row of the table. Any number.',
  softmax:
    'Made from the scores by softmax: e to the power of each, divided by the sum of all of these, so that they add up to 1.',
  temperature:
    'Scores are divided by it before they become probabilities: below 1 the best token wins more often, above 1 the others get a chance.',
  topk: 'Only this many of the best tokens may be drawn.',
  topp: 'Only the fewest best tokens that have this probability together may be drawn.',
  hidden: 'What a language model computes from the text so far: a vector that asks for the next token.',
  tied: 'The same table is used on the way in (token to row) and on the way out (vector to scores).',
  rope: 'Rotary position embedding: pairs of numbers are turned by an angle that grows with the position.',
  theta: 'The base of RoPE’s wavelengths: pair i of n turns by position ÷ θ^(i/n). A larger θ turns slower.',
  scaling:
    'A rule that changes how fast the pairs turn, so that a model can read longer texts than it was trained on. Models name theirs in config.json: linear, dynamic, yarn, longrope, llama3, proportional.',
  factor: 'How many times longer the texts shall be than those of the training.',
  query: 'Attention compares the query of one position with the keys of all others, by their product.',
  gguf: 'The file format of llama.cpp, a program that runs language models: the numbers in few bits, and the tokenizer with them.',
  safetensors: 'Hugging Face’s file format: a header that says what lies where, then the numbers.',
  vocabulary: 'All tokens that a tokenizer knows. The table has a row for each.',
  wordpiece:
    'BERT’s way to cut: the longest piece in the vocabulary that the rest of a word begins with, again and again.',
  sentencepiece: 'A way to cut that takes the space for a letter of its own (▁), so that any language can be cut.',
  transformer: 'The kind of network that today’s language models are: layers of attention, one after the other (2017).',
  attention:
    'How a language model lets tokens look at each other: it compares the vector of one with those of the others by their products, and takes over the most from what fits best.',
  layer: 'One step of a network: vectors go in, as many come out. A language model has many, one after the other.',
  openmodel: 'A language model whose design is public, and many others follow it.',
  ranges: 'A request for certain bytes of a file instead of all of it.',
  skipgram: 'A word learns to predict the words around it, and not random others: word2vec’s skip-gram.',
  wasm: 'Compiled code that every browser runs, nearly as fast as a program of the system. No server and no graphics card takes part.',
  loss: 'How wrong the predictions are on average. Learning makes it fall.',
});

/** Shows a card at each `.term` under the pointer, the focus or the finger. */
export function startHints() {
  const card = el('div', { id: 'hint', role: 'tooltip', class: 'hint', hidden: true });
  document.body.append(card);
  /** @type {HTMLElement | null} */
  let shown = null;

  /** @param {HTMLElement} term */
  const show = (term) => {
    hide();
    shown = term;
    card.textContent = GLOSSARY[term.dataset.term ?? ''] ?? '';
    card.hidden = false;
    term.setAttribute('aria-describedby', 'hint');
    const box = term.getBoundingClientRect();
    const room = card.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - room.width / 2), innerWidth - room.width - 8);
    const below = box.bottom + 6 + room.height < innerHeight;
    card.style.left = `${Math.max(8, left)}px`;
    card.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - room.height - 6)}px`;
  };
  const hide = () => {
    shown?.removeAttribute('aria-describedby');
    shown = null;
    card.hidden = true;
  };
  /** @param {Event} event */
  const termOf = (event) =>
    event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest('.term')) : null;

  document.addEventListener('pointerover', (event) => {
    const term = termOf(event);
    if (term && term !== shown && event.pointerType === 'mouse') show(term);
  });
  document.addEventListener('pointerout', (event) => {
    if (event.pointerType === 'mouse' && termOf(event) && document.activeElement !== shown) hide();
  });
  document.addEventListener('focusin', (event) => {
    const term = termOf(event);
    if (term) show(term);
    else hide();
  });
  document.addEventListener('click', (event) => {
    const term = termOf(event);
    if (term && shown !== term) show(term);
    else if (!term) hide();
  });
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
  addEventListener('scroll', hide, { passive: true });
}

/**
 * A sentence in which some words have cards, each where it first comes.
 * @param {string} text
 * @param {Record<string, string>} cards words of the text, in its order, and their terms
 * @returns {(Node | string)[]}
 */
export function withCards(text, cards) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let rest = text;
  for (const [word, term] of Object.entries(cards)) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    parts.push(rest.slice(0, at), termButton(term, word));
    rest = rest.slice(at + word.length);
  }
  return [...parts, rest];
}

/**
 * A word with a card.
 * @param {string} term of the glossary
 * @param {string} text
 */
export const termButton = (term, text) => el('button', { type: 'button', class: 'term', 'data-term': term, text });
