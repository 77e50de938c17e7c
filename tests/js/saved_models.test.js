// Pruned layers give the same vectors; saved ones are what Python's model2vec loads (tools/golden/saved_models.py).
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore } from '../../web/sources/store_folder.js';
import { pruneTokenizer } from '../../web/tokenizer/prune.js';
import { goldenTexts } from '../support/golden_texts.js';
import { safetensors, smallModel, smallTable, smallTokenizer } from '../support/models.js';
import { CORPUS, SAVED, SIZES, TEXTS, savedModel, staticLayer } from '../support/saved_models.js';
import { EmbeddingLayer, Tokenizer, WembedError, errorOf, loadMini, readJson } from '../support/wembed.js';

const golden = readJson('tests/golden/saved_models.json').models;
const hard = goldenTexts().filter((_, i) => i % 12 === 0);

test.each(SAVED)('model2vec gives the vectors of $name', async (model) => {
  const { layer, files } = await savedModel(model);
  const expected = golden[model.name];
  const hashes = [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]);
  expect(Object.fromEntries(hashes)).toEqual(expected.sha256);
  const loaded = await EmbeddingLayer.fromPretrained(files);
  const { vocabSize, dtype, normalize, maxLength } = loaded.describe();
  expect({ vocabSize, normalize, maxLength }).toEqual({
    ...{ vocabSize: layer.describe().vocabSize, normalize: expected.normalize, maxLength: expected.max_length },
  });
  expect(dtype).toBe({ float32: 'f32', float16: 'f16', int8: 'i8' }[/** @type {string} */ (expected.dtype)]);
  const found = loaded.encode(TEXTS);
  // NumPy adds f16 rows in f16.
  const bound = dtype === 'f16' ? 2 ** -9 : 2e-6;
  expected.vectors.forEach((/** @type {number[]} */ numbers, /** @type {number} */ i) => {
    const row = found.row(i);
    const own = [...row.subarray(0, 12), Math.hypot(...row)];
    const most = Math.max(...numbers.map(Math.abs), ...own.map(Math.abs));
    own.forEach((value, d) => expect(Math.abs(value - numbers[d])).toBeLessThanOrEqual(bound * most));
  });
  // What is loaded again is what was saved.
  if (model.dtype === undefined) expect(found.data).toEqual(layer.encode(TEXTS).data);
  layer.dispose();
  loaded.dispose();
});

/** @type {[string, string, object, import('../../web/models/prune.js').PruneOptions][]} */
const PRUNED = [
  ['WordPiece, the first tokens', 'bert', {}, { keep: 500 }],
  ['WordPiece, a corpus', 'bert', { dtype: 'f16' }, { corpus: hard.slice(0, 300) }],
  ['BPE, the first tokens', 'gpt2', { dtype: 'bf16' }, { keep: 600 }],
  ['BPE, a corpus', 'gpt2', { dtype: 'i4' }, { corpus: CORPUS }],
  ['BPE with a template and weights', 'roberta', { tokens: 'weights' }, { keep: 500, corpus: hard }],
  ['BPE with byte fallback', 'spm_llama', { dtype: 'i8' }, { keep: 520 }],
  ['BPE with byte fallback, a corpus', 'spm_llama', {}, { corpus: hard.slice(0, 100) }],
  ['Unigram, the best scored', 'spm_unigram', { dtype: 'i8', tokens: 'mapping' }, { keep: 400 }],
  ['Unigram, a corpus', 'spm_unigram', { tokens: 'mapping' }, { corpus: CORPUS }],
];

/** To be compared faster than numbers one by one. @param {Float32Array} numbers */
const bitsOf = ({ buffer }) => Buffer.from(buffer).toString('latin1');

