#include "bindings/call.h"
#include "bindings/exports.h"
#include "core/codes.h"
#include "engine/text_encoder.h"
#include "text/bpe_json.h"
#include "text/vocab_json.h"
#include "text/vocab_ranks.h"

namespace wembed::bindings {

uint32_t text_create(uint32_t spec, uint32_t size, uint32_t out) {
  std::unique_ptr<TextEncoder> encoder;
  const Status status = TextEncoder::create(at<uint8_t>(spec), size, &encoder);
  *at<uint32_t>(out) = address_of(encoder.release());
  return report(status);
}

void text_free(uint32_t text) { delete at<TextEncoder>(text); }
uint32_t text_vocab_size(uint32_t text) { return at<TextEncoder>(text)->tokenizer().vocab_size(); }
uint32_t text_unk_id(uint32_t text) { return at<TextEncoder>(text)->tokenizer().unk_id(); }
uint32_t text_median_token_length(uint32_t text) { return at<TextEncoder>(text)->median_token_length(); }

namespace {

text::EncodeOptions options_of(uint32_t flags, uint32_t max_code_points, uint32_t max_ids) {
  text::EncodeOptions options;
  options.add_special_tokens = flags & kWithSpecialTokens;
  options.keep_last = flags & kKeepLast;
  options.drop_unknown = flags & kDropUnknown;
  options.max_code_points = max_code_points;
  options.max_ids = max_ids;
  return options;
}

}  // namespace

uint32_t text_encode(uint32_t text, uint32_t utf8, uint32_t size, uint32_t flags, uint32_t max_ids, uint32_t out) {
  TextEncoder& encoder = *at<TextEncoder>(text);
  const text::EncodeOptions options = options_of(flags, text::kNoLimit, max_ids);
  const Status status = encoder.encode(at<uint8_t>(utf8), size, options, flags & kWithSpans);
  at<uint32_t>(out)[0] = address_of(encoder.ids().data());
  at<uint32_t>(out)[1] = static_cast<uint32_t>(encoder.ids().size());
  at<uint32_t>(out)[2] = address_of(encoder.spans().data());
  return report(status);
}

uint32_t text_encode_batch(uint32_t text, uint32_t utf8, uint32_t ends, uint32_t n, uint32_t flags,
                           uint32_t max_code_points, uint32_t max_ids, uint32_t out) {
  TextEncoder& encoder = *at<TextEncoder>(text);
  const Status status =
      encoder.encode_batch(at<uint8_t>(utf8), at<uint32_t>(ends), n, options_of(flags, max_code_points, max_ids));
  at<uint32_t>(out)[0] = address_of(encoder.ids().data());
  at<uint32_t>(out)[1] = static_cast<uint32_t>(encoder.ids().size());
  at<uint32_t>(out)[2] = address_of(encoder.ends().data());
  return report(status);
}

void text_take_literally(uint32_t text, uint32_t ids, uint32_t n) {
  at<TextEncoder>(text)->tokenizer().take_literally(at<uint32_t>(ids), n);
}

void text_decode(uint32_t text, uint32_t ids, uint32_t n, bool skip_special_tokens, uint32_t out) {
  TextEncoder& encoder = *at<TextEncoder>(text);
  encoder.decode(at<uint32_t>(ids), n, skip_special_tokens);
  at<uint32_t>(out)[0] = address_of(encoder.decoded().data());
  at<uint32_t>(out)[1] = static_cast<uint32_t>(encoder.decoded().size());
}

void text_token(uint32_t text, uint32_t id, uint32_t out) {
  const text::Bytes token = at<TextEncoder>(text)->tokenizer().token(id);
  at<uint32_t>(out)[0] = address_of(token.data);
  at<uint32_t>(out)[1] = static_cast<uint32_t>(token.size);
}

uint32_t text_encode_pooled(uint32_t text, uint32_t table, uint32_t utf8, uint32_t ends, uint32_t n,
                            uint32_t max_code_points, uint32_t max_ids, uint32_t mode, uint32_t dimensions,
                            double epsilon, uint32_t out) {
  const text::EncodeOptions options = options_of(kDropUnknown, max_code_points, max_ids);
  const Pooling pooling{static_cast<BagMode>(mode), dimensions, epsilon};
  return report(at<TextEncoder>(text)->encode_pooled(*at<Table>(table), at<uint8_t>(utf8), at<uint32_t>(ends), n,
                                                     options, pooling, at<float>(out)));
}

bool find_vocab(uint32_t json, uint32_t size, uint32_t out) {
  text::VocabRange range;
  const bool found = text::find_vocab(at<uint8_t>(json), size, &range);
  at<uint32_t>(out)[0] = static_cast<uint32_t>(range.begin);
  at<uint32_t>(out)[1] = static_cast<uint32_t>(range.end);
  return found;
}

uint32_t write_vocab_section(uint32_t json, uint32_t size, uint32_t out) {
  return static_cast<uint32_t>(text::write_vocab_section(at<uint8_t>(json), size, at<uint8_t>(out)));
}

uint32_t write_ranks_section(uint32_t file, uint32_t size, uint32_t out) {
  return static_cast<uint32_t>(text::write_ranks_section(at<uint8_t>(file), size, at<uint8_t>(out)));
}

uint32_t bpe_json_read(uint32_t json, uint32_t size, uint32_t out) {
  std::unique_ptr<text::BpeJson> file(new text::BpeJson);
  if (!file->read(at<uint8_t>(json), size)) return 0;
  const Array<uint32_t>& section = file->section();
  const Array<text::Merge>& ids = file->merged_ids();
  const size_t found[] = {file->vocab().begin,        file->vocab().end,  file->merges().begin,   file->merges().end,
                          address_of(section.data()), 4 * section.size(), address_of(ids.data()), 12 * ids.size()};
  for (size_t i = 0; i < 8; i++) at<uint32_t>(out)[i] = static_cast<uint32_t>(found[i]);
  return address_of(file.release());
}

void bpe_json_ids(uint32_t file, uint32_t utf8, uint32_t ends, uint32_t n, uint32_t out) {
  const text::Vocab& vocabulary = at<text::BpeJson>(file)->vocabulary();
  for (uint32_t i = 0, begin = 0; i < n; begin = at<uint32_t>(ends)[i++])
    at<uint32_t>(out)[i] = vocabulary.find(at<uint8_t>(utf8) + begin, at<uint32_t>(ends)[i] - begin);
}

void bpe_json_free(uint32_t file) { delete at<text::BpeJson>(file); }

}  // namespace wembed::bindings
