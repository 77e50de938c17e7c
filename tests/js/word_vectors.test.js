// Word vectors: every format compared with gensim (with fastText if gensim does not read it), and hostile files.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { readNumbers } from '../../web/words/files/decimal.js';
import { eachSubword } from '../../web/words/files/fasttext.js';
import { serveFiles } from '../support/server.js';
import { WembedError, WordVectors, errorOf, readBytes, readJson, sharedData } from '../support/wembed.js';

const FOLDER = 'tests/golden/word_vectors';
const golden = readJson(`${FOLDER}/expected.json`);

/** @param {string} word @param {import('../../web/words/files/fasttext.js').SubwordRule} rule */
function subwordsOf(word, rule) {
  /** @type {number[]} */
  const rows = [];
  eachSubword(word, rule, (row) => rows.push(row));
  return rows;
}

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** @param {ArrayLike<number>} values */
const bits = (values) => [...new Uint32Array(Float32Array.from(values).buffer)];

/** @param {WordVectors} wv */
const contents = (wv) => ({ keys: wv.indexToKey, bits: bits(wv.vectors(wv.indexToKey).data) });

/** @param {ArrayLike<number>} found @param {number[]} expected @param {number} [scale] of what they are sums of */
function expectClose(found, expected, scale = Math.max(...expected.map(Math.abs), 1e-9)) {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(2e-6 * scale));
}

/** A source whose bytes come in pieces, with or without its length. */
function pieces(/** @type {Uint8Array} */ bytes, /** @type {number} */ size, sized = true) {
  const source = {
    taken: 0,
    byteLength: sized ? bytes.length : undefined,
    slice: async (/** @type {number} */ begin, /** @type {number} */ end = bytes.length) =>
      bytes.slice(begin, end).buffer,
    async *stream(/** @type {AbortSignal | undefined} */ _, begin = 0, end = bytes.length) {
      for (let at = begin; at < end; at += size) {
        source.taken += Math.min(size, end - at);
        yield bytes.slice(at, Math.min(end, at + size));
      }
    },
  };
  return source;
}

test.each(['small.w2v.bin', 'small.w2v.txt', 'small.glove.txt'])('%s: as gensim reads it', async (name) => {
  const file = readBytes(`${FOLDER}/${name}`);
  const sources = [
    file,
    new Blob([file]),
    file.buffer,
    gzipSync(file),
    new URL(`../golden/word_vectors/${name}`, import.meta.url),
  ];
  for (const source of [...sources, `${FOLDER}/${name}`, `./${FOLDER}/${name}`]) {
    const wv = await WordVectors.load(source);
    expect(contents(wv)).toEqual(golden[name]);
    wv.dispose();
  }
  for (const size of [1, 3, 7, 64]) {
    for (const sized of [true, false]) {
      const wv = await WordVectors.load(pieces(file, size, sized));
      expect(contents(wv)).toEqual(golden[name]);
      wv.dispose();
    }
  }
});

test('decimals become the same f32 as in numpy', () => {
  const out = new Float32Array(1);
  for (const [text, expected] of golden.decimals) {
    const bytes = utf8(`${text}\n`);
    expect([text, readNumbers(bytes, 0, bytes.length - 1, out, 0, 1)]).toEqual([text, true]);
    const [found] = bits(out);
    if (Number.isNaN(out[0])) expect((expected & 0x7f800000) === 0x7f800000 && (expected & 0x7fffff) !== 0).toBe(true);
    else expect([text, found]).toEqual([text, expected]);
  }
});

test('decimals of the fast path equal those of Number()', () => {
  let state = 1;
  const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
  const out = new Float32Array(1);
  for (let run = 0; run < 20_000; run++) {
    const digits = Array.from({ length: 1 + random(19) }, () => random(10)).join('');
    const point = random(digits.length + 1);
    const exponent = random(3) ? '' : `${'eE'[random(2)]}${['', '+', '-'][random(3)]}${random(50)}`;
    const text = `${['', '-', '+'][random(3)]}${digits.slice(0, point)}.${digits.slice(point)}${exponent}`;
    const bytes = utf8(`${text} `);
    expect([text, readNumbers(bytes, 0, text.length, out, 0, 1)]).toEqual([text, true]);
    expect([text, ...bits(out)]).toEqual([text, ...bits([Number(text)])]);
  }
});

test.each(['x', '', '-', '.', '1e', '1e+', '0x10', '1_0', '1-', '--1', '1.2.3', 'infin', '1f'])(
  '%j is no number',
  (text) => {
    const bytes = utf8(`${text}\n`);
    expect(readNumbers(bytes, 0, text.length, new Float32Array(1), 0, 1)).toBe(false);
  },
);

