// Names from arguments, indexes and settings stay below their location, and so do the token and the headers.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { below, folderBelow } from '../../web/sources/below.js';
import { modelFiles } from '../../web/sources/files.js';
import { smallModel } from '../support/models.js';
import { serveFiles } from '../support/server.js';
import {
  EmbeddingLayer,
  RemoteTable,
  Tokenizer,
  clearCache,
  env,
  errorOf,
  inspect,
  isCached,
} from '../support/wembed.js';

const RED = [2, 2.25, 2.5, 2.75];
const SECRET = { token: 'hf_SECRET', headers: { 'X-Key': 'K' }, cache: false, attempts: 1 };

/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let hub;
/** @type {Awaited<ReturnType<typeof serveFiles>>} */
let other;
beforeEach(async () => {
  hub = await serveFiles(new Map());
  other = await serveFiles(smallModel());
});
afterEach(async () => {
  await hub.close();
  await other.close();
});

/** Every kind of name that might lead out of a folder. @param {string} host */
const escapes = (host) => [
  `\n//${host}/x`,
  `\t/\t/${host}`,
  `//${host}/x`,
  `/\\${host}/x`,
  `\\\\${host}\\x`,
  ` http://${host}/y`,
  `http://${host}/y`,
  `ht\ntp://${host}/y`,
  `\u0000//${host}`,
  'data:text/plain,x',
  '..',
  '../x',
  'a/../../x',
  'a/../b',
  '\t../../other',
  '.\t./x',
  '..\\x',
  'a\\..\\..\\x',
  '%2e%2e/%2e%2e/other',
  '.%2E/x',
  '%2e%2e%2fx',
  'a%2f..%2f..%2fx',
  '%252e%252e/x',
  '..%5cx',
  '%00',
  '/x',
  '%2fx',
  '#',
  'x#../y',
];

test('no subfolder, revision, file or template leads to another origin or out of the folder', async () => {
  const host = new URL(other.url).host;
  for (const escape of escapes(host)) {
    const hubOptions = { ...SECRET, hub: hub.url };
    await errorOf(
      () => EmbeddingLayer.fromPretrained('org/name', { ...hubOptions, subfolder: escape }),
      'invalid_argument',
    );
    await errorOf(() => EmbeddingLayer.fromPretrained(hub.url, { ...SECRET, subfolder: escape }), 'invalid_argument');
    await errorOf(() => Tokenizer.fromPretrained(hub.url, { ...SECRET, subfolder: escape }), 'invalid_argument');
    for (const load of [EmbeddingLayer.fromPretrained, inspect, RemoteTable.open]) {
      await errorOf(() => load(`${hub.url}m`, { ...SECRET, file: `${escape}/x.gguf` }), 'invalid_argument');
    }
    await errorOf(() => isCached(hub.url, { file: escape }), 'invalid_argument');
    await errorOf(() => clearCache(hub.url, { file: escape }), 'invalid_argument');
  }
  for (const revision of [
    '..',
    '.. ',
    '../..',
    '%2e%2e',
    'x/../..',
    '\n',
    /** @type {any} */ (5),
    /** @type {any} */ ({}),
  ]) {
    await errorOf(
      () => EmbeddingLayer.fromPretrained('org/name', { ...SECRET, hub: hub.url, revision }),
      'invalid_argument',
    );
  }
  expect([hub.requests, other.requests]).toEqual([[], []]);
});

test('addresses made from env.remotePathTemplate stay on the hub', async () => {
  const { remotePathTemplate } = env;
  try {
    for (const template of [
      `//${new URL(other.url).host}/{model}`,
      `${other.url}{model}`,
      '../{model}',
      '\t//x/{model}',
      '',
    ]) {
      env.remotePathTemplate = template;
      const load = EmbeddingLayer.fromPretrained('org/name', { ...SECRET, hub: `${hub.url}mirror` });
      if (template) await errorOf(() => load, 'invalid_argument');
      else await load.catch(() => {});
    }
    env.remotePathTemplate = 'm?model={model}&file=';
    await errorOf(() => EmbeddingLayer.fromPretrained('org/name', { ...SECRET, hub: hub.url }), 'invalid_argument');
  } finally {
    env.remotePathTemplate = remotePathTemplate;
  }
  expect(other.requests).toEqual([]);
  expect(hub.requests.every(({ path }) => path.startsWith('mirror/'))).toBe(true);
});

