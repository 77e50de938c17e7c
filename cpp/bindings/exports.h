// Written by tools/boundary.mjs from cpp/bindings/boundary.txt.
// clang-format off
#pragma once
#include <cstdint>

namespace wembed::bindings {

/// Why the last call that returned a code other than ok failed: a C string.
uint32_t error_what();
/// The offending number.
double error_value();
/// The limit it exceeded.
double error_limit();
/// Its index in the argument; below 0 if there is no index.
double error_index();
/// Bytes that the trapped call requested; 0 if it trapped for another reason. Reading it resets it to 0.
uint32_t take_out_of_memory();
/// 0 on failure
uint32_t table_create(uint32_t dtype, uint32_t rows, uint32_t dim, bool per_row_scales, uint32_t vocab, bool token_weights, bool token_mapping);
void table_free(uint32_t table);
/// For writing. Drops cached facts about the numbers: call it again before every write.
uint32_t table_data(uint32_t table);
/// The same address, for reading: keeps the cached facts.
uint32_t table_data_to_read(uint32_t table);
/// As tableData
uint32_t table_row_scales(uint32_t table);
/// As tableData
uint32_t table_block_scales(uint32_t table);
uint32_t table_token_weights(uint32_t table);
uint32_t table_token_mapping(uint32_t table);
void table_set_scale(uint32_t table, float scale);
void table_truncate(uint32_t table, uint32_t rows);
uint32_t table_check_tokens(uint32_t table);
uint32_t table_store(uint32_t table, uint32_t dtype, uint32_t data, uint32_t rows, float scale, uint32_t first);
uint32_t table_convert(uint32_t table, uint32_t from);
/// out: (n) f64, of the stored rows
uint32_t table_squared_lengths(uint32_t table, uint32_t first, uint32_t n, uint32_t out);
/// out: largest difference, root mean square, mean cosine, f64
uint32_t table_compare(uint32_t table, uint32_t original, uint32_t out);
uint32_t table_lookup(uint32_t table, uint32_t ids, uint32_t n, uint32_t out);
uint32_t table_bag(uint32_t table, uint32_t ids, uint32_t n, uint32_t offsets, uint32_t bags, uint32_t mode, uint32_t per_sample_weights, uint32_t padding_idx, uint32_t out);
/// out: (n, rows) f32
uint32_t table_products(uint32_t table, uint32_t x, uint32_t n, uint32_t out);
/// of one x with some rows; out: (n) f32
uint32_t table_products_of(uint32_t table, uint32_t ids, uint32_t n, uint32_t x, uint32_t out);
/// out: ids (n, k) u32, scores (n, k) f32
uint32_t table_nearest(uint32_t table, uint32_t x, uint32_t n, uint32_t k, uint32_t metric, uint32_t out);
void rows_start(uint32_t k, bool cosine);
/// scales: (n) f32 or 0; live: (n) u8
uint32_t rows_take(uint32_t table, uint32_t x, uint32_t n, uint32_t scales, uint32_t live, uint32_t first);
/// how many; out: the address of their scores and numbers, f32 and u32, valid until the next call
uint32_t rows_found(uint32_t out);
/// out: the head, 0 on failure
uint32_t head_create(uint32_t bias, uint32_t rows, float scale, float softcap, uint32_t out);
void head_free(uint32_t head);
uint32_t head_logits(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t out);
/// out: ids, scores, probabilities, (n, k) each
uint32_t head_top_k(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t k, uint32_t out);
/// out: an id
uint32_t head_sample(uint32_t head, uint32_t table, uint32_t hidden, float temperature, uint32_t top_k, float top_p, float min_p, double u, uint32_t out);
/// out: score, largest score and Σ e^(score - largest) of each, f64
uint32_t head_log_probs(uint32_t head, uint32_t table, uint32_t hidden, uint32_t n, uint32_t targets, uint32_t out);
/// out: the tokenizer, 0 on failure
uint32_t text_create(uint32_t spec, uint32_t size, uint32_t out);
void text_free(uint32_t text);
uint32_t text_vocab_size(uint32_t text);
/// kNoId if there is none
uint32_t text_unk_id(uint32_t text);
uint32_t text_median_token_length(uint32_t text);
/// out: address of the ids, their number, address of the spans
uint32_t text_encode(uint32_t text, uint32_t utf8, uint32_t size, uint32_t flags, uint32_t max_ids, uint32_t out);
/// of UTF-16; out has room for 3 bytes a unit and 16. How many bytes were written
uint32_t text_utf8(uint32_t units, uint32_t n, uint32_t out);
/// how many bytes of UTF-8 they have at most
uint32_t text_utf8_room(uint32_t units, uint32_t n);
/// out: address of the ids, their number, address of the end of each text's ids
uint32_t text_encode_batch(uint32_t text, uint32_t utf8, uint32_t ends, uint32_t n, uint32_t flags, uint32_t max_code_points, uint32_t max_ids, uint32_t out);
/// Special tokens that are text like any other from now on.
void text_take_literally(uint32_t text, uint32_t ids, uint32_t n);
/// out: address of the UTF-8, its bytes
void text_decode(uint32_t text, uint32_t ids, uint32_t n, bool skip_special_tokens, uint32_t out);
/// out: address of the UTF-8 or 0, its bytes
void text_token(uint32_t text, uint32_t id, uint32_t out);
uint32_t text_encode_pooled(uint32_t text, uint32_t table, uint32_t utf8, uint32_t ends, uint32_t n, uint32_t max_code_points, uint32_t max_ids, uint32_t mode, uint32_t dimensions, double epsilon, uint32_t finite, uint32_t out);
/// out: begin and end
bool find_vocab(uint32_t json, uint32_t size, uint32_t out);
/// the number of bytes written; 0 if it cannot
uint32_t write_vocab_section(uint32_t json, uint32_t size, uint32_t out);
/// of a tiktoken file; out has room for 3 bytes a byte and 64. How many bytes were written; 0 where it cannot
uint32_t write_ranks_section(uint32_t file, uint32_t size, uint32_t out);
/// a vocabulary with the merges of BPE or the scores of Unigram, to be read from a file of any kind; what returns false or kNoId cannot
uint32_t lists_create();
/// the next bytes of a tokenizer.json, which are written to. How many are done with; kNoId where it cannot
uint32_t lists_read_json(uint32_t lists, uint32_t json, uint32_t size, bool last);
/// vocab.json
bool lists_read_vocab(uint32_t lists, uint32_t json, uint32_t size);
/// the tokens of a GGUF file: a u64 length before each
bool lists_read_strings(uint32_t lists, uint32_t strings, uint32_t size, uint32_t n);
/// a SentencePiece model; what is no piece moves to its beginning
bool lists_read_pieces(uint32_t lists, uint32_t model, uint32_t size);
/// the merges of a GGUF file, which are written to
bool lists_merge_strings(uint32_t lists, uint32_t strings, uint32_t size, uint32_t n);
/// merges.txt, which is written to
bool lists_merge_lines(uint32_t lists, uint32_t lines, uint32_t size);
/// order: Lists::Order (cpp/text/lists.h); scores: f32 of each token, 0: those that were read with them
bool lists_merge_by(uint32_t lists, uint32_t order, uint32_t scores);
/// out: begin and end of the vocabulary and of the merges in a tokenizer.json, tokens, their bytes, merges, the bytes that are no piece, addresses of offsets, ids, bytes, merges, scores (f64), types (u8)
void lists_found(uint32_t lists, uint32_t out);
/// of a token; kNoId if there is none
uint32_t lists_id(uint32_t lists, uint32_t utf8, uint32_t size);
void lists_free(uint32_t lists);
void normalize(uint32_t x, uint32_t n, uint32_t dim, double epsilon);
float cosine(uint32_t a, uint32_t b, uint32_t dim);
void layer_norm(uint32_t x, uint32_t n, uint32_t dim, uint32_t weight, uint32_t bias, float epsilon);
void rotary(uint32_t x, uint32_t n, uint32_t heads, uint32_t head_dim, uint32_t pairs, bool interleaved, uint32_t cos, uint32_t sin);
/// x: (n, dim) f32, rotated in place; signs: (n, dim bits rounded up to a multiple of 16 bytes); details: (n, as many bytes, f32)
void signs_store(uint32_t x, uint32_t n, uint32_t dim, uint32_t signs, uint32_t details);
void signs_start(uint32_t dim, uint32_t most);
/// the next kSignRows rows, or the last
void signs_take(uint32_t signs, uint32_t details, uint32_t n, uint32_t x, uint32_t live);
/// x: rotated; as rowsFound
uint32_t signs_best(uint32_t x, uint32_t k, uint32_t out);
/// Another one at each call.
uint32_t random_seed();
/// out: (n, m) a · bᵀ
void train_products(uint32_t a, uint32_t b, uint32_t n, uint32_t m, uint32_t dim, uint32_t out);
/// out: (n, dim) += g · b, g: (n, m)
void train_add_products(uint32_t g, uint32_t b, uint32_t n, uint32_t m, uint32_t dim, uint32_t out);
/// out: (m, dim) += gᵀ · a, g: (n, m)
void train_add_outer_products(uint32_t g, uint32_t a, uint32_t n, uint32_t m, uint32_t dim, uint32_t out);
/// the sum of the losses; the scores become scale times their gradient. Each target < m
double train_softmax_loss(uint32_t scores, uint32_t targets, uint32_t n, uint32_t m, float scale);
/// integers: vectorSize, window, negative, sg, hs, cbowMean, shrinkWindows, seed, u32; numbers: sample, nsExponent, f64; out: the model, 0 on failure
uint32_t word2vec_create(uint32_t counts, uint32_t words, uint32_t integers, uint32_t numbers, uint32_t out);
void word2vec_free(uint32_t model);
/// as it was created
void word2vec_restart(uint32_t model);
/// (words, stride) f32
uint32_t word2vec_vectors(uint32_t model);
/// (layers, words, stride) f32
uint32_t word2vec_outputs(uint32_t model);
/// out: loss, examples, words, f64
uint32_t word2vec_train(uint32_t model, uint32_t ids, uint32_t ends, uint32_t sentences, float alpha, uint32_t epoch, uint32_t batch, uint32_t out);

}  // namespace wembed::bindings

