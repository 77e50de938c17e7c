// What the section on positions says.
import {
  LEARNED,
  REACH,
  SCALINGS,
  SHIFT,
  TRAINED,
  TRAINED_ANGLES,
  TRAINED_THETA,
  anglesAt,
  turning,
  wasSeen,
} from './rotations.js';
import { count, decimal, short } from './words.js';

/** What the controls stand at. `other`: whether the key is like the query, or any other vector. @typedef {{ kind: string, other: string, position: number, distance: number, theta: number, type: string, factor: number, length: number, raised?: boolean }} ChosenPositions */

/** @param {number} position where no token is @param {number} [length] of the text, where there is one */
export const absent = (position, length) => {
  if (position < 0) return `There is no token at position ${decimal(position, 0)}: a text begins at 0.`;
  return length
    ? `There is no token at position ${count(position)}: this text ends at ${count(length - 1)}.`
    : `There is no position ${count(position)}: the table ends at ${LEARNED - 1}.`;
};

/**
 * The angles between a token and the text's first: which pairs turn, and which of them stand as training never had them.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {number} position
 * @param {number} length of the text
 */
function newAngles(rotary, position, length) {
  const angles = anglesAt(rotary, position, length);
  const turns = turning(rotary, length);
  const strange = Array.from(angles.keys()).filter((pair) => turns[pair] && !wasSeen(angles[pair], pair));
  return { angles, strange, moving: turns.filter(Boolean).length };
}

/** From 0° to 359°. @param {number} angle in radians, from half a turn back to a whole one on */
export function degrees(angle) {
  const value = ((180 / Math.PI) * angle + 360) % 360;
  return value < 0.05 || value >= 359.5 ? '0°' : `${decimal(value, value < 9.95 ? 1 : 0)}°`;
}

/**
 * In words: the angles between this token and the text's first, of all pairs, beside those that training had.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {{ position: number, distance: number, length: number }} given
 */
export function seenInWords(rotary, { position, distance, length }) {
  const { angles, strange, moving } = newAngles(rotary, position, length);
  const rest = moving < angles.length;
  const still = rest ? ` Pairs ${moving} to ${angles.length - 1} never turn, nor did they in training.` : '';
  if (position === 0) return `This is the text’s first token: all its hands point to the right.${still}`;
  const beyond = (/** @type {number} */ pair) => angles[pair] - TRAINED_ANGLES[pair];
  const named = strange.length === 0 ? moving - 1 : strange.reduce((a, b) => (beyond(b) > beyond(a) ? b : a));
  const most = TRAINED_ANGLES[named];
  const before = most < 2 * Math.PI ? `it went up to ${degrees(most)}` : 'it went all the way round';
  const stands = `stands at ${degrees(angles[named])}; in training ${before}.`;
  if (strange.length === 0) {
    const all = `All ${moving} angles between this token and the first one also occurred in training.`;
    return `${all} The slowest pair${rest ? ' that turns' : ''}, ${named}, ${stands}${still}`;
  }
  const other = position + distance;
  const near =
    other >= 0 && other < length && newAngles(rotary, Math.abs(distance), length).strange.length === 0
      ? ` Between this token and the other, ${Math.abs(distance)} away, none is new.`
      : '';
  const some = `${strange.length} of the ${moving} angles between this token and the first one never occurred in training.`;
  return `${some} Pair ${named} is farthest off: it ${stands}${near}${still}`;
}

/**
 * What the scaling has done to the angles and to the curve.
 * @param {import('../../index.js').RotaryPositions} rotary
 * @param {{ position: number, length: number }} given
 * @param {{ here: Float64Array, plain?: Float64Array }} lines
 */
export function effectInWords(rotary, { position, length }, { here, plain }) {
  const { strange, moving } = newAngles(rotary, position, length);
  const angles = `At position ${count(position)}, where the slider above stands, ${strange.length === 0 ? `all ${moving} angles to the first token also occurred` : `${strange.length} of the ${moving} angles to the first token never occurred`} in training.`;
  return plain
    ? `${angles} The curve: against the dotted line, as trained, ${changeOf(farthestApart(here, plain))}.`
    : angles;
}

/** @param {number} slower how many times */
export function times(slower) {
  if (slower > 0.995 && slower < 1.005) return 'as before';
  return slower > 1 ? `${short(slower)} times slower` : `${short(1 / slower)} times faster`;
}

/**
 * What the controls stand at, in words, and which of them have no effect now.
 * @param {(id: string) => HTMLInputElement} $
 * @param {ChosenPositions} now with θ and the length themselves
 */
export function showControls($, { position, distance, theta, type, factor, length, raised }) {
  const side = distance === 0 ? 'itself' : distance < 0 ? 'before it' : 'after it';
  const unused = ['default', 'proportional'].includes(type);
  const words = {
    position: count(position),
    distance: `${decimal(distance, 0)}, ${side}`,
    theta: `${count(theta)}${theta === TRAINED_THETA ? ', as trained' : ''}`,
    factor: unused ? 'no effect here' : `× ${factor}`,
    length: SCALINGS[type].byLength
      ? `${count(length)} tokens${length === TRAINED ? ', as trained' : ''}${raised ? ', raised: the text must reach the token' : ''}`
      : 'no effect here',
  };
  for (const [id, said] of Object.entries(words)) {
    $(`${id}-out`).textContent = said;
    $(id).setAttribute('aria-valuetext', said);
  }
  $('factor').disabled = unused;
  $('length').disabled = !SCALINGS[type].byLength;
}

