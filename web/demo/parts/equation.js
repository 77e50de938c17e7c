import { el } from './dom.js';
import { equationPicture, planeOf } from './equation_picture.js';
import { dot } from './pairs.js';
import { decimal, percent } from './words.js';
import { minus, placeOf, shareShown, unitOf } from './word_space.js';

/** @typedef {import('./word_space.js').WordSpace} WordSpace */
/** @typedef {import('./word_space.js').Basis} Basis */

/** Some work and one does not, in this model's table. `expected`: the word that one would look for. @type {{ words: string[], expected: string, fails?: boolean }[]} */
const EXAMPLES = [
  { words: ['king', 'man', 'woman'], expected: 'queen' },
  { words: ['bigger', 'big', 'small'], expected: 'smaller' },
  { words: ['walked', 'walk', 'play'], expected: 'played' },
  { words: ['paris', 'france', 'japan'], expected: 'tokyo' },
  { words: ['puppy', 'dog', 'cat'], expected: 'kitten' },
  { words: ['paris', 'france', 'italy'], expected: 'rome', fails: true },
];

const [LISTED, PICTURED, LOOKED] = [5, 3, 200]; // words of the answer, of its picture; nearest tokens among which they are looked for

const TURN = 'Turn the map until it shows this step';

/** The part of a step's length that a map must show for its arrows to be drawn. */
const DRAWN = 0.5;
/** From here on all of it is shown, but for rounding. */
const WHOLE = 0.995;

/** a − b + c: the three words, the answer in words, and the arrows of the map. */
export class Equation {
  #place;
  #read;
  #answer = el('p', { class: 'answer', id: 'map-solution', role: 'status' });
  #bars = el('ol', { class: 'near', id: 'map-answers', 'aria-label': 'Words nearest to the step’s end' });
  #picture = el('div', { id: 'map-picture' });
  #honest = el('p', { class: 'quiet', id: 'map-honest' });
  #turn = el('button', { type: 'button', id: 'map-turn', text: TURN });
  /** The words of the last solution, the nearest first. @type {string[]} */
  found = [];
  /** Called when the map shall be turned. */
  onTurn = () => {};

