// What the section of the map says.
import { count, decimal } from './words.js';
import { respelled } from './map_tokens.js';

/** The cosines with the chosen word that have the weakest and the strongest colour. */
export const [LEAST_LIKE, MOST_LIKE] = [0.1, 0.5];

/** What a dot's place means, by the view. @type {Record<string, string>} */
export const LEADS = {
  umap: 'Dots that lie near each other are mostly words used alike.',
  pca: 'Seen from one side: dots near each other need not be alike. The colours tell.',
  axes: 'A dot’s place says which word of each pair it is more like.',
  step: 'Turned to the step: dots near each other need not be alike. The colours tell.',
};

export const TURNED = 'The map is turned so that the step lies flat in it: what you see of the arrows is all of them.';

/** Beside a map that has no step to be turned to, and beside one whose axes lack a word. */
export const STEP_GONE = 'The map stays as it was, without arrows. It is turned as soon as there is a step again.';
export const AXES_WAIT = 'The map stays as it was, until each axis has two words.';

/** @param {string} problem */
export const noStep = (problem) => `There is no step to show. ${problem}`;

export const HINT = matchMedia('(pointer: coarse)').matches
  ? 'Two fingers move and enlarge it; tap a point to choose its word.'
  : 'Drag to move; enlarge with +, or Ctrl and the wheel; click a point to choose its word.';

/** @param {string} chosen */
export const legendOf = (chosen) =>
  `Cosine with “${chosen}”: ${decimal(LEAST_LIKE, 1)} or less, to ${decimal(MOST_LIKE, 1)} or more`;

/** Where what is written is no word to choose. @param {string} chosen */
export const stillOf = (chosen) => `The list is that of “${chosen}”:`;

/**
 * What the list of the nearest words is.
 * @param {string} chosen
 * @param {{ key: string }[]} near
 * @param {object} of
 * @param {import('./map_tokens.js').ReadWord} of.read what is written in the field
 * @param {(key: string) => boolean} of.isOnMap
 * @param {number} of.rows of the table
 */
export function aboutNear(chosen, near, { read, isOnMap, rows }) {
  const onIt = near.filter(({ key }) => isOnMap(key)).length;
  const itself = isOnMap(chosen) ? '' : `“${chosen}” itself is not on the map; `;
  const written = read.token === chosen ? respelled(read) : '';
  return (
    `${written}Nearest to “${chosen}” by cosine, of all ${count(rows)} rows except pieces that continue a word; ` +
    `${itself}${someOf(onIt, near.length)} on the map, named there where there is room${spelledAlike(chosen, near)}:`
  );
}

/**
 * What a map of two axes shows.
 * @param {string[]} names of left, right, bottom and top
 * @param {string[]} words from left to right
 */
export function aboutAxes([left, right, low, high], words) {
  if ([low, high].every((name) => name === left || name === right))
    return `Both axes have the words ${left} and ${right}, so all points lie on one line: give one axis other words.`;
  return (
    `A word lies to the right if it is more like ${right} than like ${left}, and high if it is more like ${high} than ${low}. ` +
    `Farthest left: ${words.slice(0, 5).join(', ')}. Farthest right: ${words.slice(-5).reverse().join(', ')}.`
  );
}

/** @param {number} some @param {number} all */
const someOf = (some, all) =>
  some === all ? `all ${some} are` : some === 0 ? 'none is' : `${some} of the ${all} ${some === 1 ? 'is' : 'are'}`;

/**
 * Where a word is near to others only because they begin like it.
 * @param {string} chosen
 * @param {{ key: string }[]} near
 */
function spelledAlike(chosen, near) {
  const longer = near.filter(({ key }) => key.startsWith(chosen) && key !== `${chosen}s`).map(({ key }) => key);
  if (longer.length <= near.length / 4) return '';
  return `; ${longer.slice(0, -1).join(', ')} and ${longer.at(-1)} begin with “${chosen}” too, and may be near for that alone`;
}
