/**
 * Models that many know: vocabulary, dimensions and parameters as their files have them.
 * @type {{ name: string, vocab: number, dim: number, parameters: number, tied: boolean | null }[]} `tied`: null where there is no way back
 */
export const MODELS = [
  { name: 'wembed/mini, this page', vocab: 28_800, dim: 256, parameters: 7_401_600, tied: null },
  { name: 'all-MiniLM-L6-v2', vocab: 30_522, dim: 384, parameters: 22_713_216, tied: null },
  { name: 'BERT base', vocab: 30_522, dim: 768, parameters: 109_482_240, tied: true },
  { name: 'GPT-2', vocab: 50_257, dim: 768, parameters: 124_439_808, tied: true },
  { name: 'Qwen2.5 0.5B', vocab: 151_936, dim: 896, parameters: 494_032_768, tied: true },
  { name: 'Llama 3.2 1B', vocab: 128_256, dim: 2_048, parameters: 1_235_814_400, tied: true },
  { name: 'Gemma 2 2B', vocab: 256_000, dim: 2_304, parameters: 2_614_341_888, tied: true },
  { name: 'Llama 3.1 8B', vocab: 128_256, dim: 4_096, parameters: 8_030_261_248, tied: false },
];

/** Numbers of the embedding table, and of the table of scores where it is another one. @param {typeof MODELS[number]} model */
export const tableNumbers = ({ vocab, dim, tied }) => vocab * dim * (tied === false ? 2 : 1);

/** Bytes of a table with its scales: an f32 per row in i8, an f16 per 32 numbers in i4. @type {Record<string, (vocab: number, dim: number) => number>} */
export const BYTES = {
  f32: (vocab, dim) => vocab * dim * 4,
  f16: (vocab, dim) => vocab * dim * 2,
  i8: (vocab, dim) => vocab * (dim + 4),
  i4: (vocab, dim) => vocab * 18 * Math.ceil(dim / 32),
};
