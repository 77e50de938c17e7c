// Files whose vocabulary and merges the text module reads, beside the same read by JavaScript: one tokenizer, or one error.
import { tokenizerOfBytes, tokenizerOfFiles } from '../../web/tokenizer/files/detect.js';
import { Tokenizer, WembedError } from '../support/wembed.js';

const VOCAB = '{"a":0,"b":1,"ab":2,"c":3,"abc":4,"é":5,"😀":6,"é😀":7,"<unk>":8,"\\"":9,"\\\\":10,"\\"\\\\":11,"�":12}';
const MERGES = '["a b",["ab","c"],"é \\ud83d\\ude00","\\" \\\\"]';
const REST = '"unk_token":"<unk>","dropout":null,"byte_fallback":false';
const TEXT = 'abc ab é😀 x"\\\\ �<x>a<y>';

/** @param {string} model @param {string} [more] */
const file = (model, more = '') => `{"version":"1.0",${more}"model":{"type":"BPE",${model}}}`;
/** @param {string} vocab @param {string} [merges] @param {string} [rest] */
const bpe = (vocab, merges = MERGES, rest = REST) => file(`${rest},"vocab":${vocab},"merges":${merges}`);
const added = (/** @type {string} */ ...tokens) => `"added_tokens":[${tokens.join(',')}],`;

/** What comes of it: ids and tokens, or the error. @param {any} source */
async function outcome(source) {
  try {
    const tokenizer = await Tokenizer.from(source);
    const { ids, tokens } = tokenizer.encode(TEXT);
    const result = {
      ids: [...ids],
      tokens,
      size: tokenizer.vocabSize,
      unk: tokenizer.unkId,
      text: tokenizer.decode(ids),
    };
    tokenizer.dispose();
    return result;
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return { code: error.code, message: error.message };
  }
}

const bytesOf = (/** @type {string} */ json) => new TextEncoder().encode(json);

