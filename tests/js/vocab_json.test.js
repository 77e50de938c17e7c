// The vocabulary of a WordPiece tokenizer.json, read by the core; cpp/text/vocab_json.h has the contract.
import { loadHeap } from '../../web/memory/heap.js';
import { takeVocab } from '../../web/tokenizer/vocab_json.js';
import { WORDS, smallTokenizer } from '../support/models.js';

const taken = async (/** @type {unknown} */ json) =>
  takeVocab(await loadHeap(), new TextEncoder().encode(JSON.stringify(json)));

test('the vocabulary is taken out, the rest is parsed', async () => {
  const json = smallTokenizer();
  const found = await taken(json);
  expect(found?.json).toEqual({ ...json, model: { ...json.model, vocab: {} } });
  expect(found?.section.size).toBe(WORDS.length);
  expect(found?.section.idOf('[UNK]')).toBe(WORDS.indexOf('[UNK]'));
  expect(found?.section.idOf('red')).toBeUndefined(); // only tokens that the file names elsewhere are looked for
});

test('another model, a broken file and negative ids are left to the parser', async () => {
  const { model, ...rest } = smallTokenizer();
  for (const other of [{ ...model, type: 'BPE' }, { ...model, vocab: { a: -1 } }, { ...model, vocab: [] }, null]) {
    expect(await taken({ ...rest, model: other })).toBeNull();
  }
  expect(takeVocab(await loadHeap(), new TextEncoder().encode('{"model":{"vocab":{"a":0'))).toBeNull();
  expect((await taken(smallTokenizer()))?.section.size).toBe(WORDS.length);
});
