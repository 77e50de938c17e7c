#include "text/bpe_text.h"
#include "text/find_byte.h"

namespace wembed::text {

const BpeText kBpeText = bpe_text_simd128;
const FindByte kFindByte = find_byte_simd128;

}  // namespace wembed::text
