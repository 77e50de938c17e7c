#include "text/bpe_text.h"

namespace wembed::text {

const BpeText kBpeText = bpe_text_scalar;

}  // namespace wembed::text