/**
 * What the scaling does.
 * @param {ChosenPositions} now with θ and the length themselves
 * @param {ArrayLike<number>} slowed how many times slower each pair turns
 * @param {number} growth by how much products are multiplied
 */
export function aboutScaling({ type, factor, length, theta }, slowed, growth) {
  const { byLength } = SCALINGS[type];
  const otherTheta = theta !== TRAINED_THETA;
  const trained = `${count(theta)} instead of the trained ${count(TRAINED_THETA)}.`;
  const about =
    otherTheta && type === 'default'
      ? `θ is ${trained}`
      : `${SCALINGS[type].about}${otherTheta ? ` And θ is ${trained}` : ''}`;
  const still = Array.from(slowed).findIndex(Number.isNaN);
  if (still >= 0) return `${about} Pairs ${still} to ${slowed.length - 1} stand still.`;
  if (!otherTheta) {
    if (byLength && length <= TRAINED)
      return `${about} This text is as long as those of the training, so nothing is slower: make it longer.`;
    if (type === 'default') return about;
    if (factor === 1) return `${about} A factor of 1 changes nothing.`;
  }
  const larger = growth === 1 ? '' : ` Products × ${decimal(growth)}; the curve is drawn without that.`;
  const [fastest, slowest] = [slowed[0], slowed[slowed.length - 1]].map(times);
  const ends =
    fastest === slowest
      ? `every pair turns ${fastest}`
      : `pair 0, the fastest, turns ${fastest}, and pair ${slowed.length - 1}, the slowest, ${slowest}`;
  return `${about} Here ${ends}.${larger}`;
}

/** Products are rounded in their last digits: below this they are the same. */
const SAME = 1e-3;

/**
 * The product at the other token's distance, in words.
 * @param {ChosenPositions} now
 * @param {number} at the index of that distance
 * @param {{ here: Float64Array, shifted?: Float64Array, shift?: number, growth: number }} lines
 */
export function productInWords(now, at, { here, shifted, shift = SHIFT, growth }) {
  const value = here[at];
  const further = `With both tokens ${count(Math.abs(shift))} positions further ${shift < 0 ? 'back' : 'on'}`;
  if (Number.isNaN(value)) {
    const there = shifted && !Number.isNaN(shifted[at]) ? ` ${further} the product is ${decimal(shifted[at], 1)}.` : '';
    return `${absent(now.position + now.distance, now.kind === 'rope' ? now.length : undefined)}${there}`;
  }
  const begins = `At distance ${decimal(now.distance, 0)} the product is ${decimal(value, 1)}.`;
  const grown = growth === 1 ? '' : ` With ${now.type}’s × ${decimal(growth)} it is ${decimal(growth * value, 1)}.`;
  if (!shifted || Number.isNaN(shifted[at])) return `${begins}${grown}`;
  const off = Math.abs(shifted[at] - value);
  return `${begins} ${further} it is ${off < SAME ? 'the same' : `${decimal(shifted[at], 1)}, ${short(off)} off`}.${grown}`;
}

/**
 * What the curve teaches.
 * @param {string} kind
 * @param {string} other
 * @param {{ here: Float64Array, shifted?: Float64Array, shift?: number }} lines
 */
export function lessonOf(kind, other, { here, shifted, shift = SHIFT }) {
  if (!shifted) {
    return `Every table starts as noise, and this one is still untrained: each position is like itself and like no other. Training makes neighbours alike. A learned table ends at its last row: position ${LEARNED} does not exist here, and a text of more than ${LEARNED} tokens cannot be read.`;
  }
  const off = farthestApart(here, shifted);
  const begins = Number.isNaN(here[0])
    ? ` The grey line begins later: before position 0 there is no token; ${count(SHIFT)} positions further on there is.`
    : shift < 0 && Number.isNaN(here[here.length - 1])
      ? ` The grey line ends earlier: after the text’s last token there is none.`
      : '';
  const same = `The dashed line lies on the grey one${off < SAME ? '' : ` (largest difference ${short(off)})`}: only the distance counts, not the place.${begins}`;
  if (kind !== 'rope')
    return `${same} That is so for the waves alone: in a real model they are added to the rows, and then the place counts as well.`;
  const where = topOf(other, here.indexOf(Math.max(...here.filter(Number.isFinite))) - REACH);
  return `${same} ${where} A model that writes looks only back, at distances up to 0; one that reads whole texts looks both ways.`;
}

/** @param {number} most how far the curve moves */
function changeOf(most) {
  if (most < SAME) return 'nothing changes';
  const near = ': neighbours are told apart as before, and what changes lies farther off, on the dials';
  return `it moves by at most ${short(most)}${most < 0.1 ? near : ''}`;
}

/** Where the curve is highest, and why. @param {string} other @param {number} top a distance */
function topOf(other, top) {
  if (other !== 'like')
    return `This key is not like the query, and the curve is highest at ${decimal(top, 0)}: which distance a model looks at is learned.`;
  return top === 0
    ? 'The curve is highest at 0 because this key is like the query: both then point the same way.'
    : `This key is like the query, but turned so slowly, neighbours can hardly be told apart: the curve is highest at ${decimal(top, 0)}, not at 0.`;
}

/** The largest difference of two lines. @param {Float64Array} a @param {Float64Array} b */
const farthestApart = (a, b) => Math.max(...a.map((value, i) => (Number.isNaN(value) ? 0 : Math.abs(value - b[i]))));