test.each(['gensim.bin', 'facebook.bin', 'facebook_no_subwords.bin'])(
  'fastText: %s, as gensim reads it',
  async (name) => {
    const { keys, vectors, oov, mostSimilar } = golden[name];
    const file = readBytes(`${FOLDER}/${name}`);
    for (const source of [file, pieces(file, 11), pieces(file, 500, false), new Blob([file]), gzipSync(file)]) {
      const wv = await WordVectors.load(source);
      expect(wv.indexToKey).toEqual(keys);
      expectClose(wv.table.lookup(wv.indexToKey.map((_, i) => i)).data, vectors);
      if (oov) {
        for (const [word, vector] of oov) expectClose(wv.get(word), vector);
        const words = oov.map((/** @type {any} */ [word]) => word);
        expect(wv.has('anything')).toBe(true);
        expectClose(wv.vectors([keys[1], ...words]).data, [
          ...wv.get(keys[1]),
          ...words.flatMap((/** @type {string} */ w) => [...wv.get(w)]),
        ]);
        const found = wv.mostSimilar({ positive: ['kingdom', 'queen'], negative: ['man'] });
        expect(found.map(({ key }) => key)).toEqual(mostSimilar.map((/** @type {any} */ [key]) => key));
        expectClose(
          found.map(({ score }) => score),
          mostSimilar.map((/** @type {any} */ [, score]) => score),
        );
      } else {
        expect(wv.has('anything')).toBe(false);
        expect(await errorOf(() => wv.get('anything'), 'not_found')).toMatch("'anything'");
      }
      wv.dispose();
      await errorOf(() => wv.get(keys[1]), 'disposed');
    }
  },
);

test.each(['supervised.ftz', 'pruned.ftz'])('fastText: %s, as fastText reads it', async (name) => {
  const wv = await WordVectors.load(`${FOLDER}/${name}`);
  expect(wv.length).toBe(golden[name].rows);
  const scale = Math.max(...golden[name].words.flatMap((/** @type {any} */ [, vector]) => vector.map(Math.abs)));
  for (const [word, vector] of golden[name].words) expectClose(wv.get(word), vector, scale);
  wv.dispose();
});

test('fastText: in fewer bits, and with fewer words', async () => {
  const name = `${FOLDER}/gensim.bin`;
  const whole = await WordVectors.load(name);
  const most = Math.max(...whole.vectors(whole.indexToKey).data.map(Math.abs));
  for (const dtype of /** @type {const} */ (['f16', 'bf16', 'i8', 'i4'])) {
    const wv = await WordVectors.load(name, { dtype, limit: 20 });
    expect(wv.length).toBe(20);
    const bound = { f16: 1e-3, bf16: 4e-3, i8: 8e-3, i4: 0.15 }[dtype];
    // The last word is beyond the limit: only its subwords are available.
    for (const key of [...wv.indexToKey, 'kingdom']) {
      const [a, b] = [wv.get(key), whole.get(key)];
      a.forEach((value, i) => expect(Math.abs(value - b[i])).toBeLessThan(bound * most));
    }
    wv.dispose();
  }
  whole.dispose();
});

test("fastText's n-grams and their hashes", () => {
  const rule = { minn: 3, maxn: 4, bucket: 2 ** 31, supervised: false };
  const fnv = (/** @type {string} */ text) =>
    utf8(text).reduce((hash, byte) => Math.imul(hash ^ (byte > 127 ? byte - 256 : byte), 16777619), 2166136261) >>> 0;
  const expected = ['<né', '<née', 'née', 'née>', 'ée>'].map((gram) => fnv(gram) % 2 ** 31);
  expect(subwordsOf('née', rule)).toEqual(expected);
  expect(subwordsOf('', rule)).toEqual([]);
  expect(subwordsOf('a', { ...rule, minn: 1, maxn: 1 })).toEqual([fnv('a') % 2 ** 31]);
});

/**
 * A fastText model, or something like it.
 * @param {Record<string, any>} [fields]
 */
function fasttext(fields = {}) {
  const words = /** @type {string[]} */ (fields.words ?? ['a', 'bc']);
  const labels = /** @type {string[]} */ (fields.labels ?? []);
  const pruned = /** @type {number[][]} */ (fields.pruned ?? []);
  const { version = 12, dim = 2, model = 2, bucket = 5, minn = 1, maxn = 2, prunedSize = -1 } = fields;
  const rows = fields.rows ?? words.length + (prunedSize < 0 ? bucket : prunedSize);
  const matrix = new Float32Array(Math.min(rows * dim, 2 ** 24)).map((_, i) => (i % 1000) / 8);
  const ints = (/** @type {number[]} */ ...values) => Buffer.from(Int32Array.from(values).buffer);
  const longs = (/** @type {number[]} */ ...values) => Buffer.from(BigInt64Array.from(values, BigInt).buffer);
  const entry = (/** @type {string} */ key, /** @type {number} */ type) =>
    Buffer.concat([Buffer.from(`${key}\0`), longs(1), Buffer.of(type)]);
  return new Uint8Array(
    Buffer.concat([
      ints(793712314, version, dim, 5, 1, 1, 1, 1, 1, model, bucket, minn, maxn, 100, 0, 0),
      ints(fields.size ?? words.length + labels.length, words.length, labels.length),
      longs(1, prunedSize),
      ...words.map((word) => entry(word, fields.type ?? 0)),
      ...labels.map((label) => entry(label, 1)),
      ...pruned.map((pair) => ints(...pair)),
      Buffer.of(fields.quantised ?? 0),
      longs(rows, fields.columns ?? dim),
      Buffer.from(matrix.buffer),
    ]),
  );
}