test('unusual but valid names are accepted', async () => {
  hub.files = new Map(
    [...smallModel()].map(([name, content]) => [`org/na..me/resolve/refs/pr/1/a b/..c/${name}`, content]),
  );
  const options = { ...SECRET, hub: hub.url, revision: 'refs/pr/1' };
  for (const subfolder of ['a b/..c', 'a%20b/..c/', './a b/./..c']) {
    const layer = await EmbeddingLayer.fromPretrained('org/na..me', { ...options, subfolder });
    expect([...layer.encode('red')]).toEqual(RED);
    layer.dispose();
  }
  for (const { headers } of hub.requests) {
    expect(headers).toMatchObject({ authorization: 'Bearer hf_SECRET', 'x-key': 'K' });
  }
});

test("an index cannot send the token elsewhere, nor read another folder's files", async () => {
  const config = { model_type: 'llama', hidden_size: 4, num_attention_heads: 1, tie_word_embeddings: true };
  for (const shard of [
    `//${new URL(other.url).host}/model.safetensors`,
    '../model.safetensors',
    `${other.url}a.safetensors`,
  ]) {
    hub.files.set('m/config.json', JSON.stringify(config));
    hub.files.set(
      'm/model.safetensors.index.json',
      JSON.stringify({ weight_map: { 'model.embed_tokens.weight': shard } }),
    );
    await errorOf(() => EmbeddingLayer.fromPretrained(`${hub.url}m`, SECRET), 'bad_file');
  }
  expect(other.requests).toEqual([]);
});

describe('folders', () => {
  const parent = mkdtempSync(join(tmpdir(), 'wembed-escape-'));
  const folder = join(parent, 'model');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const [name, content] of smallModel()) {
    writeFileSync(join(parent, name), content);
    writeFileSync(join(folder, 'sub', name), content);
  }
  afterAll(() => rmSync(parent, { recursive: true }));

  test('nothing outside a folder is read', async () => {
    for (const location of [folder, `${folder}/`, pathToFileURL(folder).href]) {
      for (const subfolder of [...escapes('host'), parent, pathToFileURL(parent).href, 'file:..', 'file:///etc']) {
        await errorOf(() => EmbeddingLayer.fromPretrained(location, { subfolder }), 'invalid_argument');
      }
      const files = await modelFiles(location);
      for (const name of escapes('host')) await errorOf(() => files.open(name), 'invalid_argument');
      const inside = await files.open('sub/config.json');
      expect(inside?.byteLength).toBeGreaterThan(1);
      await inside?.close?.();
    }
    const layer = await EmbeddingLayer.fromPretrained(folder, { subfolder: 'sub' });
    expect([...layer.encode('red')]).toEqual(RED);
    layer.dispose();
  });
});

test('an address below a folder has its origin, its port and its user', () => {
  const folder = new URL('https://user@host:8443/a/b/');
  expect(below(folder, 'c/d.gguf?download=true', 'file').href).toBe(
    'https://user@host:8443/a/b/c/d.gguf?download=true',
  );
  expect(folderBelow(folder, '', 'subfolder')).toBe(folder);
  expect(folderBelow(folder, 'c', 'subfolder').href).toBe('https://user@host:8443/a/b/c/');
  for (const name of ['', '.', './', '?x', 'https://host:8443/a/b/c', '//host:8443/a/b/c', '/a/b/c']) {
    expect(() => below(folder, name, 'file')).toThrow(/^file must be a path below https:\/\/host:8443\/a\/b\//);
  }
});
