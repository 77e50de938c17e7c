#include "text/bpe_text.h"

namespace wembed::text {

const BpeText kBpeText = bpe_text_simd128;

}  // namespace wembed::text