test.each(PRUNED)('texts whose tokens stay have the same vectors: %s', async (_, name, options, prune) => {
  const whole = await staticLayer(name, SIZES[/** @type {keyof typeof SIZES} */ (name)], options);
  const layer = await whole.prune(prune);
  const [before, after] = [whole.tokenizer, layer.tokenizer];
  expect(after.vocabSize).toBeLessThan(before.vocabSize);
  expect([after.engine, layer.table.vocabSize]).toEqual(['wasm', after.vocabSize]);
  expect(layer.describe()).toMatchObject({ dtype: whole.describe().dtype, normalize: false, maxLength: 100 });
  let same = 0;
  for (const text of [...hard, ...TEXTS.slice(0, -1)]) {
    for (const addSpecialTokens of [true, false]) {
      const { tokens } = before.encode(text, { addSpecialTokens });
      if (!tokens.every((token) => after.tokenToId(token) !== undefined)) continue;
      expect(after.encode(text, { addSpecialTokens }).tokens.join('\n')).toBe(tokens.join('\n'));
    }
    const { ids, tokens } = before.encode(text, { addSpecialTokens: false });
    if (!tokens.every((token) => after.tokenToId(token) !== undefined)) continue;
    same++;
    const cut = text.length > 100 * Math.min(before.medianTokenLength, after.medianTokenLength);
    if (!cut) expect(bitsOf(layer.encode(text))).toBe(bitsOf(whole.encode(text)));
    const found = after.encode(text, { addSpecialTokens: false }).ids;
    expect(bitsOf(layer.table.lookup(found).data)).toBe(bitsOf(whole.table.lookup(ids).data));
  }
  expect(same).toBeGreaterThan(10);
  // It is a layer of its own, and can be pruned and saved in turn.
  const text = CORPUS[0];
  const vector = layer.encode(text);
  whole.dispose();
  const again = await layer.prune({ corpus: [text] });
  expect(again.encode(text)).toEqual(vector);
  layer.dispose();
  expect(again.encode(text)).toEqual(vector);
  again.dispose();
});

test('keep counts tokens, the needed among them', async () => {
  const mini = await loadMini();
  const layer = await mini.prune({ keep: 5000 });
  expect([layer.table.rows, layer.tokenizer.vocabSize]).toEqual([5000, 5000]);
  expect(layer.encode('the house')).toEqual(mini.encode('the house'));
  // A word that is not there any more is spelled.
  expect(mini.tokenizer.encode('housekeeper').ids.length).toBeLessThan(
    layer.tokenizer.encode('housekeeper').ids.length,
  );
  const least = await mini.prune({ keep: 1 });
  expect(least.tokenizer.tokenToId('[UNK]')).toBeDefined();
  expect(least.tokenizer.encode('qx', { addSpecialTokens: false }).tokens).toEqual(['q', '##x']);
  const counted = await mini.prune({
    corpus: new Map([...['house', 'garden'].map((token) => [token, 3]), ['tree', 0]]),
  });
  expect(['house', 'garden', 'tree'].map((token) => counted.tokenizer.tokenToId(token) !== undefined)).toEqual([
    ...[true, true, false],
  ]);
  expect(counted.tokenizer.vocabSize).toBe(least.tokenizer.vocabSize + 2);
  for (const each of [mini, layer, least, counted]) each.dispose();
});