test('fastText: labels, pruned buckets and old supervised models', async () => {
  const word = [0, 0.125];
  const plain = await WordVectors.load(fasttext({ labels: ['__label__x'], maxn: 0 }));
  expect([plain.indexToKey, [...plain.get('a')]]).toEqual([['a', 'bc'], word]);
  await errorOf(() => plain.get('__label__x'), 'not_found');
  const old = await WordVectors.load(fasttext({ version: 11, model: 3 }));
  expect([[...old.get('a')], old.has('unknown')]).toEqual([word, false]);
  // Only one bucket is left, the one of '<a': row 2.
  const [hit] = subwordsOf('a', { minn: 2, maxn: 2, bucket: 5, supervised: false });
  const pruned = await WordVectors.load(fasttext({ minn: 2, prunedSize: 1, pruned: [[hit, 0]] }));
  const others = subwordsOf('a', { minn: 2, maxn: 2, bucket: 5, supervised: false }).filter(
    (row) => row === hit,
  ).length;
  expect([...pruned.get('a')]).toEqual(
    word.map((value, d) => Math.fround((value + (others * (4 + d)) / 8) / (others + 1))),
  );
  const none = await WordVectors.load(fasttext({ prunedSize: 0 }));
  expect([[...none.get('a')], none.has('unknown')]).toEqual([word, false]);
});

test.each(
  /** @type {[string, Record<string, any>][]} */ ([
    ['vectors without numbers', { dim: 0 }],
    ['vectors of a billion numbers', { dim: 1e9, rows: 1 }],
    ['n-grams without end', { maxn: 2 ** 31 - 1 }],
    ['a negative number of buckets', { bucket: -1, rows: 1 }],
    ['entries that do not add up', { size: 7 }],
    ['a billion entries', { size: 1e9 }],
    ['a label among the words', { type: 1 }],
    ['a bucket beyond the last row', { prunedSize: 1, pruned: [[0, 1]] }],
    ['a billion pruned buckets', { prunedSize: 1e9, rows: 1 }],
    ['another number of rows', { rows: 6 }],
    ['another number of columns', { columns: 3 }],
    ['missing rows', { bucket: 2e9, rows: 2 }],
    ['an invalid quantized matrix', { quantised: 1 }],
  ]),
)('fastText: refuses %s', async (_, fields) => {
  const file = fasttext(fields);
  await errorOf(() => WordVectors.load(file), 'bad_file');
  await errorOf(() => WordVectors.load(pieces(file, 50, false)), 'bad_file');
});

test('from a server: only the needed bytes are downloaded, and the error names what is not a vector file', async () => {
  const words = Array.from({ length: 100_000 }, (_, i) => `w${i}`);
  const model = fasttext({ words, dim: 32, bucket: 200 });
  const text = utf8(words.map((word, i) => `${word} ${i} 0.5 -1\n`).join(''));
  const small = readBytes(`${FOLDER}/gensim.bin`);
  const server = await serveFiles(
    new Map([
      ['model.bin', model],
      ['glove.txt', text],
      ['gensim.bin', small],
      ['page', '<html>'],
    ]),
  );
  const dictionary = 64 + 28 + words.reduce((sum, word) => sum + word.length + 10, 0);
  const wv = await WordVectors.load(`${server.url}model.bin`, { limit: 10 });
  const local = await WordVectors.load(model, { limit: 10 });
  expect([wv.length, ...wv.get('w9'), ...wv.get('w10')]).toEqual([10, ...local.get('w9'), ...local.get('w10')]);
  expect(server.bytes()).toBeLessThan(1.25 * dictionary + 210 * 32 * 4 + 65536); // the end is not known in advance
  server.requests.length = 0;
  const glove = await WordVectors.load(`${server.url}glove.txt`);
  expect([glove.length, ...glove.get('w99999')]).toEqual([100_000, 99999, 0.5, -1]);
  expect(server.bytes()).toBe(text.length);
  server.lie = () => ({ ignoreRange: true });
  const whole = await WordVectors.load(small);
  for (const dtype of /** @type {const} */ (['f32', 'i8'])) {
    const there = await WordVectors.load(`${server.url}gensim.bin`, { dtype });
    const scale = Math.max(...whole.vectors(whole.indexToKey).data.map(Math.abs));
    for (const key of ['kingdom', whole.indexToKey[7]]) {
      there.get(key).forEach((value, i) => expect(Math.abs(value - whole.get(key)[i])).toBeLessThan(scale / 60));
    }
  }
  server.lie = () => undefined;
  server.files.set('cut.bin', small.subarray(0, 5000));
  await errorOf(() => WordVectors.load(`${server.url}cut.bin`), 'bad_file');
  await errorOf(() => WordVectors.load(`${server.url}page`), 'bad_file');
  expect(await errorOf(() => WordVectors.load(`${server.url}none.bin`), 'not_found')).toMatch('none.bin');
  await server.close();
});