/** @type {[string, string, string?][]} what, the file, how it ends (an error's code) */
const FILES = [
  ['as usual', bpe(VOCAB)],
  ['merges before the vocabulary', file(`"merges":${MERGES},"vocab":${VOCAB},${REST}`)],
  ['no type', file(`"merges":${MERGES},"vocab":${VOCAB},${REST}`).replace('"type":"BPE",', '')],
  ['spaces between all', bpe(VOCAB).replace(/(?<=[,:[\]{}])(?=[^\\])/g, ' \n\t')],
  ['escaped tokens', bpe(VOCAB.replace('"a"', '"\\u0061"').replace('é😀', '\\u00e9\\uD83D\\uDE00'))],
  ['a token twice: the last counts', bpe(VOCAB.replace('}', ',"a":20}'))],
  ['a token twice, once escaped', bpe(VOCAB.replace('}', ',"\\u0061":20}'))],
  ['an id twice', bpe(VOCAB.replace('"c":3', '"c":2')), 'bad_file'],
  ['ids with gaps', bpe(VOCAB.replace('"c":3', '"c":70000'))],
  ['tokens named as JavaScript names its own', bpe(VOCAB.replace('}', ',"__proto__":20,"toString":21,"2":22}'))],
  ['an id below 0', bpe(VOCAB.replace('"c":3', '"c":-3')), 'bad_file'],
  ['an id that is no whole number', bpe(VOCAB.replace('"c":3', '"c":3.5')), 'bad_file'],
  ['an id spelled as a fraction', bpe(VOCAB.replace('"c":3', '"c":3.0'))],
  ['an id out of range', bpe(VOCAB.replace('"c":3', '"c":16777216')), 'bad_file'],
  ['an id that is a text', bpe(VOCAB.replace('"c":3', '"c":"3"')), 'bad_file'],
  ['half a surrogate pair', bpe(VOCAB.replace('}', ',"\\ud800":20}')), 'bad_file'],
  ['an empty vocabulary', bpe('{}', '[]'), 'unsupported'],
  ['a vocabulary that is a list', bpe('[]', '[]'), 'bad_file'],
  ['no vocabulary', file(`${REST},"merges":[]`), 'bad_file'],
  ['two vocabularies: the last counts', bpe(VOCAB).replace('"vocab":', '"vocab":{"z":0},"vocab":')],
  ['two vocabularies, one escaped', bpe(VOCAB).replace(/}}$/, ',"voc\\u0061b":{"a":0,"b":1,"ab":2}}}'), 'unsupported'],
  ['two models: the last counts', bpe(VOCAB).replace('"model":', '"model":{"vocab":{}},"model":')],
  ['no merges', file(`${REST},"vocab":${VOCAB}`), 'bad_file'],
  ['merges that are null', bpe(VOCAB, 'null'), 'bad_file'],
  ['an empty list of merges', bpe(VOCAB, '[]')],
  ['a merge of one token', bpe(VOCAB, '["ab"]'), 'bad_file'],
  ['a merge of three tokens', bpe(VOCAB, '["a b c"]'), 'bad_file'],
  ['a list of three tokens', bpe(VOCAB, '[["a","b","c"]]'), 'bad_file'],
  ['a merge of numbers', bpe(VOCAB, '[[0,1]]'), 'bad_file'],
  ['a merge that names no token', bpe(VOCAB, '["a z"]'), 'bad_file'],
  ['a merge whose result is no token', bpe(VOCAB, '["c b"]'), 'bad_file'],
  ['a merge with an empty token', bpe(VOCAB.replace('}', ',"":20}'), '[["a",""]]'), 'unsupported'],
  ['a merge twice', bpe(VOCAB, '["a b","a b","ab c","a b"]')],
  ['an unk_token that is a number', bpe(VOCAB, MERGES, '"unk_token":5'), 'bad_file'],
  ['an unk_token that the vocabulary lacks', bpe(VOCAB, MERGES, '"unk_token":"toString"'), 'unsupported'],
  ['a prefix', bpe('{"a":0,"##b":1,"ab":2}', '["a ##b"]', '"continuing_subword_prefix":"##"')],
  ['a prefix that is a list', bpe(VOCAB, MERGES, '"continuing_subword_prefix":["x"]'), 'bad_file'],
  ['another model', bpe(VOCAB).replace('"BPE"', '"WordLevel"')],
  ['a model that there is not', bpe(VOCAB).replace('"BPE"', '"BPEX"'), 'unsupported'],
  ['more after the end', `${bpe(VOCAB)}x`, 'bad_file'],
  ['an end too soon', bpe(VOCAB).slice(0, -1), 'bad_file'],
  [
    'added tokens',
    file(`"vocab":${VOCAB},"merges":${MERGES}`, added('{"id":13,"content":"<x>"}', '{"id":2,"content":"<y>"}')),
  ],
  ['an added token of the vocabulary', file(`"vocab":${VOCAB},"merges":${MERGES}`, added('{"id":90,"content":"ab"}'))],
  [
    'an added half of a pair',
    file(`"vocab":${VOCAB},"merges":${MERGES}`, added('{"id":13,"content":"\\ud800"}')),
    'bad_file',
  ],
  ['half a pair in a field that nobody reads', bpe(VOCAB, MERGES, `${REST},"x":[{"\\udc00":1}]`), 'bad_file'],
  ['a half, and one that follows a backslash', bpe(VOCAB, MERGES, `${REST},"x":"\\ud83d\\\\ude00"`), 'bad_file'],
  ['a whole pair, and a backslash before letters', bpe(VOCAB, MERGES, `${REST},"x":"\\uD83D\\uDE00\\\\ud800"`)],
  ['added tokens that are no list', file(`"vocab":${VOCAB},"merges":${MERGES}`, '"added_tokens":5,'), 'bad_file'],
  ['an added token that is null', file(`"vocab":${VOCAB},"merges":${MERGES}`, added('null')), 'bad_file'],
];

// With each row whole: Jest would pass a callback in the place of what a row lacks.
test.each(FILES.map(([what, ...row]) => [what, row]))('%s', async (_, [json, code]) => {
  const read = await outcome(bytesOf(json));
  expect(read).toEqual(await outcome(json));
  expect(read.code).toBe(code);
});

