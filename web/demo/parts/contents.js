import { reducedMotion } from './dom.js';

/** The bar of sections shows which one is being read. */
export function startContents() {
  const bar = /** @type {HTMLElement} */ (document.querySelector('.contents'));
  const links = /** @type {HTMLElement[]} */ ([...bar.querySelectorAll('a')]);
  const inSight = new Set();
  let id = document.querySelector('.section')?.id; // until another one is reached
  const show = () => {
    const read = [...document.querySelectorAll('.section')].find((section) => inSight.has(section));
    if (read) id = read.id;
    for (const link of links) {
      if (link.getAttribute('href') !== `#${id}`) link.removeAttribute('aria-current');
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'true');
        const left = link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
        bar.scrollTo({ left, behavior: reducedMotion.matches ? 'instant' : 'smooth' });
      }
    }
  };
  // A section is read while it crosses a line a third of the way down.
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) inSight.add(target);
        else inSight.delete(target);
      }
      show();
    },
    { rootMargin: '-33% 0px -66% 0px' },
  );
  for (const section of document.querySelectorAll('.section')) seen.observe(section);
}
