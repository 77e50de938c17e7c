// SentencePiece models of transformers' classes beside settings files: tokens with flags, further names, other ids, in
// tokenizer_config.json, special_tokens_map.json and added_tokens.json.
import { gunzipSync } from 'node:zlib';
import { Tokenizer, errorOf, readBytes } from '../support/wembed.js';

const { cases } = JSON.parse(gunzipSync(readBytes('tests/golden/class_settings.json.gz')).toString());

/** @param {any} of @param {Record<string, object>} files */
const load = ({ file, model }, files) =>
  Tokenizer.fromPretrained({
    [file]: Uint8Array.from(Buffer.from(model, 'base64')),
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)])),
  });

/** @param {'read' | 'refused'} key */
const rows = (key) =>
  /** @type {any[]} */ (cases).flatMap((of) =>
    of[key].map((/** @type {any} */ each) => [of.class, JSON.stringify(each.files), of, each]),
  );

test.each(rows('read'))('%s %s: the ids of transformers', async (_, _files, of, { files, ids }) => {
  const tokenizer = await load(of, files);
  expect(of.texts.map((/** @type {string} */ text) => [...tokenizer.encode(text).ids])).toEqual(ids);
  tokenizer.dispose();
});

test.each(rows('refused'))('%s %s: refused, as by transformers', async (_, _files, of, { files }) => {
  expect(await errorOf(() => load(of, files), 'bad_file')).toMatch(/\S/);
});

test.each(
  /** @type {[string, object, string, RegExp][]} */ ([
    ['LayoutXLMTokenizer', {}, 'unsupported', /LayoutXLMTokenizer/],
    ['T5Tokenizer', { split_special_tokens: true }, 'unsupported', /split_special_tokens/],
    ['T5Tokenizer', { extra_special_tokens: { pad_token: '<x>' } }, 'unsupported', /pad_token among/],
    ['T5Tokenizer', { extra_ids: null }, 'bad_file', /extra_ids must be an integer from 0 to 65536, got null/],
    ['T5Tokenizer', { init_inputs: ['x'] }, 'bad_file', /init_inputs must be empty/],
    ['T5Tokenizer', { pad_token: { content: '<pad>' } }, 'bad_file', /needs "__type": "AddedToken"/],
    ['DebertaV2Tokenizer', { sep_token: null }, 'bad_file', /no sep_token/],
    ['RemBertTokenizer', { unk_token: null, cls_token: null }, 'bad_file', /no cls_token/],
    ['AlbertTokenizer', { cls_token: '<new>' }, 'bad_file', /cls_token "<new>" is no piece/],
    ['PegasusTokenizer', { mask_token: '[M]' }, 'unsupported', /mask tokens "\[M\]" and/],
    ['PegasusTokenizer', { mask_token_sent: null }, 'unsupported', /of sentences, null/],
    ['NllbTokenizer', { pad_token: 'light', src_lang: '</s>' }, 'unsupported', /"light", which is a piece of texts/],
    ['NllbTokenizer', { src_lang: 'none' }, 'bad_file', /the token "none" is not there/],
    ['MBart50Tokenizer', { src_lang: 'x' }, 'bad_file', /src_lang "x" is none of mBART-50's/],
  ]),
)('%s %j is refused with its reason', async (name, config, code, why) => {
  const of = cases.find((/** @type {any} */ each) => each.class === name) ?? cases[0];
  const files = { 'tokenizer_config.json': { tokenizer_class: name, ...config } };
  expect(await errorOf(() => load(of, files), code)).toMatch(why);
});

test("Pegasus's mask tokens have the ids of its published files, whatever names them", async () => {
  const of = cases.find((/** @type {any} */ each) => each.class === 'PegasusTokenizer');
  for (const config of [{}, { mask_token: '<mask_2>' }, { mask_token: '<mask_2>', mask_token_sent: '<mask_1>' }]) {
    const tokenizer = await load(of, { 'tokenizer_config.json': { tokenizer_class: of.class, ...config } });
    expect([...tokenizer.encode('<mask_1><mask_2>').ids]).toEqual([2, 3, 1]);
    tokenizer.dispose();
  }
});
