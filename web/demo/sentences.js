import { css, diverging, inkOn } from './colors.js';

const MOST = 12;
const FIRST = [
  'A cat sleeps on the sofa.',
  'The kitten is napping on the couch.',
  'Stock prices fell sharply on Monday.',
  'The market closed lower today.',
];

/** A list of sentences to edit, and the matrix of their cosines. */
export class Sentences {
  #encode;
  #onError;
  #list = /** @type {HTMLElement} */ (document.getElementById('sentences'));
  #matrix = /** @type {HTMLTableElement} */ (document.getElementById('matrix'));
  #closest = /** @type {HTMLElement} */ (document.getElementById('closest'));
  #add = /** @type {HTMLButtonElement} */ (document.getElementById('add-sentence'));

  /**
   * @param {(texts: string[]) => { data: Float32Array, dim: number }} encode to vectors of norm 1
   * @param {(error: unknown) => void} onError
   */
  constructor(encode, onError) {
    this.#encode = encode;
    this.#onError = onError;
    for (const text of FIRST) this.#append(text);
    this.#add.addEventListener('click', () => {
      this.#append('').focus();
      this.update();
    });
    this.#matrix.addEventListener('pointerover', (event) => this.#markPair(/** @type {HTMLElement} */ (event.target)));
    this.#matrix.addEventListener('pointerleave', () => this.#markPair(null));
    this.update();
  }

  get #inputs() {
    return [...this.#list.querySelectorAll('input')];
  }

  /** @param {string} text */
  #append(text) {
    const item = document.createElement('li');
    const label = document.createElement('label');
    const input = document.createElement('input');
    const remove = document.createElement('button');
    Object.assign(input, { type: 'text', value: text, autocomplete: 'off', spellcheck: false, dir: 'auto' });
    remove.type = 'button';
    remove.textContent = '×';
    input.addEventListener('input', () => this.update());
    remove.addEventListener('click', () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.update();
      next?.querySelector('input')?.focus(); // the focus would otherwise be lost with the button
    });
    item.append(label, input, remove);
    this.#list.append(item);
    return input;
  }

  update() {
    const inputs = this.#inputs;
    inputs.forEach((input, i) => {
      const [label, , remove] = /** @type {HTMLElement} */ (input.parentElement).children;
      input.id = `sentence-${i + 1}`;
      label.setAttribute('for', input.id);
      label.textContent = String(i + 1);
      input.setAttribute('aria-label', `Sentence ${i + 1}`);
      remove.setAttribute('aria-label', `Remove sentence ${i + 1}`);
      /** @type {HTMLButtonElement} */ (remove).disabled = inputs.length <= 2;
    });
    this.#add.disabled = inputs.length >= MOST;
    try {
      this.#show(cosines(this.#encode(inputs.map(({ value }) => value))));
    } catch (error) {
      this.#onError(error);
    }
  }

  /** @param {number[][]} rows */
  #show(rows) {
    const head = document.createElement('thead');
    const body = document.createElement('tbody');
    const top = head.insertRow();
    top.insertCell();
    rows.forEach((_, i) => top.append(heading(i, 'col')));
    rows.forEach((row, i) => {
      const line = body.insertRow();
      line.append(heading(i, 'row'));
      row.forEach((value, j) => {
        const cell = line.insertCell();
        const color = diverging(value);
        cell.textContent = decimal(value);
        cell.style.background = css(color);
        cell.style.color = inkOn(color);
        cell.dataset.pair = `${i} ${j}`;
      });
    });
    this.#matrix.replaceChildren(head, body);
    this.#matrix.style.minWidth = `${2 + 3 * rows.length}rem`;

    let best = { value: -2, i: 0, j: 1 };
    rows.forEach((row, i) => {
      for (let j = i + 1; j < row.length; j++) if (row[j] > best.value) best = { value: row[j], i, j };
    });
    this.#closest.textContent = `Most alike: ${best.i + 1} and ${best.j + 1}, at ${decimal(best.value)}.`;
  }

  /** @param {HTMLElement | null} cell */
  #markPair(cell) {
    const pair = cell?.dataset.pair?.split(' ').map(Number) ?? [];
    this.#inputs.forEach((input, i) => input.parentElement?.classList.toggle('paired', pair.includes(i)));
  }
}

/**
 * @param {{ data: Float32Array, dim: number }} vectors of norm 1, or zeros for texts without known tokens
 * @returns {number[][]}
 */
function cosines({ data, dim }) {
  const rows = Array.from({ length: data.length / dim }, (_, i) => data.subarray(i * dim, (i + 1) * dim));
  return rows.map((a) => rows.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));
}

/**
 * @param {number} index
 * @param {'col' | 'row'} scope
 */
function heading(index, scope) {
  const cell = document.createElement('th');
  cell.scope = scope;
  cell.textContent = String(index + 1);
  return cell;
}

/** @param {number} value */
function decimal(value) {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}
