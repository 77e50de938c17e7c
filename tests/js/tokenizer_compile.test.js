import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compatibilityTable } from '../../web/tokenizer/compatibility.js';
import { compileTokenizer } from '../../web/tokenizer/compile.js';
import { tokenizerOfTiktoken } from '../../web/tokenizer/files/tiktoken.js';
import { graphemeRanges } from '../../web/tokenizer/graphemes.js';
import { scriptRuns } from '../../web/tokenizer/scripts.js';
import * as rare from '../../web/tokenizer/rare_parts.js';
import { Tokenizer } from '../../web/index.js';
import { WembedError } from '../../web/core/errors.js';
import '../support/wembed.js';

const GOLDEN = new URL('../golden/tokenizer/', import.meta.url);
const kinds = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name) => name.replace('.json.gz', ''));

const TABLES = { rare, compatibility: compatibilityTable(), graphemes: graphemeRanges(), scripts: scriptRuns() };
const jsonOf = (kind) => JSON.parse(gunzipSync(readFileSync(new URL(`${kind}.json.gz`, GOLDEN))));
const bert = () => jsonOf('bert');

/** @param {(json: any) => void} change @param {string} [kind] */
function changed(change, kind = 'bert') {
  const json = jsonOf(kind);
  change(json);
  return json;
}