  /**
   * @param {HTMLElement} place
   * @param {object} options
   * @param {(label: string, id: string) => HTMLElement} options.word makes a field
   * @param {import('./map_tokens.js').WordReader} options.read
   */
  constructor(place, { word, read }) {
    this.#place = place;
    this.#read = read;
    const examples = EXAMPLES.map(({ words, fails }) =>
      el('button', {
        type: 'button',
        text: `${fails ? 'Fails: ' : ''}${words[0]} − ${words[1]} + ${words[2]}`,
        onclick: () => this.#set(words),
      }),
    );
    place.append(
      el('div', { class: 'three' }, word('Start from', 'a'), word('− take away', 'b'), word('+ add', 'c')),
      el('div', { class: 'buttons' }, ...examples),
      el(
        'div',
        { class: 'equation-grid' },
        this.#picture,
        el(
          'div',
          {},
          this.#answer,
          this.#bars,
          this.#honest,
          el('div', { class: 'buttons', id: 'map-turning' }, this.#turn),
        ),
      ),
    );
    this.#turn.addEventListener('click', () => this.onTurn());
  }

  /** @param {string[]} words */
  #set(words) {
    ['a', 'b', 'c'].forEach((id, i) => (this.#input(id).value = words[i]));
    this.#input('c').dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** @param {string} id @returns {HTMLInputElement} */
  #input(id) {
    return /** @type {HTMLInputElement} */ (this.#place.querySelector(`#map-${id}`));
  }

  get #reads() {
    return ['a', 'b', 'c'].map((id) => this.#read(this.#input(id).value));
  }

  /** The tokens of the three words; what is written, where it is none. */
  get words() {
    return this.#reads.map(({ token, given }) => token ?? given);
  }

  /** Why the three words have no answer: empty where they have one. */
  get #unread() {
    return [...new Set(this.#reads.map(({ problem }) => problem))].filter(Boolean).join(' ');
  }

  /** Why there is no step to draw: empty where there is one. */
  get problem() {
    const same = this.words.find((word, i, all) => all.indexOf(word) !== i);
    const times = new Set(this.words).size === 1 ? 'three times' : 'twice';
    return this.#unread || (same === undefined ? '' : `“${same}” stands ${times}: a step needs three different words.`);
  }

  /** @param {WordSpace} space @returns {Float32Array[] | null} rows of length 1, or null where a word has none */
  #rows(space) {
    return this.#unread ? null : this.words.map((word) => space.unit(word));
  }

  /**
   * @param {WordSpace} space
   * @param {Basis | null} basis of the map; null where it is bent
   * @param {{ error: (error: unknown) => void }} say
   * @returns {boolean}
   */
  solve(space, basis, say) {
    const [a, b, c] = this.words;
    const rows = this.#rows(space);
    this.#turn.hidden = this.problem !== '';
    if (!rows) {
      this.found = [];
      this.#answer.textContent = this.#unread;
      this.#honest.textContent = '';
      this.#bars.replaceChildren();
      this.#picture.replaceChildren();
      return false;
    }
    try {
      const target = unitOf(targetOf(rows));
      const all = space.nearest(target, LOOKED, [a, b, c]).filter(({ key }) => !key.startsWith('##'));
      const found = all.slice(0, LISTED);
      this.found = found.map(({ key }) => key);
      const own = [a, c]
        .map((word, i) => ({ word, score: dot(target, rows[2 * i]) }))
        .sort((p, q) => q.score - p.score);
      this.#answer.replaceChildren(
        el('span', { class: 'verdict' }, `${a} − ${b} + ${c} leads nearest to `, el('b', { text: found[0].key })),
        el('span', { class: 'quiet', text: `cosine ${decimal(found[0].score)}` }),
      );
      this.#bars.replaceChildren(...this.#rowsOf(all));
      const near = this.#drawn(found, space).map(({ key }) => ({ key, row: space.unit(key) }));
      this.#picture.replaceChildren(equationPicture(this.words, rows, near));
      this.#honest.textContent = [this.#failure(all), honest(own[0], found[0]), this.#lie(rows, basis)].join(' ');
      return true;
    } catch (error) {
      say.error(error);
      return false;
    }
  }

  get #expected() {
    return EXAMPLES.find(({ words }) => String(words) === String(this.words))?.expected;
  }

  /** The words of the picture: the nearest, the expected one always among them. @param {{ key: string }[]} found @param {WordSpace} space */
  #drawn(found, space) {
    const expected = this.#expected;
    const some = found.slice(0, PICTURED);
    if (!expected || !space.has(expected) || some.some(({ key }) => key === expected)) return some;
    return [...some.slice(0, PICTURED - 1), { key: expected }];
  }

