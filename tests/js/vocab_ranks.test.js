// A file of ranks, read by the text module; cpp/text/vocab_ranks.h has the contract.
import { loadTextHeap } from '../../web/memory/text_module.js';
import { SpecWriter } from '../../web/tokenizer/spec_writer.js';
import { takeRanks } from '../../web/tokenizer/vocab_ranks.js';

const taken = async (/** @type {string} */ file) => takeRanks(await loadTextHeap(), new TextEncoder().encode(file));

test('tokens that are bytes, and their ids', async () => {
  const found = await taken('IQ== 0\nIiM= 12\r\n/+8A 7\n');
  expect(found).toMatchObject({ size: 3, raw: true });
  const out = new SpecWriter(64);
  found?.write(out);
  const words = new Uint32Array(out.bytes.buffer);
  expect([...words.subarray(2, 6)]).toEqual([0, 1, 3, 6]); // where each of the tokens begins
  expect([...words.subarray(6, 9)]).toEqual([0, 12, 7]);
});

test('a file with a malformed line is left to JavaScript', async () => {
  for (const file of ['', 'IQ==', 'IQ== x', 'I* 1', 'IQ== 1\nfoo']) expect(await taken(file)).toBeNull();
});
