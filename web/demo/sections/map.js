import { addCode } from '../parts/code.js';
import { colorOf, onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame, reducedMotion } from '../parts/dom.js';
import { Equation } from '../parts/equation.js';
import { termButton } from '../parts/hints.js';
import { neighbourhoods } from '../parts/map_file.js';
import { buildMap, wordField } from '../parts/map_frame.js';
import { nearItem } from '../parts/map_near.js';
import { readWord } from '../parts/map_tokens.js';
import { onWord } from '../parts/map_typing.js';
import * as words from '../parts/map_words.js';
import { sayOn } from '../parts/say.js';
import { Scatter } from '../parts/scatter.js';
import { choice, sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { decimal, percent } from '../parts/words.js';
import { MAP_WORDS, WordSpace, fitted, minus, outermost, placeOf, unitOf } from '../parts/word_space.js';
import { map as snippet } from '../snippets.js';

const { HINT, LEADS, LEAST_LIKE, MOST_LIKE } = words;
const NEAR = 10;
const OFFERED = 8; // words that begin as what is typed
const FIRST = 'doctor'; // the word that is chosen where a link names none
const SIDES = ['left', 'right', 'low', 'high'];

const FIELDS = {
  word: text(FIRST, 60),
  view: choice('umap', ['umap', 'pca', 'axes', 'step']),
  ...{ left: text('man', 60), right: text('woman', 60), low: text('cheap', 60), high: text('expensive', 60) },
  ...{ a: text('king', 60), b: text('man', 60), c: text('woman', 60) },
};

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  buildMap($('live'));
  const state = sectionState('map', FIELDS);
  const inputs = Object.keys(FIELDS).filter((key) => key !== 'view');
  const read = (/** @type {string} */ written) => readWord(layer.tokenizer, written);
  const equation = new Equation($('equation'), { word: wordField, read });
  for (const key of inputs) $(key).value = String(state.values[key]);
  /** What the visitor asked for. */
  let view = String(state.values.view);
  /** What is drawn: another view, as long as what was asked for lacks its words. */
  let drawn = '';
  say.note(state.problems.join(' '));
  const [sayWord, sayView] = [sayOn($('word-say')), sayOn($('axes-say'))];
  const given = () => ({ ...Object.fromEntries(inputs.map((key) => [key, $(key).value.trim()])), view });
  addCode(root, {
    code: () => {
      const [a, b, c] = equation.words;
      return snippet({ word: chosen, plus: [a, c], minus: [b] });
    },
  });

  $('readout').textContent = 'Reading the rows…';
  const space = await WordSpace.of(layer, MAP_WORDS);
  const scatter = new Scatter($('box'), { onHover: hover, onPick: pick });
  const worker = new Worker(new URL('../workers/map.js', import.meta.url), { type: 'module' });
  /** @type {import('../parts/word_space.js').Basis | null} of what is shown; null in UMAP's bent space */
  let basis = null;
  let fit = /** @type {ReturnType<typeof fitted>} */ ({ scale: [1, 1], middle: [0, 0], places: new Float32Array(0) });
  /** @type {{ mean: Float32Array, axes: Float64Array[], share: number } | undefined} */
  let pca;
  let umap = await neighbourhoods(space);
  let chosen = read(String(state.values.word)).token ?? FIRST;
  /** The nearest words to the chosen one. @type {{ key: string, score: number }[]} */
  let near = [];
  /** The chosen word and the nearest ones, those of them that the map has. @type {number[]} */
  let marked = [];

  /**
   * @param {string} kind of view
   * @param {Float32Array} places
   * @param {typeof basis} of
   * @param {{ glide?: boolean, free?: boolean, seen?: number[][] }} [options] `free` and `seen` as `fitted` has them
   */
  const place = (kind, places, of, { glide = true, ...fitting } = {}) => {
    drawn = kind;
    basis = of;
    if (kind !== 'axes') nameAxes([]);
    fit = fitted(places, { room: scatter.room, ...fitting });
    scatter.order = fitting.free ? outermost(fit.places) : space.order;
    scatter.show(fit.places, { names: space.words, glide });
    paint();
    step();
  };
  const onMap = (/** @type {ArrayLike<number>} */ vector) =>
    placeOf(vector, /** @type {NonNullable<typeof basis>} */ (basis)).map(
      (value, side) => (value - fit.middle[side]) * fit.scale[side],
    );

  /** Shows which button's view the map has: none's, where its step is no more. @param {string} wanted */
  const press = (wanted) => {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-view]'))) {
      button.setAttribute('aria-pressed', String(button.dataset.view === wanted));
    }
  };

  const setView = (/** @type {string} */ wanted) => {
    view = wanted;
    press(view);
    clearView();
    $('axes').hidden = view !== 'axes';
    $('compute').hidden = view !== 'umap' || !$('progress').hidden;
    $('lead').textContent = LEADS[view];
    if (view === 'pca') flatView();
    if (view === 'axes') ownAxes();
    if (view === 'umap') showUmap();
    if (view === 'step') showStep();
  };

  const flatView = () => {
    if (!pca) return;
    place('pca', space.project(pca), pca);
    $('view').replaceChildren(
      termButton('pca', 'PCA'),
      `: the best flat view, found from every fourth word, shows ${percent(pca.share)} of the spread; ${percent(1 - pca.share)} is hidden behind it. The colours have all of it.`,
    );
  };

  const clearView = () => {
    sayView.clear();
    $('view').hidden = false;
  };

  /** Where a view lacks its words: the map stays as it was, and says so. @param {string} problem @param {string} beside */
  const lack = (problem, beside) => {
    if (!drawn && pca) place('pca', space.project(pca), pca);
    const isSame = drawn === view && view === 'axes'; // those before
    sayView.error(`${problem} ${beside}`);
    $('view').hidden = true; // it is said in its room
    if (!isSame) $('lead').textContent = LEADS[drawn === 'step' ? 'pca' : drawn];
  };

  const ownAxes = () => {
    const reads = SIDES.map((key) => read($(key).value));
    const problems = [...new Set(reads.map(({ problem }) => problem))].filter(Boolean);
    const names = reads.map(({ token }) => token ?? '');
    const same = names.find((name, at) => at % 2 === 1 && name === names[at - 1]);
    if (problems.length === 0 && same)
      problems.push(`An axis needs two different words: “${same}” stands at both ends.`);
    if (problems.length > 0) return lack(problems.join(' '), words.AXES_WAIT);
    const rows = names.map((name) => space.unit(name));
    const axes = [0, 2].map((from) => unitOf(minus(rows[from + 1], rows[from])));
    const own = { mean: new Float32Array(layer.dim), axes, own: true };
    const places = space.project(own);
    nameAxes(names);
    const seen = rows.map((row) => placeOf(row, own));
    place('axes', places, own, { free: true, seen: [...seen, ...equation.reach(space, own)] });
    scatter.middle = onMap(own.mean);
    const order = Array.from(space.words.keys()).sort((p, q) => places[2 * p] - places[2 * q]);
    const sorted = order.map((at) => space.words[at]);
    $('view').textContent = words.aboutAxes(names, sorted);
    clearView();
  };

  /** Writes at each side of the map what lies there. @param {string[]} names none, or those of left, right, bottom, top */
  const nameAxes = (names) => {
    if (names.length === 0) scatter.middle = undefined;
    root.querySelectorAll('.axis').forEach((side, at) => {
      side.textContent = names[at] ?? '';
      /** @type {HTMLElement} */ (side).hidden = names.length === 0;
    });
    coverNames();
  };

  /** Keeps names off what lies on the map. */
  const coverNames = () => {
    const frame = $('box').getBoundingClientRect();
    const over = [$('tools'), .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.axis:not([hidden])'))];
    scatter.covered = over.map((each) => {
      const { left, top, right, bottom } = each.getBoundingClientRect();
      return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
    });
  };
  addEventListener('resize', coverNames);

  const showUmap = () => {
    $('view').replaceChildren(
      termButton('umap', 'UMAP'),
      ': near points stay near; the size of gaps means nothing. It bends space, so the arrows of the arithmetic below have no place on it.',
    );
    if (umap) return place('umap', umap, null);
    computeUmap();
  };

  const computeUmap = () => {
    if (!$('progress').hidden) return; // it is being computed
    if (!umap && pca) place('umap', space.project(pca), null); // until the first points move
    $('progress').hidden = $('stop').hidden = false;
    $('compute').hidden = true;
    $('progress').value = '0';
    worker.postMessage({ kind: 'umap', seed: 1 });
  };

  /** Turns the map to the step of the arithmetic. */
  const showStep = () => {
    const own = equation.basis(space);
    if (!own) {
      press(drawn === 'step' ? '' : drawn);
      step();
      return lack(words.noStep(equation.problem), words.STEP_GONE);
    }
    press('step');
    $('lead').textContent = LEADS.step;
    place('step', space.project(own), own, { seen: equation.reach(space, own) });
    $('view').textContent = words.TURNED;
    clearView();
    scatter.home();
  };

  /** Chooses a token. @param {string} token */
  function choose(token) {
    chosen = token;
    if (read($('word').value).token !== token) $('word').value = token;
    near = space
      .nearest(space.unit(token), 40, [token])
      .filter(({ key }) => !key.startsWith('##'))
      .slice(0, NEAR);
    marked = onIt([chosen, ...near.map(({ key }) => key)]);
    sayWord.clear();
    listNear();
    scatter.anchor = space.at(chosen);
    if (scatter.anchor !== undefined) scatter.bring(scatter.anchor);
    paint();
    state.write(given());
    step();
  }

  const isOnMap = (/** @type {string} */ key) => space.at(key) !== undefined;

  const describe = () => {
    $('near').classList.remove('of-another');
    const about = { read: read($('word').value), isOnMap, rows: layer.table.rows };
    $('about').textContent = words.aboutNear(chosen, near, about);
  };

  const listNear = () => {
    describe();
    const item = (/** @type {typeof near[0]} */ each) =>
      nearItem(each, {
        isOnMap: isOnMap(each.key),
        choose: () => choose(each.key),
        point: (isOver) => scatter.point((isOver ? space.at(each.key) : undefined) ?? null),
      });
    $('near').replaceChildren(...near.map(item));
  };

  const paint = () => {
    const [calm, up] = [colorOf(root, '--quiet'), colorOf(root, '--up')];
    $('legend').textContent = words.legendOf(chosen);
    const scores = cosines();
    const colors = new Float32Array(4 * scores.length);
    scores.forEach((score, i) => {
      const share = Math.min(1, Math.max(0, (score - LEAST_LIKE) / (MOST_LIKE - LEAST_LIKE)));
      for (let c = 0; c < 3; c++) colors[4 * i + c] = calm[c] + share * (up[c] - calm[c]);
      colors[4 * i + 3] = share;
    });
    scatter.color(colors);
  };

  /** @type {{ word: string, scores: Float32Array } | undefined} */
  let scored;
  /** The cosines of the map's words with the chosen one. */
  function cosines() {
    if (scored?.word !== chosen) scored = { word: chosen, scores: space.cosines(space.unit(chosen)) };
    return scored.scores;
  }

  function pick(/** @type {number} */ at) {
    choose(space.words[at]);
    hover(at);
  }

  function hover(/** @type {number | null} */ at) {
    if (at === null) return ($('readout').textContent = HINT);
    if (space.words[at] === chosen) return ($('readout').textContent = `“${chosen}” is chosen.`);
    $('readout').textContent =
      `“${space.words[at]}”: its cosine with “${chosen}” is ${decimal(cosines()[at])}. Click to choose it.`;
  }

  const onIt = (/** @type {string[]} */ some) => some.map((each) => space.at(each)).filter((at) => at !== undefined);
  const step = () => {
    const solved = equation.solve(space, basis, say);
    scatter.arrows = solved && basis ? equation.arrows(space, basis, onMap) : [];
    const [best, ...others] = scatter.arrows.length > 0 ? equation.found : [];
    scatter.loud = best ? onIt([...equation.words, best]) : [];
    scatter.marked = [...marked.slice(0, 1), ...onIt(others), ...marked.slice(1)];
    scatter.draw();
  };

  equation.onTurn = () => {
    setView('step');
    scatter.home();
    state.write(given());
    // The button below the map is out of its sight.
    $('frame').scrollIntoView({ block: 'nearest', behavior: reducedMotion.matches ? 'instant' : 'smooth' });
  };

  root.addEventListener('input', () => state.write(given()));
  onWord($('word'), {
    // While a word is typed: what begins so is offered.
    typing() {
      const begun = $('word').value.trim().toLowerCase();
      const some = begun ? space.words.filter((each) => each.startsWith(begun)).slice(0, OFFERED) : [];
      $('offers').replaceChildren(...some.map((value) => el('option', { value })));
      sayWord.clear();
      // What is listed belongs to another word.
      $('near').classList.toggle('of-another', begun !== '' && read(begun).token !== chosen);
    },
    meant(isSure) {
      const { given: written, token, problem } = read($('word').value);
      if (token) choose(token);
      // It and the nearest, unless that cuts arrows off.
      if (token && isSure && scatter.anchor !== undefined && !scatter.arrows.length) scatter.focus(marked);
      if (token || !written) return describe();
      $('near').classList.add('of-another');
      $('about').textContent = `${isSure ? '' : `${problem} `}${words.stillOf(chosen)}`;
      if (isSure) sayWord.error(problem);
    },
  });
  for (const side of SIDES) onWord($(side), { meant: ownAxes });
  // Several fields may be set at once, by an example.
  const solveSoon = perFrame(() => (view === 'step' ? showStep() : step()));
  for (const term of ['a', 'b', 'c']) onWord($(term), { meant: solveSoon });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-view]'))) {
    button.addEventListener('click', () => {
      if (button.dataset.view === 'step') return equation.onTurn();
      setView(String(button.dataset.view));
      scatter.home();
      state.write(given());
    });
  }
  $('compute').addEventListener('click', () => {
    computeUmap();
    scatter.home();
  });
  for (const [id, key] of Object.entries({ nearer: '+', farther: '-', home: '0' })) {
    $(id).addEventListener('click', () => scatter.key(key));
  }
  scatter.onZoom = ({ isNearest, isFarthest }) => {
    $('nearer').setAttribute('aria-disabled', String(isNearest)); // not disabled: the focus would be lost
    $('farther').setAttribute('aria-disabled', String(isFarthest));
  };
  $('stop').addEventListener('click', () => worker.postMessage({ kind: 'stop' }));
  $('box').addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (scatter.key(event.key)) event.preventDefault();
  });
  onSchemeChange(paint);

  /** @param {{ mean: Float32Array, axes: Float32Array, share: number }} found */
  const begin = async ({ mean, axes, share }) => {
    const both = [axes.slice(0, layer.dim), axes.slice(layer.dim)];
    pca = { mean, share, axes: both.map((axis) => Float64Array.from(axis)) };
    $('readout').textContent = HINT;
    const { given: written, problem } = read($('word').value);
    cosines();
    await pause();
    choose(chosen);
    if (written && problem) sayWord.error(problem);
    await pause();
    setView(view);
    root.dataset.map = 'ready';
  };

  worker.addEventListener('message', ({ data }) => {
    if (data.kind === 'error') say.error(data.message);
    if (data.kind === 'progress') {
      if (data.done === undefined) $('progress').removeAttribute('value');
      else $('progress').value = data.done;
      const share = data.done === undefined ? '' : `, ${percent(data.done)}`;
      $('readout').textContent = `UMAP: ${data.step}${share}`;
    }
    const isSeen = view === 'umap';
    if (data.kind === 'places' && isSeen) place('umap', data.places, null, { glide: false });
    if (data.kind === 'umap') {
      if (data.whole) umap = data.places;
      if (isSeen) place('umap', data.places, null);
    }
    if (isSeen && (data.kind === 'stopped' || data.whole === false)) {
      $('view').textContent = 'UMAP was stopped early: this is how far it came.';
    }
    if (data.kind === 'umap' || data.kind === 'stopped') {
      $('progress').hidden = $('stop').hidden = true;
      $('compute').hidden = !isSeen;
      $('readout').textContent = HINT;
    }
    if (data.kind === 'pca') begin(data);
  });
  worker.addEventListener('error', () => say.error('The map’s worker could not be started.'));
  worker.postMessage({ kind: 'rows', rows: space.rows, dim: layer.dim });
}
