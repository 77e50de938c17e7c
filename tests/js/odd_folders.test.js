// Folders of static models that somebody changed by hand, and what model2vec and sentence-transformers make of them
// (tools/golden/odd_folders.py).
import { EmbeddingLayer, WembedError, inspect, readJson } from '../support/wembed.js';

const { texts, contents, folders } = readJson('tests/golden/odd_folders.json');

/** Refused, though a library reads them: each with what it says. @type {[RegExp, RegExp][]} */
const REFUSED = [
  [/^(m2v|st) (int16|int32|uint8)/, /tables are F64, F32, F16, BF16 or I8/], // nobody writes them
  [/^mapping (float32|bool|of two dimensions)$/, /'mapping' is .* not \(vocab\) of a dtype/],
  [/^(st embeddings, negative mapping|mapping negative)$/, /out of range: -5/], // Python counts them from the end
  [/^weights (u?int\d+|bfloat16)/, /'weights' is .* not \(vocab\) of a dtype/],
  [/^weights too long$/, /20 weights for a vocabulary of 12/],
  [/^normalize ('|\[|\{)/, /config.json has normalize/], // "false" is true in Python
  [/^max_length (0|-1|2.5|'3'|True|False)$/, /config.json has max_length/],
  [/^truncate_dim (0|-1|True)$/, /truncate_dim is/],
  [/^prompts: a number$/, /prompts is/],
  [
    /^dense with torch.nn.(Softmax|modules.activation.(Tanhshrink|Softshrink|Hardshrink|RReLU))$/,
    /is not one of torch's/,
  ],
  [/^dense with transformers.activations.GELUActivation$/, /is not one of/], // sentence-transformers takes tanh instead
];

/** Loaded, though both libraries refuse them: nothing else can be meant. */
const LENIENT = new RegExp(
  `^(${[
    'without modules.json and config|embeddings.safetensors|vocab.txt instead of tokenizer.json',
    'st int8|m2v bfloat16|more rows than tokens, m2v|max_length 2.0|truncate_dim 2.0|prompts: null',
    'tokenizer (without (unk_token|continuing_subword_prefix|max_input_chars_per_word)|truncation (3, stride 3|only_second|without stride))',
    'tokenizer truncation (of another direction|that is lower case), m2v', // which cuts by its own rules
    'tokenizer Unigram without unk_id', // texts whose characters are all known
  ].join('|')})`,
);

/** @param {{ files: Record<string, number> }} folder */
const filesOf = ({ files }) =>
  Object.fromEntries(
    Object.entries(files).map(([name, at]) => [
      name,
      typeof contents[at] === 'string' ? contents[at] : new Uint8Array(Buffer.from(contents[at].base64, 'base64')),
    ]),
  );

/** @param {any} folder @returns {Promise<{ rules: string, vectors: number[][] } | { why: string }>} */
async function encoded(folder) {
  try {
    const layer = await EmbeddingLayer.fromPretrained(filesOf(folder));
    try {
      const { rules } = layer.describe();
      return { rules: String(rules), vectors: texts.map((/** @type {string} */ text) => [...layer.encode(text)]) };
    } finally {
      layer.dispose();
    }
  } catch (error) {
    if (error instanceof WembedError) return { why: error.message };
    throw error;
  }
}

test.each(Object.keys(folders))(
  'vectors are those of the library whose rules the folder gets, or none: %s',
  async (name) => {
    const folder = folders[name];
    const found = await encoded(folder);
    const [, why] = REFUSED.find(([names]) => names.test(name)) ?? [];
    if ('why' in found) {
      const read = ['model2vec', 'sentence-transformers'].filter((library) => typeof folder[library] !== 'string');
      // sentence-transformers alone reads modules.json: what it refuses there is not model2vec's to load.
      if (why) expect(found.why).toMatch(why);
      else
        expect(read).toEqual(
          read.filter((library) => library === 'model2vec' && folder.files['modules.json'] !== undefined),
        );
      return;
    }
    expect(why).toBeUndefined();
    const expected = folder[found.rules];
    if (typeof expected === 'string') {
      expect(name).toMatch(LENIENT);
      return;
    }
    // The libraries work in the table's own precision, wembed in single.
    const bound = name.includes('bfloat16') ? 2 ** -7 : name.includes('float16') ? 2 ** -10 : 5e-6; // recorded with six digits
    expect(found.vectors.map((row) => row.length)).toEqual(expected.map((/** @type {number[]} */ row) => row.length));
    found.vectors.forEach((row, i) => {
      const most = Math.max(...expected[i].map(Math.abs), 1e-6);
      // In half precision torch divides zeros by 1e-12, which is 0 there.
      row.forEach((value, j) => expect(Math.abs(value - (expected[i][j] ?? 0))).toBeLessThanOrEqual(bound * most));
    });
  },
);

test.each(Object.keys(folders))('inspect finds the table that fromPretrained loads: %s', async (name) => {
  const found = await encoded(folders[name]);
  if ('why' in found) return;
  const { layer } = await inspect(filesOf(folders[name]));
  expect(layer?.dim).toBeGreaterThanOrEqual(1);
  expect(layer?.tensors[0]).toMatch(/^(embeddings|embedding\.weight)$/);
});