  /** The nearest words as bars, and the expected one where it comes later. @param {{ key: string, score: number }[]} all */
  #rowsOf(all) {
    const expected = this.#expected;
    const shown = all.filter(({ key }, i) => i < LISTED || key === expected);
    return shown.map(({ key, score }) => {
      const bar = el('span', { class: 'bar' });
      bar.style.width = `${Math.max(0, 100 * score)}%`;
      return el(
        'li',
        { class: key === expected ? 'expected' : undefined },
        el('span', { class: 'word', text: key }),
        el(
          'span',
          {},
          el('span', { class: 'track' }, bar),
          ...(key === expected ? [el('small', { text: 'expected' })] : []),
        ),
        el('span', { class: 'right', text: decimal(score) }),
      );
    });
  }

  /** A word where an example fails. @param {{ key: string, score: number }[]} found the nearest first */
  #failure(found) {
    const expected = this.#expected;
    const at = found.findIndex(({ key }) => key === expected);
    if (!expected || at === 0) return '';
    const where = at < 0 ? 'it is not among them' : `it comes ${at + 1}${ORDINALS[at + 1] ?? 'th'}`;
    const [a, b, c] = this.words;
    return `One would look for “${expected}”: ${where}. The step from “${b}” to “${c}” is not quite that from “${a}” to “${expected}”: rows follow use, not rules.`;
  }

  /** A word where the picture lies. @param {Float32Array[]} rows @param {Basis | null} basis */
  #lie(rows, basis) {
    if (this.problem) return this.problem;
    if (!basis) return '';
    const [, b, c] = this.words;
    const share = shareShown(minus(rows[2], rows[1]), basis);
    this.#turn.textContent = share > WHOLE && !basis.own ? 'Show it on the map' : TURN;
    if (basis.own) return onOwnAxes(basis.axes, share);
    if (share > WHOLE) return 'The map shows this step in its full length.';
    const rest =
      share < DRAWN
        ? 'too little to draw it there.'
        : 'the rest points out of the page. Where arrow and list disagree, the list is right.';
    return `The map shows ${percent(share)} of the length of the step from ${b} to ${c}: ${rest}`;
  }

  /**
   * @param {WordSpace} space
   * @param {Basis} basis of the map
   * @param {(vector: ArrayLike<number>) => number[]} onMap
   * @returns {import('./scatter_names.js').Arrow[]} none where the map shows next to nothing of the step
   */
  arrows(space, basis, onMap) {
    const rows = this.#rows(space);
    if (!rows || this.problem || shareShown(minus(rows[2], rows[1]), basis) < DRAWN) return [];
    const [a, b, c] = rows;
    const end = targetOf(rows);
    return [
      { from: onMap(b), to: onMap(c), color: '--step', name: '' },
      { from: onMap(a), to: onMap(end), color: '--step', name: '?', dashed: true },
    ];
  }

  /**
   * The places that the arrows of a map reach.
   * @param {WordSpace} space
   * @param {Basis} basis of the map
   * @returns {number[][]} none where there are no arrows
   */
  reach(space, basis) {
    return this.arrows(space, basis, (vector) => placeOf(vector, basis)).flatMap(({ from, to }) => [from, to]);
  }

  /** The flat view in which the step lies. @param {WordSpace} space @returns {Basis | null} */
  basis(space) {
    const rows = this.#rows(space);
    return rows && planeOf(rows);
  }
}

/**
 * What a map of the visitor's own axes shows of a step: it draws them at right angles, whatever angle they have.
 * @param {Float64Array[]} axes of length 1
 * @param {number} share of the step's length that lies in their plane
 */
function onOwnAxes([x, y], share) {
  const angle = Math.round((180 / Math.PI) * Math.acos(Math.max(-1, Math.min(1, dot(x, y)))));
  const part = share > WHOLE ? 'All of the step’s length lies' : `Of the step’s length ${percent(share)} lies`;
  const few = share < DRAWN ? ': too little to draw it there.' : '.';
  const drawn =
    angle === 90 ? 'Each of them has its own scale' : `They are ${angle}° apart, drawn as 90°, each in its own scale`;
  return `${part} in the plane of your axes${few}${share < DRAWN ? '' : ` ${drawn}: the arrow tells how far it goes along each, not how long it is.`}`;
}

/** @type {Record<number, string>} */
const ORDINALS = { 1: 'st', 2: 'nd', 3: 'rd' };

/** @param {Float32Array[]} rows */
const targetOf = ([a, b, c]) => Float64Array.from(a, (value, d) => value - b[d] + c[d]);

/** @param {{ word: string, score: number }} own @param {{ key: string, score: number }} found */
function honest(own, found) {
  if (own.score <= found.score)
    return 'The answer would be the same if the words of the question were allowed. Pieces that continue a word are left out.';
  return `The words of the question do not count as answers, as is usual (“${own.word}” itself is nearer, ${decimal(own.score)}); nor do pieces that continue a word.`;
}
