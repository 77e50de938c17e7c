import { perFrame, reducedMotion } from './dom.js';

const LOADING = '.section:is([data-state="loading"], [data-state="started"])';

/** The section that a link led to, while it and those above it load and grow. @type {HTMLElement | null} */
let held = null;

/**
 * Leads to a section, and stays there while the sections above it grow, until the visitor moves.
 * @param {HTMLElement} section
 */
export function hold(section) {
  held = section;
  section.scrollIntoView({ behavior: 'instant' });
  letGo();
}

/** Once nothing loads any more, and two frames later, when what has come has its place. */
function letGo() {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (!document.querySelector(LOADING)) held = null;
    }),
  );
}

/** The bar of sections shows which one is being read. */
export function startContents() {
  const bar = /** @type {HTMLElement} */ (document.querySelector('.contents'));
  const links = /** @type {HTMLElement[]} */ ([...bar.querySelectorAll('a')]);
  const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.section')]);
  const show = perFrame(() => {
    const { id } = held ?? sectionRead(sections);
    for (const link of links) {
      if (link.getAttribute('href') !== `#${id}`) link.removeAttribute('aria-current');
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'true');
        const left = link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
        bar.scrollTo({ left, behavior: reducedMotion.matches ? 'instant' : 'smooth' });
      }
    }
  });
  const grown = new ResizeObserver(() => {
    held?.scrollIntoView({ behavior: 'instant' });
    show();
  });
  const loaded = new MutationObserver(letGo);
  for (const section of sections) {
    grown.observe(section);
    loaded.observe(section, { attributeFilter: ['data-state'] });
  }
  addEventListener('scroll', show, { passive: true });
  for (const moves of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
    addEventListener(moves, () => (held = null), { passive: true, capture: true });
  }
}

/**
 * The last section that has reached a line a third of the way down; at the page's end the last one, however short.
 * @param {HTMLElement[]} sections
 */
function sectionRead(sections) {
  const { scrollHeight } = document.documentElement;
  if (scrollY > 0 && scrollY + innerHeight >= scrollHeight - 2) return sections[sections.length - 1];
  const reached = sections.filter((section) => section.getBoundingClientRect().top <= innerHeight / 3);
  return reached.at(-1) ?? sections[0];
}
