/** @typedef {[number, number, number]} Rgb */

// Blue to orange, distinguishable with any colour vision. Zero has the page's background colour, so that large values
// stand out in the light and the dark scheme.
/** @type {Record<'light' | 'dark', Rgb[]>} from the most negative to the most positive, zero in the middle */
const STOPS = {
  light: [
    [16, 54, 120],
    [55, 111, 192],
    [146, 187, 232],
    [245, 244, 240],
    [245, 190, 128],
    [217, 122, 43],
    [138, 62, 8],
  ],
  dark: [
    [196, 222, 255],
    [107, 166, 240],
    [44, 88, 150],
    [29, 31, 36],
    [138, 78, 26],
    [232, 147, 66],
    [255, 221, 181],
  ],
};

const dark = matchMedia('(prefers-color-scheme: dark)');

/** @param {() => void} redraw called when the page's colour scheme changes */
export function onSchemeChange(redraw) {
  dark.addEventListener('change', redraw);
}

/**
 * The diverging colour scale of the current colour scheme.
 * @param {number} value -1 to 1; values beyond take the end's colour
 * @returns {Rgb}
 */
export function diverging(value) {
  const stops = STOPS[dark.matches ? 'dark' : 'light'];
  const position = ((Math.min(1, Math.max(-1, value)) + 1) / 2) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(position));
  const share = position - below;
  return /** @type {Rgb} */ (stops[below].map((from, i) => Math.round(from + (stops[below + 1][i] - from) * share)));
}

/** @param {Rgb} color */
export function css([r, g, b]) {
  return `rgb(${r} ${g} ${b})`;
}

/** A colour as an image keeps it, four bytes from the last to the first. @param {Rgb} color */
export const pixelOf = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

const LEVELS = 255; // on either side of zero
/** @type {Map<boolean, string[]>} of the dark and the light scheme */
const shades = new Map();

/** The same colour to within a step that no eye sees, as a name kept ready: pictures ask for thousands. @param {number} value */
export function shade(value) {
  let names = shades.get(dark.matches);
  if (!names) shades.set(dark.matches, (names = []));
  const level = Math.round(Math.min(1, Math.max(-1, value)) * LEVELS) + LEVELS;
  return (names[level] ??= css(diverging(level / LEVELS - 1)));
}

/**
 * Black or white, whichever is easier to read on a colour (WCAG's contrast).
 * @param {Rgb} color
 */
export function inkOn(color) {
  const [r, g, b] = color.map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

/**
 * A colour of the style sheet, or of the visitor's system where it is chosen there.
 * @param {HTMLElement} root
 * @param {string} name of the property
 * @returns {number[]} red, green and blue, 0 to 1
 */
export function colorOf(root, name) {
  const probe = document.createElement('i');
  probe.style.cssText = `color: var(${name}); forced-color-adjust: none; position: absolute`;
  root.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  probe.remove();
  return [r, g, b].map((byte) => Number(byte ?? 0) / 255);
}
