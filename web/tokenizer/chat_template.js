/** From messages to the text that a chat model was trained on: the Jinja template beside its tokenizer. */
import { isOfOtherCopy } from '../core/other_copy.js';
import { isOwn } from '../core/own.js';
import { Template } from '@huggingface/jinja';
import { mustBe, optionsOf } from '../core/arguments.js';
import { WembedError, shown, isArray } from '../core/errors.js';
import { readGguf } from '../formats/gguf.js';
import { FILES_OPTIONS } from '../sources/option_names.js';
import { isGguf } from '../sources/file_names.js';
import { settled } from '../sources/settled.js';
import { locate } from '../sources/location.js';
import { parsePythonJson } from '../sources/python_json.js';
import { readWhole } from '../sources/whole.js';
import { Tokenizer } from './tokenizer.js';

/**
 * Who says what.
 * @typedef {object} ChatTurn
 * @property {string} role 'system', 'user', 'assistant', or what else the template knows
 * @property {string | object[] | null} [content] the text, or parts as the template takes them
 */

/** One turn of a conversation. A template may use other fields, too (`tool_calls`, `name`). @typedef {ChatTurn & { [field: string]: unknown }} ChatMessage */

/**
 * How a conversation becomes text.
 * @typedef {object} ChatOptions
 * @property {boolean} [addGenerationPrompt] whether the text ends with what begins the model's answer. Default false
 * @property {boolean} [continueFinalMessage] whether the text ends where the last message ends, so that the model goes on
 *   with it. Default false
 * @property {object[]} [tools] descriptions of functions, as JSON schemas, for templates that take them
 * @property {object[]} [documents] what to answer from, for templates that take them
 * @property {string} [template] the name of a template, where the model has several. Default: "tool_use" with `tools`, if
 *   there is one, else "default"
 * @property {Record<string, unknown>} [variables] whatever else the template reads, as `{ enable_thinking: false }`
 */

const OPTIONS = ['addGenerationPrompt', 'continueFinalMessage', 'tools', 'documents', 'template', 'variables'];
/** The roles that GGUF files name otherwise; the third as llama.cpp spells it. @type {Record<string, string>} */
const GGUF_NAMES = { unk_token: 'unknown_token', pad_token: 'padding_token', sep_token: 'seperator_token' };
const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/**
 * A model's chat template. (transformers, `apply_chat_template`; the template language is Jinja, run by @huggingface/jinja.)
 * @example
 * const chat = await ChatTemplate.fromPretrained('org/model');
 * const ids = chat.encode(tokenizer, [{ role: 'user', content: 'Hello' }], { addGenerationPrompt: true });
 */
export class ChatTemplate {
  /** @type {Map<string, Template>} */
  #templates = new Map();
  /** @type {Record<string, string>} */
  #specialTokens;

  /**
   * @internal
   * @param {Map<string, string>} sources by name
   * @param {Record<string, string>} specialTokens by role
   */
  constructor(sources, specialTokens) {
    if (sources.size === 0) throw new WembedError('not_found', 'the model has no chat template');
    this.#specialTokens = specialTokens;
    for (const [name, source] of sources) this.#templates.set(name, parsed(name, source));
  }

  /**
   * The template of a tokenizer_config.json, or one that stands alone.
   * @param {string | object} source the template's text, or tokenizer_config.json parsed
   * @param {Record<string, string>} [specialTokens] what `bos_token`, `eos_token` … are; default: what the config says
   * @returns {ChatTemplate}
   * @throws {WembedError} `not_found` where the config has no template, `bad_file` for one that is no Jinja
   * @example
   * const chat = ChatTemplate.from("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
   */
  static from(source, specialTokens) {
    if (typeof source === 'string')
      return new ChatTemplate(new Map([['default', source]]), checkedTokens(specialTokens));
    if (typeof source !== 'object' || source === null) {
      throw mustBe('a chat template', 'text or a tokenizer_config.json', source);
    }
    const config = /** @type {Record<string, unknown>} */ (source);
    return new ChatTemplate(templatesOf(config.chat_template), {
      ...tokensOf(config),
      ...checkedTokens(specialTokens),
    });
  }

  /**
   * The template of a model: chat_template.jinja, else what tokenizer_config.json or chat_template.json holds; of a GGUF file,
   * its `tokenizer.chat_template`.
   * @param {import('../sources/files.js').ModelLocation} location as `EmbeddingLayer.fromPretrained` takes it
   * @param {import('../sources/address.js').FilesOptions & import('../sources/whole.js').ReadOptions} [given]
   * @returns {Promise<ChatTemplate>}
   * @throws {WembedError} `not_found` where the model has none
   * @example
   * const chat = await ChatTemplate.fromPretrained('./models/chat');
   */
  static async fromPretrained(location, given) {
    const options = optionsOf('ChatTemplate.fromPretrained', given, FILES_OPTIONS);
    const { files, file } = await locate(location, options);
    return settled(files, () => (file && isGguf(file) ? ofGguf(files, file) : ofFolder(files, options)));
  }

