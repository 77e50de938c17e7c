// vocab.txt and the tokens of a BERT's GGUF file, which become a vocabulary as bytes, beside the same as strings: one
// tokenizer, or one error.
import { tokenizerOfBytes, tokenizerOfFiles } from '../../web/tokenizer/files/detect.js';
import { SECTIONS } from '../../web/tokenizer/vocab_json.js';
import { Tokenizer, WembedError } from '../support/wembed.js';

const TEXT = 'the abc AB é 日本 x [SEP] 2';
const encoder = new TextEncoder();

/** @param {any} source */
async function outcome(source) {
  try {
    const tokenizer = await Tokenizer.from(source);
    const { ids, tokens } = tokenizer.encode(TEXT);
    const names = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
    const result = { ids: [...ids], tokens, names, text: tokenizer.decode(ids), unk: tokenizer.unkId };
    tokenizer.dispose();
    return result;
  } catch (error) {
    if (!(error instanceof WembedError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** Both ways, of which the second has a model that was copied. @param {() => Promise<any>} make */
async function both(make) {
  const outcomes = [];
  for (const copied of [false, true]) {
    try {
      const json = await make();
      outcomes.push(await outcome(copied ? { ...json, model: { ...json.model } } : json));
    } catch (error) {
      if (!(error instanceof WembedError)) throw error;
      outcomes.push({ code: error.code, message: error.message });
    }
  }
  return outcomes;
}

/** @param {string | Uint8Array} text */
const ofText = (text) => async () => {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  return /** @type {any} */ (await tokenizerOfFiles(async (name) => (name === 'vocab.txt' ? bytes : null), [], {}));
};

const LINES = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'a', '##b', '##c', 'ab', 'e', '日', '本', '2', 'é'];
const WHITE = '\t \u000b\u000c\r\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000';

test.each(
  /** @type {[string, string, string?][]} */ ([
    ['as usual', LINES.join('\n')],
    ['a line end at the end', `${LINES.join('\n')}\n`],
    ['line ends of Windows', LINES.join('\r\n')],
    ['a byte order mark', `\ufeff${LINES.join('\n')}`],
    ['empty lines', `${LINES.join('\n')}\n\n\n`],
    ['a line twice: the last counts', [...LINES, 'a', 'x'].join('\n')],
    ['[UNK] twice', [...LINES, '[UNK]'].join('\n')],
    ['white space at the ends', LINES.map((line, i) => line + [...WHITE][i]).join('\n')],
    ['what is no white space at the ends', LINES.map((line) => `${line}\u200b\ufeff`).join('\n'), 'bad_file'],
    ['numbers in front', ['7', '2', ...LINES].join('\n')],
    ['names that objects have', [...LINES, '__proto__', 'toString'].join('\n')],
    ['no unknown token', LINES.slice(2).join('\n'), 'bad_file'],
    ['nothing', '', 'bad_file'],
  ]).map(([what, ...row]) => [what, row]),
)('vocab.txt: %s', async (_, [text, code]) => {
  const [asBytes, asStrings] = await both(ofText(/** @type {string} */ (text)));
  expect(asBytes).toEqual(asStrings);
  expect(asBytes.code).toBe(code);
});

const number = (/** @type {number} */ value, /** @type {number} */ size) =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
const text = (/** @type {string | number[]} */ value) => {
  const bytes = typeof value === 'string' ? [...encoder.encode(value)] : value;
  return [...number(bytes.length, 8), ...bytes];
};
/** @param {(string | number[])[]} tokens */
const gguf = (tokens) => {
  const values = {
    model: [...number(8, 4), ...text('bert')],
    tokens: [...number(9, 4), ...number(8, 4), ...number(tokens.length, 8), ...tokens.flatMap(text)],
    unknown_token_id: [...number(4, 4), ...number(1, 4)],
    cls_token_id: [...number(4, 4), ...number(2, 4)],
  };
  const pairs = Object.entries(values).flatMap(([key, value]) => [...text(`tokenizer.ggml.${key}`), ...value]);
  const head = [...encoder.encode('GGUF'), ...number(3, 4), ...number(0, 8), ...number(Object.keys(values).length, 8)];
  return Uint8Array.from([...head, ...pairs]);
};
const TOKENS = LINES.map((line) => (/^\[/.test(line) ? line : line.startsWith('##') ? line.slice(2) : `▁${line}`));

test.each(
  /** @type {[string, (string | number[])[], string?][]} */ ([
    ['as usual', TOKENS],
    ['a token twice', [...TOKENS, '▁a'], 'bad_file'],
    ['an empty token', [...TOKENS, '']],
    ['a space alone', [...TOKENS, '▁'], undefined],
    ['half of brackets', [...TOKENS, '[', ']', '[x', '[]']],
    ['a token that is no UTF-8', [...TOKENS, [0xff]], 'bad_file'],
    ['a token that begins in a character', [...TOKENS, [0xe2, 0x96, 0x81, 0xa9]], 'bad_file'],
    ['two halves of a character', [...TOKENS, [0x5b, 0xc3, 0x5d], [0xe2, 0x96, 0x81, 0xa9]], 'bad_file'],
    ['a token that ends in a character', [...TOKENS, [0x61, 0xe2, 0x96]], 'bad_file'],
  ]).map(([what, ...row]) => [what, row]),
)('GGUF: %s', async (_, [tokens, code]) => {
  const [asBytes, asStrings] = await both(async () => tokenizerOfBytes(gguf(/** @type {any} */ (tokens)), {}));
  expect(asBytes).toEqual(asStrings);
  expect(asBytes.code).toBe(code);
});

test('both are read as bytes', async () => {
  for (const json of [await ofText(LINES.join('\n'))(), await tokenizerOfBytes(gguf(TOKENS), {})])
    expect(SECTIONS.get(/** @type {any} */ (json).model)?.size).toBe(LINES.length);
});

test('files with any byte changed', async () => {
  const differ = [];
  const files = /** @type {const} */ ([
    [encoder.encode(`${LINES.join('\n')}\n`), ofText],
    [
      gguf(TOKENS),
      (/** @type {Uint8Array} */ bytes) => async () => (await tokenizerOfBytes(bytes, {})) ?? { model: {} },
    ],
  ]);
  for (const [whole, make] of files) {
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.with(at, [0x0a, 0x20, 0x23, 0x5b, 0x61, 0x80, 0xff, 0xc2][at % 8]);
      const [asBytes, asStrings] = await both(make(changed));
      if (JSON.stringify(asBytes) !== JSON.stringify(asStrings)) differ.push([at, asBytes, asStrings]);
    }
  }
  expect(differ).toEqual([]);
});