const real = sharedData('wordvec');
real.test.each(['emoji2vec.bin', 'googlenews_1000x300.txt'])('%s: bit for bit as gensim reads it', async (name) => {
  const expected = golden[name];
  const wv = await WordVectors.load(`${real.path}/${name}`);
  expect([wv.length, wv.vectorSize]).toEqual([expected.rows, expected.dim]);
  const hash = (/** @type {any} */ data) => createHash('sha256').update(data).digest('hex');
  expect(hash(wv.indexToKey.join('\n'))).toBe(expected.keys);
  expect(hash(new Uint8Array(wv.vectors(wv.indexToKey).data.buffer))).toBe(expected.vectors);
  const [a, b, similarity] = expected.similarity;
  expectClose([wv.similarity(a, b)], [similarity]);
  const [words, odd] = expected.doesntMatch;
  expect(wv.doesntMatch(words)).toBe(odd);
  const searches = [
    ...expected.mostSimilar.map((/** @type {any[]} */ each) => ['mostSimilar', ...each]),
    ...expected.mostSimilarCosmul.map((/** @type {any[]} */ each) => ['mostSimilarCosmul', ...each]),
  ];
  for (const [search, query, result] of searches) {
    const found = wv[/** @type {'mostSimilar'} */ (search)](query);
    expect(found.map(({ key }) => key)).toEqual(result.map((/** @type {any} */ [key]) => key));
    expectClose(
      found.map(({ score }) => score),
      result.map((/** @type {any} */ [, score]) => score),
    );
  }
  wv.dispose();
});