  /**
   * The names of the templates: mostly "default" alone.
   * @returns {string[]}
   */
  get names() {
    return [...this.#templates.keys()];
  }

  /**
   * The conversation as one text.
   * @param {ChatMessage[]} messages
   * @param {ChatOptions} [options]
   * @returns {string}
   * @throws {WembedError} `invalid_argument` where the template refuses the messages, with its reason
   * @example
   * chat.render([{ role: 'user', content: 'Hello' }], { addGenerationPrompt: true });
   */
  render(messages, options) {
    const given = optionsOf('ChatTemplate.render', options, OPTIONS);
    if (given.addGenerationPrompt && given.continueFinalMessage) {
      throw new WembedError('invalid_argument', 'addGenerationPrompt and continueFinalMessage exclude each other');
    }
    const turns = checkedMessages(messages).map(withReasoning);
    const text = run(this.#template(given), {
      ...this.#specialTokens,
      ...given.variables,
      messages: given.continueFinalMessage ? marked(turns) : turns,
      ...{ tools: given.tools ?? null, documents: given.documents ?? null },
      add_generation_prompt: given.addGenerationPrompt ?? false,
    });
    return given.continueFinalMessage ? upToMark(text, turns) : text;
  }

  /**
   * The conversation as ids. The template puts the special tokens, so that the tokenizer adds none.
   * @param {Tokenizer} tokenizer the model's
   * @param {ChatMessage[]} messages
   * @param {ChatOptions} [options]
   * @returns {Uint32Array}
   * @throws {WembedError} as `render`
   * @example
   * const ids = chat.encode(tokenizer, [{ role: 'user', content: 'Hello' }], { addGenerationPrompt: true });
   */
  encode(tokenizer, messages, options) {
    if (!isOwn(tokenizer, Tokenizer, 'postProcessor') && !isOfOtherCopy(tokenizer, Tokenizer, 'postProcessor'))
      throw mustBe('the tokenizer of a chat', 'a Tokenizer', tokenizer);
    return tokenizer.encode(this.render(messages, options), { addSpecialTokens: false }).ids;
  }

  /** @param {ChatOptions} options @returns {Template} */
  #template({ template, tools }) {
    const name = template ?? (tools && this.#templates.has('tool_use') ? 'tool_use' : 'default');
    const found = this.#templates.get(name) ?? (template === undefined && [...this.#templates.values()][0]);
    if (found) return found;
    throw new WembedError('not_found', `there is no chat template ${shown(name)}, only ${this.names.join(', ')}`);
  }
}

