// Porter 1980, "An algorithm for suffix stripping", on the bytes of a word, in place.

/** Step 2, where a vowel and a consonant come before: longer endings first. */
const SECOND = byLastLetter(
  pairs(
    'ational ate tional tion enci ence anci ance izer ize abli able alli al entli ent eli e ousli ous ization ize ation ate ator ate alism al iveness ive fulness ful ousness ous aliti al iviti ive biliti ble',
  ),
);
/** Step 3, likewise. */
const THIRD = byLastLetter([...pairs('icate ic alize al iciti ic ical ic'), ...without('ative ful ness')]);
/** Step 4, where that comes twice. */
const FOURTH = byLastLetter(
  without('al ance ence er ic able ible ant ement ment ent sion tion ou ism ate iti ous ive ize').sort(
    ([a], [b]) => b.length - a.length,
  ),
);

/**
 * What may follow a stem, and what takes its place.
 * @typedef {{ ending: Uint8Array, replacement: Uint8Array, kept: number }} Ending kept: letters of it that count as the stem's
 */

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** @param {[string, string][]} endings @returns {(Ending[] | undefined)[]} by the code of their last letter */
function byLastLetter(endings) {
  /** @type {Ending[][]} */
  const found = [];
  for (const [text, replacement] of endings) {
    const ending = bytesOf(text);
    const kept = text.endsWith('ion') && replacement.length === 1 ? 1 : 0;
    (found[ending[ending.length - 1]] ??= []).push({ ending, replacement: bytesOf(replacement), kept });
  }
  return found;
}

/** @param {string} list @returns {[string, string][]} */
function pairs(list) {
  const words = list.split(' ');
  return words.flatMap((word, i) => (i % 2 === 0 ? [/** @type {[string, string]} */ ([word, words[i + 1]])] : []));
}

/** @param {string} list @returns {[string, string][]} */
function without(list) {
  return list.split(' ').map((ending) => [ending, ending.endsWith('ion') ? ending[0] : '']);
}

const [A, B, D, E, G, I, L, N, S, T, W, X, Y, Z] = bytesOf('abdegilnstwxyz');

/** The longest word, in bytes. */
export const LONGEST = 128;
/** What a letter is: y is a vowel after a consonant. 0: no letter. */
const [CONSONANT, VOWEL, EITHER] = [1, 2, 3];
const kinds = new Uint8Array(256).fill(CONSONANT, A, Z + 1);
for (const letter of bytesOf('aeiou')) kinds[letter] = VOWEL;
kinds[Y] = EITHER;

/** Of each letter of the word that was looked at last whether it is a vowel. */
const vowels = new Uint8Array(LONGEST);
/** Of each count of its letters, how often a consonant follows a vowel in so many: Porter's measure. */
const measures = new Uint8Array(LONGEST + 1);

/**
 * Finds out the vowels and the measures.
 * @param {Uint8Array} word
 * @param {number} from the first letter that is new
 * @param {number} end
 * @returns {boolean} whether all are letters
 */
function look(word, from, end) {
  let before = from > 0 ? vowels[from - 1] : 1; // at the beginning y is a consonant
  let measure = measures[from];
  for (let i = from; i < end; i++) {
    const kind = kinds[word[i]];
    if (kind === 0) return false;
    const isVowel = kind === VOWEL || (kind === EITHER && before === 0) ? 1 : 0;
    if (isVowel === 0 && i > 0) measure += before;
    vowels[i] = before = isVowel;
    measures[i + 1] = measure;
  }
  return true;
}

/**
 * What English words of one meaning have in common: 'connections', 'connected' → 'connect'.
 * @param {Uint8Array} word in lower case, at most LONGEST bytes: its stem takes its place
 * @param {number} size of the word
 * @returns {number} of its stem
 */
