import { el } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const [LEFT, RIGHT, BOTTOM] = [46, 8, 34];
const WORDS = 92; // what words at the axis take instead of LEFT
const narrow = matchMedia('(max-width: 36rem)');

/**
 * Lines over one axis.
 * @param {object} chart
 * @param {ArrayLike<number>} chart.x
 * @param {{ y: ArrayLike<number>, className: string }[]} chart.lines
 * @param {string} chart.label of what is shown, for who cannot see it
 * @param {[string, string]} chart.names of the axes
 * @param {number} [chart.at] an index of x to mark
 * @param {number} [chart.wide] its width, in units of which the letters have 11
 * @param {number} [chart.HEIGHT] its height, in the same
 * @param {{ value: number, text: string }[]} [chart.marks] what the upright axis says, and where; it reaches from the
 *   first to the last, and has no name then
 * @param {{ from: number, to: number, text: string }[]} [chart.bands] parts of the x axis where there is no line, and why
 */
export function lineChart({ x, lines, label, names, at, wide = 640, HEIGHT = 240, marks, bands = [] }) {
  const WIDTH = narrow.matches ? 350 : wide; // the letters stay readable on a phone
  const LEFT = leftOf(marks);
  const all = marks?.map(({ value }) => value) ?? lines.flatMap(({ y }) => Array.from(y)).filter(Number.isFinite);
  const [least, most] = [Math.min(0, ...all), Math.max(0, ...all)];
  // Room above the highest point, and below the lowest, so that a line and its mark are whole.
  const room = marks ? 0 : 0.05 * (most - least || 1);
  const [low, high] = [least < 0 ? least - room : 0, most > 0 ? most + room : 0];
  const span = high - low || 1;
  const first = x[0];
  const width = x[x.length - 1] - first || 1;
  const toX = (/** @type {number} */ value) => LEFT + ((value - first) / width) * (WIDTH - LEFT - RIGHT);
  const toY = (/** @type {number} */ value) => 8 + ((high - value) / span) * (HEIGHT - BOTTOM - 8);
  const root = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', role: 'img', 'aria-label': label });
  for (const { value, text } of marks ?? ticks(low, high, 5).map((value) => ({ value, text: written(value) }))) {
    root.append(
      svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: toY(value), y2: toY(value), class: 'grid' }),
      svg('text', { x: LEFT - 6, y: toY(value) + 4, 'text-anchor': 'end' }, text),
    );
  }
  for (const { from, to, text } of bands) {
    const [left, right] = [from, to].map(toX);
    root.append(
      svg('rect', { x: left, y: 8, width: right - left, height: HEIGHT - BOTTOM - 8, class: 'band' }),
      svg('text', { x: (left + right) / 2, y: 24, 'text-anchor': 'middle', class: 'on-band' }, text),
    );
  }
  for (const value of ticks(first, first + width, WIDTH / 80)) {
    root.append(
      svg('line', { x1: toX(value), x2: toX(value), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4, class: 'grid' }),
      svg(
        'text',
        // The last one stays within the picture.
        { x: toX(value), y: HEIGHT - 18, 'text-anchor': toX(value) > WIDTH - 16 ? 'end' : 'middle' },
        written(value),
      ),
    );
  }
  root.append(
    svg('text', { x: (LEFT + WIDTH) / 2, y: HEIGHT - 3, 'text-anchor': 'middle', class: 'name' }, names[0]),
    ...(marks
      ? []
      : [
          svg(
            'text',
            { x: 12, y: 100, 'text-anchor': 'middle', class: 'name', transform: 'rotate(-90 12 100)' },
            names[1],
          ),
        ]),
  );
  for (const { y, className } of lines) {
    const points = Array.from(y, (value, i) =>
      Number.isNaN(value) ? '|' : `${toX(x[i]).toFixed(1)},${toY(value).toFixed(1)}`,
    );
    // A line has a gap where there is no value.
    for (const part of points.join(' ').split('|')) {
      if (part.trim()) root.append(svg('polyline', { points: part.trim(), class: className, fill: 'none' }));
    }
  }
  if (at !== undefined) {
    root.append(svg('line', { x1: toX(x[at]), x2: toX(x[at]), y1: 8, y2: HEIGHT - BOTTOM, class: 'at' }));
    const value = lines[0].y[at];
    if (!Number.isNaN(value)) root.append(svg('circle', { cx: toX(x[at]), cy: toY(value), r: 4.5, class: 'at' }));
  }
  return root;
}

