// SentencePiece models as transformers' classes use them, with pieces of their own before and after the model's: read by
// the text module, beside the same read by JavaScript: one tokenizer, or one error.
import { gunzipSync } from 'node:zlib';
import { tokenizerOfFiles } from '../../web/tokenizer/files/detect.js';
import { Lists } from '../../web/tokenizer/lists.js';
import { LISTS } from '../../web/tokenizer/vocab_json.js';
import { Tokenizer, WembedError, readBytes } from '../support/wembed.js';

const TEXT = 'abc  ab é😀 <s>a</s><mask> <extra_id_0>x y';
const encoder = new TextEncoder();
const floatBytes = (/** @type {number} */ value) => [...new Uint8Array(Float32Array.of(value).buffer)];
const varint = (/** @type {number} */ n) => (n < 128 ? [n] : [(n & 127) | 128, n >>> 7]);
const field = (/** @type {number} */ number, /** @type {number[]} */ bytes) => [
  ...[number * 8 + 2, ...varint(bytes.length)],
  ...bytes,
];

/** SentencePiece.Type */
const TYPES = { '<unk>': 2, '<s>': 3, '</s>': 3, '<y>': 4, '[CLS]': 3, '[SEP]': 3, '<pad>': 3 };
const FAIRSEQ = ['<unk>', '<s>', '</s>'];
const REST = [
  '▁',
  'a',
  'b',
  '▁a',
  'ab',
  '▁ab',
  'c',
  'abc',
  'é',
  '😀',
  'é😀',
  '▁é',
  'x',
  '<y>',
  'y',
  '<',
  's',
  '>',
  's>',
];

/** @param {string[]} pieces @param {number} type of the model: 1 is Unigram, 2 BPE */
const modelOf = (pieces, type) =>
  Uint8Array.from([
    ...pieces.flatMap((piece, i) =>
      field(1, [
        ...[...field(1, [...encoder.encode(piece)]), 0x15, ...floatBytes(piece in TYPES ? 0 : -1.25 * (i % 7)), 0x18],
        /** @type {Record<string, number>} */ (TYPES)[piece] ?? 1,
      ]),
    ),
    ...field(2, [0x18, type, 0xc0, 2, Math.max(0, pieces.indexOf('<unk>'))]),
    ...field(3, [0x18, 0, 0x20, 0]),
  ]);

/** @type {Record<string, { pieces: string[], type?: number }>} what the model of each class begins with */
const CLASSES = {
  XLMRobertaTokenizer: { pieces: FAIRSEQ },
  CamembertTokenizer: { pieces: FAIRSEQ },
  AlbertTokenizer: { pieces: ['<pad>', '<unk>', '[CLS]', '[SEP]', '[MASK]'] },
  T5Tokenizer: { pieces: ['<pad>', '</s>', '<unk>'] },
  NllbTokenizer: { pieces: FAIRSEQ, type: 2 },
  MBartTokenizer: { pieces: FAIRSEQ },
  MBart50Tokenizer: { pieces: FAIRSEQ },
  PegasusTokenizer: { pieces: ['<pad>', '</s>', '<unk>'] },
  BigBirdTokenizer: { pieces: ['<unk>', '<s>', '</s>', '<pad>', '[SEP]', '[MASK]', '[CLS]'] },
  RemBertTokenizer: { pieces: ['<pad>', '<unk>', '[CLS]', '[SEP]', '[MASK]'] },
  DebertaV2Tokenizer: { pieces: ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]', '<unk>'] },
  XLNetTokenizer: { pieces: ['<unk>', '<s>', '</s>', '<cls>', '<sep>', '<pad>', '<mask>'] },
  LlamaTokenizer: { pieces: FAIRSEQ, type: 2 },
  GemmaTokenizer: { pieces: ['<pad>', '<eos>', '<bos>', '<unk>', '<mask>'], type: 2 },
};

