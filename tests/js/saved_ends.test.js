// A transformer's two ends, pruned and saved, as transformers loads them (tools/golden/saved_ends.py).
import { smallTokenizer } from '../support/models.js';
import { filesOf as filesOfType, filled, madeTypes } from '../support/model_types.js';
import { ENDS, KEPT, WORDS, filesOf, savedEnds } from '../support/saved_ends.js';
import { EmbeddingLayer, Matrix, errorOf, readBytes, readJson } from '../support/wembed.js';

const { ids, models } = readJson('tests/golden/saved_ends.json');
const OLD_IDS = [0, 1, ...KEPT.map((word) => WORDS.indexOf(word))].sort((a, b) => a - b);

/** @param {ArrayLike<number>} found @param {number[]} expected @param {number} bound relative to the largest */
function expectNear(found, expected, bound) {
  const most = Math.max(...expected.map(Math.abs));
  expect(found.length).toBe(expected.length);
  expected.forEach((each, i) => expect(Math.abs(found[i] - each)).toBeLessThanOrEqual(bound * most));
}

/** @param {EmbeddingLayer} layer */
function scoresOf({ head }) {
  if (!head) throw new Error('no head');
  return head.logits(new Matrix(filled('hidden', [1, head.dim]), 1, head.dim)).data;
}

describe.each(ENDS)('%s', (name) => {
  test('what is saved is what transformers loads, whole and pruned', async () => {
    const { layer, pruned, whole, small } = await savedEnds(EmbeddingLayer, name);
    for (const [kind, made, files] of /** @type {const} */ ([
      ['whole', layer, whole],
      ['small', pruned, small],
    ])) {
      const { rows, table, logits } = models[name][kind];
      const loaded = await EmbeddingLayer.fromPretrained(files);
      for (const each of [made, loaded]) {
        expect(each.table.rows).toBe(rows);
        expectNear(each.table.lookup(ids).data, table, 0);
        if (logits) expectNear(scoresOf(each), logits, 2e-5);
      }
      expect(loaded.embed([1, 4, 2]).data).toEqual(made.embed([1, 4, 2]).data);
      expect(loaded.describe()).toEqual({ ...made.describe(), bytes: expect.any(Number) });
      loaded.dispose();
    }
    pruned.dispose();
    layer.dispose();
  });

  test('the rows and scores of the tokens that stay are the same, bit for bit', async () => {
    const layer = await EmbeddingLayer.fromPretrained(filesOf(name));
    const pruned = await layer.prune({ corpus: new Map(KEPT.map((word) => [word, 1])) });
    const text = 'w30 w3 w17 w3';
    const [old, now] = [layer, pruned].map(({ tokenizer }) => tokenizer.encode(text));
    expect(now.tokens).toEqual(old.tokens);
    expect(pruned.embed(now.ids).data).toEqual(layer.embed(old.ids).data);
    if (layer.head) {
      const scores = scoresOf(layer);
      expect(scoresOf(pruned)).toEqual(Float32Array.from(OLD_IDS, (id) => scores[id]));
    }
    layer.dispose();
    const again = await pruned.prune({ keep: 3 });
    expect(again.tokenizer.encode('w3').tokens).toEqual(['w3']);
    again.dispose();
    pruned.dispose();
  });
});

test('numbers of the config stay as they were written', async () => {
  const files = filesOf('gemma2_float32');
  const config = files['config.json'].replace(/"final_logit_softcapping":[^,}]*/, '"final_logit_softcapping":30.0');
  const layer = await EmbeddingLayer.fromPretrained({ ...files, 'config.json': config });
  const saved = new TextDecoder().decode((await layer.save()).get('config.json'));
  expect(saved).toMatch(/"final_logit_softcapping": 30\.0/);
  expect(JSON.parse(saved)).toMatchObject({ num_hidden_layers: 0, tie_word_embeddings: true, vocab_size: 40 });
  layer.dispose();
});

test('dtypes: f32, f16 and bf16 as they are or converted; others are written as f32', async () => {
  const dtypeOf = async (/** @type {any} */ kept, /** @type {any} */ dtype) => {
    const layer = await EmbeddingLayer.fromPretrained(filesOf('llama'), { dtype: kept });
    const loaded = await EmbeddingLayer.fromPretrained(await layer.save({ dtype }));
    const found = loaded.table.dtype;
    layer.dispose();
    loaded.dispose();
    return found;
  };
  expect(await dtypeOf('f32', 'auto')).toBe('f32');
  expect(await dtypeOf('bf16', 'auto')).toBe('bf16');
  expect(await dtypeOf('i8', 'auto')).toBe('f32');
  expect(await dtypeOf('f32', 'f16')).toBe('f16');
  const layer = await EmbeddingLayer.fromPretrained(filesOf('llama'));
  expect(await errorOf(() => layer.save({ dtype: 'i8' }), 'unsupported')).toMatch(/transformers reads no 'i8'/);
  layer.dispose();
});

