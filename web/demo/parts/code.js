import { el } from './dom.js';
import { addressOf, flushState } from './state.js';

/**
 * The end of a section: what it shows as code that runs, and a link to what it shows.
 * @param {HTMLElement} section
 * @param {{ code: () => string, before?: string }} options `code` makes the script of what is shown now
 */
export function addCode(section, { code }) {
  const place = /** @type {HTMLElement} */ (section.querySelector('.as-code'));
  const shown = el('code');
  const said = el('span', { class: 'quiet', role: 'status' });
  const details = el(
    'details',
    {},
    el('summary', { text: 'The code of what you see' }),
    el('pre', { tabindex: '0', role: 'region', 'aria-label': 'Code' }, shown),
  );
  const show = () => (shown.textContent = code());
  details.addEventListener('toggle', show);
  section.addEventListener('input', () => /** @type {HTMLDetailsElement} */ (details).open && show());
  section.addEventListener('click', () => /** @type {HTMLDetailsElement} */ (details).open && queueMicrotask(show));
  const copyCode = el('button', { type: 'button', class: 'copy-code', text: 'Copy this as code' });
  const copyLink = el('button', { type: 'button', class: 'copy-link', text: 'Copy a link to this' });
  copyCode.addEventListener('click', async () => {
    show();
    /** @type {HTMLDetailsElement} */ (details).open = true;
    said.textContent = (await copied(code())) ? 'Copied. It runs in Node and in a page.' : 'Copy it from below.';
  });
  copyLink.addEventListener('click', async () => {
    flushState();
    const [page] = location.href.split('#');
    const { hash, isWhole } = addressOf(section.id);
    const left = isWhole ? '' : ' Without your texts: they are too long for a link.';
    said.textContent = ((await copied(page + hash)) ? 'Copied.' : page + hash) + left;
  });
  place.replaceChildren(el('div', { class: 'buttons' }, copyCode, copyLink, said), details);
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser allowed it
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
