import { Tokenizer } from '../../index.js';
import { addCode } from '../parts/code.js';
import { onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame, roving } from '../parts/dom.js';
import { mustNotBeStrange } from '../parts/files.js';
import { Heatmap, drawLegend } from '../parts/heatmap.js';
import { termButton, withCards } from '../parts/hints.js';
import { lengthOf, tokenRows } from '../parts/pairs.js';
import { inWords, sayOn, saying, usable } from '../parts/say.js';
import { choice, sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { bytes, count, plural, short, signed } from '../parts/words.js';
import { BITS, BIT_NAMES, DIMS, Precision } from '../parts/precision.js';
import { rows as snippet } from '../snippets.js';

const TALES = new URL('../models/tales.gguf', import.meta.url);
const MOST_LINES = 64;
const MOST_CHIPS = 256;
const MOST_FILE = 64e6; // no tokenizer is larger
const HINT = 'Point at a cell, tap it, or press the arrow keys on the picture, to read its number.';

const FIELDS = {
  text: text('The quick brown fox jumps over the lazy dog, unbelievably gracefully.'),
  other: text('A fast animal leaps across a sleepy one.'),
  dim: choice('256', DIMS.map(String)),
  bits: choice('i8', BITS),
};

/** @typedef {import('../parts/pairs.js').TokenRow} TokenRow */

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  const state = sectionState('rows', FIELDS);
  $('text').value = String(state.values.text);
  $('other').value = String(state.values.other);
  $('dim').value = String(DIMS.map(String).indexOf(String(state.values.dim)));
  $('bits').value = String(BITS.indexOf(String(state.values.bits)));
  const given = () => ({
    text: $('text').value,
    other: $('other').value,
    dim: String(DIMS[Number($('dim').value)]),
    bits: BITS[Number($('bits').value)],
  });
  const precision = new Precision(layer, $('figures'), $('bits-about'), say.error);
  const tokenizers = [{ name: 'this model’s (WordPiece)', tokenizer: layer.tokenizer }];
  const longest = longestRow(layer);
  /** @type {TokenRow[]} */
  let tokens = [];
  /** @type {number[]} of the heatmap's lines */
  let lines = [];

  const heatmap = new Heatmap($('heatmap'), (cell) => {
    if (!cell) return select(null);
    if (cell.column < 0 && cell.line >= 0) return select(lines[cell.line]);
    const name = cell.line < 0 ? 'The mean' : `“${tokens[lines[cell.line]].token}”`;
    mark(cell.line < 0 ? null : lines[cell.line]);
    heatmap.mark(cell.line, cell.column < 0 ? undefined : cell.column);
    if (cell.column < 0)
      $('readout').textContent = 'The mean of the rows: divided by its length it is the text’s vector.';
    else $('readout').textContent = `${name}, dimension ${cell.column}: ${signed(cell.value, 4)}${ofSign(cell.line)}`;
  });

  const ofSign = (/** @type {number} */ line) =>
    line < 0 && given().bits === '1 bit' ? ', of which the sign is kept' : '';

  const update = () => {
    const { text: typed, note } = usable($('text').value);
    try {
      tokens = tokenRows(layer, typed);
      say.note([...state.problems, note].filter(Boolean).join(' '));
      const counted = tokens
        .flatMap(({ known }, i) => (known ? [i] : []))
        .slice(0, layer.describe().maxLength ?? undefined);
      lines = counted.slice(0, MOST_LINES);
      const mean = meanOf(
        counted.map((i) => tokens[i].row),
        layer.dim,
      );
      heatmap.show({ tokens: lines.map((i) => tokens[i]), mean, longest });
      showPieces($('pieces'), typed, tokens);
      showChips($('chips'), tokens);
      $('note').textContent = noteOn(tokens, counted.length, lengthOf(mean)) + noteOnShort(tokens, longest);
      $('limits').classList.toggle('unseen', lines.length === 0);
      $('limits').textContent = `−${heatmap.limit.toFixed(2)} or less, to +${heatmap.limit.toFixed(2)} or more`;
      $('readout').textContent = HINT;
      showTokenizers($('tokenizers'), typed, tokenizers);
    } catch (error) {
      say.error(error);
    }
  };
  const reduce = () => {
    const { dim, bits, text: first, other } = given();
    $('dim-out').textContent = dim;
    $('bits-out').textContent = BIT_NAMES[bits];
    $('dim').setAttribute('aria-valuetext', `${dim} dimensions`);
    $('bits').setAttribute('aria-valuetext', BIT_NAMES[bits]);
    heatmap.keep(Number(dim));
    heatmap.showSigns(bits === '1 bit');
    precision.show(usable(first).text, usable(other).text, Number(dim), bits);
  };

  /** @param {number | null} index of the token to mark in all three places */
  const mark = (index) => {
    for (const each of root.querySelectorAll('.marked')) each.classList.remove('marked');
    for (const each of $('chips').querySelectorAll('[aria-selected="true"]'))
      each.setAttribute('aria-selected', 'false');
    heatmap.mark(null);
    if (index === null) return;
    const chip = $('chips').querySelector(`[data-index="${index}"]`);
    chip?.setAttribute('aria-selected', 'true');
    $('pieces').querySelector(`[data-index="${index}"]`)?.classList.add('marked');
    const line = lines.indexOf(index);
    if (line >= 0) heatmap.mark(line);
  };
  const select = (/** @type {number | null} */ index) => {
    mark(index);
    $('readout').textContent = index === null ? HINT : describe(tokens[index], longest);
  };
  for (const place of [$('chips'), $('pieces')]) {
    const indexOf = (/** @type {Event} */ event) => {
      const at = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-index]'));
      return at ? Number(at.dataset.index) : null;
    };
    for (const kind of ['pointerover', 'focusin', 'click']) {
      place.addEventListener(kind, (/** @type {Event} */ event) => indexOf(event) !== null && select(indexOf(event)));
    }
    place.addEventListener(
      'pointerleave',
      (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && select(null),
    );
  }
  roving(
    $('chips'),
    '.chip',
    (at, key) => at + ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key] ?? 0),
  );

  const [soon, reduceSoon] = [perFrame(update), perFrame(reduce)];
  root.addEventListener('input', (event) => {
    if (event.target === $('file')) return;
    state.problems.length = 0;
    state.write(given());
    if (event.target === $('text')) {
      sayFile.clear();
      soon();
    }
    reduceSoon();
  });
  $('drop').after(saying('rows-file-say'));
  const sayFile = sayOn($('file-say'));
  receiveFiles($('file'), $('drop'), async (file) => {
    sayFile.clear();
    try {
      await mustNotBeStrange(file, READ_HERE);
      if (file.size > MOST_FILE)
        throw new Error(`“${file.name}” has ${bytes(file.size)}, and no tokenizer is that large.`);
      tokenizers.push({ name: file.name, tokenizer: await tokenizerOf(file) });
      update();
    } catch (error) {
      sayFile.error(error);
    }
  });
  const legend = /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ ($('legend')));
  onSchemeChange(() => {
    heatmap.draw();
    drawLegend(legend);
  });
  drawLegend(legend);
  addCode(root, { code: () => snippet({ ...given(), dim: Number(given().dim) }) });
  await pause();
  update();
  await pause();
  reduce();
  await pause();
  const tales = await talesTokenizer().catch(() => null); // without it the table has a line less
  if (tales) tokenizers.splice(1, 0, tales);
  showTokenizers($('tokenizers'), usable($('text').value).text, tokenizers);
}

