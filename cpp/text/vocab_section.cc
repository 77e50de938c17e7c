#include "text/vocab_section.h"

namespace wembed::text {

size_t VocabSectionWriter::finish() {
  put(out_, 0, n_);
  put(out_, 1, 1);
  uint8_t* end = out_ + 4 * (size_t{n_} + 3);
  std::memmove(end, ids_, size_t{n_} * 4);
  end += size_t{n_} * 4;
  const size_t length = static_cast<size_t>(at - bytes_);
  put(end, 0, static_cast<uint32_t>(length));
  std::memmove(end + 4, bytes_, length);
  for (end += 4 + length; (end - out_) % 4; end++) *end = 0;
  return static_cast<size_t>(end - out_);
}

}  // namespace wembed::text
