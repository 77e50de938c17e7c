// What people call on a tokenizer besides encode and decode, for the core's and the text module's.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DecodeStream, Tokenizer, encodePair } from '../../web/index.js';
import { goldenTexts } from '../support/golden_texts.js';
import { errorOf } from '../support/wembed.js';

const jsonOf = (/** @type {string} */ kind) =>
  JSON.parse(gunzipSync(readFileSync(new URL(`../golden/tokenizer/${kind}.json.gz`, import.meta.url))).toString());
const texts = goldenTexts().filter((_, i) => i % 40 === 0);

describe.each(['bert', 'gpt2', 'unigram', 'llama'])('%s', (kind) => {
  /** @type {Tokenizer} */
  let tokenizer;
  beforeAll(async () => (tokenizer = await Tokenizer.from(jsonOf(kind))));
  afterAll(() => tokenizer.dispose());

  test('a batch has the ids of its texts one by one', () => {
    const options = { maxLength: 9 };
    expect(tokenizer.encodeBatch([])).toEqual([]);
    for (const given of [undefined, options]) {
      expect(tokenizer.encodeBatch(texts, given)).toEqual(texts.map((text) => tokenizer.encode(text, given).ids));
    }
    const long = 'word '.repeat(200_000);
    expect(tokenizer.encodeBatch([long, 'a'])).toEqual([tokenizer.encode(long).ids, tokenizer.encode('a').ids]);
  });

  test('count and isWithinLimit say how many ids there are', () => {
    for (const text of texts) {
      const n = tokenizer.encode(text).ids.length;
      expect(tokenizer.count(text)).toBe(n);
      expect(tokenizer.isWithinLimit(text, n)).toBe(n);
      expect(tokenizer.isWithinLimit(text, n + 1)).toBe(n);
      if (n > 0) expect(tokenizer.isWithinLimit(text, n - 1)).toBe(false);
    }
  });

  test('tokens are made when they are read, ids go into an array that is given', () => {
    const { ids, tokens } = tokenizer.encode('a b c');
    expect(tokens).toEqual(Array.from(ids, (id) => tokenizer.idToToken(id)));
    const into = new Uint32Array(64).fill(7);
    const given = tokenizer.encode('a b c', { into }).ids;
    expect([given.buffer, given]).toEqual([into.buffer, ids]);
    expect(into[ids.length]).toBe(7);
  });

  test('truncation on the left keeps the last ids', () => {
    const options = { addSpecialTokens: false, offsets: true };
    const text = 'one two three four five six';
    const all = tokenizer.encode(text, options);
    const kept = tokenizer.encode(text, { ...options, maxLength: 3, truncationSide: 'left' });
    expect(kept.ids).toEqual(all.ids.slice(-3));
    expect(kept.offsets?.slice(1)).toEqual(all.offsets?.slice(-2)); // of the first, ByteLevel may keep the space
    const right = tokenizer.encode(text, { ...options, maxLength: 3, truncationSide: 'right' });
    expect(right.ids).toEqual(all.ids.slice(0, 3));
  });

  test('a saved buffer is the same tokenizer', async () => {
    const saved = tokenizer.save();
    const again = await Tokenizer.from(saved);
    for (const text of texts.slice(0, 40)) {
      expect(again.encode(text, { offsets: true })).toEqual(tokenizer.encode(text, { offsets: true }));
    }
    expect(again.save()).toEqual(saved);
    again.dispose();
    for (const end of [0, 7, 8, 15, 16, 40, saved.length - 1]) {
      await errorOf(() => Tokenizer.from(saved.slice(0, end)), 'bad_file');
    }
    const other = saved.slice();
    other[7] += 1;
    await errorOf(() => Tokenizer.from(other), 'unsupported');
  });

  test('text comes out of a stream whole, without half characters', () => {
    for (const text of [...texts.slice(0, 60), '你好 wörld 👩‍👩‍👧 end']) {
      const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
      const stream = new DecodeStream(tokenizer);
      const parts = Array.from(ids, (id) => stream.add(id));
      expect(parts.join('') + stream.end()).toBe(tokenizer.decode(ids));
    }
  });
});

test('a stream waits for the rest of a character', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('gpt2'));
  const { ids } = tokenizer.encode('👩', { addSpecialTokens: false });
  expect(ids.length).toBeGreaterThan(1);
  const stream = new DecodeStream(tokenizer);
  expect(Array.from(ids, (id) => stream.add(id))).toEqual([...Array(ids.length - 1).fill(''), ' 👩']);
  expect([stream.add([ids[0]]), stream.end()]).toEqual(['', ' \ufffd']);
  await errorOf(() => stream.add(1e9), 'id_out_of_range');
});

