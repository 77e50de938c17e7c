// SentencePiece models without a class, by SentencePiece's own rules: user-defined pieces, maps of characters, equal scores.
import { gunzipSync } from 'node:zlib';
import { tokenizerOfSentencePiece } from '../../web/tokenizer/files/sentencepiece.js';
import { Tokenizer, errorOf, readBytes } from '../support/wembed.js';

/** @type {{ name: string, model: string, texts: string[], ids: number[][], decoded: (string | null)[] }[]} */
const cases = JSON.parse(gunzipSync(readBytes('tests/golden/sentencepiece_rules.json.gz')).toString()).cases;
const bytesOf = (/** @type {string} */ base64) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** @param {Tokenizer} tokenizer @param {typeof cases[number]} golden */
function wrong(tokenizer, { texts, ids, decoded }) {
  const found = texts.map((text) => [...tokenizer.encode(text).ids]);
  const wrongIds = texts.filter((_, i) => found[i].join() !== ids[i].join());
  const wrongTexts = texts.filter((_, i) => decoded[i] !== null && tokenizer.decode(ids[i]) !== decoded[i]);
  const { offsets = [], ids: tracked } = tokenizer.encode(texts[7], { offsets: true });
  expect([...tracked]).toEqual(ids[7]);
  for (const [begin, end] of offsets) expect(begin <= end && end <= texts[7].length).toBe(true);
  tokenizer.dispose();
  return [wrongIds, wrongTexts];
}

test.each(cases.map((each) => [each.name, each]))('%s: the ids of sentencepiece', async (_, golden) => {
  expect(wrong(await Tokenizer.from(bytesOf(golden.model)), golden)).toEqual([[], []]);
});

test.each(cases.filter((_, i) => i % 6 < 2).map((each) => [each.name, each]))(
  '%s: the same where JavaScript makes the lists',
  async (_, golden) => {
    const json = /** @type {any} */ (await tokenizerOfSentencePiece(bytesOf(golden.model), {}));
    // A model that is copied has lists that JavaScript makes.
    expect(wrong(await Tokenizer.from({ ...json, model: { ...json.model } }), golden)).toEqual([[], []]);
  },
);

test('what no tokenizer.json can say is not written as one', async () => {
  const json = await tokenizerOfSentencePiece(bytesOf(cases[0].model), {});
  expect(await errorOf(async () => JSON.stringify({ ...json }), 'unsupported')).toMatch('SentencePiece');
});

test("a file's JSON cannot ask for SentencePiece's rules", async () => {
  const model = { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0]], scores: [0, -10] };
  const normalizer = { type: 'SentencePiece', charsmap: '', pieces: '', trims: true };
  expect(await errorOf(() => Tokenizer.from({ model, normalizer }), 'unsupported')).toMatch('SentencePiece');
  const tokenizer = await Tokenizer.from({ model: { ...model, vocab: [...model.vocab, ['a', -1]] } });
  expect([...tokenizer.encode('a').ids]).toEqual([1]);
  tokenizer.dispose();
  const merges = [['a', 'b', 'the rank of the merge before']];
  const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges };
  await errorOf(() => Tokenizer.from({ model: bpe }), 'bad_file');
});