/** @param {string} descr @param {string} shape @param {ArrayBufferView} data */
function npy(descr, shape, data, { fortran = 'False', version = 1 } = {}) {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }\n`;
  const head =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.of(0x93, ...utf8('NUMPY'), version, 0, ...head, ...utf8(header), ...bytes);
}

test('NumPy arrays of f2, f4, f8 and i1, in either byte order', async () => {
  const values = [1.5, -2, 0.25, 65504, 6e-8, -0];
  const halves = Uint16Array.of(0x3e00, 0xc000, 0x3400, 0x7bff, 1, 0x8000);
  const swapped = new DataView(new ArrayBuffer(24));
  values.forEach((value, i) => swapped.setFloat32(4 * i, value));
  const f16 = [1.5, -2, 0.25, 65504, 2 ** -24, -0];
  const files = /** @type {[Uint8Array, number[]][]} */ ([
    [npy('<f4', '3, 2', Float32Array.from(values)), values],
    [npy('<f4', '3, 2', Float32Array.from(values), { version: 2 }), values],
    [npy('>f4', '3, 2', swapped), values],
    [npy('<f8', '3, 2', Float64Array.from(values)), values],
    [npy('<f2', '3, 2', halves), f16],
    [npy('|i1', '3, 2', Int8Array.of(1, -2, 3, 127, -128, 0)), [1, -2, 3, 127, -128, 0]],
  ]);
  for (const [file, expected] of files) {
    for (const source of [file, pieces(file, 5, false)]) {
      const wv = await WordVectors.load(source, { keys: ['a', 'b', 'c'] });
      expect(contents(wv)).toEqual({ keys: ['a', 'b', 'c'], bits: bits(expected) });
      wv.dispose();
    }
  }
  const wv = await WordVectors.load(files[0][0], { limit: 2 });
  expect(contents(wv)).toEqual({ keys: ['0', '1'], bits: bits(values.slice(0, 4)) });
  wv.dispose();
  const [file] = files[0];
  await errorOf(() => WordVectors.load(file, { keys: ['a'] }), 'shape_mismatch');
  await errorOf(() => WordVectors.load(file, { keys: ['a', 'a', 'b'] }), 'invalid_argument');
  await errorOf(() => WordVectors.load(file.subarray(0, file.length - 1)), 'bad_file');
  const data = new Float32Array(6);
  await errorOf(() => WordVectors.load(npy('<f4', '2, 3', data, { fortran: 'True' })), 'unsupported');
  await errorOf(() => WordVectors.load(npy('<f4', '6,', data)), 'unsupported');
  await errorOf(() => WordVectors.load(npy('<f4', '1, 2, 3', data)), 'unsupported');
  await errorOf(() => WordVectors.load(npy('|O', '2, 3', data)), 'unsupported');
  await errorOf(() => WordVectors.load(npy('<f4', '3, 0', data)), 'bad_file');
  await errorOf(() => WordVectors.load(npy('<f4', '4000000000, 300', data)), 'bad_file');
  await errorOf(() => WordVectors.load(npy('<f4', '99999999999999999999, 3', data)), 'bad_file');
});

/** @param {string} text @param {import('../../web/words/word_vectors.js').WordVectorsOptions} [options] */
async function loaded(text, options) {
  const wv = await WordVectors.load(utf8(text), options);
  const found = wv.indexToKey.map((key) => [key, ...wv.get(key)]);
  wv.dispose();
  return found;
}

test('text: the forms that occur in practice', async () => {
  const plain = [
    ['a', 1, 2],
    ['b', 3, 4],
  ];
  for (const text of [
    '2 2\na 1 2\nb 3 4\n',
    '2 2\na 1 2\nb 3 4', // no line break at the end
    '2 2\r\na 1 2\r\nb 3 4\r\n',
    '2 2 \na 1 2 \nb 3 4 \n\n\n', // as fastText writes them
    '2\t2\na\t1\t2\nb\t3\t4\n',
    '\ufeff2 2\na 1 2\nb 3 4\n',
    'a 1 2\nb 3 4\n',
    '\ufeffa 1 2\r\nb 3 4\r\n\r\n',
    'a  1  2\n b 3 4\n\n',
    'a 1 2\nb 3 4\na 5 6\n', // the first row of a repeated key is used
    '3 2\na 1 2\na 9 9\nb 3 4\n',
  ]) {
    expect([text, await loaded(text)]).toEqual([text, plain]);
  }
  expect(await loaded('3 1\na 1\n7 2\n. -3\n')).toEqual([
    ['a', 1],
    ['7', 2],
    ['.', -3],
  ]);
  expect(await loaded('new york 1 2\n. . . 3 4\n1 2 3 5 6\n 7 8\n')).toEqual([
    ...[
      ['new york', 1, 2],
      ['. . .', 3, 4],
      ['1 2 3', 5, 6],
      ['', 7, 8],
    ],
  ]);
  // If fields are separated by spaces, tabs belong to keys.
  expect(await loaded('3 2\n\t. 1 2\na\t 3 4\ne\t0.5 5 6')).toEqual([
    ['\t.', 1, 2],
    ['a\t', 3, 4],
    ['e\t0.5', 5, 6],
  ]);
  expect(await loaded('1 1\n\u001c 7')).toEqual([['\u001c', 7]]);
  expect(await loaded('\ufeff 1 2\n')).toEqual([['\ufeff', 1, 2]]);
  expect(await loaded('a nan inf\n\u2028x\u0085\u00a0 -Infinity 1e39\n')).toEqual([
    ...[
      ['a', NaN, Infinity],
      ['\u2028x\u0085\u00a0', -Infinity, Infinity],
    ],
  ]);
  expect(await loaded('0 300\n')).toEqual([]);
  expect(await loaded('5 2\na 1 2\nb 3', { limit: 1 })).toEqual([['a', 1, 2]]);
  expect(await loaded('a 1 2\nb 3', { limit: 1 })).toEqual([['a', 1, 2]]);
  expect(await loaded('a 1 2\n', { limit: 0 })).toEqual([]);
});

test('keys that are not UTF-8 get U+FFFD, or are decoded by the encoding option', async () => {
  const file = Uint8Array.of(...utf8('caf'), 0xe9, ...utf8(' 1 2\nb 3 4\n'));
  const replaced = await WordVectors.load(file);
  expect(replaced.indexToKey).toEqual(['caf\ufffd', 'b']);
  const latin1 = await WordVectors.load(file, { encoding: 'latin1' });
  expect(latin1.indexToKey).toEqual(['café', 'b']);
  await errorOf(() => WordVectors.load(file, { encoding: 'klingon' }), 'invalid_argument');
});

/** @param {string} header @param {[string, number[]][]} rows @param {string} [between] */
function binary(header, rows, between = '') {
  const parts = rows.flatMap(([key, vector]) => [
    ...[...utf8(`${key} `), ...new Uint8Array(Float32Array.from(vector).buffer), ...utf8(between)],
  ]);
  return Uint8Array.from([...utf8(header), ...parts]);
}

test('binary: with and without line breaks before keys, repeated keys, one number per row', async () => {
  const rows = /** @type {[string, number[]][]} */ ([
    ['a', [1, 2]],
    ['b\nc', [3, 4]],
    ['a', [5, 6]],
  ]);
  for (const between of ['', '\n', '\n\n']) {
    const wv = await WordVectors.load(binary('3 2\n', rows, between));
    expect(wv.indexToKey).toEqual(['a', 'b\nc']);
    expect(wv.table.rows).toBe(2);
    expect([...wv.vectors(['b\nc', 'a']).data]).toEqual([3, 4, 1, 2]);
    wv.dispose();
  }
  const one = await WordVectors.load(
    binary('2 1\n', [
      ['a', [1]],
      ['', [-2]],
    ]),
  );
  expect([...one.get('a'), ...one.get('')]).toEqual([1, -2]);
});

test.each(
  /** @type {[string, string | Uint8Array, string, RegExp?][]} */ ([
    ['an empty file', '', 'bad_file', /empty/],
    ['an HTML page', '<!DOCTYPE html><html></html>', 'bad_file', /HTML/],
    ['prose', 'It was a dark and stormy night\nthe rain fell', 'bad_file', /It was a dark/],
    ['JSON', '{"a": [1, 2]}', 'bad_file'],
    ['fewer rows than announced', '3 2\na 1 2\nb 3 4\n', 'bad_file', /says 3 .*has 2/],
    ['more rows than announced', '1 2\na 1 2\nb 3 4\n', 'bad_file', /more bytes after/],
    ['a billion rows', '1000000000 300\na 1 2\n', 'bad_file', /1000000000/],
    ['rows beyond 2^53', '99999999999999999999 300\na 1 2\n', 'bad_file'],
    ['no numbers per row', '5 0\na\n', 'bad_file'],
    ['a billion numbers per row', '1 1000000000\na 1 2\n', 'bad_file'],
    ['a short line', 'a 1 2 3\nb 1 2\n', 'bad_file', /line 2/],
    ['a long line', 'a 1 2 3\nb 1 2 3 4\n', 'bad_file', /line 2/],
    ['a header with a wrong dim', '2 3\na 1 2\nb 3 4\n', 'bad_file', /line 2/],
    ['a line that ends within a number', 'a 1 2 3\nb 1 2 3e', 'bad_file', /3e/],
    ['a word among numbers', '2 3\na 1 x 3\nb 1 2 3\n', 'bad_file', /line 2.*"x"/],
    ['a hexadecimal number', 'a 1 2\nb 1 0x2\n', 'bad_file', /0x2/],
    [
      'a truncated binary file',
      binary('2 3\n', [
        ['a', [0.1, 2, 3]],
        ['b', [4, 5, 6]],
      ]).slice(0, -1),
      'bad_file',
      /promises|truncated/,
    ],
    [
      'a binary file with more bytes',
      binary('1 3\n', [
        ['a', [0.1, 2, 3]],
        ['b', [4, 5, 6]],
      ]),
      'bad_file',
      /more bytes after/,
    ],
    ['a key without end', binary('1 2\n', [[`\u0001${'x'.repeat(70_000)}`, [1, 2]]]), 'bad_file', /key/],
    [
      'a PyTorch checkpoint',
      Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(22), 16, 0, 0, 0, ...utf8('archive/data.pkl')),
      'unsupported',
      /PyTorch.*save/,
    ],
    [
      'a zip archive',
      Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(22), 16, 0, 0, 0, ...utf8('glove.6B.50d.txt')),
      'unsupported',
      /glove.6B.50d.txt.*unpack/,
    ],
    ['a pickle', Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc), 'unsupported', /pickle.*save_word2vec_format/],
    ['GGUF', 'GGUF\u0003\0\0\0', 'unsupported', /GGUF/],
    ['safetensors', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, ...utf8('{"a":{}}')), 'unsupported', /safetensors/],
    ['gzip that is damaged', gzipSync('a 1 2\n').subarray(0, 20), 'bad_file', /gzip/],
    ['gzip in gzip', gzipSync(gzipSync('a 1 2\n')), 'unsupported', /twice/],
    ['gzip of prose', gzipSync('It was a dark and stormy night'), 'bad_file'],
    [
      'a fastText model of another version',
      Uint8Array.of(0xba, 0x16, 0x4f, 0x2f, 13, 0, 0, 0, ...new Uint8Array(56)),
      'unsupported',
      /version 13/,
    ],
    ['a fastText model cut short', Uint8Array.of(0xba, 0x16, 0x4f, 0x2f, 12), 'bad_file'],
  ]),
)('refuses %s', async (_, content, code, message = /./) => {
  const file = typeof content === 'string' ? utf8(content) : content;
  expect(await errorOf(() => WordVectors.load(file), code)).toMatch(message);
  expect(await errorOf(() => WordVectors.load(pieces(file, 3, false)), code)).toMatch(/./);
});

test('numbers that a dtype cannot represent are a bad_file error', async () => {
  for (const text of ['2 2\na 1 2\nb nan 4\n', 'a 1 2\nb 1e39 4\n']) {
    expect(await errorOf(() => loaded(text, { dtype: 'i8' }), 'bad_file')).toMatch('row 1 cannot');
  }
  expect(await loaded('2 2\na 1 2\nb 3 4\n', { dtype: 'f16' })).toEqual([
    ['a', 1, 2],
    ['b', 3, 4],
  ]);
});

test('arguments, and missing files', async () => {
  const file = utf8('a 1 2\n');
  for (const limit of [-1, 1.5, NaN, /** @type {any} */ ('7')]) {
    await errorOf(() => WordVectors.load(file, { limit }), 'invalid_argument');
  }
  await errorOf(() => WordVectors.load(file, { dtype: /** @type {any} */ ('f8') }), 'unsupported');
  await errorOf(() => WordVectors.load(/** @type {any} */ (7)), 'invalid_argument');
  await errorOf(() => WordVectors.load(/** @type {any} */ (null)), 'invalid_argument');
  expect(await errorOf(() => WordVectors.load('no/such/file.txt'), 'not_found')).toMatch('no/such/file.txt');
  await errorOf(() => WordVectors.load(file, { signal: AbortSignal.abort() }), 'aborted');
});

test('an abort ends a long load of bytes in memory', async () => {
  const signal = AbortSignal.timeout(20);
  const rows = utf8(`${'word 0.125 0.25 0.5 1 2 3 4 5 6 7 8 9 10 11 12\n'.repeat(20_000)}`);
  const endless = {
    byteLength: 2 ** 50,
    slice: async () => rows.buffer,
    async *stream() {
      for (;;) yield rows;
    },
  };
  await errorOf(() => WordVectors.load(endless, { signal }), 'aborted');
});

test('limit reads little more than its rows, and progress is reported', async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `w${i} ${i} 0.25 ${-i}`).join('\n');
  for (const text of [lines, `50000 3\n${lines}`]) {
    const source = pieces(utf8(text), 10_000);
    const events = /** @type {any[]} */ ([]);
    const wv = await WordVectors.load(source, { limit: 1000, onProgress: (event) => events.push(event) });
    expect([wv.length, ...wv.get('w999')]).toEqual([1000, 999, 0.25, -999]);
    expect(source.taken).toBeLessThan(60_000);
    expect(events.at(-1)).toMatchObject({ status: 'done', loaded: source.taken, total: source.byteLength });
    wv.dispose();
  }
});

test('many rows of unknown number, in every dtype', async () => {
  const text = Array.from(
    { length: 40_000 },
    (_, i) => `w${i} ${Array.from({ length: 40 }, (_, d) => ((i * 7 + d * 13) % 255) - 127).join(' ')}`,
  );
  const unknown = utf8(text.join('\n'));
  const known = utf8(`40000 40\n${text.join('\n')}\n`);
  for (const dtype of /** @type {const} */ (['f32', 'f16', 'bf16', 'i8', 'i4'])) {
    const [a, b] = [await WordVectors.load(unknown, { dtype }), await WordVectors.load(known, { dtype })];
    expect([a.length, a.table.dtype, a.table.bytes]).toEqual([40_000, dtype, b.table.bytes]);
    const ids = Uint32Array.from({ length: 40_000 }, (_, i) => i);
    expect(
      Buffer.compare(Buffer.from(a.table.lookup(ids).data.buffer), Buffer.from(b.table.lookup(ids).data.buffer)),
    ).toBe(0);
    a.dispose();
    b.dispose();
  }
});

test('searches: keys, vectors and weights, ties and empty queries', async () => {
  const keys = ['a', 'b', 'c', 'd', 'zero'];
  const wv = await WordVectors.from(keys, [3, 0, 0, 2, 1, 1, 5, 0.1, 0, 0]);
  expect(wv.mostSimilar({ positive: 'a', topn: 2 }).map(({ key }) => key)).toEqual(['d', 'c']);
  expect(wv.mostSimilar({ positive: [[0, 1]], topn: 1 })).toEqual([{ key: 'b', score: 1 }]);
  expect(wv.mostSimilar({ positive: ['a'], negative: ['b'], topn: 1 })[0].key).toBe('d');
  expect(
    wv.mostSimilar({
      positive: [
        ['a', 1],
        ['b', -1],
      ],
      topn: 1,
    })[0].key,
  ).toBe('d');
  expect(wv.mostSimilar({ positive: 'a' }).map(({ key }) => key)).toEqual(['d', 'c', 'b', 'zero']);
  expect(wv.mostSimilar({ positive: 'a', topn: 5000 }).map(({ key }) => key)).toEqual(['d', 'c', 'b', 'zero']);
  expect(wv.mostSimilar({ positive: 'a', restrictVocab: 3 }).map(({ key }) => key)).toEqual(['c', 'b']);
  expect(wv.mostSimilar({ positive: 'a', topn: 0 })).toEqual([]);
  expect(wv.similarity('a', 'c')).toBeCloseTo(Math.SQRT1_2, 6);
  expect(wv.similarity('a', 'zero')).toBe(0);
  expect(wv.doesntMatch(['a', 'd', 'b', 'unknown'])).toBe('b');
  expect(wv.mostSimilarCosmul({ positive: 'a', topn: 2 }).map(({ key }) => key)).toEqual(['d', 'c']);
  await errorOf(() => wv.mostSimilarCosmul({ positive: [], negative: 'a' }), 'invalid_argument');
  await errorOf(() => wv.mostSimilar({}), 'invalid_argument');
  await errorOf(() => wv.mostSimilar({ positive: 'a', topn: NaN }), 'invalid_argument');
  await errorOf(() => wv.mostSimilar({ positive: 'a', restrictVocab: -1 }), 'invalid_argument');
  await errorOf(() => wv.mostSimilar({ positive: ['a', 'king'] }), 'not_found');
  await errorOf(() => wv.mostSimilar({ positive: [[1, 2, 3]] }), 'shape_mismatch');
  await errorOf(() => wv.doesntMatch(['x']), 'not_found');
  await errorOf(() => wv.vectors(['a', 'x']), 'not_found');
  await errorOf(() => wv.vectors(['a', 'b'], { into: new Float32Array(3) }), 'shape_mismatch');
  const into = new Float32Array(2);
  expect(wv.get('b', { into })).toBe(into);
  expect([...into]).toEqual([0, 2]);
  wv.dispose();
  wv.dispose();
  await errorOf(() => wv.get('a'), 'disposed');
  await errorOf(() => WordVectors.from(['a', 'a'], [1, 2]), 'invalid_argument');
  await errorOf(() => WordVectors.from(['a', 'b'], [1, 2, 3]), 'shape_mismatch');
});

// Structured mutants: bytes changed, fields made huge, parts dropped, doubled or moved, the end cut off.
const NUMBERS = [0, 1, 255, 127, 128, 10, 32, 13, 9, 0x2d, 0x2e, 0x65];

/** @param {Uint8Array} good @param {(limit: number) => number} random */
function mutant(good, random) {
  let bytes = good.slice();
  const place = () => (random(2) ? random(Math.min(bytes.length, 120)) : random(bytes.length));
  for (let k = random(4); k >= 0 && bytes.length > 8; k--) {
    const at = place();
    const length = 1 + random(16);
    const kind = random(6);
    if (kind < 2) bytes[at] = random(2) ? NUMBERS[random(NUMBERS.length)] : random(256);
    else if (kind === 2)
      new DataView(bytes.buffer).setInt32(random(bytes.length - 4), [-1, 2 ** 31 - 1, 1, 2 ** 20][random(4)], true);
    else if (kind === 3) bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + length));
    else if (kind === 4) bytes = Uint8Array.of(...bytes.subarray(0, at + length), ...bytes.subarray(at));
    else bytes = bytes.slice(0, at);
  }
  return bytes;
}

test.each(
  /** @type {[string, Uint8Array][]} */ ([
    ['word2vec binary', readBytes(`${FOLDER}/small.w2v.bin`)],
    ['word2vec text', readBytes(`${FOLDER}/small.w2v.txt`)],
    ['GloVe', readBytes(`${FOLDER}/small.glove.txt`)],
    ['fastText', readBytes(`${FOLDER}/facebook_no_subwords.bin`)],
    ['fastText with subwords', readBytes(`${FOLDER}/facebook.bin`)],
    ['quantized fastText', readBytes(`${FOLDER}/pruned.ftz`)],
    ['NumPy', npy('<f4', '3, 4', new Float32Array(12))],
  ]),
)(
  'mutants are read or refused, never more: %s',
  async (_, good) => {
    let state = 1;
    const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
    const runs = process.env.WEMBED_FULL ? 100_000 : 500;
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      const bytes = mutant(good, random);
      const source = random(4) ? bytes : pieces(bytes, 1 + random(200), random(2) === 0);
      try {
        const wv = await WordVectors.load(source, {
          dtype: random(4) ? 'f32' : 'i8',
          limit: random(4) ? undefined : 5,
        });
        if (wv.length > 0) wv.get(wv.indexToKey[wv.length - 1]);
        wv.dispose();
      } catch (error) {
        if (!(error instanceof WembedError) || error.code === 'out_of_memory') throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(runs / 10);
    const wv = await WordVectors.load(good);
    expect(wv.length).toBeGreaterThan(0);
    wv.dispose();
  },
  3_600_000,
);
