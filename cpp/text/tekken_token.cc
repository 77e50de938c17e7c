#include "text/tekken_token.h"

#include "text/base64.h"

namespace wembed::text {

TekkenToken::Read TekkenToken::read(JsonScanner* in, Lists* lists) {
  in->expect('{');
  do {
    const Read found = in->ok ? field(in, lists) : Read::not_all;
    if (found != Read::whole) return found;
  } while (in->take(','));
  in->expect('}');
  if (!in->ok) return Read::not_all;
  return end_ && rank_ == lists->count() ? Read::whole : Read::cannot;
}

TekkenToken::Read TekkenToken::field(JsonScanner* in, Lists* lists) {
  const Bytes key = in->key();
  const uint8_t first = in->peek();
  if (!in->ok || !first) return Read::not_all;
  if (is_key(key, "rank")) {
    if (rank_ != kNone) return Read::cannot;
    rank_ = in->number();
  } else if (is_key(key, "token_bytes")) {
    if (end_ || first != '"') return Read::cannot;
    const uint8_t* spelled = ++in->p;
    in->skip_string();
    if (!in->ok) return Read::not_all;
    end_ = decode_base64(spelled, in->p - 1, begin_);
    if (!end_) return Read::cannot;
  } else if (is_key(key, "token_str") && first == '"') {
    // Nobody needs it, but the file is none if it is not as JSON has it.
    in->p++;
    in->string(lists->spell(static_cast<size_t>(in->end - in->p)));
  } else {
    static constexpr uint8_t kNull[] = {'n', 'u', 'l', 'l'};
    if (!is_key(key, "token_str")) return Read::cannot;
    for (uint32_t i = 0; i < 4; i++, in->p++) {
      if (in->p == in->end) return Read::not_all;
      if (*in->p != kNull[i]) return Read::cannot;
    }
  }
  return in->ok ? Read::whole : Read::not_all;
}

}  // namespace wembed::text