test('special tokens in the text are found, refused or taken literally', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('gpt2'));
  const [token, id] = ['<|endoftext|>', /** @type {number} */ (tokenizer.tokenToId('<|endoftext|>'))];
  const text = `a ${token} b`;
  const plain = { addSpecialTokens: false };
  expect([...tokenizer.encode(text, plain).ids]).toContain(id);
  const literal = tokenizer.encode(text, { ...plain, allowedSpecial: [] });
  expect([...literal.ids]).not.toContain(id);
  expect(tokenizer.decode(literal.ids)).toBe(` ${text}`); // this one puts a space before
  expect([...tokenizer.encode(text, plain).ids]).toContain(id);
  expect(tokenizer.encode(text, { ...plain, allowedSpecial: [token], disallowedSpecial: 'all' }).ids).toContain(id);
  await errorOf(() => tokenizer.encode(text, { allowedSpecial: [], disallowedSpecial: 'all' }), 'invalid_argument');
  await errorOf(() => tokenizer.encodeBatch(['a', text], { disallowedSpecial: [token] }), 'invalid_argument');
  await errorOf(() => tokenizer.encode(text, { allowedSpecial: ['<none>'] }), 'invalid_argument');
});

test('wrong arguments are refused, and the next good call works', async () => {
  const tokenizer = await Tokenizer.from(jsonOf('bert'));
  const any = /** @type {any} */ (tokenizer);
  for (const call of [
    () => any.encode('a', { truncationSide: 'up' }),
    () => any.encode('a', { into: [] }),
    () => any.encode('a', { allowedSpecial: 'none' }),
    () => any.encodeBatch('a'),
    () => any.encodeBatch(['a'], { offsets: true }),
    () => any.count(5),
    () => any.isWithinLimit('a', NaN),
    () => any.decode({ length: 4e9 }),
    () => any.decode(new Set([1])),
    () => encodePair(tokenizer, 'a', /** @type {any} */ (5)),
  ]) {
    await errorOf(call, 'invalid_argument');
  }
  await errorOf(() => any.encode('a b c', { into: new Uint32Array(1) }), 'shape_mismatch');
  expect(tokenizer.count('a')).toBeGreaterThan(0);
});

test('ranks that are objects are the tokenizer of the file with the same ranks', async () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => [byte]);
  const tokens = [...bytes, 'ab', 'th', 'the', ' the', [0xe4, 0xbd], '你', undefined, 'abab'];
  const base64 = (/** @type {any} */ token) => Buffer.from(token).toString('base64');
  const lines = tokens.flatMap((token, rank) => (token ? [`${base64(token)} ${rank}`] : []));
  const file = new TextEncoder().encode(lines.join('\n'));
  const pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  const js = {
    pat_str: pattern,
    special_tokens: { '<|endoftext|>': 50256 },
    bpe_ranks: `! 0 ${tokens.slice(0, 262).map(base64).join(' ')}\n! 263 ${base64('abab')}`,
  };
  const wanted = await Tokenizer.from(file, { encoding: 'gpt2' });
  const text = 'abab the theab 你好 <|endoftext|>';
  const ids = [...wanted.encode(text).ids];
  expect(ids.slice(0, 2)).toEqual([263, 259]);
  for (const tokenizer of [await Tokenizer.from(tokens, { encoding: 'gpt2' }), await Tokenizer.from(js)]) {
    expect([...tokenizer.encode(text).ids]).toEqual(ids);
  }
  const tekken = {
    config: { pattern, default_vocab_size: 264, default_num_special_tokens: 4, num_vocab_tokens: 260 },
    vocab: tokens.slice(0, 262).map((token, rank) => ({ rank, token_bytes: base64(token), token_str: null })),
    special_tokens: ['<unk>', '<s>', '</s>'].map((token_str, rank) => ({ rank, token_str, is_control: true })),
  };
  const mistral = await Tokenizer.from(new TextEncoder().encode(JSON.stringify(tekken)));
  expect([...mistral.encode(' the</s>').ids]).toEqual([1, 263, 2]);
  expect([mistral.tokenToId('<SPECIAL_3>'), mistral.vocabSize]).toEqual([3, 264]);
  await errorOf(() => Tokenizer.from({ ...tekken, config: { ...tekken.config, default_vocab_size: 1e9 } }), 'bad_file');
  await errorOf(() => Tokenizer.from({ ...js, special_tokens: { a: -1 } }), 'bad_file');
  await errorOf(() => Tokenizer.from([[300]]), 'bad_file');
});
