import { PATTERNS, byteLevelParts } from './byte_level.js';

/**
 * What one of llama.cpp's `tokenizer.ggml.pre` means. `nfc` is what the models' own tokenizer.json have besides, and
 * llama.cpp leaves out.
 * Where `characters`, symbols are characters, not bytes, and spaces are ▁, as in SentencePiece; where `words`, there are
 * no spaces.
 * @typedef {{ pre: object, ignoreMerges?: boolean, bos?: boolean, sep?: boolean, nfc?: boolean, characters?: boolean,
 *   words?: boolean }} PreTokenizer
 */

const GPT2 = byteLevelParts(PATTERNS.gpt2).pre_tokenizer;
const BYTES = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };

/**
 * Patterns one after the other: each splits what the ones before it left whole.
 * @param {...string} patterns
 * @returns {PreTokenizer}
 */
const splits = (...patterns) => ({
  pre: {
    type: 'Sequence',
    pretokenizers: [
      ...patterns.map((pattern) => ({
        ...{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
      })),
      BYTES,
    ],
  },
});

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = '\\s+(?!\\S)|\\s+';
const HAN_AND_KANA = '[一-龥\\x{3040}-ゟ゠-ヿ]+';
const HAN_AND_HANGUL = '[一-龥ࠀ-一가-\\x{D7FF}]+';
/** DeepSeek's Latin, Greek, Cyrillic and other cased letters. */
const CASED_LETTERS =
  'A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\\x{1F7D}ᾀ-ᾴᾶ-ᾼ\\x{1FBE}' +
  'ῂ-ῄῆ-ῌῐ-\\x{1FD3}ῖ-\\x{1FDB}ῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\\x{2126}ℨ\\x{212A}-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃';
const DEEPSEEK3 = [
  '\\p{N}{1,3}',
  HAN_AND_KANA,
  `[!"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_\`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+` +
    `| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|${SPACES}`,
];
const BLOOM = ' ?[^(\\s|.,!?…。，、।۔،)]+';
const PUNCTUATION = '[\\p{P}\\$\\+<=>\\^~\\|`]+';

const ONE = /** @type {PreTokenizer} */ ({ pre: GPT2 });
const DIGITS = /** @type {PreTokenizer} */ ({
  pre: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, GPT2] },
});
const CL100K = splits(PATTERNS.cl100k);
const LLAMA3 = { ...CL100K, ignoreMerges: true, bos: true };
const QWEN2 = splits(PATTERNS.qwen2);
const O200K = splits(PATTERNS.o200k);
/** Digits by threes from the right: 1, 234, 567. */
const DIGITS_BY_THREE = '\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))';
/** A line, or line ends. */
const LINES = /** @type {PreTokenizer} */ ({
  pre: { type: 'Split', pattern: { Regex: '[^\\n]+|[\\n]+' }, behavior: 'Isolated', invert: false },
  characters: true,
});

