// What the section of the map consists of.
import { el } from './dom.js';
import { saying } from './say.js';

/**
 * A field for a word.
 * @param {string} label
 * @param {string} id
 * @param {Record<string, string>} [more] attributes
 */
export function wordField(label, id, more = {}) {
  const plain = { type: 'text', id: `map-${id}`, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' };
  return el('label', { class: 'field' }, el('span', { text: label }), el('input', { ...plain, ...more }));
}

/** What the section consists of. @param {HTMLElement} place */
export function buildMap(place) {
  const view = (/** @type {string} */ id, /** @type {string} */ name) =>
    el('button', { type: 'button', 'data-view': id, 'aria-pressed': 'false', text: name });
  place.append(
    el(
      'div',
      { class: 'map-grid' },
      el(
        'div',
        {},
        el(
          'div',
          { class: 'buttons', id: 'map-views', role: 'group', 'aria-label': 'View' },
          view('umap', 'Neighbourhoods (UMAP)'),
          view('pca', 'Flat view (PCA)'),
          view('axes', 'Your own axes'),
          view('step', 'The step below'),
        ),
        el('p', { class: 'quiet', id: 'map-lead' }),
        el(
          'div',
          { class: 'map-frame', id: 'map-frame' },
          el('div', {
            class: 'map-box',
            id: 'map-box',
            tabindex: '0',
            role: 'group',
            'aria-label': 'Map of words. The arrow keys move it, plus and minus enlarge it, 0 shows all.',
          }),
          el(
            'div',
            { class: 'map-tools', id: 'map-tools', role: 'group', 'aria-label': 'Size of the map' },
            el('button', { type: 'button', id: 'map-nearer', text: '+', 'aria-label': 'Enlarge the map' }),
            el('button', {
              type: 'button',
              id: 'map-farther',
              text: '−',
              'aria-disabled': 'true',
              'aria-label': 'Make the map smaller',
            }),
            el('button', {
              type: 'button',
              id: 'map-home',
              text: 'Reset',
              'aria-label': 'Reset the view to all words',
            }),
          ),
          ...['left', 'right', 'low', 'high'].map((side) =>
            el('span', { class: `axis ${side}`, 'aria-hidden': 'true', hidden: true }),
          ),
        ),
        el(
          'div',
          { class: 'legend' },
          el('div', { class: 'likeness', 'aria-hidden': 'true' }),
          el('span', { class: 'quiet', id: 'map-legend' }),
        ),
        el('p', { class: 'readout', id: 'map-readout', role: 'status' }),
      ),
      aboutView(),
      el(
        'div',
        { class: 'map-words' },
        wordField('Choose a word, or point at the map', 'word', { list: 'map-offers' }),
        el('datalist', { id: 'map-offers' }),
        el('div', { id: 'map-said' }, saying('map-word-say'), el('p', { class: 'quiet', id: 'map-about' })),
        el('ol', { class: 'near', id: 'map-near', 'aria-label': 'Nearest words' }),
      ),
    ),
    el('h3', { text: 'Arithmetic with words' }),
    el('p', {
      class: 'quiet',
      text: 'Take the step from the second word to the third, and make it from the first: which words lie near its end, at the “?”? The picture holds the three words and the “?” exactly, but of all other words only their shadow: how near they are, only the bars tell.',
    }),
    el('div', { id: 'map-equation' }),
  );
}

/** What the view shows, and what can be set in it: fields in one view, buttons in another, all in the same room. */
function aboutView() {
  return el(
    'div',
    { class: 'map-of-view' },
    el('p', { class: 'quiet', id: 'map-view' }),
    saying('map-axes-say'),
    el(
      'div',
      { class: 'four', id: 'map-axes', hidden: true },
      ...[wordField('Left', 'left'), wordField('Right', 'right'), wordField('Bottom', 'low'), wordField('Top', 'high')],
    ),
    el(
      'div',
      { class: 'buttons', id: 'map-live-buttons' },
      el('button', { type: 'button', id: 'map-compute', text: 'Compute it here: about a minute' }),
      el('button', { type: 'button', id: 'map-stop', text: 'Stop', hidden: true }),
    ),
    el('progress', { id: 'map-progress', max: '1', value: '0', 'aria-label': 'Computing the map', hidden: true }),
  );
}
