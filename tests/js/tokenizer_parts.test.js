// Every part that a tokenizer.json may have, against the reference's ids, offsets and texts.
// Golden: tools/golden/tokenizer_parts.py (tokenizers 0.23.3).
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Tokenizer, encodePair } from '../../web/index.js';
import '../support/wembed.js';

const FOLDER = new URL('../golden/tokenizer_parts/', import.meta.url);

/** @param {string} name */
function golden(name) {
  const { texts, models, cases } = JSON.parse(gunzipSync(readFileSync(new URL(`${name}.json.gz`, FOLDER))).toString());
  return { texts, cases: cases.map((each) => ({ ...each, json: { ...each.json, model: models[each.model] } })) };
}

/** @param {() => any} call @returns {any} null where it is refused, as the golden files have it */
function orNull(call) {
  try {
    return call();
  } catch (error) {
    if (error.code === 'unsupported') return null;
    throw error;
  }
}

/** @param {Tokenizer} tokenizer @param {string} text */
const encoded = (tokenizer, text) =>
  orNull(() => {
    const { ids, offsets } = tokenizer.encode(text, { offsets: true });
    expect(tokenizer.encode(text).ids).toEqual(ids);
    return [[...ids], offsets, tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecialTokens: false })];
  });

/** What makes a case one of its kind, for messages. */
const partsOf = ({ json: { model, normalizer, pre_tokenizer: split, post_processor: post, decoder } }) =>
  JSON.stringify([normalizer, split, post, decoder, { ...model, vocab: 0, merges: model.merges?.length }]);

/** Whether a text's values are the reference's, which panics on some texts of which it says nothing then. */
const same = (got, wanted) =>
  JSON.stringify(got) === JSON.stringify(wanted?.map((value, i) => (value === null ? got?.[i] : value)) ?? null);

const NAMES = [
  'normalizers',
  'pre_tokenizers',
  'models',
  'decoders',
  'templates',
  'added_tokens',
  'sought_tokens',
  'first_words',
  'trimmed_offsets',
  'empty_patterns',
];
test.each(NAMES)('%s', async (name) => {
  const { texts, cases } = golden(name);
  let compared = 0;
  const wrong = [];
  for (const each of cases) {
    if (each.error) continue; // the reference takes no such file
    const tokenizer = await Tokenizer.from(JSON.stringify(each.json)).catch((error) => error);
    if (!(tokenizer instanceof Tokenizer)) {
      wrong.push([partsOf(each), tokenizer.message]);
      continue;
    }
    for (const [i, text] of texts.entries()) {
      const got = encoded(tokenizer, text);
      compared++;
      if (!same(got, each.texts[i])) wrong.push([partsOf(each), text, got, each.texts[i]]);
      if (!each.pairs || i + 1 === texts.length) continue;
      const pair = orNull(() => encodePair(tokenizer, text, texts[i + 1]));
      const both = pair && [[...pair.ids], [...pair.typeIds]];
      if (JSON.stringify(both) !== JSON.stringify(each.pairs[i])) wrong.push([partsOf(each), text, texts[i + 1], both]);
    }
    tokenizer.dispose();
  }
  expect(
    wrong
      .slice(0, 12)
      .map((each) => each.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('  ')),
  ).toEqual([]);
  expect(compared).toBeGreaterThan(5 * texts.length);
});

test('an added token of which the normalizer leaves nothing is refused', async () => {
  const token = {
    id: 1,
    content: 'b',
    special: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: true,
  };
  const json = {
    version: '1.0',
    added_tokens: [token],
    normalizer: { type: 'Replace', pattern: { String: 'b' }, content: '' },
    model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' },
  };
  await expect(Tokenizer.from(json)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/nothing/),
  });
  await expect(Tokenizer.from({ ...json, normalizer: null })).resolves.toBeInstanceOf(Tokenizer);
});
