// A tokenizer's spec and a text: refused, or a tokenizer whose ids are its own and whose text can be read back.
#include "input.h"
#include "engine/text_encoder.h"

using namespace wembed;

namespace {

void use(TextEncoder* encoder, const uint8_t* text, size_t size, const text::EncodeOptions& options) {
  encoder->encode(text, size, options, true);
  require(encoder->spans().size() == encoder->ids().size());
  for (const uint32_t id : encoder->ids()) require(id < encoder->tokenizer().vocab_size());
  Array<uint32_t> ids;
  ids.append(encoder->ids().data(), encoder->ids().size());
  encoder->decode(ids.data(), ids.size(), options.add_special_tokens);
  for (const uint32_t id : ids) encoder->tokenizer().token(id);
}

}  // namespace

/// Two bytes: the text's length; one: options; the text; the spec.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t length = input.u16() % 1024;
  const uint32_t flags = input.byte();
  const size_t text_size = length < input.size() ? length : input.size();
  const std::unique_ptr<uint8_t[]> text = input.take(text_size);
  const size_t spec_size = input.size();
  const std::unique_ptr<uint8_t[]> spec = input.take(spec_size);
  std::unique_ptr<TextEncoder> encoder;
  if (!TextEncoder::create(spec.get(), spec_size, &encoder).ok()) return 0;
  text::EncodeOptions options;
  options.add_special_tokens = flags & 1;
  options.drop_unknown = flags & 2;
  if (flags & 4) options.max_ids = flags >> 4;
  if (flags & 8) options.max_code_points = flags >> 4;
  use(encoder.get(), text.get(), text_size, options);
  // It looks at every id, of which a layer's table has as many as rows.
  if (encoder->tokenizer().vocab_size() < 100000) encoder->median_token_length();
  const uint32_t unknown[] = {0, encoder->tokenizer().vocab_size(), UINT32_MAX};
  encoder->decode(unknown, 3, false);
  return 0;
}
