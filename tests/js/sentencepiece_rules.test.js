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

test.each(cases.filter((_, i) => i % 6 > 1).map((each) => [each.name, each]))(
  '%s: the same after it was written as JSON',
  async (_, golden) => {
    const json = JSON.stringify(await tokenizerOfSentencePiece(bytesOf(golden.model), {}));
    expect(wrong(await Tokenizer.from(json), golden)).toEqual([[], []]);
  },
);

test('what is broken in it is refused', async () => {
  const unigram = (/** @type {unknown} */ scores) => ({
    model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], ['a', -1]], scores }, // prettier-ignore
  });
  const count = /must have 3: one for each piece and one for the unknown piece; it has 2$/;
  for (const [scores, why] of /** @type {[unknown, RegExp][]} */ ([
    [[null, -1], count],
    [[null, 'x'], count],
    [[null, -1, null], /scores\[2\] must be a number, got null/],
    [[null, 'x', -11], /scores\[1\] must be a number, got x/],
    [5, /scores/],
    [null, /scores/],
  ])) {
    expect(await errorOf(() => Tokenizer.from(unigram(scores)), 'bad_file')).toMatch(why);
  }
  const tokenizer = await Tokenizer.from(unigram([null, -1, -11]));
  expect([...tokenizer.encode('ab').ids]).toEqual([1, 0]);
  tokenizer.dispose();
  const step = { type: 'SentencePiece', charsmap: '', pieces: [], trims: true };
  for (const wrongStep of [{ pieces: 5 }, { pieces: [5] }, { charsmap: '*' }, { charsmap: 'AAAA' }, { trims: 1 }]) {
    const json = { ...unigram([null, -1, -11]), normalizer: { ...step, ...wrongStep } };
    await errorOf(() => Tokenizer.from(json), 'bad_file');
  }
  const merges = [['a', 'b', 'another rank']];
  await errorOf(() => Tokenizer.from({ model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges } }), 'bad_file');
});
