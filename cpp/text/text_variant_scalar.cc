#include "text/bpe_text.h"
#include "text/find_byte.h"

namespace wembed::text {

const BpeText kBpeText = bpe_text_scalar;
const FindByte kFindByte = find_byte_scalar;

}  // namespace wembed::text