/// Calls EXPORT("nameInJavaScript", function) for each that the core has.
#define WEMBED_FOR_EACH_CORE_EXPORT(EXPORT) \
  EXPORT("errorWhat", error_what) \
  EXPORT("errorValue", error_value) \
  EXPORT("errorLimit", error_limit) \
  EXPORT("errorIndex", error_index) \
  EXPORT("takeOutOfMemory", take_out_of_memory) \
  EXPORT("tableCreate", table_create) \
  EXPORT("tableFree", table_free) \
  EXPORT("tableData", table_data) \
  EXPORT("tableDataToRead", table_data_to_read) \
  EXPORT("tableRowScales", table_row_scales) \
  EXPORT("tableBlockScales", table_block_scales) \
  EXPORT("tableTokenWeights", table_token_weights) \
  EXPORT("tableTokenMapping", table_token_mapping) \
  EXPORT("tableSetScale", table_set_scale) \
  EXPORT("tableTruncate", table_truncate) \
  EXPORT("tableCheckTokens", table_check_tokens) \
  EXPORT("tableStore", table_store) \
  EXPORT("tableConvert", table_convert) \
  EXPORT("tableSquaredLengths", table_squared_lengths) \
  EXPORT("tableCompare", table_compare) \
  EXPORT("tableLookup", table_lookup) \
  EXPORT("tableBag", table_bag) \
  EXPORT("tableProducts", table_products) \
  EXPORT("tableProductsOf", table_products_of) \
  EXPORT("tableNearest", table_nearest) \
  EXPORT("rowsStart", rows_start) \
  EXPORT("rowsTake", rows_take) \
  EXPORT("rowsFound", rows_found) \
  EXPORT("headCreate", head_create) \
  EXPORT("headFree", head_free) \
  EXPORT("headLogits", head_logits) \
  EXPORT("headTopK", head_top_k) \
  EXPORT("headSample", head_sample) \
  EXPORT("headLogProbs", head_log_probs) \
  EXPORT("textCreate", text_create) \
  EXPORT("textFree", text_free) \
  EXPORT("textVocabSize", text_vocab_size) \
  EXPORT("textUnkId", text_unk_id) \
  EXPORT("textMedianTokenLength", text_median_token_length) \
  EXPORT("textEncode", text_encode) \
  EXPORT("textTakeLiterally", text_take_literally) \
  EXPORT("textDecode", text_decode) \
  EXPORT("textToken", text_token) \
  EXPORT("textEncodePooled", text_encode_pooled) \
  EXPORT("findVocab", find_vocab) \
  EXPORT("writeVocabSection", write_vocab_section) \
  EXPORT("normalize", normalize) \
  EXPORT("cosine", cosine) \
  EXPORT("layerNorm", layer_norm) \
  EXPORT("rotary", rotary) \
  EXPORT("signsStore", signs_store) \
  EXPORT("signsStart", signs_start) \
  EXPORT("signsTake", signs_take) \
  EXPORT("signsBest", signs_best)

