/**
 * An element with attributes and children. `text`, `hidden`, `disabled`, `value` and event listeners (`onclick` …) are
 * set as properties, everything else as an attribute.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === 'text') element.textContent = String(value);
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * The elements of a section by the rest of their ids: `rows-text` is `text`. They are called inputs, which have most of
 * what other elements have.
 * @param {HTMLElement} root
 * @param {string} [section]
 * @returns {(id: string) => HTMLInputElement}
 */
export function finder(root, section = root.id) {
  return (id) => /** @type {HTMLInputElement} */ (root.querySelector(`#${section}-${id}`));
}

/**
 * Joins several calls before the next frame into one: a slider or a key held down asks more often than the screen shows.
 * @param {() => void} draw
 */
export function perFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/**
 * Resolves once the page has nothing else to do, or after a second.
 */
export function idle() {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(resolve, { timeout: 1000 });
    else setTimeout(resolve, 200);
  });
}

/**
 * A canvas with one pixel per device pixel, cleared, that is drawn in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @returns {{ context: CanvasRenderingContext2D, width: number, height: number }} in CSS pixels
 */
export function fitCanvas(canvas) {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.scale(ratio, ratio);
  return { context, width, height };
}

/**
 * The arrow keys move the focus among elements of which one is in the tab order.
 * @param {HTMLElement} root
 * @param {string} selector of the elements
 * @param {(at: number, key: string) => number} move the index a key leads to
 */
export function roving(root, selector, move) {
  const all = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  root.addEventListener('focusin', (event) => {
    const target = /** @type {HTMLElement} */ (event.target).closest(selector);
    if (!target) return;
    for (const each of all()) each.tabIndex = each === target ? 0 : -1;
  });
  root.addEventListener('keydown', (event) => {
    const list = all();
    const at = list.findIndex((each) => each === document.activeElement);
    if (at < 0) return;
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? list.length - 1 : move(at, event.key);
    if (to === at || !(to >= 0 && to < list.length)) {
      if (event.key.startsWith('Arrow')) event.preventDefault();
      return;
    }
    event.preventDefault();
    list[to].focus();
  });
}

export const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