/** Where the picture begins. @param {object[] | undefined} marks */
const leftOf = (marks) => (marks ? WORDS : LEFT);

/**
 * Lets the pointer and the finger choose a value of the x axis where the keyboard has a slider.
 * @param {HTMLElement} place that holds a line chart
 * @param {(share: number) => void} choose 0 is the axis' beginning, 1 its end
 */
export function chooseOnChart(place, choose) {
  const at = (/** @type {PointerEvent} */ event) => {
    const chart = place.querySelector('svg');
    if (!chart || (event.type === 'pointermove' && event.buttons === 0)) return;
    const box = chart.getBoundingClientRect();
    const unit = box.width / chart.viewBox.baseVal.width;
    const share = (event.clientX - box.left - LEFT * unit) / (box.width - (LEFT + RIGHT) * unit);
    choose(Math.min(1, Math.max(0, share)));
  };
  place.classList.add('choosable');
  for (const kind of /** @type {const} */ (['pointerdown', 'pointermove'])) place.addEventListener(kind, at);
}

/**
 * Round numbers in a range, about as many as wanted: steps of 1, 2 or 5, times a power of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
function ticks(low, high, most) {
  const least = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((each) => each * power >= least * 0.999) ?? 10);
  const from = Math.ceil(low / step - 1e-9);
  const many = Math.floor(high / step + 1e-9) - from + 1;
  return Array.from({ length: Math.max(0, many) }, (_, i) => (from + i) * step);
}

/** @param {number} value of a tick */
const written = (value) => String(Number(value.toPrecision(4))).replace('-', '−');

/** A line of a legend. @param {string} kind class of the line @param {string} text */
export function lineKey(kind, text) {
  const sample = svg('svg', { viewBox: '0 0 32 10', width: 32, height: 10, 'aria-hidden': 'true' });
  sample.append(svg('line', { x1: 0, x2: 32, y1: 5, y2: 5, class: `sample ${kind}` }));
  return el('span', { class: 'line-key' }, sample, el('span', { text }));
}

/**
 * A pair of numbers as a hand on a dial.
 * @param {number} x
 * @param {number} y
 * @param {string} [kind]
 * @param {number} [seen] an angle, in radians: the part of the dial from its start to there is shaded; a negative one
 *   turns to the right, as clocks do
 */
export function dial(x, y, kind = '', seen = 0) {
  const length = Math.hypot(x, y) || 1;
  const [dx, dy] = [(26 * x) / length, (26 * y) / length];
  return svg(
    'svg',
    { viewBox: '0 0 68 68', class: `dial ${kind}`, 'aria-hidden': 'true' },
    svg('circle', { cx: 34, cy: 34, r: 31, class: Math.abs(seen) >= 2 * Math.PI ? 'rim seen' : 'rim' }),
    ...(seen !== 0 && Math.abs(seen) < 2 * Math.PI ? [svg('path', { d: wedge(seen), class: 'seen' })] : []),
    svg('line', { x1: 34, y1: 34, x2: 65, y2: 34, class: 'start' }),
    svg('line', { x1: 34, y1: 34, x2: 34 + dx, y2: 34 - dy, class: 'hand' }),
    svg('circle', { cx: 34 + dx, cy: 34 - dy, r: 4.5, class: 'tip' }),
  );
}

/** The part of a dial from its start. @param {number} angle less than a whole turn, to either side */
function wedge(angle) {
  const end = [34 + 31 * Math.cos(angle), 34 - 31 * Math.sin(angle)].map((value) => value.toFixed(2));
  return `M34 34 L65 34 A31 31 0 ${Math.abs(angle) > Math.PI ? 1 : 0} ${angle < 0 ? 1 : 0} ${end.join(' ')} Z`;
}