/** @param {string} name @param {string} source @returns {Template} */
function parsed(name, source) {
  try {
    return new Template(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WembedError('bad_file', `the chat template ${shown(name)} is not Jinja: ${reason}`, { cause: error });
  }
}

/** @param {Template} template @param {Record<string, unknown>} variables @returns {string} */
function run(template, variables) {
  try {
    return template.render(variables);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WembedError('invalid_argument', `the chat template cannot render these messages: ${reason}`, {
      cause: error,
    });
  }
}

/** @param {unknown} messages @returns {ChatMessage[]} */
function checkedMessages(messages) {
  if (!isArray(messages)) throw mustBe('messages', 'an array of { role, content }', messages);
  const wrong = messages.findIndex(
    (each) => typeof each !== 'object' || each === null || typeof each.role !== 'string',
  );
  if (wrong >= 0) throw mustBe(`messages[${wrong}]`, 'an object with a role', messages[wrong]);
  return messages;
}

/** What a model thought before its answer goes by three names. @param {ChatMessage} message @returns {ChatMessage} */
function withReasoning(message) {
  const thought = message.reasoning_content ?? message.thinking ?? message.reasoning ?? undefined;
  return thought === undefined ? message : { thinking: thought, ...message, reasoning_content: thought };
}

/** Put after the last message, to find its end in the text. The space shows whether the template trims it. */
const MARK = 'THE_FINAL_MESSAGE_GOES_ON_HERE ';

/** @param {unknown} part @returns {unknown} */
const textOf = (part) => /** @type {{ text?: unknown } | null} */ (part)?.text;

/** @param {ChatMessage} message @returns {{ text: string, part: number }} the text to go on with; `part`: -1 for all of it */
function finalText({ content }) {
  const parts = Array.isArray(content) ? content : [];
  const part = parts.findLastIndex((each) => typeof textOf(each) === 'string');
  const text = part >= 0 ? textOf(parts[part]) : content;
  if (typeof text === 'string') return { text, part };
  throw mustBe("the last message's content", 'text, to go on with it', content);
}

/** @param {ChatMessage[]} messages @returns {ChatMessage[]} */
function marked(messages) {
  const last = messages.at(-1);
  if (!last) throw mustBe('messages', 'at least one, to go on with it', messages);
  const { text, part } = finalText(last);
  const content = Array.isArray(last.content) ? [...last.content] : text + MARK;
  if (Array.isArray(content)) content[part] = { ...content[part], text: text + MARK };
  return [...messages.slice(0, -1), { ...last, content }];
}

/**
 * The text up to the end of the last message. (transformers, `continue_final_message`.)
 * @param {string} text rendered of marked messages
 * @param {ChatMessage[]} messages
 */
function upToMark(text, messages) {
  const at = text.lastIndexOf(MARK.trim());
  if (at < 0 || !text.includes(finalText(/** @type {ChatMessage} */ (messages.at(-1))).text.trim())) {
    throw new WembedError('invalid_argument', 'the chat template changes the last message: it cannot go on with it');
  }
  const before = text.slice(0, at);
  return text.startsWith(MARK, at) ? before : before.trimEnd();
}

/** @typedef {{ name: string, template: string }} NamedTemplate */

/** @param {unknown} value chat_template of a tokenizer_config.json @returns {Map<string, string>} */
function templatesOf(value) {
  if (value === undefined || value === null) return new Map();
  const list = typeof value === 'string' ? [{ name: 'default', template: value }] : value;
  const good = (/** @type {Partial<NamedTemplate> | null} */ each) =>
    typeof each?.name === 'string' && typeof each.template === 'string';
  if (!Array.isArray(list) || !list.every(good)) {
    throw new WembedError('bad_file', `tokenizer_config.json: chat_template is ${shown(value)}`);
  }
  return new Map(list.map(({ name, template }) => [name, template]));
}

/** @param {Record<string, unknown>} config @returns {Record<string, string>} the special tokens that it names */
function tokensOf(config) {
  const contents = ROLES.map((role) => {
    const token = /** @type {string | { content?: unknown } | null | undefined} */ (config[role]);
    return [role, typeof token === 'string' ? token : token?.content];
  });
  return Object.fromEntries(contents.filter(([, content]) => typeof content === 'string'));
}

/** @param {unknown} tokens @returns {Record<string, string>} */
function checkedTokens(tokens) {
  if (tokens === undefined) return {};
  const good = typeof tokens === 'object' && tokens !== null;
  if (good && Object.values(tokens).every((token) => typeof token === 'string')) return { ...tokens };
  throw mustBe('specialTokens', 'an object of strings', tokens);
}

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {import('../sources/whole.js').ReadOptions} options
 * @returns {Promise<ChatTemplate>}
 */
async function ofFolder(files, options) {
  const names = ['tokenizer_config.json', 'special_tokens_map.json', 'chat_template.json'];
  const text = async (/** @type {string} */ name) => {
    const bytes = await readWhole(files, name, options);
    return bytes && new TextDecoder().decode(bytes);
  };
  const [config, map, own] = await Promise.all(
    names.map(async (name) => {
      const content = await text(name);
      return content ? /** @type {Record<string, unknown>} */ (parsePythonJson(content, name)) : {};
    }),
  );
  const jinja = await text('chat_template.jinja');
  const sources = templatesOf(jinja ?? config.chat_template ?? own.chat_template);
  if (sources.size === 0) throw new WembedError('not_found', `${files.name} has no chat template`);
  return new ChatTemplate(sources, { ...tokensOf(map), ...tokensOf(config) });
}

/**
 * @param {import('../sources/files.js').ModelFiles} files
 * @param {string} file
 * @returns {Promise<ChatTemplate>}
 */
async function ofGguf(files, file) {
  const source = await files.open(file);
  if (!source) throw new WembedError('not_found', `there is no ${file}`);
  try {
    const { metadata } = await readGguf(source, file);
    const get = (/** @type {string} */ key) => metadata.get(`tokenizer.${key}`);
    const tokens = get('ggml.tokens');
    const named = ROLES.map((role) => {
      const id = get(`ggml.${GGUF_NAMES[role] ?? role}_id`);
      return [role, Array.isArray(tokens) && typeof id === 'number' ? tokens[id] : undefined];
    });
    const template = get('chat_template');
    if (typeof template !== 'string') throw new WembedError('not_found', `${file} has no chat template`);
    const special = named.filter(([, content]) => typeof content === 'string');
    return new ChatTemplate(new Map([['default', template]]), Object.fromEntries(special));
  } finally {
    await source.close?.();
  }
}
