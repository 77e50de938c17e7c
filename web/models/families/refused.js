/**
 * Model types of transformers whose first block receives what wembed does not make, and why, as the end of a sentence.
 * @type {Readonly<Record<string, string>>}
 */
export const REFUSED = {
  ...all('takes no text without where each word stands on its page, and a picture of it', 'layoutlmv2'),
  ...all('adds the rows of several codebooks', 'dia csm csm_depth_decoder_model'),
  ...all('adds a token of its own to each text', 'videoprism videoprism_text_model'),
  ...all('puts a prompt that it has learned before each text', 'cpmant'),
  ...all('is two models, each with a table of its own: load their folders one by one', 'encoder-decoder'),
  ...all('fits its positions to the length of each text', 'sam3_lite_text sam3_lite_text_text_model'),
  ...all("gives its blocks states that it has learned: a text's rows are read by attention", 'perceiver'),
  ...all('gives its blocks each row several times, and numbers from tables of neighbouring ids', 'qwen4_exp qwen4_exp_text'),
};

/**
 * @param {string} why
 * @param {string} types
 * @returns {Record<string, string>}
 */
function all(why, types) {
  return Object.fromEntries(types.split(' ').map((type) => [type, why]));
}

/**
 * @param {unknown} modelType
 * @returns {string | undefined} why models of a type that is known cannot be loaded, as the end of a sentence
 */
export const whyRefused = (modelType) =>
  typeof modelType === 'string' && Object.hasOwn(REFUSED, modelType) ? REFUSED[modelType] : undefined;