describe('WordPiece, which the core reads', () => {
  const wordPiece = (/** @type {string} */ vocab, /** @type {string} */ rest = '') =>
    `{"added_tokens":[],"pre_tokenizer":{"type":"Whitespace"},${rest}"model":{"type":"WordPiece","unk_token":"<u>","vocab":${vocab}}}`;
  // As `tokenizers` 0.23.3: of a token that is there twice the last id counts.
  test.each(
    /** @type {[string, string, string?][]} */ ([
      ['as usual', wordPiece('{"<u>":0,"a":1,"ab":2,"##c":3}')],
      ['a token twice', wordPiece('{"<u>":0,"a":1,"ab":2,"##c":3,"a":7}')],
      ['a token twice, once escaped', wordPiece('{"<u>":0,"a":1,"\\u0061":2,"ab":3}')],
      ['the unknown token twice', wordPiece('{"<u>":0,"a":1,"<u>":2,"ab":3}')],
      ['a token twice, and an id', wordPiece('{"<u>":0,"5":1,"a":2,"a":1}'), 'bad_file'],
      ['an id twice, after numbers', wordPiece('{"<u>":0,"a":1,"7":1,"x":1}'), 'bad_file'],
      ['half a pair', wordPiece('{"<u>":0,"a":1,"\\udfff":2}'), 'bad_file'],
      ['half a pair elsewhere', wordPiece('{"<u>":0,"a":1}', '"x":"\\ud800",'), 'bad_file'],
    ]).map(([what, ...row]) => [what, row]),
  )('%s', async (_, [json, code]) => {
    const read = await outcome(bytesOf(json));
    expect(read).toEqual(await outcome(json));
    expect(read.code).toBe(code);
    if (code !== 'bad_file' || json.includes('\\u')) return;
    expect(await outcome(JSON.parse(json))).toEqual(read);
  });

  test('the last of two ids counts', async () => {
    const { ids } = await outcome(bytesOf(wordPiece('{"<u>":0,"abc":1,"ab":2,"ab":7}')));
    expect(ids.slice(0, 2)).toEqual([1, 7]);
  });

  test('half a pair in an object, which no file is', async () => {
    for (const token of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      const vocab = { '<u>': 0, [token]: 1 };
      const read = await outcome({ model: { type: 'WordPiece', unk_token: '<u>', vocab } });
      expect(read.code).toBe('bad_file');
    }
  });
});

test('files with any byte changed', async () => {
  const whole = bytesOf(bpe(VOCAB));
  const differ = [];
  for (let at = 0; at < whole.length; at += 1) {
    const changed = whole.slice();
    changed[at] = [0x20, 0x22, 0x5c, 0x2c, 0x5d, 0x7d, 0x30, 0xff][at % 8];
    const [read, parsed] = [await outcome(changed), await outcome(textOf(changed))];
    if (JSON.stringify(read) !== JSON.stringify(parsed)) differ.push([at, read, parsed]);
  }
  expect(differ).toEqual([]);
});