test('an asynchronous corpus is taken, bad options are not', async () => {
  const layer = await EmbeddingLayer.fromPretrained(smallModel());
  async function* texts() {
    yield 'red greenish';
    yield 'red';
  }
  const pruned = await layer.prune({ corpus: texts() });
  expect(pruned.tokenizer.encode('red green blue').tokens).toEqual(['red', 'green', '[UNK]']);
  pruned.dispose();
  const first = await layer.prune({ corpus: texts(), keep: 3 });
  expect([first.tokenizer.tokenToId('red'), first.tokenizer.tokenToId('green')]).toEqual([2, undefined]);
  first.dispose();
  for (const options of /** @type {any[]} */ ([{}, { keep: 0 }, { keep: 1.5 }, { corpus: 'text' }, { corpus: 5 }])) {
    await errorOf(() => layer.prune(options), 'invalid_argument');
  }
  await errorOf(() => layer.prune({ corpus: /** @type {any} */ ([3]) }), 'invalid_argument');
  await errorOf(() => layer.prune({ corpus: new Map([['red', NaN]]) }), 'invalid_argument');
  await errorOf(() => layer.prune({ corpus: new Map([['purple', 1]]) }), 'not_found');
  const transformer = smallModel({ 'config.json': JSON.stringify({ model_type: 'llama', hidden_size: 4 }) });
  transformer.set(
    'model.safetensors',
    safetensors({ 'model.embed_tokens.weight': { dtype: 'F32', shape: [6, 4], data: smallTable() } }),
  );
  const ends = await EmbeddingLayer.fromPretrained(transformer);
  expect((await ends.prune({ keep: 3 })).table.rows).toBeGreaterThanOrEqual(3);
  expect([...(await ends.save()).keys()]).toContain('config.json');
  ends.dispose();
  await errorOf(() => layer.save({ dtype: /** @type {any} */ ('i4') }), 'unsupported');
  layer.dispose();
  await errorOf(() => layer.prune({ keep: 3 }), 'disposed');
  await errorOf(() => layer.save(), 'disposed');
});

test('a tokenizer that has changed or gone since it was loaded is an error', async () => {
  const files = smallModel();
  const open = (/** @type {string} */ name) => ({ byteLength: 0, ...bytesOf(files.get(name)) });
  const bytesOf = (/** @type {any} */ content) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { byteLength: bytes.length, slice: (/** @type {number[]} */ ...range) => bytes.slice(...range).buffer };
  };
  const place = { name: 'x', open: async (/** @type {string} */ name) => (files.has(name) ? open(name) : null) };
  const layer = await EmbeddingLayer.fromPretrained(place);
  expect((await layer.save()).get('tokenizer.json')).toEqual(new TextEncoder().encode(files.get('tokenizer.json')));
  files.set('tokenizer.json', JSON.stringify(smallTokenizer(['[PAD]', '[UNK]', 'red'])));
  await errorOf(() => layer.save(), 'bad_file');
  files.set('tokenizer.json', '{');
  await errorOf(() => layer.prune({ keep: 3 }), 'bad_file');
  files.delete('tokenizer.json');
  await errorOf(() => layer.prune({ keep: 3 }), 'not_found');
  expect([...layer.encode('red')]).toEqual([2, 2.25, 2.5, 2.75]);
  layer.dispose();
});

test('the signal of a load is not that of a later save', async () => {
  const controller = new AbortController();
  const layer = await loadMini({ signal: controller.signal });
  controller.abort();
  expect([...(await layer.save()).keys()]).toEqual([
    ...['model.safetensors', 'tokenizer.json', 'config.json', 'modules.json'],
  ]);
  layer.dispose();
});

test('saveTo ends where no folder can be made, and makes all folders above its own', async () => {
  const layer = await loadMini();
  const parent = mkdtempSync(join(tmpdir(), 'wembed-save-'));
  symlinkSync(join(parent, 'nowhere'), join(parent, 'link'));
  try {
    for (const folder of ['/proc/x', '/proc/x/y/z', join(parent, 'link', 'x')]) {
      expect(await errorOf(() => layer.saveTo(folder), 'invalid_argument')).toMatch('cannot be written');
    }
    expect(await layer.saveTo(join(parent, 'a', 'b', 'c'))).toHaveLength(4);
    const store = await FolderStore.open('/proc/x');
    const put = store.put({ url: 'http://x/', version: '', part: 'whole' }, {});
    await expect(put).rejects.toThrow('ENOENT');
  } finally {
    rmSync(parent, { recursive: true });
    layer.dispose();
  }
}, 5000);

