import { addCode } from '../parts/code.js';
import { colorOf, onSchemeChange } from '../parts/colors.js';
import { el, finder, perFrame, reducedMotion } from '../parts/dom.js';
import { Equation } from '../parts/equation.js';
import { termButton } from '../parts/hints.js';
import { decodePlaces } from '../parts/map_file.js';
import { buildMap, wordField } from '../parts/map_frame.js';
import { HINT, LEADS, noneYet, someOf, spelledAlike } from '../parts/map_words.js';
import { sayOn } from '../parts/say.js';
import { Scatter } from '../parts/scatter.js';
import { choice, sectionState, text } from '../parts/state.js';
import { pause } from '../parts/timing.js';
import { count, decimal, percent } from '../parts/words.js';
import { MAP_WORDS, WordSpace, fitted, minus, placeOf, unitOf } from '../parts/word_space.js';
import { map as snippet } from '../snippets.js';

const NEAR = 10;
const OFFERED = 8; // words that begin as what is typed
const DOUBT = 600; // milliseconds after which an unknown word is called one
/** The cosines with the chosen word that have the weakest and the strongest colour. */
const [LEAST_LIKE, MOST_LIKE] = [0.1, 0.5];
const NEIGHBOURHOODS = new URL('../models/neighbourhoods.places', import.meta.url);

const FIELDS = {
  word: text('doctor', 60),
  view: choice('umap', ['umap', 'pca', 'axes']),
  ...{ left: text('man', 60), right: text('woman', 60), low: text('cheap', 60), high: text('expensive', 60) },
  ...{ a: text('king', 60), b: text('man', 60), c: text('woman', 60) },
};

