// Porter 1980, "An algorithm for suffix stripping".

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

/** @typedef {Map<string, [ending: string, replacement: string][]>} Endings by their last letter */

/** @param {[string, string][]} endings @returns {Endings} */
function byLastLetter(endings) {
  /** @type {Endings} */
  const found = new Map();
  for (const one of endings) found.set(one[0].slice(-1), [...(found.get(one[0].slice(-1)) ?? []), one]);
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

/**
 * What English words of one meaning have in common: 'connections', 'connected' → 'connect'.
 * @param {string} word in lower case
 * @returns {string}
 */
export function stemEnglish(word) {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  let stem = withoutEd(word.replace(/(ss|i)es$|([^s])s$/, '$1$2'));
  if (stem.endsWith('y') && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  stem = replaced(replaced(replaced(stem, SECOND, 1), THIRD, 1), FOURTH, 2);
  if (stem.endsWith('e')) {
    const before = stem.slice(0, -1);
    const m = measure(before);
    if (m > 1 || (m === 1 && !isShort(before))) stem = before;
  }
  return stem.endsWith('ll') && measure(stem.slice(0, -1)) > 1 ? stem.slice(0, -1) : stem;
}

/** Step 1b. @param {string} word */
function withoutEd(word) {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const stem = word.replace(/(ed|ing)$/, '');
  if (stem === word || !hasVowel(stem)) return word;
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/([^aeiou])\1$/.test(stem) && !/[lsz]$/.test(stem) && shape(stem).endsWith('cc')) return stem.slice(0, -1);
  return measure(stem) === 1 && isShort(stem) ? `${stem}e` : stem;
}

/**
 * @param {string} word
 * @param {Endings} endings
 * @param {number} least how often a vowel and a consonant must come before
 */
function replaced(word, endings, least) {
  const found = endings.get(word.slice(-1))?.find(([ending]) => word.endsWith(ending));
  if (!found) return word;
  const [ending, replacement] = found;
  const stem = word.slice(0, word.length - ending.length);
  return measure(stem + replacement.slice(0, ending.endsWith('ion') && least === 2 ? 1 : 0)) >= least
    ? stem + replacement
    : word;
}

/** @param {string} word @returns {string} c or v for each letter: y is a vowel after a consonant */
function shape(word) {
  let [letters, before] = ['', ''];
  for (const letter of word) letters += before = kindOf(letter, before);
  return letters;
}

/**
 * @param {string} letter
 * @param {string} before the kind of the letter before
 */
function kindOf(letter, before) {
  switch (letter) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
      return 'v';
    default:
      return letter === 'y' && before === 'c' ? 'v' : 'c';
  }
}

/** @param {string} word @returns {number} how often a vowel and a consonant follow one another */
function measure(word) {
  let [count, before] = [0, ''];
  for (let i = 0; i < word.length; i++) {
    const kind = kindOf(word[i], before);
    if (kind === 'c' && before === 'v') count++;
    before = kind;
  }
  return count;
}

/** @param {string} word */
function hasVowel(word) {
  let before = '';
  for (let i = 0; i < word.length && before !== 'v'; i++) before = kindOf(word[i], before);
  return before === 'v';
}

/** @param {string} word @returns {boolean} whether it ends in consonant, vowel, consonant, the last none of w, x, y */
const isShort = (word) => shape(word).endsWith('cvc') && !/[wxy]$/.test(word);
