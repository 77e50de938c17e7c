// What a visitor writes into a field for a word, as the model's tokenizer reads it.

/** @typedef {{ given: string, token?: string, problem: string }} ReadWord `given` as it was written; no token where there is a problem */
/** @typedef {(text: string) => ReadWord} WordReader */

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const [SHOWN, NAMED] = [40, 6]; // characters of a text, and pieces of a word, that a message repeats

/**
 * The one token of a word, or why it is none.
 * @param {import('../../index.js').EmbeddingLayer['tokenizer']} tokenizer
 * @param {string} text
 * @returns {ReadWord}
 */
export function readWord(tokenizer, text) {
  const given = text.trim();
  const { ids, tokens } = tokenizer.encode(given, { addSpecialTokens: false });
  const problem = problemOf(given, tokens, (at) => tokenizer.decode([ids[at]]) === '');
  return problem ? { given, problem } : { given, token: tokens[0], problem };
}

/**
 * @param {string} given
 * @param {readonly string[]} tokens
 * @param {(at: number) => boolean} isSpecial whether a token stands for no text, as that for what is unknown
 */
function problemOf(given, tokens, isSpecial) {
  if (tokens.length === 0) return 'Type a word.';
  const quoted = `“${given.length > SHOWN ? `${given.slice(0, SHOWN)}…` : given}”`;
  const many = NUMBERS[tokens.length] ?? tokens.length;
  if (/\s/.test(given)) return `One word at a time: ${quoted} is ${many} tokens.`;
  if (tokens.some((_, at) => isSpecial(at))) return `This model has no token for ${quoted}.`;
  if (tokens.length === 1) return '';
  return `${quoted} is not one token of this model but ${many}: ${listOf(tokens)}.`;
}

/** @param {readonly string[]} tokens */
function listOf(tokens) {
  const named = tokens.slice(0, NAMED).map((token) => `“${token}”`);
  if (tokens.length > NAMED) return `${named.join(', ')} …`;
  return `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** What a word became, where its spelling changed. @param {ReadWord} read */
export const respelled = ({ given, token }) =>
  token === undefined || token === given.toLowerCase() ? '' : `“${given}” is the token “${token}”. `;
