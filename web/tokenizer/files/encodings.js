import { PATTERNS } from './byte_level.js';

/**
 * An encoding's pattern and special tokens, which its file of ranks does not hold.
 * @typedef {{ ranks: number, pattern: string, special: Record<string, number>, bos?: string }} RanksEncoding
 */

const reserved = (/** @type {number} */ from, /** @type {number} */ to, /** @type {(i: number) => string} */ name) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, i) => [name(i), from + i]));

const FIM = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'];

/** By name; `ranks` lines each. (openai/tiktoken, `openai_public`; meta-llama/llama-models,
 * `Tokenizer`; QwenLM/Qwen; moonshotai/Kimi-K2.) */
export const ENCODINGS = /** @type {Record<string, RanksEncoding>} */ ({
  r50k_base: { ranks: 50256, pattern: PATTERNS.gpt2, special: { '<|endoftext|>': 50256 } },
  p50k_base: { ranks: 50280, pattern: PATTERNS.gpt2, special: { '<|endoftext|>': 50256 } },
  cl100k_base: {
    ranks: 100256,
    pattern: PATTERNS.cl100k,
    special: { '<|endoftext|>': 100257, ...reserved(100258, 100261, (i) => FIM[i]), '<|endofprompt|>': 100276 },
  },
  o200k_base: {
    ranks: 199998,
    pattern: PATTERNS.o200k,
    special: { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 },
  },
  // Thousands of names, made when they are asked for.
  llama3: {
    ...{ ranks: 128000, pattern: PATTERNS.cl100k, bos: '<|begin_of_text|>' },
    get special() {
      return llama3Tokens();
    },
  },
  llama4: {
    ...{ ranks: 200000, pattern: PATTERNS.o200k, bos: '<|begin_of_text|>' },
    get special() {
      return llama4Tokens();
    },
  },
  kimi: {
    ranks: 163584,
    pattern: PATTERNS.kimi,
    // tokenizer_config.json names some of them.
    special: reserved(163584, 163842, (i) => `<|reserved_token_${i}|>`),
  },
  qwen: {
    ranks: 151643,
    pattern: PATTERNS.qwen2,
    special: {
      ...{ '<|endoftext|>': 151643, '<|im_start|>': 151644, '<|im_end|>': 151645 },
      ...reserved(151646, 151851, (i) => `<|extra_${i}|>`),
    },
  },
});
ENCODINGS.gpt2 = ENCODINGS.r50k_base;

function llama3Tokens() {
  const named = ['<|begin_of_text|>', '<|end_of_text|>', 0, 1, 2, 3, '<|start_header_id|>', '<|end_header_id|>', 4];
  const names = [...named, '<|eot_id|>'];
  const name = (/** @type {number} */ i) => names[i] ?? i - 5;
  const spelled = (/** @type {number} */ i) =>
    typeof name(i) === 'string' ? String(name(i)) : `<|reserved_special_token_${name(i)}|>`;
  return reserved(128000, 128256, spelled);
}

function llama4Tokens() {
  const own = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: to - from }, (_, i) => `${kind}_reserved_special_token_${from + i}`);
  const names = [
    ...['begin_of_text', 'end_of_text', 'fim_prefix', 'fim_middle', 'fim_suffix'],
    ...['header_start', 'header_end', 'eom', 'eot', 'step', ...own('text_post_train', 0, 6)],
    ...['python_start', 'python_end', 'finetune_right_pad', ...own('text_post_train', 8, 69)],
    ...['image_start', 'image_end', ...own('vision', 0, 2), 'tile_x_separator', 'tile_y_separator'],
    ...[...own('vision', 2, 6), 'image', ...own('vision', 6, 7), 'patch', ...own('vision', 7, 1048)],
    ...[...own('reasoning', 0, 8), 'reasoning_thinking_start', 'reasoning_thinking_end'],
  ];
  return reserved(200000, 202048, (i) => `<|${names[i] ?? `reserved_special_token_${i - names.length}`}|>`);
}
