import { WembedError } from '../../core/errors.js';
import { bpeFamily } from './bpe_families.js';
import { lazyModel, openLists } from './lazy_model.js';
import { SpecialTokens, show, template, tokenFinder } from './special_tokens.js';
import { textOf } from './vocab_txt.js';

/**
 * The tokenizer.json that GPT-2's pair of files stands for. (openai/gpt-2; transformers, the classes of bpe_families.js.)
 * @param {Uint8Array} vocabJson
 * @param {Uint8Array} mergesTxt
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @param {() => Promise<unknown>} parse makes vocab.json's object
 * @returns {Promise<object>}
 */
export async function tokenizerOfBpeFiles(vocabJson, mergesTxt, settings, parse) {
  const read = (/** @type {import('../lists.js').Lists} */ lists) =>
    lists.readVocab(vocabJson) && lists.mergeLines(mergesTxt);
  const lists = await openLists(read);
  if (!lists) return tokenizerOfVocab(await parse(), mergesTxt, settings);
  try {
    const { size, idOf } = lists.tokens;
    // What the text module has read, JavaScript reads if somebody asks for it.
    const vocab = () => JSON.parse(textOf(vocabJson, 'vocab.json'));
    const merges = () => readMerges(textOf(mergesTxt, 'merges.txt'), vocab());
    return describe(size, idOf, settings, (model) => lazyModel(model, read, { vocab, merges }));
  } finally {
    lists.free();
  }
}

/**
 * @param {any} vocab
 * @param {Uint8Array} mergesTxt
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 */
function tokenizerOfVocab(vocab, mergesTxt, settings) {
  const size = checkVocab(vocab);
  const idOf = (/** @type {string} */ content) => (Object.hasOwn(vocab, content) ? vocab[content] : undefined);
  bpeFamily(idOf, settings); // a family that is not known comes before what is wrong with the merges
  const merges = readMerges(textOf(mergesTxt, 'merges.txt'), vocab);
  return describe(size, idOf, settings, (model) => ({ ...model, vocab, merges }));
}

/**
 * @param {number} size one more than the largest id
 * @param {(token: string) => number | undefined} idOf
 * @param {import('./special_tokens.js').TokenizerSettings} settings
 * @param {(model: object) => object} complete adds the vocabulary and the merges
 */
function describe(size, idOf, settings, complete) {
  const family = bpeFamily(idOf, settings);
  const tokens = new SpecialTokens(settings, family.defaults);
  const added = tokens.list(idOf, size);
  const prefixSpace = tokens.flag('add_prefix_space', false);
  const { normalizer, pre_tokenizer, decoder, noTemplate = null } = family.parts(prefixSpace);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer,
    pre_tokenizer,
    post_processor: around(family, tokens, tokenFinder(added, idOf), prefixSpace) ?? noTemplate,
    decoder,
    model: complete({
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' },
      ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false, ...family.model },
    }),
  };
}

/**
 * @param {any} vocab
 * @returns {number} one more than its largest id
 */
function checkVocab(vocab) {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) {
    throw new WembedError('bad_file', 'vocab.json must map tokens to ids');
  }
  let [size, n] = [0, 0];
  const seen = new Set();
  for (const token in vocab) {
    const id = vocab[token];
    const good = Number.isInteger(id) && id >= 0 && id < 2 ** 24 && !seen.has(id);
    if (!good)
      throw new WembedError('bad_file', `vocab.json gives ${show(token)} the id ${show(id)}, or gives it twice`);
    seen.add(id);
    size = Math.max(size, id + 1);
    n++;
  }
  if (n === 0) throw new WembedError('bad_file', 'vocab.json is empty');
  return size;
}

/**
 * @param {string} text a merge a line, the most important first
 * @param {any} vocab
 * @returns {[string, string][]}
 */