/** As text, which JavaScript parses; bytes that are no UTF-8 as they are. @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

describe('a Unigram tokenizer.json of more than 2 MB', () => {
  const pieces = ['["<unk>",0]', '["\\u00e9",-1.25]', '["a",-3.4657359027997265]', '["ab",-1e-1]', '["b",-0.0]'];
  const many = Array.from({ length: 110000 }, (_, i) => `["piece ${i}",-${i + 7}.${(i * 7919) % 1e13}]`);
  const unigram = (/** @type {string[]} */ ...more) =>
    `{"model":{"type":"Unigram","unk_id":0,"vocab":[${[...pieces, ...many, ...more].join(', ')}]}}`;

  test.each(
    /** @type {[string, string[], string?][]} */ ([
      ['as usual', []],
      ['a piece twice', ['["a",1]'], 'unsupported'],
      ['a score that is a text', ['["z","1"]'], 'bad_file'],
      ['a score of more digits than are usual', ['["z",-1.00000000000000022204460492503130808]']],
      ['half a surrogate pair', ['["\\ud800",-1]'], 'bad_file'],
      ['a piece without a score', ['["z"]'], 'bad_file'],
      ['an empty piece', ['["",-1]'], 'unsupported'],
    ]).map(([what, ...row]) => [what, row]),
  )('%s', async (_, [more, code]) => {
    const json = unigram(.../** @type {string[]} */ (more));
    expect(json.length).toBeGreaterThan(2 ** 21);
    const read = await outcome(bytesOf(json));
    expect(read).toEqual(await outcome(json));
    expect(read.code).toBe(code);
  });

  test('scores to the last bit: what is saved is the same', async () => {
    const json = unigram();
    const [read, parsed] = [await Tokenizer.from(bytesOf(json)), await Tokenizer.from(json)];
    expect(Buffer.compare(read.save(), parsed.save())).toBe(0);
    [read, parsed].forEach((each) => each.dispose());
  });
});

