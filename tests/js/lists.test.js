// A BPE tokenizer.json as bytes, whose vocabulary and merges the text module reads, beside the same parsed by JavaScript:
// one tokenizer, or one error.
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
  ['an added half of a pair', file(`"vocab":${VOCAB},"merges":${MERGES}`, added('{"id":13,"content":"\\ud800"}'))],
  ['added tokens that are no list', file(`"vocab":${VOCAB},"merges":${MERGES}`, '"added_tokens":5,'), 'bad_file'],
  ['an added token that is null', file(`"vocab":${VOCAB},"merges":${MERGES}`, added('null')), 'bad_file'],
];

// With each row whole: Jest would pass a callback in the place of what a row lacks.
test.each(FILES.map(([what, ...row]) => [what, row]))('%s', async (_, [json, code]) => {
  const read = await outcome(bytesOf(json));
  expect(read).toEqual(await outcome(json));
  expect(read.code).toBe(code);
});

test('files with any byte changed', async () => {
  const whole = bytesOf(bpe(VOCAB));
  const differ = [];
  for (let at = 0; at < whole.length; at += 1) {
    const changed = whole.slice();
    changed[at] = [0x20, 0x22, 0x5c, 0x2c, 0x5d, 0x7d, 0x30, 0xff][at % 8];
    const [read, parsed] = [await outcome(changed), await outcome(parsedOf(changed))];
    if (JSON.stringify(read) !== JSON.stringify(parsed)) differ.push([at, read, parsed]);
  }
  expect(differ).toEqual([]);
});

/** Bytes that are no JSON are given as they are. @param {Uint8Array} bytes */
function parsedOf(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return bytes;
  }
}
