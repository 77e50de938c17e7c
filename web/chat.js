// `wembed/chat`: conversations as a chat model's tokenizer wants them. Needs @huggingface/jinja.
export { WembedError } from './core/errors.js';
export { ChatTemplate } from './tokenizer/chat_template.js';
export { Tokenizer } from './tokenizer/tokenizer.js';

/** @typedef {import('./tokenizer/chat_template.js').ChatMessage} ChatMessage */
/** @typedef {import('./tokenizer/chat_template.js').ChatOptions} ChatOptions */
/** @typedef {import('./tokenizer/chat_template.js').ChatTurn} ChatTurn */
