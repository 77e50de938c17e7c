/**
 * Model types of transformers whose first block receives what wembed does not make, and why, as the end of a sentence.
 * @type {Readonly<Record<string, string>>}
 */
export const REFUSED = {
  ...all('needs where each word stands on its page', 'layoutlm layoutlmv2 layoutlmv3 bros'),
  ...all('needs where each word stands in its HTML', 'markuplm'),
  ...all('needs the row and the column of a table that each word stands in', 'tapas'),
  ...all('adds how each token is pronounced and written', 'roc_bert'),
  ...all("puts neighbouring tokens' rows beside each other before its first block", 'mobilebert'),
  ...all('learns positions by rows and columns of a grid', 'reformer'),
  ...all('adds the rows of several codebooks', 'dia csm csm_depth_decoder_model higgs_audio_v2'),
  ...all('adds a token of its own to each text', 'videoprism videoprism_text_model'),
  ...all('keeps new tokens in a table of their own', 'molmo2 molmo2_text'),
  ...all('has a table for its encoder and another for its decoder', 't5gemma t5gemma2'),
  ...all('turns queries the other way round', 'nanochat'),
  ...all('turns queries by a base of each layer', 'granite_swa granitemoe_swa'),
  ...all(
    'turns queries by a rule of its own',
    'mistral4 mistral_large4 mistral_large4_text deepseek_v4 dots3_note_text minimax_m3_vl_text',
  ),
};

/**
 * @param {string} why
 * @param {string} types
 * @returns {Record<string, string>}
 */
function all(why, types) {
  return Object.fromEntries(types.split(' ').map((type) => [type, why]));
}
