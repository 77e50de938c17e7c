#include "bindings/call.h"
#include "bindings/exports.h"
#include "core/codes.h"
#include "engine/text_encoder.h"
#include "text/utf16.h"

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

uint32_t text_utf8(uint32_t units, uint32_t n, uint32_t out) {
  return static_cast<uint32_t>(text::kUtf16ToUtf8(at<uint16_t>(units), n, at<uint8_t>(out)));
}

uint32_t text_utf8_room(uint32_t units, uint32_t n) {
  return static_cast<uint32_t>(text::kUtf16Room(at<uint16_t>(units), n));
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

}  // namespace wembed::bindings
