/** The added tokens of a tokenizer.json, for `AddedTokens::build` (cpp/text/added_tokens.cc). */
import { bits, fieldsOf, flag, idOf, text } from './fields.js';

/** The flag of a special token. */
export const SPECIAL = 1;

/** @typedef {{ content: string, id: number, flags: number }} AddedToken */

/**
 * The tokens with the ids that they have: the model's own where it has the token. Others have the id that the file gives
 * them; where that is another token's, the next one that is free, as in the reference.
 * @param {unknown[]} list
 * @param {import('./models.js').ModelVocabulary} vocabulary
 * @returns {AddedToken[]}
 */
export function addedTokensOf(list, vocabulary) {
  /** @type {Map<string, AddedToken>} */
  const tokens = new Map();
  /** @type {Set<number>} */
  const ids = new Set();
  let free = vocabulary.size;
  for (const each of list) {
    const token = fieldsOf(each, 'an added token');
    const content = text(token, 'content');
    const given = idOf(token.id, `the id of the added token ${JSON.stringify(content.slice(0, 40))}`);
    const known = tokens.get(content);
    const own = known?.id ?? vocabulary.idOf(content);
    const id = own ?? (ids.has(given) || vocabulary.has(given) ? free : given);
    if (own === undefined) free = Math.max(free, id + 1);
    ids.add(id);
    const special = flag(token, 'special', false);
    const flags = bits(
      special,
      flag(token, 'lstrip', false),
      flag(token, 'rstrip', false),
      flag(token, 'single_word', false),
      flag(token, 'normalized', !special),
    );
    if (!known) tokens.set(content, { content, id, flags });
  }
  return [...tokens.values()];
}

/** @param {import('./spec_writer.js').SpecWriter} out @param {AddedToken} token */
export function writeAddedToken(out, { content, id, flags }) {
  out.u32(id, flags);
  out.text(content);
}