test('saveTo writes a folder that loads, and leaves nothing else', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'wembed-save-'));
  try {
    const layer = await EmbeddingLayer.fromPretrained(smallModel());
    const folder = join(parent, 'a', 'model');
    const paths = await layer.saveTo(folder);
    expect(paths.map((path) => path.replace(folder, ''))).toEqual([
      ...['/model.safetensors', '/tokenizer.json', '/modules.json', '/config.json'],
    ]);
    await layer.saveTo(folder, { dtype: 'i8' });
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors', 'modules.json', 'tokenizer.json']);
    const loaded = await EmbeddingLayer.fromPretrained(folder);
    expect(loaded.describe()).toMatchObject({ vocabSize: 6, dtype: 'i8', maxLength: 512, normalize: false });
    expect(loaded.similarity('red', 'blue')).toBeCloseTo(layer.similarity('red', 'blue'), 3);
    writeFileSync(join(parent, 'file'), '');
    await errorOf(() => layer.saveTo(join(parent, 'file')), 'invalid_argument');
    expect(readFileSync(join(parent, 'file')).length).toBe(0);
    loaded.dispose();
    layer.dispose();
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test('rewritten tokenizers: every id, in every place', async () => {
  const json = {
    added_tokens: [
      { id: 9, content: '<mask>', special: true },
      { id: 1, content: '<s>', special: true },
    ],
    padding: { strategy: 'BatchLongest', pad_id: 7, pad_token: 'pad' },
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'Sequence',
      processors: [
        { type: 'RobertaProcessing', sep: ['ab', 4], cls: ['<s>', 1], trim_offsets: true, add_prefix_space: false },
        { type: 'ByteLevel', trim_offsets: false },
      ],
    },
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '?',
      vocab: { a: 0, '<s>': 1, b: 2, c: 3, ab: 4, bc: 5, abc: 6, pad: 7, '?': 8, __proto__x: 10, aab: 11 },
      merges: ['a b', ['b', 'c'], 'ab c', 'a bc', 'a ab'],
    },
  };
  const { json: pruned, kept } = pruneTokenizer(json, (vocab) => [/** @type {number} */ (vocab.idOf('abc'))], Infinity);
  expect(pruned.model.vocab).toEqual(
    Object.assign(Object.create(null), { a: 0, '<s>': 1, b: 2, c: 3, ab: 4, abc: 5, pad: 6, '?': 7 }),
  );
  expect(pruned.model.merges).toEqual(['a b', 'ab c']);
  // The vocabulary has 11 tokens, so the reference gives <mask> the id 11, not the free one that the file names.
  expect([...kept]).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 11]);
  expect(pruned.added_tokens.map((/** @type {any} */ { id, content }) => [id, content])).toEqual([
    [1, '<s>'],
    [8, '<mask>'],
  ]);
  expect(pruned.padding.pad_id).toBe(6);
  expect(pruned.post_processor.processors[0]).toMatchObject({ sep: ['ab', 4], cls: ['<s>', 1] });
  const { json: least } = pruneTokenizer(json, () => [], Infinity);
  expect(least.model.merges).toEqual(['a b']); // its end of text is ab
  const tokenizer = await Tokenizer.from(pruned);
  expect(tokenizer.encode('abc').tokens).toEqual(['<s>', 'abc', 'ab']);
  tokenizer.dispose();
});

test('tokenizers with parts that are not there are refused, not crashed on', async () => {
  const good = JSON.stringify({
    ...smallTokenizer(),
    post_processor: { type: 'BertProcessing', sep: ['red', 2], cls: ['blue', 4] },
  });
  let state = 3;
  const random = (/** @type {number} */ limit) => ((state = (state * 48271) % 0x7fffffff), state % limit);
  const runs = process.env.WEMBED_FULL ? 100_000 : 1000;
  let done = 0;
  for (let run = 0; run < runs; run++) {
    const mutant = [...good];
    for (let k = random(2); k >= 0; k--) mutant[random(mutant.length)] = '0129{}[]",:nx'[random(13)];
    const files = smallModel({ 'tokenizer.json': mutant.join('') });
    try {
      const layer = await EmbeddingLayer.fromPretrained(files);
      const pruned = await layer.prune({ keep: 4 });
      pruned.encode('red greenish');
      pruned.dispose();
      layer.dispose();
      done++;
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
    }
  }
  expect(done).toBeGreaterThan(runs / 20);
});
