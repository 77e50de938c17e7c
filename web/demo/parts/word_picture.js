// The picture of words that are being learned: points, names, pairs joined by lines, and the equation's step.
import { svg } from './chart.js';
import { Labels, alongLine, sidesFrom, widthOf } from './labels.js';

const narrow = matchMedia('(max-width: 36rem)');

/** A name goes to the side that it should have once there was room for it in so many pictures: it shall not flicker. */
const PATIENCE = 12;

/** On which side of its point a name stood, and in how many pictures the wanted side was free. @typedef {{ way: import('./labels.js').Way, free: number }} NameSide */

/** Words that are named beside those of the pairs: of the others there are too many. */
const PRONOUNS = ['he', 'she', 'his', 'her'];
const PLACES = ['crown', 'palace', 'theatre', 'school', 'kitchen'];
const isPronoun = (/** @type {string} */ word) => PRONOUNS.includes(word);

/**
 * @param {ReturnType<typeof import('./flatten.js').flatten>} flat
 * @param {string[][]} pairs
 * @param {string[]} strong words
 * @param {Map<string, NameSide>} sides on which the names stood in the picture before; written
 */
export function wordPicture({ words, places: found, paired }, pairs, strong, sides) {
  const [WIDTH, HEIGHT] = narrow.matches ? [360, 340] : [560, 400]; // the letters stay readable on a phone
  const root = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: 'words',
    role: 'img',
    'aria-label': `A map of ${words.length} words: ${paired}`,
  });
  const at = new Map(words.map((each, i) => [each, i]));
  const places = withRoom(
    found,
    strong.map((each) => at.get(each)),
  );
  const unit = 0.43 * HEIGHT; // the same both ways
  const place = (/** @type {number} */ i) => [WIDTH / 2 + unit * places[2 * i], HEIGHT / 2 - unit * places[2 * i + 1]];
  const isInside = (/** @type {number} */ i) => {
    const [x, y] = place(i);
    return x > 4 && y > 4 && x < WIDTH - 4 && y < HEIGHT - 4;
  };
  const labels = new Labels(WIDTH, HEIGHT);
  for (const pair of pairs) {
    const [from, to] = pair.map((each) => at.get(each));
    if (from === undefined || to === undefined) continue;
    const [[x1, y1], [x2, y2]] = [place(from), place(to)];
    const asked = strong.includes(pair[0]) && strong.includes(pair[1]);
    root.append(svg('line', { x1, y1, x2, y2, class: asked ? 'pair asked' : 'pair' }));
    for (const box of alongLine([x1, y1], [x2, y2], 2)) labels.cover(box);
  }
  const named = new Set([...pairs.flat(), ...strong]);
  const isNamed = (/** @type {number} */ i) => named.has(words[i]) || pairs.length === 0;
  if (pairs.length > 0) root.append(...sideNames(HEIGHT, labels));
  const [shaft, head, start, end] = stepFrom(
    strong.map((each) => at.get(each)),
    place,
  );
  if (shaft) root.append(shaft);
  if (start && end) for (const box of alongLine(start, end, 3)) labels.cover(box);
  if (end) labels.reserve(end[0], end[1], 9);
  /** @type {Map<string, import('./labels.js').Way>} */
  const side = new Map(
    pairs.flatMap(([his, hers]) => [
      [his, 'below'],
      [hers, 'above'],
    ]),
  );
  const order = words.map((_, i) => i).filter(isInside);
  for (const i of order) labels.reserve(place(i)[0], place(i)[1], isNamed(i) ? 4 : 3);
  // The words of the arithmetic have their names first, then the pairs, then “he” and “she”.
  const rank = (/** @type {number} */ i) =>
    2 * Number(isNamed(i)) + 2 * Number(strong.includes(words[i])) + Number(isPronoun(words[i]));
  order.sort((p, q) => rank(q) - rank(p));
  for (const i of order) {
    const [x, y] = place(i);
    const kind = isNamed(i) ? 'strong' : '';
    const isWritten = kind || isPronoun(words[i]) || PLACES.includes(words[i]);
    if (isWritten) root.append(...nameOf(words[i], x, y, kind, labels, sides, side.get(words[i])));
    root.append(svg('circle', { cx: x, cy: y, r: kind ? 4 : 2.5, class: kind })); // over the text's edge
  }
  if (head) root.append(head);
  return root;
}