function readMerges(text, vocab) {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  /** @type {[string, string][]} */
  const merges = [];
  const has = (/** @type {string} */ token) => Object.hasOwn(vocab, token);
  lines.forEach((line, i) => {
    if (line.startsWith('#version')) return;
    const pair = line.split(' ');
    if (pair.length !== 2) throw new WembedError('bad_file', `merges.txt: line ${i + 1} is no pair: ${show(line)}`);
    const [left, right] = pair;
    const missing = [left, right, left + right].find((token) => !has(token));
    if (missing !== undefined) {
      throw new WembedError('bad_file', `merges.txt: line ${i + 1} needs ${show(missing)}, which vocab.json lacks`);
    }
    merges.push([left, right]);
  });
  return merges;
}

/**
 * What is put around a text, and around two.
 * @param {import('./bpe_families.js').BpeFamily} family
 * @param {SpecialTokens} tokens
 * @param {Find} find
 * @param {boolean} prefixSpace
 * @returns {object | null}
 */
function around(family, tokens, find, prefixSpace) {
  const role = (/** @type {string} */ name) => find(tokens.content(name));
  if (family.around === 'whisper') return whisperTemplate(tokens, find);
  if (family.around === 'bos-eos') {
    const bos = tokens.flag('add_bos_token', false) ? role('bos_token') : undefined;
    const eos = tokens.flag('add_eos_token', false) ? role('eos_token') : undefined;
    return template(bos, eos, { between: 'after before' });
  }
  const [before, after] = family.around === 'clip' ? ['bos_token', 'eos_token'] : ['cls_token', 'sep_token'];
  const [cls, sep] = [role(before), role(after)];
  if (!cls || !sep) {
    const names = [before, after].map((name) => show(tokens.content(name))).join(' and ');
    throw new WembedError('bad_file', `vocab.json has no ${names} to put around a text`);
  }
  if (family.around === 'cls-sep') return template(cls, sep, { between: 'after after', oneType: true });
  const ends = { sep: [sep.content, sep.id], cls: [cls.content, cls.id] };
  if (family.around === 'bert') return { type: 'BertProcessing', ...ends };
  const clip = family.around === 'clip';
  const trim = !clip && tokens.flag('trim_offsets', true);
  return { type: 'RobertaProcessing', ...ends, trim_offsets: trim, add_prefix_space: !clip && prefixSpace };
}

/** @typedef {ReturnType<typeof tokenFinder>} Find */

/**
 * Whisper's decoder begins with what it is to do. (transformers, `WhisperTokenizer.prefix_tokens`.)
 * @param {SpecialTokens} tokens
 * @param {Find} find
 */
function whisperTemplate(tokens, find) {
  const [language, task] = [tokens.setting('language') ?? undefined, tokens.setting('task') ?? undefined];
  const names = [
    '<|startoftranscript|>',
    ...(language === undefined ? [] : [`<|${String(language).toLowerCase()}|>`]),
    ...(task === undefined ? [] : [`<|${task}|>`]),
    ...(tokens.flag('predict_timestamps', false) ? [] : ['<|notimestamps|>']),
  ];
  const before = names.map((name) => {
    const token = find(name);
    if (!token) throw new WembedError('unsupported', `a Whisper tokenizer without the token ${show(name)}`);
    return token;
  });
  const eos = find(tokens.content('eos_token'));
  if (!eos) throw new WembedError('bad_file', 'vocab.json has no token for the end of a text');
  const special = (/** @type {{ content: string }} */ { content }, type = 0) => ({
    SpecialToken: { id: content, type_id: type },
  });
  const text = (/** @type {string} */ id, /** @type {number} */ type) => ({ Sequence: { id, type_id: type } });
  const start = before.map((token) => special(token));
  return {
    type: 'TemplateProcessing',
    single: [...start, text('A', 0), special(eos)],
    pair: [...start, text('A', 0), text('B', 1), special(eos, 1)],
    special_tokens: Object.fromEntries(
      [...before, eos].map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}
