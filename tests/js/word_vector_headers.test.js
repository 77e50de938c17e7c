// Beginnings of word vector files as gensim reads them: headers of odd form, and fastText's first files, which have no magic
// number (gensim, keyedvectors.py and _fasttext_bin.py).
import { WordVectors, errorOf, readBytes } from '../support/wembed.js';

const ROWS = 'a 1 2\nb 3 4\n';

test.each([
  '2 2\n',
  ' 2 2\n',
  '2 2 \n',
  '2\t2\r\n',
  '2   \t 2\n',
  '+2 02\n',
  '2\v2\f\n',
  `${' '.repeat(100)}2 2\n`,
  '0_2 2\n',
  '2\u00a02\n',
  '2\u20092\u3000\n',
  '\x1c2\x1f\x852\n',
])('a header of two whole numbers: %j', async (header) => {
  const wv = await WordVectors.load(new TextEncoder().encode(header + ROWS));
  expect(wv.indexToKey).toEqual(['a', 'b']);
  expect([...wv.vectors(['b', 'a']).data]).toEqual([3, 4, 1, 2]);
  wv.dispose();
});

test.each([
  ['3 2\na\x1cb 0.125 \nh2 1 -3\ng16 0.125 1\n', /line 2: 1 numbers/],
  ['3 2\nd79\v0.125 2.5\nh28 0.125 0.125\nxy 2.5 2.5\n', /line 2: 1 numbers/],
])('text whose first row is wrong is not taken for binary: %j', async (text, why) => {
  expect(await errorOf(() => WordVectors.load(new TextEncoder().encode(text)), 'bad_file')).toMatch(why);
});

test.each(['2\n', '2.0 2\n', '-2 2\n', '2 -2\n', '2__0 2\n', '_2 2\n'])(
  'a line that is no header: %j',
  async (header) => {
    await errorOf(() => WordVectors.load(new TextEncoder().encode(header + ROWS)), 'bad_file');
  },
);

/**
 * A file of fastText as the first version wrote it: without magic number and version, without the number of pruned
 * buckets, and without the flag of quantization.
 * @param {Uint8Array} file of version 12, with words only
 */
function oldOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const words = view.getInt32(64, true);
  let at = 64 + 28;
  for (let i = 0; i < words; i++) at = file.indexOf(0, at) + 10;
  return Buffer.concat([file.subarray(8, 84), file.subarray(92, at), file.subarray(at + 1)]);
}

test.each(['gensim.bin', 'facebook.bin', 'facebook_no_subwords.bin'])(
  'fastText without a magic number: the vectors of %s',
  async (name) => {
    const file = readBytes(`tests/golden/word_vectors/${name}`);
    const [now, old] = [await WordVectors.load(file), await WordVectors.load(oldOf(file))];
    expect(old.indexToKey).toEqual(now.indexToKey);
    expect(old.vectors(old.indexToKey).data).toEqual(now.vectors(now.indexToKey).data);
    expect(old.has('anything')).toBe(now.has('anything'));
    if (now.has('anything')) expect(old.get('anything')).toEqual(now.get('anything'));
    const few = await WordVectors.load(new Blob([oldOf(file)]), { limit: 3 });
    expect(few.indexToKey).toEqual(now.indexToKey.slice(0, 3));
    for (const wv of [now, old, few]) wv.dispose();
    await errorOf(() => WordVectors.load(oldOf(file).subarray(0, 200)), 'bad_file');
  },
);