/** That of the LLaMA of “the way back”, which cuts into smaller pieces. */
async function talesTokenizer() {
  const file = new File([await (await fetch(TALES)).arrayBuffer()], 'tales.gguf');
  return { name: 'the small LLaMA’s (SentencePiece)', tokenizer: await Tokenizer.fromPretrained([file]) };
}

/** @type {Record<string, string>} */
const KINDS_OF_CUTS = { WordPiece: 'wordpiece', SentencePiece: 'sentencepiece' };

/** The names that the kinds of tokenizer files go by: visitors have vocab-2.txt. @type {Record<string, string>} */
const USUAL = { '.json': 'tokenizer.json', '.txt': 'vocab.txt', '.model': 'tokenizer.model' };
const READ_HERE = 'a tokenizer.json, vocab.txt, tokenizer.model or .gguf';

/** @param {File} file */
async function tokenizerOf(file) {
  const end = /\.\w+$/.exec(file.name.toLowerCase())?.[0] ?? '';
  const name = USUAL[end] ?? file.name;
  try {
    return await Tokenizer.fromPretrained([new File([file], name)]);
  } catch (error) {
    if (end === '.json' && (await isOtherJson(file)))
      throw new Error(`“${file.name}” is not a tokenizer file. What can be read here: ${READ_HERE}.`, { cause: error });
    const why = [...Object.keys(USUAL), '.gguf'].includes(end)
      ? inWords(error).replaceAll(`${name} is`, 'it is').replace(`${name}: `, '')
      : `the names of those that are end in ${Object.keys(USUAL).join(', ')} or .gguf`;
    throw new Error(`“${file.name}” could not be read as a tokenizer: ${why}.`, { cause: error });
  }
}

