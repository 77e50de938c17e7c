#include "text/bpe_text.h"
#include "text/find_byte.h"
#include "text/utf16.h"

namespace wembed::text {

const BpeText kBpeText = bpe_text_simd128;
const FindByte kFindByte = find_byte_simd128;
const Utf16ToUtf8 kUtf16ToUtf8 = utf16_to_utf8_simd128;
const Utf16Room kUtf16Room = utf16_room_simd128;

}  // namespace wembed::text
