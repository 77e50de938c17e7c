/** What static models seldom have: loaded for the tokenizers that do. */
export { writeRareDecoder } from './rare_decoders.js';
export { writeBpe, writeUnigram } from './rare_models.js';
export { writeRareNormalizer } from './rare_normalizers.js';
export { checkPreTokenizers, writeRarePreTokenizer } from './rare_pre_tokenizers.js';