export function stemEnglish(word, size) {
  if (size < 3 || !look(word, 0, size)) return size;
  let end = withoutEd(word, withoutS(word, size));
  if (word[end - 1] === Y && hasVowel(end - 1)) {
    word[end - 1] = I;
    look(word, end - 1, end);
  }
  end = replaced(word, end, SECOND, 1);
  end = replaced(word, end, THIRD, 1);
  end = replaced(word, end, FOURTH, 2);
  if (word[end - 1] === E) {
    const measure = measures[end - 1];
    if (measure > 1 || (measure === 1 && !isShort(word, end - 1))) end--;
  }
  return word[end - 1] === L && word[end - 2] === L && measures[end - 1] > 1 ? end - 1 : end;
}

/** Step 1a. @param {Uint8Array} word @param {number} end */
function withoutS(word, end) {
  if (word[end - 1] !== S || word[end - 2] === S) return end;
  if (word[end - 2] !== E) return end - 1;
  const isLong = word[end - 3] === I || (end > 3 && word[end - 3] === S && word[end - 4] === S);
  return isLong ? end - 2 : end - 1;
}

/** What stands before -ed or -ing. @param {Uint8Array} word @param {number} end */
function withoutEnding(word, end) {
  if (word[end - 1] === D) return word[end - 2] === E ? end - 2 : end;
  return word[end - 1] === G && word[end - 2] === N && word[end - 3] === I ? end - 3 : end;
}

/** Step 1b. @param {Uint8Array} word @param {number} end */
function withoutEd(word, end) {
  if (word[end - 1] === D && word[end - 2] === E && word[end - 3] === E) return measures[end - 3] > 0 ? end - 1 : end;
  const stem = withoutEnding(word, end);
  if (stem === end || !hasVowel(stem)) return end;
  const before = word[stem - 2];
  const last = word[stem - 1];
  if (stem > 1) {
    const isCut = (last === T && before === A) || (last === L && before === B) || (last === Z && before === I);
    if (isCut) return withE(word, stem);
    const isDouble = before === last && vowels[stem - 1] + vowels[stem - 2] === 0;
    if (isDouble && last !== L && last !== S && last !== Z) return stem - 1;
  }
  return measures[stem] === 1 && isShort(word, stem) ? withE(word, stem) : stem;
}

/** @param {Uint8Array} word @param {number} end */
function withE(word, end) {
  word[end] = E;
  look(word, end, end + 1);
  return end + 1;
}

/**
 * @param {Uint8Array} word
 * @param {number} end
 * @param {(Ending[] | undefined)[]} endings
 * @param {number} least how often a vowel and a consonant must come before
 */
function replaced(word, end, endings, least) {
  const ones = endings[word[end - 1]];
  if (!ones) return end;
  for (const { ending, replacement, kept } of ones) {
    if (!endsWith(word, end, ending)) continue;
    const stem = end - ending.length;
    if (measures[stem + kept] < least) return end;
    for (let i = 0; i < replacement.length; i++) word[stem + i] = replacement[i];
    look(word, stem, stem + replacement.length);
    return stem + replacement.length;
  }
  return end;
}

/** @param {Uint8Array} word @param {number} end @param {Uint8Array} ending */
function endsWith(word, end, ending) {
  const begin = end - ending.length;
  if (begin < 0) return false;
  let i = ending.length - 2; // the last is the same
  while (i >= 0 && word[begin + i] === ending[i]) i--;
  return i < 0;
}

/** @param {number} size @returns {boolean} whether a vowel is among so many letters */
function hasVowel(size) {
  let i = 0;
  while (i < size && !vowels[i]) i++;
  return i < size;
}

/** @param {Uint8Array} word @param {number} end @returns {boolean} whether it ends in consonant, vowel, consonant, the last none of w, x, y */
function isShort(word, end) {
  const last = word[end - 1];
  if (end < 3 || vowels[end - 1] || !vowels[end - 2] || vowels[end - 3]) return false;
  return last !== W && last !== X && last !== Y;
}