describe('compileTokenizer', () => {
  // The .spec files are what the C++ tests run on.
  test.each(kinds)('%s: writes the spec that is tested against the reference', (kind) => {
    const result = compileTokenizer(jsonOf(kind), undefined, TABLES);
    expect(Buffer.compare(result.spec, readFileSync(new URL(`${kind}.spec`, GOLDEN)))).toBe(0);
  });

  test.each([
    ['no JSON object', () => null],
    ['no model', () => ({})],
    ['no vocabulary', () => changed((json) => delete json.model.vocab)],
    ['a vocabulary of another kind', () => changed((json) => (json.model.vocab = ['a', 'b']))],
    ['an id that is no number', () => changed((json) => (json.model.vocab.the = 'x'))],
    ['an id below 0', () => changed((json) => (json.model.vocab.the = -1))],
    ['an id out of range', () => changed((json) => (json.model.vocab.the = 2 ** 32))],
    ['no unknown token', () => changed((json) => delete json.model.vocab['[UNK]'])],
    ['a negative word length', () => changed((json) => (json.model.max_input_chars_per_word = -1))],
    ['an added token without content', () => changed((json) => delete json.added_tokens[0].content)],
    ['added tokens that are no list', () => changed((json) => (json.added_tokens = {}))],
    ['a template without ids', () => changed((json) => (json.post_processor.special_tokens = {}))],
    ['a charsmap that is no text', () => changed((json) => (json.normalizer = { type: 'Precompiled' }))],
    [
      'a charsmap that is no base64',
      () => changed((json) => (json.normalizer = { type: 'Precompiled', precompiled_charsmap: '?' })),
    ],
    ['a step without a type', () => changed((json) => (json.normalizer = {}))],
    ['no merges', () => changed((json) => delete json.model.merges, 'gpt2')],
    ['a merge that names no token', () => changed((json) => json.model.merges.push(['zzzz', 'qqqq']), 'gpt2')],
    ['a merge that is no pair', () => changed((json) => json.model.merges.push('alone'), 'gpt2')],
    ['a score that is no number', () => changed((json) => (json.model.vocab[5][1] = null), 'unigram')],
    ['an unk_id out of range', () => changed((json) => (json.model.unk_id = 1e6), 'unigram')],
  ])('refuses %s', (_, make) => {
    const json = make();
    expect(() => compileTokenizer(json, undefined, TABLES)).toThrow(WembedError);
    expect(() => compileTokenizer(json, undefined, TABLES)).toThrow(expect.objectContaining({ code: 'bad_file' }));
  });

  test.each([
    ['Jieba', (json) => (json.pre_tokenizer = { type: 'Jieba' })],
    [
      'a decoder that replaces by the pattern',
      (json) => (json.decoder = { type: 'Replace', pattern: { String: '' }, content: 'a' }),
    ],
    ['Maxent', (json) => (json.model.type = 'Maxent')],
    [
      'the text 2 times',
      (json) => (json.post_processor.single = [{ Sequence: { id: 'A' } }, { Sequence: { id: 'A' } }]),
    ],
  ])('refuses what is valid but not covered, %s, and says so', (word, change) => {
    const compile = () => compileTokenizer(changed(change), undefined, TABLES);
    expect(compile).toThrow(expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(word) }));
  });

  test('an added token has the id of the reference: its own in the vocabulary, else counted from its size on', () => {
    const idsOf = (...tokens) =>
      Object.fromEntries(
        compileTokenizer(
          changed((json) => json.added_tokens.push(...tokens.map((token) => ({ ...token, special: true })))),
          undefined,
          TABLES,
        ).special,
      );
    const size = Object.keys(bert().model.vocab).length;
    expect(idsOf({ id: 77, content: '<new>' })['<new>']).toBe(size);
    const [[token, own]] = Object.entries(bert().model.vocab).slice(300);
    expect(idsOf({ id: 5, content: token })[token]).toBe(own);
    expect(idsOf({ id: size + 1, content: '<x>' }, { id: size + 9, content: '<x>' })['<x>']).toBe(size);
  });

  // Making them takes seconds for a real file.
  test('the tokens and merges of a file of ranks are not made for the tokenizer itself', async () => {
    const tokens = [...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)), Buffer.from('ab')];
    const bytes = new TextEncoder().encode(tokens.map((token, i) => `${token.toString('base64')} ${i}\n`).join(''));
    const json = /** @type {any} */ (tokenizerOfTiktoken(bytes, {}, { encoding: 'r50k_base' }));
    const asked = () => {
      throw new Error('asked for');
    };
    for (const name of ['vocab', 'merges']) Object.defineProperty(json.model, name, { get: asked, enumerable: true });
    const tokenizer = await Tokenizer.from(json);
    expect([...tokenizer.encode('abc').ids]).toEqual([256, 99]);
    tokenizer.dispose();
  });

  // Work in the square of these, or what they stand for, would not end.
  const many = 1e5;
  const token = { SpecialToken: { id: 'x', type_id: 0 } };
  const text = { Sequence: { id: 'A', type_id: 0 } };
  const template = (ids, single) => ({
    ...{ type: 'TemplateProcessing', single, pair: [] },
    special_tokens: { x: { id: 'x', ids, tokens: [] } },
  });
  test.each([
    ['of many ids', template(Array(many).fill(1), [token, text])],
    ['of many parts of many ids', template(Array(many).fill(1), [...Array(many).fill(token), text])],
    ['of many parts', template([1], [text, ...Array(many).fill(token)])],
    [
      'in many steps',
      { type: 'Sequence', processors: Array(many).fill({ type: 'BertProcessing', sep: ['', 1], cls: ['', 1] }) },
    ],
  ])('refuses a template %s', (_, post) => {
    const compile = () =>
      compileTokenizer(
        changed((json) => (json.post_processor = post)),
        undefined,
        TABLES,
      );
    expect(compile).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('65536') }),
    );
  });

  test('takes templates of many empty steps', () => {
    const processors = Array(many).fill(template([], [token, text]));
    const { post } = compileTokenizer(
      changed((json) => (json.post_processor = { type: 'Sequence', processors })),
      undefined,
      TABLES,
    );
    expect(post.processors).toHaveLength(many);
  });

  test.each(['normalizer', 'pre_tokenizer', 'post_processor', 'decoder', 'model', 'added_tokens'])(
    'refuses a %s of lists in one another without end',
    (part) => {
      const nested = JSON.parse('['.repeat(many) + ']'.repeat(many));
      const objects = JSON.parse('{"a":'.repeat(many) + '0' + '}'.repeat(many));
      for (const value of [nested, objects, [nested], { type: nested }, { type: 'Sequence', normalizers: nested }]) {
        const compile = () =>
          compileTokenizer(
            changed((json) => (json[part] = value)),
            undefined,
            TABLES,
          );
        expect(compile).toThrow(expect.objectContaining({ code: expect.stringMatching(/bad_file|unsupported/) }));
      }
    },
  );

  test('takes a million added tokens: work in their square would not end', () => {
    const json = bert();
    const first = Object.keys(json.model.vocab).length;
    for (let i = 0; i < 1e6; i++) json.added_tokens.push({ id: first + i, content: `<${i}>`, special: true });
    expect(compileTokenizer(json, undefined, TABLES).special).toHaveLength(1e6 + bert().added_tokens.length);
  });
});
