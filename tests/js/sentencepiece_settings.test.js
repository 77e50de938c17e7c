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