/** @param {Uint8Array} model @param {object} config tokenizer_config.json */
const jsonOf = (model, config) => {
  const files = new Map([
    ['tokenizer.model', model],
    ['tokenizer_config.json', encoder.encode(JSON.stringify(config))],
  ]);
  const read = async (/** @type {string} */ name) => files.get(name) ?? null;
  return /** @type {Promise<any>} */ (tokenizerOfFiles(read, [], {}));
};

/** @param {() => any} make what `Tokenizer.from` takes */
async function outcome(make) {
  try {
    const json = await make();
    const tokenizer = await Tokenizer.from(json);
    const { ids, tokens, offsets } = tokenizer.encode(TEXT, { offsets: true });
    // To the last bit of a score. BPE's vocabulary is stored with ids where JavaScript made it.
    const saved = json.model.type === 'Unigram' && Buffer.from(tokenizer.save()).toString('base64');
    const result = { ids: [...ids], tokens, offsets, text: tokenizer.decode(ids), unk: tokenizer.unkId, saved };
    tokenizer.dispose();
    return result;
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** @param {Uint8Array} model @param {object} config */
async function both(model, config) {
  // A model that is copied has lists that JavaScript makes.
  const copied = (/** @type {any} */ json) => ({ ...json, model: { ...json.model } });
  const listed = await outcome(() => jsonOf(model, config));
  const made = await outcome(async () => copied(await jsonOf(model, config)));
  return [listed, made];
}

test.each(Object.entries(CLASSES))('%s: the text module reads its pieces', async (name, { pieces, type = 1 }) => {
  const model = modelOf([...pieces, ...REST], type);
  const config = { tokenizer_class: name, src_lang: name.startsWith('MBart') ? 'en_XX' : '▁a' };
  const [listed, made] = await both(model, config);
  expect(listed).toEqual(made);
  expect(listed.code).toBe(undefined);
  const lists = await Lists.make();
  const json = await jsonOf(model, config);
  expect(LISTS.get(json.model)?.(lists)).toBe(true);
  const { vocab } = json.model;
  expect(lists.section.size).toBe(Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length);
  lists.free();
});

const XLMR = CLASSES.XLMRobertaTokenizer.pieces;
test.each(
  /** @type {[string, string[], object, string?][]} */ ([
    ['XLM-R, its mask token among the pieces', [...XLMR, ...REST, '<mask>'], {}, 'bad_file'],
    ['XLM-R, its padding token among the pieces', [...XLMR, ...REST, '<pad>'], {}, 'bad_file'],
    ['XLM-R, two roles of one token', [...XLMR, ...REST], { pad_token: '<s>' }, 'bad_file'],
    [
      'XLM-R, other tokens',
      [...XLMR, ...REST],
      { pad_token: '<p>', mask_token: { __type: 'AddedToken', content: '[M]', lstrip: true } },
    ],
    ['XLM-R, a token that is half a pair', [...XLMR, ...REST], { pad_token: '\ud800' }, 'bad_file'],
    ['XLM-R, an empty token', [...XLMR, ...REST], { pad_token: '' }, 'unsupported'],
    ['XLM-R, a token of 2,000 characters', [...XLMR, ...REST], { mask_token: 'é'.repeat(2000) }, 'unsupported'],
    ['XLM-R, fewer pieces than are left out', ['<unk>', '<s>'], {}],
    ['XLM-R, a piece that is left out elsewhere', ['<unk>', 'q', '</s>', ...REST, '<s>'], {}, 'bad_file'],
    ['XLM-R, a piece twice', [...XLMR, ...REST, 'a'], {}, 'bad_file'],
    [
      'NLLB, its pieces at the end',
      [...REST, ...FAIRSEQ, '<pad>'],
      { tokenizer_class: 'NllbTokenizer', src_lang: 'a' },
    ],
    [
      'NLLB, a piece that is its token twice',
      [...FAIRSEQ, ...REST, '<s>'],
      { tokenizer_class: 'NllbTokenizer', src_lang: 'a' },
    ],
    ['T5, no further tokens', ['<pad>', '</s>', '<unk>', ...REST], { tokenizer_class: 'T5Tokenizer', extra_ids: 0 }],
    [
      'T5, a further token among the pieces',
      ['<pad>', '</s>', '<unk>', ...REST, '<extra_id_7>'],
      { tokenizer_class: 'T5Tokenizer' },
      'bad_file',
    ],
    ['Pegasus, few tokens', ['<pad>', '</s>', '<unk>', ...REST], { tokenizer_class: 'PegasusTokenizer', offset: 2 }],
  ]).map(([what, ...row]) => [what, row]),
)('%s', async (_, [pieces, config, code]) => {
  const type = /** @type {any} */ (config).tokenizer_class === 'NllbTokenizer' ? 2 : 1;
  const model = modelOf(/** @type {string[]} */ (pieces), type);
  const [listed, made] = await both(model, {
    tokenizer_class: 'XLMRobertaTokenizer',
    .../** @type {object} */ (config),
  });
  expect(listed).toEqual(made);
  expect(listed.code).toBe(code);
});

test('models with any byte changed', async () => {
  const differ = [];
  for (const [name, { pieces, type = 1 }] of Object.entries(CLASSES)) {
    const whole = modelOf([...pieces, ...REST], type);
    for (let at = name.length; at < whole.length; at += 11) {
      const changed = whole.with(at, [0x00, 0x01, 0x0a, 0x15, 0x61, 0x7f, 0x80, 0xff][at % 8]);
      const [listed, made] = await both(changed, {
        tokenizer_class: name,
        src_lang: name.startsWith('MBart') ? 'en_XX' : '▁a',
      });
      if (JSON.stringify(listed) !== JSON.stringify(made)) differ.push([name, at, listed, made]);
    }
  }
  expect(differ).toEqual([]);
});

describe('texts that hold special tokens, as transformers has them', () => {
  const unzipped = (/** @type {string} */ name) =>
    JSON.parse(gunzipSync(readBytes(`tests/golden/${name}.json.gz`)).toString());
  const { texts, cases } = unzipped('class_specials');
  test.each(/** @type {any[]} */ (cases).map((each) => [each.model, JSON.stringify(each.config), each]))(
    '%s %s',
    async (name, config, { ids, decoded }) => {
      const { files } = unzipped(`vocab_files/${name}`);
      const file = Object.keys(files).find((each) => each.endsWith('.model')) ?? '';
      const model = Uint8Array.from(Buffer.from(files[file].base64, 'base64'));
      const tokenizer = await Tokenizer.fromPretrained(
        new Map([
          [file, model],
          ['tokenizer_config.json', encoder.encode(config)],
        ]),
      );
      const found = texts.map((/** @type {string} */ each) => [...tokenizer.encode(each).ids]);
      expect(found).toEqual(ids);
      const back = ids.map((/** @type {number[]} */ each) => tokenizer.decode(each, { skipSpecialTokens: true }));
      expect(back).toEqual(decoded);
      tokenizer.dispose();
    },
  );
});

describe('an unknown token at another id than usual', () => {
  const { texts, cases } = JSON.parse(new TextDecoder().decode(readBytes('tests/golden/class_unknowns.json')));
  test.each(/** @type {any[]} */ (cases).map((each) => [each.class, each.unknown, each]))(
    '%s, %i: the ids of transformers',
    async (name, _, { file, model, ids }) => {
      const tokenizer = await Tokenizer.fromPretrained({
        [file]: Uint8Array.from(Buffer.from(model, 'base64')),
        'tokenizer_config.json': JSON.stringify({ tokenizer_class: name }),
      });
      expect(texts.map((/** @type {string} */ each) => [...tokenizer.encode(each).ids])).toEqual(ids);
      tokenizer.dispose();
    },
  );
});
