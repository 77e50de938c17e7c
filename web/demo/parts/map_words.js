// What the section of the map says.

/** What a dot's place means, by the view. @type {Record<string, string>} */
export const LEADS = {
  umap: 'Dots that lie near each other are mostly words used alike.',
  pca: 'All words seen from one side: dots that lie near each other need not be alike. The colours tell.',
  axes: 'A dot’s place says which word of each pair it is more like.',
  turned: 'Turned to the step: dots that lie near each other need not be alike. The colours tell.',
};

export const HINT = matchMedia('(pointer: coarse)').matches
  ? 'Two fingers move and enlarge it; tap a point to choose its word.'
  : 'Drag to move; enlarge with +, or Ctrl and the wheel; click a point to choose its word.';

/** @param {string} begun @param {string} chosen */
export const noneYet = (begun, chosen) =>
  `No row for “${begun}” yet. The list is that of “${chosen}”, which was chosen before:`;

/** @param {number} some @param {number} all */
export const someOf = (some, all) =>
  some === all ? `all ${some} are` : some === 0 ? 'none is' : `${some} of the ${all} ${some === 1 ? 'is' : 'are'}`;

/**
 * Where a word is near to others only because they begin like it.
 * @param {string} chosen
 * @param {{ key: string }[]} near
 */
export function spelledAlike(chosen, near) {
  const longer = near.filter(({ key }) => key.startsWith(chosen)).length;
  return longer > near.length / 3 ? ` “${chosen}” also begins longer words, and is near to these for that.` : '';
}