/// The same for the text module.
#define WEMBED_FOR_EACH_TEXT_EXPORT(EXPORT) \
  EXPORT("errorWhat", error_what) \
  EXPORT("errorValue", error_value) \
  EXPORT("errorLimit", error_limit) \
  EXPORT("errorIndex", error_index) \
  EXPORT("takeOutOfMemory", take_out_of_memory) \
  EXPORT("textCreate", text_create) \
  EXPORT("textFree", text_free) \
  EXPORT("textVocabSize", text_vocab_size) \
  EXPORT("textUnkId", text_unk_id) \
  EXPORT("textMedianTokenLength", text_median_token_length) \
  EXPORT("textEncode", text_encode) \
  EXPORT("textUtf8", text_utf8) \
  EXPORT("textUtf8Room", text_utf8_room) \
  EXPORT("textEncodeBatch", text_encode_batch) \
  EXPORT("textTakeLiterally", text_take_literally) \
  EXPORT("textDecode", text_decode) \
  EXPORT("textToken", text_token) \
  EXPORT("writeRanksSection", write_ranks_section) \
  EXPORT("listsCreate", lists_create) \
  EXPORT("listsReadJson", lists_read_json) \
  EXPORT("listsReadVocab", lists_read_vocab) \
  EXPORT("listsReadStrings", lists_read_strings) \
  EXPORT("listsReadPieces", lists_read_pieces) \
  EXPORT("listsMergeStrings", lists_merge_strings) \
  EXPORT("listsMergeLines", lists_merge_lines) \
  EXPORT("listsMergeBy", lists_merge_by) \
  EXPORT("listsFound", lists_found) \
  EXPORT("listsId", lists_id) \
  EXPORT("listsFree", lists_free)

/// The same for the training module.
#define WEMBED_FOR_EACH_TRAIN_EXPORT(EXPORT) \
  EXPORT("errorWhat", error_what) \
  EXPORT("errorValue", error_value) \
  EXPORT("errorLimit", error_limit) \
  EXPORT("errorIndex", error_index) \
  EXPORT("takeOutOfMemory", take_out_of_memory) \
  EXPORT("randomSeed", random_seed) \
  EXPORT("trainProducts", train_products) \
  EXPORT("trainAddProducts", train_add_products) \
  EXPORT("trainAddOuterProducts", train_add_outer_products) \
  EXPORT("trainSoftmaxLoss", train_softmax_loss) \
  EXPORT("word2vecCreate", word2vec_create) \
  EXPORT("word2vecFree", word2vec_free) \
  EXPORT("word2vecRestart", word2vec_restart) \
  EXPORT("word2vecVectors", word2vec_vectors) \
  EXPORT("word2vecOutputs", word2vec_outputs) \
  EXPORT("word2vecTrain", word2vec_train)
