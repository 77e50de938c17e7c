#include "text/script_runs.h"

#include <algorithm>

#include "text/unicode.h"

namespace wembed::text {

Status ScriptRuns::build(Bytes table) {
  const uint8_t *s = table.data, *end = table.data + table.size;
  uint32_t length;
  runs_.clear();
  while (s < end) {
    const uint32_t begin = decode_utf8(s, end, &length);
    s += length;
    const bool rises = runs_.empty() ? begin == 0 : begin > runs_[runs_.size() - 1].begin;
    if (s == end || !rises) return {Code::bad_file, "a table of scripts that does not rise", double(begin)};
    runs_.push_back({begin, decode_utf8(s, end, &length)});
    s += length;
  }
  return runs_.empty() ? Status{Code::bad_file, "an empty table of scripts"} : Status{};
}

uint32_t ScriptRuns::script_of(uint32_t cp) const {
  const Run* after =
      std::upper_bound(runs_.begin(), runs_.end(), cp, [](uint32_t c, const Run& run) { return c < run.begin; });
  return (after - 1)->script;
}

void ScriptRuns::split(const uint8_t* text, Text::Piece piece, Array<Text::Piece>* out) const {
  uint32_t length, last = 0;
  size_t from = piece.end;
  for (size_t at = piece.begin; at < piece.end; at += length) {
    const uint32_t script = script_of(decode_utf8(text + at, text + piece.end, &length));
    if (script == 0 || script == last) continue;
    if (last != 0) out->push_back({from, at});
    from = at;
    last = script;
  }
  if (from < piece.end) out->push_back({from, piece.end});
}

}  // namespace wembed::text