test('what cannot be pruned or saved says why, and the layer is of use afterwards', async () => {
  const files = Object.entries(filesOf('bert_mlm')).filter(([file]) => file !== 'tokenizer.json');
  const bare = await EmbeddingLayer.fromPretrained(Object.fromEntries(files));
  await errorOf(() => bare.prune({ keep: 5 }), 'not_found');
  expect((await bare.save()).has('tokenizer.json')).toBe(false);
  bare.dispose();
  const gguf = await EmbeddingLayer.fromPretrained({ 'x.gguf': readBytes('tests/golden/gguf/llama.gguf') });
  expect(await errorOf(() => gguf.save(), 'unsupported')).toMatch(/GGUF/);
  expect(gguf.embed([1]).rows).toBe(1);
  gguf.dispose();
  const layer = await EmbeddingLayer.fromPretrained(filesOf('bert_mlm'));
  await errorOf(() => layer.prune({}), 'invalid_argument');
  expect(layer.embed([1]).rows).toBe(1);
  layer.dispose();
});

test('every model type that is saved, whole or pruned, loads again with the same rows and scores', async () => {
  const corpus = new Map(KEPT.map((word) => [word, 1]));
  let saved = 0;
  for (const [name, made] of madeTypes()) {
    const files = { ...filesOfType(made), 'tokenizer.json': JSON.stringify(smallTokenizer(WORDS)) };
    const layer = await EmbeddingLayer.fromPretrained(files).catch(() => undefined);
    if (!layer) continue; // tests/js/model_types.test.js says which
    if (/^(mobilebert|molmo2)/.test(name)) {
      await errorOf(() => layer.save(), 'unsupported'); // a table in two tensors
      layer.dispose();
      continue;
    }
    const pruned = await layer.prune({ corpus });
    for (const each of [layer, pruned]) {
      const again = await EmbeddingLayer.fromPretrained(await each.save());
      const scores = [each, again].map(({ head }) => head && [...head.logits(filled('hidden', [1, head.dim]))]);
      expect([name, scores[1], [...again.embed([0, 1, 4]).data]]).toEqual([
        name,
        scores[0],
        [...each.embed([0, 1, 4]).data],
      ]);
      again.dispose();
      each.dispose();
    }
    saved++;
  }
  expect(saved).toBeGreaterThan(460);
}, 600_000);

test.each([
  ['chinese_clip_text_model', 1, 1],
  ['chinese_clip_text_model', -1, 39],
  ['funnel', 7, 7],
  ['youtu', 7, 7],
])(
  'the row of padding is zeros where the class makes it so after loading, as it is saved: %s, %d',
  async (name, id, row) => {
    const files = filesOfType(/** @type {any} */ (madeTypes().get(name)));
    const config = JSON.stringify({ ...JSON.parse(files['config.json']), pad_token_id: id });
    for (const dtype of /** @type {const} */ (['auto', 'i8', 'i4'])) {
      const layer = await EmbeddingLayer.fromPretrained({ ...files, 'config.json': config }, { dtype });
      const again = await EmbeddingLayer.fromPretrained(await layer.save());
      for (const { table } of [layer, again]) {
        expect(table.row(row).every((value) => value === 0)).toBe(true); // i4 has -0
        expect(table.row(row - 1).some((value) => value !== 0)).toBe(true);
      }
      layer.dispose();
      again.dispose();
    }
    const beyond = JSON.stringify({ ...JSON.parse(files['config.json']), pad_token_id: 40 });
    const load = () => EmbeddingLayer.fromPretrained({ ...files, 'config.json': beyond });
    expect(await errorOf(load, 'bad_file')).toMatch('pad_token_id is 40, and the token table has 40 rows');
  },
);

test('ids whose tokens are gone are -1 in the config, that of padding is null, and lists of layers are empty', async () => {
  const files = filesOf('llama');
  const more = {
    ...{ bos_token_id: 9, eos_token_id: [8, 3], pad_token_id: 11, decoder_start_token_id: null, image_token_id: 12 },
    ...{ layer_types: ['full_attention', 'full_attention'], mlp_layers: [1, 2], num_hidden_layers: 2 },
  };
  const config = JSON.stringify({ ...JSON.parse(files['config.json']), ...more });
  const layer = await EmbeddingLayer.fromPretrained({ ...files, 'config.json': config });
  const pruned = await layer.prune({ corpus: new Map([['w1', 1]]) }); // id 3
  const saved = JSON.parse(new TextDecoder().decode((await pruned.save()).get('config.json')));
  expect(saved).toMatchObject({
    bos_token_id: -1,
    eos_token_id: [2],
    pad_token_id: null,
    decoder_start_token_id: null,
  });
  expect(saved).toMatchObject({ image_token_id: -1, layer_types: [], mlp_layers: [], num_hidden_layers: 0 });
  pruned.dispose();
  layer.dispose();
});