/** @type {[string, PreTokenizer][]} */
const TABLE = [
  [
    'gpt-2 phi-2 mpt olmo jais trillion exaone4 granite-docling modern-bert jina-es jina-de gigachat jina-v2-es jina-v2-de ' +
      'a.x-4.0 mellum',
    ONE,
  ],
  ['jina-v1-en jina-v2-code roberta-bpe', { ...ONE, sep: true }],
  ['starcoder refact smollm codeshell exaone minerva-7b mellum2', DIGITS],
  ['command-r', { ...DIGITS, nfc: true }],
  ['llama-bpe llama-v3 llama3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano', LLAMA3],
  ['dbrx smaug-bpe glm4 chatglm-bpe', CL100K],
  ['stablelm2 hunyuan megrez grok-2 solar-open', QWEN2],
  ['qwen2 deepseek-r1-qwen kormo f2llmv2', { ...QWEN2, nfc: true }],
  ['qwen35', { ...splits(PATTERNS.qwen35), nfc: true }],
  ['gpt-4o llama4 kanana2 talkie minimax-m2', O200K],
  ['granite-embed-multi-97m', { ...O200K, ignoreMerges: true }],
  ['tekken', { ...splits(PATTERNS.tekken), ignoreMerges: true, bos: true }],
  ['deepseek-coder', splits('[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', HAN_AND_HANGUL, '\\p{N}')],
  [
    'deepseek-llm',
    splits(
      ...['[\\r\\n]', `\\s?[${CASED_LETTERS}]+`, '\\s?[!-/:-~！-／：-～‘-‟\\x{3000}-。]+', '\\s+$', HAN_AND_HANGUL],
      '\\p{N}+',
    ),
  ],
  ['deepseek-v3 hunyuan-dense hy_v4 joyai-llm', splits(...DEEPSEEK3)],
  [
    'spark2_5',
    splits(
      DEEPSEEK3[0],
      HAN_AND_KANA,
      DEEPSEEK3[2].replace('+[\\r\\n]*|\\s*[\\r\\n]+', '+|[\\r\\n]'), // its line ends stand alone
      '\\p{N}',
    ),
  ],
  [
    'afmoe',
    splits(
      DIGITS_BY_THREE,
      '[一-鿿㐀-䶿豈-\\x{FAFF}\\x{3040}-ゟ゠-ヿ･-ﾟ⼀-\\x{2FDF}\\x{0E40}-\\x{0E7F}\\x{0E80}-\\x{0EFF}ក-\\x{17FF}က-႟ꩠ-ꩿꧠ-\\x{A9FF}가-\\x{D7AF}ᄀ-ᇿ]+',
      DEEPSEEK3[2],
    ),
  ],
  ['tiny_aya cohere2moe', splits('\\d{1,3}(?=(?:\\d{3})*(?!\\w))', PATTERNS.o200k)],
  ['gemma4', { ...LINES, bos: true }],
  ['granite-embed-multi-311m sarvam-moe', LINES],
  ['whitespace', { pre: { type: 'WhitespaceSplit' }, characters: true, words: true }],
  ['k2-horizon', splits(PATTERNS.cl100k.replace('?\\p{L}+', '?[\\p{L}\\p{M}\\x{200c}\\x{200d}]+'))],
  ['ufakzeka', splits(PATTERNS.qwen2.replace(`${CONTRACTIONS}|`, ''))],
  ['falcon', splits(PUNCTUATION, PATTERNS.gpt2, '[0-9][0-9][0-9]')],
  ['default', splits(PUNCTUATION.replace('`', ''), PATTERNS.gpt2, '\\p{N}+', '[0-9][0-9][0-9]')],
  ['bloom poro-chat gpt3-finnish', splits(BLOOM)],
  ['viking', splits(BLOOM, '\\p{N}')],
  ['minicpm5', { ...splits('\\p{N}{1,3}', PATTERNS.cl100k.replace('{1,3}', '+')), ignoreMerges: true }],
  ['kimi-k2', splits(PATTERNS.kimi)],
  ['superbpe', splits('\\p{N}+', '(?=(\\d{3})+(?!\\d))')],
  [
    'chameleon',
    {
      ...splits(
        ...['<sentinel:[0-9]+>', '(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z', '([\\t\\n]|    |  )', '\\p{N}'],
        ...['[\\p{P}!-/:-@\\[-`{-~]', PATTERNS.gpt2],
      ),
      bos: true,
    },
  ],
  ['laguna', splits('[^\\n]+|[\\n]+', PATTERNS.qwen2)],
  [
    'jais-2',
    splits(
      PATTERNS.cl100k.replace(SPACES, '') +
        [512, 256, 128, 64, 32, 16, 8, 4, '1,2'].map((n) => `\\s{${n}}(?!\\S)|`).join('') +
        '\\s{1}',
    ),
  ],
  [
    'bailingmoe bailingmoe2 llada-moe',
    splits(
      `'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|${SPACES}`,
    ),
  ],
  [
    'seed-coder',
    splits(`${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|${SPACES}`),
  ],
  [
    'exaone-moe',
    splits(
      `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}` +
        `| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|${SPACES}`,
    ),
  ],
  [
    'youtu',
    {
      ...splits(
        '[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥\\x{3040}-ゟ゠-ヿ]+',
        PATTERNS.o200k.replace('{1,3}', ''),
      ),
      ignoreMerges: true,
    },
  ],
];

/**
 * llama.cpp's `tokenizer.ggml.pre` by name; patterns as the models' own tokenizer.json spell them.
 * (llama.cpp, src/llama-vocab.cpp)
 */
export const GGUF_PRE_TOKENIZERS = new Map(
  TABLE.flatMap(([names, settings]) => names.split(' ').map((name) => [name, settings])),
);
