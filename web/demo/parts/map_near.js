// The list of the words nearest to the chosen one.
import { el } from './dom.js';
import { decimal } from './words.js';

/**
 * A word of the list: a button that chooses it, its cosine as a bar and as a number.
 * @param {{ key: string, score: number }} near
 * @param {object} react
 * @param {boolean} react.isOnMap
 * @param {() => void} react.choose
 * @param {(isOver: boolean) => void} react.point when the pointer or the focus comes, and when it leaves
 */
export function nearItem({ key, score }, { isOnMap, choose, point }) {
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0, 100 * score)}%`;
  const [come, leave] = [() => point(true), () => point(false)];
  return el(
    'li',
    {
      class: isOnMap ? '' : 'off-map',
      ...{ onpointerenter: come, onpointerleave: leave, onfocusin: come, onfocusout: leave },
    },
    el('button', { type: 'button', text: key, onclick: choose }),
    el('span', {}, el('span', { class: 'track' }, bar), ...(isOnMap ? [] : [el('small', { text: 'not on the map' })])),
    el('span', { class: 'right', text: decimal(score) }),
  );
}