/** Whether a file is whole JSON, but holds something else than a tokenizer. @param {File} file */
async function isOtherJson(file) {
  try {
    const kind = JSON.parse(await file.text())?.model;
    return typeof kind !== 'object' || kind === null || Array.isArray(kind);
  } catch {
    return false; // broken JSON: the tokenizer says where
  }
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} zone
 * @param {(file: File) => void} use
 */
function receiveFiles(input, zone, use) {
  input.addEventListener('change', () => {
    for (const file of input.files ?? []) use(file);
    input.value = '';
  });
  zone.addEventListener('dragover', (event) => event.preventDefault());
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) use(file);
  });
}

/** @param {import('../../index.js').EmbeddingLayer} layer @returns {number} the length of the longest of some rows */
function longestRow(layer) {
  const ids = Uint32Array.from({ length: 1024 }, (_, i) => Math.floor((i * layer.table.rows) / 1024));
  return Math.max(...Array.from(layer.table.lookup(ids), lengthOf));
}

/** @param {Float32Array[]} rows @param {number} dim */
function meanOf(rows, dim) {
  const mean = new Float32Array(dim);
  for (const row of rows) for (let d = 0; d < dim; d++) mean[d] += row[d] / rows.length;
  return mean;
}

/** @param {TokenRow[]} tokens @param {number} used @param {number} length of the mean */
function noteOn(tokens, used, length) {
  const unknown = tokens.filter(({ known }) => !known).length;
  const notes = [plural(tokens.length, 'token')];
  if (tokens.length > MOST_CHIPS) notes.push(`the first ${MOST_CHIPS} are listed`);
  if (used > MOST_LINES) notes.push(`the first ${MOST_LINES} have a line in the picture`);
  if (tokens.length - unknown > used) notes.push(`the model reads the first ${count(used)}`);
  if (unknown > 0) notes.push(`${count(unknown)} of them unknown, without a row, and left out`);
  if (used === 0) return `${notes.join('; ')}. Without a row there is no mean: the vector is all zeros.`;
  return `${notes.join('; ')}. The mean of the rows has length ${short(length)}; divided by that, it is the text’s vector.`;
}

/**
 * Names the tokens whose rows are so short that they hardly count, however often they stand in the text.
 * @param {TokenRow[]} tokens
 * @param {number} longest
 */
function noteOnShort(tokens, longest) {
  /** The lengths of a token's rows together. @type {Map<string, number>} */
  const sums = new Map();
  for (const { token, known, row } of tokens) if (known) sums.set(token, (sums.get(token) ?? 0) + lengthOf(row));
  const all = [...sums.values()].reduce((sum, each) => sum + each, 0);
  const small = tokens.filter(
    ({ token, known, row }) => known && lengthOf(row) < longest / 8 && (sums.get(token) ?? 0) < all / 8,
  );
  const names = [...new Set(small.map(({ token }) => `“${token}”`))];
  if (names.length === 0) return '';
  const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ' and others' : '');
  return ` ${some} ${names.length > 1 ? 'have short rows: they hardly count' : 'has a short row: it hardly counts'}.`;
}