/**
 * What lies up and what down, where pairs of words have made it so.
 * @param {number} height
 * @param {Labels} labels
 */
function sideNames(height, labels) {
  /** @type {[string, number][]} */
  const names = [
    ['↑ women', 16],
    ['↓ men', height - 8],
  ];
  return names.map(([text, y]) => {
    labels.cover([0, y - 14, 80, y + 6]);
    return svg('text', { x: 8, y, class: 'side' }, text);
  });
}

/**
 * The name of a point beside it; of a word of the pairs and a pronoun, where there is no room, farther off with a line to the point.
 * @param {string} text
 * @param {number} x of the point
 * @param {number} y
 * @param {string} kind `strong` or empty
 * @param {Labels} labels
 * @param {Map<string, NameSide>} sides
 * @param {import('./labels.js').Way} [wanted] side
 */
function nameOf(text, x, y, kind, labels, sides, wanted) {
  const size = kind && !narrow.matches ? 14 : 12;
  const wide = widthOf(text, size, kind ? 600 : 400); // as the style sheet sets them
  const before = sides.get(text);
  const free = wanted && labels.fits(x, y, size, wide, wanted) ? (before?.free ?? 0) + 1 : 0;
  const first = free > PATIENCE ? wanted : (before?.way ?? wanted);
  const beside = labels.place(x, y, text, size, { ways: sidesFrom(first), wide });
  if (beside) sides.set(text, { way: beside[2], free });
  const at = beside ?? (kind || isPronoun(text) ? labels.placeAround(x, y, wide, size) : null);
  if (!at) return [];
  const isLeft = at[0] + wide < x; // the end is what must be near the point, should the letters be wider
  const name = svg(
    'text',
    { x: at[0] + (isLeft ? wide : 0), y: at[1], class: kind, 'text-anchor': isLeft ? 'end' : 'start' },
    text,
  );
  if (beside) return [name];
  const [x2, y2] = [Math.max(at[0], Math.min(at[0] + wide, x)), at[1] - 0.32 * size];
  return [svg('line', { x1: x, y1: y, x2, y2, class: 'to-name' }), name];
}

/**
 * The places drawn together as far as the end of the equation's step lies outside.
 * @param {Float32Array} places (n, 2) within −1 to 1
 * @param {(number | undefined)[]} words of the equation: their places in the list
 */
function withRoom(places, [a, b, c]) {
  if (a === undefined || b === undefined || c === undefined) return places;
  const reach = Math.max(
    1,
    ...[0, 1].map((side) => Math.abs(places[2 * a + side] - places[2 * b + side] + places[2 * c + side])),
  );
  return places.map((value) => value / reach);
}

/**
 * The step from the second word to the third, made from the first: where the equation leads in this picture.
 * @param {(number | undefined)[]} words their places in the list
 * @param {(i: number) => number[]} place
 * @returns {[shaft: SVGElement, head: SVGElement, start: number[], tip: number[]] | []} none where there is no step to see
 */
function stepFrom([a, b, c], place) {
  if (a === undefined || b === undefined || c === undefined) return [];
  const [[x, y], [fromX, fromY], [toX, toY]] = [a, b, c].map(place);
  const [dx, dy] = [toX - fromX, toY - fromY];
  const length = Math.hypot(dx, dy);
  if (length < 12) return [];
  const [ux, uy] = [dx / length, dy / length];
  const [endX, endY] = [x + dx, y + dy];
  const corner = (/** @type {number} */ way) => `${endX - 9 * ux + way * 4.5 * uy},${endY - 9 * uy - way * 4.5 * ux}`;
  return [
    svg('line', { x1: x, y1: y, x2: endX - 6 * ux, y2: endY - 6 * uy, class: 'step' }),
    svg('polygon', { points: `${endX},${endY} ${corner(1)} ${corner(-1)}`, class: 'step' }),
    [x, y],
    [endX - 4 * ux, endY - 4 * uy],
  ];
}
