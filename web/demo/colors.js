/** @typedef {[number, number, number]} Rgb */

// Blue to orange, which people with any colour vision can tell apart. Zero melts into the page, so that what is large
// stands out on light ground as on dark.
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

/** @param {() => void} redraw called when the page turns from light to dark or back */
export function onSchemeChange(redraw) {
  dark.addEventListener('change', redraw);
}

/**
 * The diverging scale of the present colour scheme.
 * @param {number} value -1 to 1; what lies beyond takes the end's colour
 * @returns {Rgb}
 */
export function diverging(value) {
  const stops = STOPS[dark.matches ? 'dark' : 'light'];
  const place = ((Math.min(1, Math.max(-1, value)) + 1) / 2) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const share = place - below;
  return /** @type {Rgb} */ (stops[below].map((from, i) => Math.round(from + (stops[below + 1][i] - from) * share)));
}

/** @param {Rgb} color */
export function css([r, g, b]) {
  return `rgb(${r} ${g} ${b})`;
}

/**
 * Black or white, whichever can be read better on a colour (WCAG's contrast).
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
 * A hue of its own for each token, the same wherever the token stands: the golden angle keeps neighbours apart.
 * @param {number} id
 */
export function hueOf(id) {
  return String(Math.round((id * 137.508) % 360));
}