describe('other files, and the tokenizer.json that they stand for, whose lists JavaScript makes', () => {
  const encoder = new TextEncoder();
  /** What comes of a file both ways, of which the second is read as soon as it is copied. @param {() => Promise<any>} make */
  async function both(make) {
    const ways = [
      (/** @type {any} */ json) => json,
      (/** @type {any} */ json) => ({ ...json, model: { ...json.model } }),
    ];
    const outcomes = [];
    for (const way of ways) {
      try {
        const json = await make();
        outcomes.push(json ? await outcome(way(json)) : {});
      } catch (error) {
        if (!(error instanceof WembedError)) throw error;
        outcomes.push({ code: error.code, message: error.message });
      }
    }
    return outcomes;
  }

  /** @param {Record<string, Uint8Array | string>} files */
  const filesOf = (files) => {
    const read = async (/** @type {string} */ name) => {
      const file = files[name];
      return typeof file === 'string' ? encoder.encode(file) : (file ?? null);
    };
    return () => /** @type {Promise<any>} */ (tokenizerOfFiles(read, Object.keys(files), {}));
  };

  const TOKENS = [
    '<unk>',
    'a',
    'b',
    'ab',
    'aba',
    'ba',
    'é',
    'aé',
    '😀',
    'é😀',
    '<s>',
    'x',
    '▁',
    'abc',
    'c',
    '<y>',
    'bc',
  ];
  const TYPES = TOKENS.map((token) => (token === '<unk>' ? 2 : token === '<s>' ? 3 : token === '<y>' ? 4 : 1));
  const SCORES = TOKENS.map((_, i) => -(i % 3));
  const bytesOfNumber = (/** @type {number} */ value, /** @type {number} */ size) =>
    Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
  const floatBytes = (/** @type {number} */ value) => [...new Uint8Array(Float32Array.of(value).buffer)];
  const text = (/** @type {string | number[]} */ value) => {
    const bytes = typeof value === 'string' ? [...encoder.encode(value)] : value;
    return [...bytesOfNumber(bytes.length, 8), ...bytes];
  };
  const strings = (/** @type {(string | number[])[]} */ values) => [
    ...[...bytesOfNumber(9, 4), ...bytesOfNumber(8, 4), ...bytesOfNumber(values.length, 8)],
    ...values.flatMap(text),
  ];
  const floats = (/** @type {number[]} */ values) => [
    ...[...bytesOfNumber(9, 4), ...bytesOfNumber(6, 4), ...bytesOfNumber(values.length, 8)],
    ...values.flatMap(floatBytes),
  ];
  const ints = (/** @type {number[]} */ values) => [
    ...[...bytesOfNumber(9, 4), ...bytesOfNumber(5, 4), ...bytesOfNumber(values.length, 8)],
    ...values.flatMap((value) => bytesOfNumber(value, 4)),
  ];
  /** @param {string} model @param {Record<string, number[]>} values */
  const gguf = (model, { tokens = strings(TOKENS), token_type = ints(TYPES), ...more }) => {
    const values = { model: [...bytesOfNumber(8, 4), ...text(model)], tokens, token_type, ...more };
    const pairs = Object.entries(values).flatMap(([key, value]) => [...text(`tokenizer.ggml.${key}`), ...value]);
    const head = [...encoder.encode('GGUF'), ...bytesOfNumber(3, 4), ...bytesOfNumber(0, 8)];
    return Uint8Array.from([...head, ...bytesOfNumber(Object.keys(values).length, 8), ...pairs]);
  };
  const field = (/** @type {number} */ number, /** @type {number[]} */ bytes) => [
    number * 8 + 2,
    bytes.length,
    ...bytes,
  ];
  const piece = (/** @type {string} */ token, /** @type {number} */ i) =>
    field(1, [...field(1, [...encoder.encode(token)]), 0x15, ...floatBytes(SCORES[i]), 0x18, TYPES[i]]);
  /** @param {number} type of the model */
  const sentencePiece = (type) =>
    Uint8Array.from([...TOKENS.flatMap(piece), ...field(2, [0x18, type]), ...field(3, [0x18, 0, 0x20, 0])]);

  const merges = (/** @type {(string | number[])[]} */ ...list) => strings(list);
  const unknown_token_id = [...bytesOfNumber(4, 4), ...bytesOfNumber(0, 4)];
  const llama = { scores: floats(SCORES), unknown_token_id };
  test('.model: the unknown piece is the one of that type, as in sentencepiece, whatever unk_id says', async () => {
    for (const type of [1, 2]) {
      const rest = [...field(2, [0x18, type, 0xc0, 2, 5]), ...field(3, [0x18, 0, 0x20, 0])];
      const tokenizer = await Tokenizer.from(Uint8Array.from([...TOKENS.flatMap(piece), ...rest]));
      expect([...tokenizer.encode('aq').ids]).toEqual([1, 0]);
      tokenizer.dispose();
      const none = Uint8Array.from([
        ...TOKENS.slice(1).flatMap((token) => piece(token, TOKENS.indexOf(token))),
        ...rest,
      ]);
      await expect(Tokenizer.from(none)).rejects.toMatchObject({ code: 'bad_file' });
    }
  });

  test('GGUF t5: what sentencepiece calls extra spaces is dropped, as from a .model of the same pieces', async () => {
    const flag = [...bytesOfNumber(7, 4), 1];
    const one = await Tokenizer.from(
      gguf('t5', { ...llama, remove_extra_whitespaces: flag, add_eos_token: [...flag.slice(0, 4), 0] }),
    );
    const other = await Tokenizer.from(
      Uint8Array.from([...TOKENS.flatMap(piece), ...field(2, [0x18, 1]), ...field(3, [0x18, 1, 0x20, 1])]),
    );
    for (const given of ['ab ', 'ab', ' ab', ' ', '', 'a  b   ', '  ab▁', 'ab▁a '])
      expect([given, ...one.encode(given).ids]).toEqual([given, ...other.encode(given).ids]);
    expect(one.encode('ab  ').ids).toEqual(one.encode('ab').ids);
    one.dispose();
    other.dispose();
  });

  const VOCAB_JSON = '{"a":0,"b":1,"ab":2,"c":3,"abc":4,"<|endoftext|>":6,"\\u0120":5}';
  test.each(
    /** @type {[string, () => Promise<any>, string?][]} */ ([
      ['GGUF llama', async () => tokenizerOfBytes(gguf('llama', llama), {})],
      [
        'GGUF llama, a score that is NaN',
        async () => tokenizerOfBytes(gguf('llama', { scores: floats(SCORES.with(3, NaN)) }), {}),
        'bad_file',
      ],
      ['GGUF t5', async () => tokenizerOfBytes(gguf('t5', llama), {})],
      [
        'GGUF t5, a score that is NaN',
        async () => tokenizerOfBytes(gguf('t5', { scores: floats(SCORES.with(3, NaN)) }), {}),
        'bad_file',
      ],
      ['GGUF gpt2', async () => tokenizerOfBytes(gguf('gpt2', { merges: merges('a b', 'ab a', 'b c') }), {})],
      ['GGUF gpt2, no merges', async () => tokenizerOfBytes(gguf('gpt2', { merges: merges() }), {})],
      [
        'GGUF gpt2, a merge of three',
        async () => tokenizerOfBytes(gguf('gpt2', { merges: merges('a b c') }), {}),
        'bad_file',
      ],
      [
        'GGUF gpt2, a merge of no token',
        async () => tokenizerOfBytes(gguf('gpt2', { merges: merges('a z') }), {}),
        'bad_file',
      ],
      [
        'GGUF gpt2, a merge that is no UTF-8',
        async () => tokenizerOfBytes(gguf('gpt2', { merges: merges([0x61, 0x20, 0xff]) }), {}),
        'bad_file',
      ],
      [
        'GGUF, a token twice',
        async () => tokenizerOfBytes(gguf('llama', { tokens: strings(TOKENS.with(3, 'a')), ...llama }), {}),
        'bad_file',
      ],
      [
        'GGUF, a token that is no UTF-8',
        async () => tokenizerOfBytes(gguf('llama', { tokens: strings([[0xff], ...TOKENS.slice(1)]), ...llama }), {}),
        'bad_file',
      ],
      [
        'GGUF, an empty token',
        async () => tokenizerOfBytes(gguf('llama', { tokens: strings(TOKENS.with(3, '')), ...llama }), {}),
      ],
      ['SentencePiece, BPE', async () => tokenizerOfBytes(sentencePiece(2), {})],
      ['SentencePiece, Unigram', async () => tokenizerOfBytes(sentencePiece(1), {})],
      [
        'SentencePiece, Gemma',
        filesOf({
          'tokenizer.model': sentencePiece(2),
          'tokenizer_config.json':
            '{"tokenizer_class":"GemmaTokenizer","eos_token":"<s>","bos_token":"<s>","pad_token":"<s>","mask_token":"<s>"}',
        }),
      ],
      [
        'vocab.json and merges.txt',
        filesOf({ 'vocab.json': VOCAB_JSON, 'merges.txt': '#version: 0.2\na b\r\nab c\n\n' }),
      ],
      [
        'merges.txt, a merge of no token',
        filesOf({ 'vocab.json': VOCAB_JSON, 'merges.txt': 'a b\nb a\n' }),
        'bad_file',
      ],
      ['merges.txt, an empty line', filesOf({ 'vocab.json': VOCAB_JSON, 'merges.txt': 'a b\n\nab c\n' }), 'bad_file'],
      [
        'vocab.json, an id twice',
        filesOf({ 'vocab.json': VOCAB_JSON.replace('5', '4'), 'merges.txt': 'a b\n' }),
        'bad_file',
      ],
      [
        'vocab.json, a token twice: the last counts',
        filesOf({ 'vocab.json': VOCAB_JSON.replace('}', ',"c":9}'), 'merges.txt': 'a b\n' }),
      ],
    ]).map(([what, ...row]) => [what, row]),
  )('%s', async (_, [make, code]) => {
    const [listed, made] = await both(/** @type {() => Promise<any>} */ (make));
    expect(listed).toEqual(made);
    expect(listed.code).toBe(code);
  });

  test('files with any byte changed', async () => {
    const files = [
      gguf('llama', llama),
      gguf('gpt2', { merges: merges('a b', 'ab a') }),
      sentencePiece(2),
      sentencePiece(1),
    ];
    const differ = [];
    for (const [k, file] of files.entries()) {
      for (let at = 0; at < file.length; at += 3) {
        const changed = file.with(at, [0x00, 0x01, 0x0a, 0x15, 0x61, 0x7f, 0x80, 0xff][(at / 3) % 8]);
        const [listed, made] = await both(() => tokenizerOfBytes(changed, {}));
        if (JSON.stringify(listed) !== JSON.stringify(made)) differ.push([k, at, listed, made]);
      }
    }
    expect(differ).toEqual([]);
  });
});