/** @param {{ root: HTMLElement, layer: import('../../index.js').EmbeddingLayer, say: ReturnType<typeof import('../parts/say.js').sayIn> }} given */
export async function start({ root, layer, say }) {
  const $ = finder(root);
  buildMap($('live'));
  const state = sectionState('map', FIELDS);
  const inputs = Object.keys(FIELDS).filter((key) => key !== 'view');
  const equation = new Equation($('equation'), wordField);
  for (const key of inputs) $(key).value = state.values[key];
  let view = String(state.values.view);
  /** Whether the map shows the step of the arithmetic instead of its view. */
  let turned = false;
  say.note(state.problems.join(' '));
  const [sayWord, sayAxes] = [sayOn($('word-say')), sayOn($('axes-say'))];
  const given = () => ({ ...Object.fromEntries(inputs.map((key) => [key, $(key).value.trim().toLowerCase()])), view });
  addCode(root, { code: () => snippet({ plus: [$('a').value, $('c').value], minus: [$('b').value] }) });

  $('readout').textContent = 'Reading the rows…';
  const space = await WordSpace.of(layer, MAP_WORDS);
  const scatter = new Scatter($('box'), { onHover: hover, onPick: pick });
  const worker = new Worker(new URL('../workers/map.js', import.meta.url), { type: 'module' });
  /** @type {import('../parts/word_space.js').Basis | null} of what is shown; null in UMAP's bent space */
  let basis = null;
  let fit = { scale: [1, 1], middle: [0, 0] };
  /** @type {{ mean: Float32Array, axes: Float64Array[], share: number } | undefined} */
  let pca;
  let umap = await neighbourhoods(space);
  let chosen = String(state.values.word);
  /** The chosen word and the nearest ones, those of them that the map has. @type {number[]} */
  let near10 = [];

  /**
   * @param {Float32Array} places
   * @param {typeof basis} of
   * @param {{ glide?: boolean, free?: boolean, seen?: number[][] }} [options] `free` and `seen` as `fitted` has them
   */
  const place = (places, of, { glide = true, ...fitting } = {}) => {
    basis = of;
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

  const setView = (/** @type {string} */ wanted) => {
    view = wanted;
    turned = false;
    $('step').setAttribute('aria-pressed', 'false');
    for (const button of root.querySelectorAll('[data-view]')) {
      button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).dataset.view === view));
    }
    $('axes').hidden = view !== 'axes';
    nameAxes([]);
    $('compute').hidden = view !== 'umap' || !$('progress').hidden;
    $('lead').textContent = LEADS[view];
    if (view === 'pca' && pca) {
      place(space.project(pca), pca);
      $('view').replaceChildren(
        termButton('pca', 'PCA'),
        `: the best flat view, found from every fourth word, shows ${percent(pca.share)} of the spread; ${percent(1 - pca.share)} is hidden behind it. The colours have all of it.`,
      );
    }
    if (view === 'axes') ownAxes();
    if (view === 'umap') showUmap();
  };

  const ownAxes = () => {
    try {
      const [left, right, low, high] = ['left', 'right', 'low', 'high'].map((key) => given()[key]);
      const ends = [
        [left, right],
        [low, high],
      ];
      const same = ends.find(([from, to]) => from && from === to)?.[0];
      if (same !== undefined) throw new Error(`An axis needs two different words: “${same}” stands at both ends.`);
      const axes = ends.map(([from, to]) => unitOf(minus(space.unit(to), space.unit(from))));
      const own = { mean: new Float32Array(layer.dim), axes };
      const places = space.project(own);
      nameAxes([left, right, low, high]);
      const seen = [left, right, low, high].map((name) => placeOf(space.unit(name), own));
      place(places, own, { free: true, seen: [...seen, ...equation.reach(space, own)] });
      scatter.middle = onMap(own.mean);
      const order = Array.from(space.words.keys()).sort((p, q) => places[2 * p] - places[2 * q]);
      const some = (/** @type {number[]} */ list) => list.map((at) => space.words[at]).join(', ');
      $('view').textContent =
        `A word lies to the right if it is more like ${right} than like ${left}, and high if it is more like ${high} than ${low}. ` +
        `Farthest left: ${some(order.slice(0, 5))}. Farthest right: ${some(order.slice(-5).reverse())}.`;
      sayAxes.clear();
    } catch (error) {
      sayAxes.error(error);
    }
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
    if (umap) return place(umap, null);
    computeUmap();
  };

  const computeUmap = () => {
    if (!$('progress').hidden) return; // it is being computed
    if (!umap && pca) place(space.project(pca), null); // until the first points move
    $('progress').hidden = $('stop').hidden = false;
    $('compute').hidden = true;
    $('progress').value = 0;
    worker.postMessage({ kind: 'umap', seed: 1 });
  };

  function choose(/** @type {string} */ wanted) {
    const name = wanted.trim().toLowerCase();
    if (!name) return;
    if ($('word').value.trim().toLowerCase() !== name) $('word').value = name;
    try {
      const near = space.nearest(space.unit(name), 40, [name]).filter(({ key }) => !key.startsWith('##'));
      chosen = name;
      $('near').classList.remove('of-another');
      sayWord.clear();
      listNear(near.slice(0, NEAR));
      paint();
      state.write(given());
    } catch {
      sayWord.error(
        `“${name}” is not one token of this model, so that it has no row of its own. Try a more common word.`,
      );
    }
  }

  const listNear = (/** @type {{ key: string, score: number }[]} */ near) => {
    const onIt = near.filter(({ key }) => space.at(key) !== undefined).length;
    const itself = space.at(chosen) === undefined ? `“${chosen}” itself is not on the map; ` : '';
    const nearest = `Nearest to “${chosen}” by cosine, of all ${count(layer.table.rows)} rows except pieces that continue a word`;
    const named = `${itself}${someOf(onIt, near.length)} on the map, named there where there is room:`;
    $('about').textContent = `${nearest}; ${named}${spelledAlike(chosen, near)}`;
    $('near').replaceChildren(
      ...near.map(({ key, score }) => {
        const button = el('button', { type: 'button', text: key, onclick: () => choose(key) });
        const bar = el('span', { class: 'bar' });
        bar.style.width = `${Math.max(0, 100 * score)}%`;
        const off = space.at(key) === undefined;
        const point = () => scatter.point(space.at(key) ?? null);
        const leave = () => scatter.point(null);
        return el(
          'li',
          {
            class: off ? 'off-map' : '',
            onpointerenter: point,
            onpointerleave: leave,
            onfocusin: point,
            onfocusout: leave,
          },
          button,
          el(
            'span',
            {},
            el('span', { class: 'track' }, bar),
            ...(off ? [el('small', { text: 'not on the map' })] : []),
          ),
          el('span', { class: 'right', text: decimal(score) }),
        );
      }),
    );
    const shown = [chosen, ...near.map(({ key }) => key)]
      .map((key) => space.at(key))
      .filter((each) => each !== undefined);
    near10 = /** @type {number[]} */ (shown);
    step();
  };

  const paint = () => {
    const [calm, up] = [colorOf(root, '--quiet'), colorOf(root, '--up')];
    $('legend').textContent =
      `Cosine with “${chosen}”: ${decimal(LEAST_LIKE, 1)} or less, to ${decimal(MOST_LIKE, 1)} or more`;
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
    if (scored?.word !== chosen) {
      const scores = space.cosines(space.has(chosen) ? space.unit(chosen) : new Float32Array(layer.dim));
      scored = { word: chosen, scores };
    }
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

  const ofEquation = () =>
    [...equation.words, String(equation.found)].map((each) => space.at(each)).filter((at) => at !== undefined);

  const step = () => {
    const solved = equation.solve(space, basis, say);
    scatter.arrows = solved && basis ? equation.arrows(space, basis, onMap) : [];
    scatter.marked = [...(scatter.arrows.length > 0 ? ofEquation() : []), ...near10];
    scatter.draw();
  };

  equation.onTurn = () => {
    const own = equation.basis(space);
    if (!own) return;
    turned = true;
    nameAxes([]);
    $('axes').hidden = $('compute').hidden = true;
    place(space.project(own), own, { seen: equation.reach(space, own) });
    $('lead').textContent = LEADS.turned;
    $('view').textContent =
      'The map is turned so that the step lies flat in it: what you see of the arrows is all of them.';
    scatter.home();
    for (const button of root.querySelectorAll('[data-view]')) button.setAttribute('aria-pressed', 'false');
    $('step').setAttribute('aria-pressed', 'true');
    // The button below the map is out of its sight.
    $('frame').scrollIntoView({ block: 'nearest', behavior: reducedMotion.matches ? 'instant' : 'smooth' });
  };
  $('step').addEventListener('click', () => equation.onTurn());
  const stepSoon = perFrame(step);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let doubt;
  // While a word is typed: what begins so is offered, and the neighbours are shown as soon as it is one.
  const typed = () => {
    const begun = given().word;
    const some = begun ? space.words.filter((each) => each.startsWith(begun)).slice(0, OFFERED) : [];
    $('offers').replaceChildren(...some.map((value) => el('option', { value })));
    // What is listed belongs to another word as long as this one is none.
    const isNone = begun !== '' && !space.has(begun);
    $('near').classList.toggle('of-another', isNone);
    clearTimeout(doubt);
    if (space.has(begun)) choose(begun);
    else if (isNone) doubt = setTimeout(() => ($('about').textContent = noneYet(begun, chosen)), DOUBT);
  };
  root.addEventListener('input', ({ target }) => {
    state.write(given());
    const id = /** @type {HTMLElement} */ (target).id.replace('map-', '');
    if (['left', 'right', 'low', 'high'].includes(id)) ownAxes();
    else if (['a', 'b', 'c'].includes(id)) stepSoon();
    else if (id === 'word') typed();
  });
  $('word').addEventListener('change', () => {
    choose($('word').value);
    const at = space.at(chosen);
    if (at !== undefined) scatter.focus(near10); // it and the nearest
  });
  for (const button of root.querySelectorAll('[data-view]')) {
    button.addEventListener('click', () => {
      setView(String(/** @type {HTMLElement} */ (button).dataset.view));
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
    choose(chosen);
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
    const isSeen = view === 'umap' && !turned;
    if (data.kind === 'places' && isSeen) place(data.places, null, { glide: false });
    if (data.kind === 'umap') {
      if (data.whole) umap = data.places;
      if (isSeen) place(data.places, null);
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

/** The points from the outermost inwards: on axes these are the telling ones. @param {Float32Array} places */
function outermost(places) {
  const far = Float32Array.from({ length: places.length / 2 }, (_, i) => Math.hypot(places[2 * i], places[2 * i + 1]));
  return Array.from(far.keys()).sort((p, q) => far[q] - far[p]);
}

/**
 * The map of neighbourhoods that came with the page: computed by this same code, so that it is there at once.
 * @param {WordSpace} space
 * @returns {Promise<Float32Array | undefined>} none where it cannot be had, or belongs to another model
 */
async function neighbourhoods({ rows, words }) {
  const answer = await fetch(NEIGHBOURHOODS).catch(() => null);
  return (answer?.ok && decodePlaces(await answer.arrayBuffer(), rows, words.length)) || undefined;
}
