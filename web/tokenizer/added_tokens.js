/** The added tokens of a tokenizer.json, for `AddedTokens::build` (cpp/text/added_tokens.cc). */
import { bits, fieldsOf, flag, idOf, text } from './fields.js';

/** The flag of a special token. */
export const SPECIAL = 1;

/** @typedef {{ content: string, id: number, flags: number }} PlacedToken */

/**
 * The tokens with the ids that the reference gives them: the model's own where it has the token. Others are counted from
 * the number of the model's tokens on, in the file's order, whatever ids the file gives them. Where ids leave gaps, such
 * a number may be another token's: then the later one is found in texts. Of a token that occurs again the later flags
 * count, but what was special stays it.
 * @param {unknown[]} list
 * @param {import('./models.js').ModelVocabulary} vocabulary
 * @param {boolean} [exact] the ids are as they are given: in files of ranks
 * @returns {PlacedToken[]}
 */
export function addedTokensOf(list, vocabulary, exact = false) {
  /** @type {Map<number, PlacedToken>} */
  const tokens = new Map();
  /** @type {Map<string, number>} */
  const ids = new Map();
  /** @type {Set<string>} */
  const specials = new Set();
  let next = vocabulary.size;
  for (const each of list) {
    const token = fieldsOf(each, 'an added token');
    const content = text(token, 'content');
    const given = idOf(token.id, `the id of the added token ${JSON.stringify(content.slice(0, 40))}`);
    const special = flag(token, 'special', false);
    if (special) specials.add(content);
    const flags = bits(
      specials.has(content),
      flag(token, 'lstrip', false),
      flag(token, 'rstrip', false),
      flag(token, 'single_word', false),
      flag(token, 'normalized', !special),
    );
    const id = ids.get(content) ?? vocabulary.idOf(content) ?? (exact ? given : next++);
    ids.set(content, id);
    tokens.set(id, { content, id, flags });
  }
  return [...tokens.values()];
}

/** @param {import('./spec_writer.js').SpecWriter} out @param {PlacedToken} token */
export function writeAddedToken(out, { content, id, flags }) {
  out.u32(id, flags);
  out.text(content);
}
