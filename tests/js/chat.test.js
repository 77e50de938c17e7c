// wembed/chat: chat templates against transformers, and what they refuse.
import { ChatTemplate, Tokenizer, WembedError } from '../../web/chat.js';
import { errorOf, readJson } from '../support/wembed.js';

const { cases, configs } = readJson('tests/golden/chat.json');

/** @param {any} options transformers' @returns {object} ours */
function named({ add_generation_prompt, continue_final_message, tools, ...variables }) {
  return {
    addGenerationPrompt: add_generation_prompt,
    continueFinalMessage: continue_final_message,
    tools,
    variables,
  };
}

test.each(cases.map((/** @type {any} */ each) => [each.name, each]))('%s: the text of transformers', (_, golden) => {
  const chat = ChatTemplate.from(configs[golden.config]);
  let text = null;
  try {
    text = chat.render(golden.messages, named(golden.options));
  } catch (error) {
    expect(error).toBeInstanceOf(WembedError);
    expect(error).toHaveProperty('code', 'invalid_argument');
  }
  expect(text).toBe(golden.text);
});

const CONFIG = {
  chat_template: '{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}',
  bos_token: '[CLS]',
};
const HELLO = [{ role: 'user', content: 'hello' }];
const VOCAB = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'hello'];

test('encode: the template puts the special tokens, the tokenizer none', async () => {
  const tokenizer = await Tokenizer.fromPretrained(new Map([['vocab.txt', VOCAB.join('\n')]]));
  const chat = ChatTemplate.from(CONFIG);
  expect([...chat.encode(tokenizer, HELLO)]).toEqual([2, 5]);
  await errorOf(() => chat.encode(/** @type {any} */ ({}), HELLO), 'invalid_argument');
  tokenizer.dispose();
});

test('the files of a model: chat_template.jinja comes first; special tokens may stand in either file', async () => {
  const files = new Map([
    ['tokenizer_config.json', JSON.stringify({ ...CONFIG, bos_token: null, eos_token: '</s>' })],
    ['special_tokens_map.json', JSON.stringify({ bos_token: { content: '<s>' }, eos_token: 'x' })],
  ]);
  const chat = await ChatTemplate.fromPretrained(files);
  expect(chat.render(HELLO)).toBe('<s>hello');
  files.set('chat_template.jinja', '{{ eos_token }}');
  expect((await ChatTemplate.fromPretrained(files)).render(HELLO)).toBe('</s>');
  await errorOf(() => ChatTemplate.fromPretrained(new Map([['config.json', '{}']])), 'not_found');
});

test('several templates: by name, or tool_use where tools are given', async () => {
  const chat = ChatTemplate.from({
    chat_template: [
      { name: 'default', template: 'plain' },
      { name: 'tool_use', template: '{{ tools[0].name }}' },
    ],
  });
  expect(chat.names).toEqual(['default', 'tool_use']);
  expect([chat.render(HELLO), chat.render(HELLO, { tools: [{ name: 'f' }] })]).toEqual(['plain', 'f']);
  expect(chat.render(HELLO, { tools: [{ name: 'f' }], template: 'default' })).toBe('plain');
  await errorOf(() => chat.render(HELLO, { template: 'rag' }), 'not_found');
});

test.each([
  ['a template that is no Jinja', () => ChatTemplate.from('{% if %}'), 'bad_file'],
  ['a config without a template', () => ChatTemplate.from({}), 'not_found'],
  ['a template that is a number', () => ChatTemplate.from({ chat_template: 7 }), 'bad_file'],
  ['null', () => ChatTemplate.from(/** @type {any} */ (null)), 'invalid_argument'],
  ['messages that are text', () => ChatTemplate.from('x').render(/** @type {any} */ ('hi')), 'invalid_argument'],
  ['a message without a role', () => ChatTemplate.from('x').render(/** @type {any} */ ([{}])), 'invalid_argument'],
  [
    'an unknown option',
    () => ChatTemplate.from('x').render(HELLO, /** @type {any} */ ({ tool: [] })),
    'invalid_argument',
  ],
  [
    'a special token that is no text',
    () => ChatTemplate.from('x', /** @type {any} */ ({ bos_token: 1 })),
    'invalid_argument',
  ],
])('refuses %s', async (_, call, code) => {
  await errorOf(call, code);
});