/** @param {TokenRow} token @param {number} longest */
function describe({ token, id, row, known }, longest) {
  if (!known) return `“${token}” is not in the vocabulary: it has no row, and is left out.`;
  const length = lengthOf(row);
  const weight =
    length < longest / 4 ? ', short: it counts little' : length > longest * 0.6 ? ', long: it counts much' : '';
  return `“${token}” is row ${count(id)} of the table. The row’s length is ${length.toFixed(2)}${weight}.`;
}

/**
 * The text with its tokens framed and its spaces visible.
 * @param {HTMLElement} place
 * @param {string} typed
 * @param {TokenRow[]} tokens
 */
function showPieces(place, typed, tokens) {
  /** @type {Node[]} */
  const parts = [];
  let end = 0;
  const space = (/** @type {number} */ to) => {
    if (to > end)
      parts.push(el('span', { class: 'space', text: typed.slice(end, to).replace(/ /g, '·').replace(/\n/g, '⏎') }));
  };
  tokens.slice(0, MOST_CHIPS).forEach(({ offset: [from, to], known }, i) => {
    space(from);
    parts.push(
      el('span', {
        class: known ? 'piece' : 'piece unknown',
        'data-index': i,
        text: typed.slice(Math.max(from, end), to),
      }),
    );
    end = Math.max(end, to);
  });
  if (tokens.length <= MOST_CHIPS) space(typed.length);
  else parts.push(el('span', { class: 'space', text: ' …' }));
  place.replaceChildren(...parts);
}

/** @param {HTMLElement} place @param {TokenRow[]} tokens */
function showChips(place, tokens) {
  const chips = tokens.slice(0, MOST_CHIPS).map(({ token, id, known }, i) =>
    el(
      'span',
      {
        class: known ? 'chip' : 'chip unknown',
        role: 'option',
        'aria-selected': 'false',
        tabindex: i === 0 ? '0' : '-1',
        'data-index': i,
      },
      el('b', { text: token }),
      el('small', { text: known ? String(id) : 'no row' }),
    ),
  );
  place.replaceChildren(...chips);
}

/** A piece; one that is a single byte has a card that says so. @param {string} piece */
function pieceOf(piece) {
  if (!/^<0x[0-9A-F]{2}>$/.test(piece)) return el('span', { class: 'piece', text: piece });
  const made = termButton('bytepiece', piece);
  made.classList.add('piece');
  return made;
}

/**
 * @param {HTMLElement} table
 * @param {string} typed
 * @param {{ name: string, tokenizer: import('../../index.js').Tokenizer }[]} tokenizers
 */
function showTokenizers(table, typed, tokenizers) {
  // With roles, because on a phone the style sheet lays the cells out as blocks.
  const line = (/** @type {string} */ name, /** @type {number} */ number, /** @type {readonly string[]} */ pieces) =>
    el(
      'tr',
      { role: 'row' },
      el('th', { scope: 'row', role: 'rowheader' }, ...withCards(name, KINDS_OF_CUTS)),
      el('td', { class: 'right', role: 'cell', text: count(number) }),
      el('td', { role: 'cell' }, ...pieces.slice(0, 48).map(pieceOf), pieces.length > 48 ? ' …' : ''),
    );
  const characters = Array.from(typed);
  const lines = tokenizers.map(({ name, tokenizer }) => {
    const { tokens } = tokenizer.encode(typed, { addSpecialTokens: false });
    return line(name, tokens.length, tokens);
  });
  const head = (/** @type {string} */ name) => el('th', { scope: 'col', role: 'columnheader', text: name });
  table.replaceChildren(
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head('tokenizer'), head('tokens'), head('pieces'))),
    el(
      'tbody',
      { role: 'rowgroup' },
      ...lines,
      line(
        'one per character',
        characters.length,
        characters.map((each) => (each === ' ' ? '·' : each)),
      ),
    ),
  );
}
