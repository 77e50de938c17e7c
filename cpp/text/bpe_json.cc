#include "text/bpe_json.h"

#include <cstring>

#include "text/json_scanner.h"

namespace wembed::text {

/// The file on the way from front to back.
struct BpeJson::File {
  BpeJson* out;
  uint8_t* json;
  uint32_t models = 0;

  static void in_model(JsonScanner* in, Bytes key, void* context) {
    auto* file = static_cast<File*>(context);
    const bool vocab = is_key(key, "vocab");
    if (!vocab && !is_key(key, "merges")) return in->skip_value();
    VocabRange& range = vocab ? file->out->vocab_ : file->out->merges_;
    if (range.end) in->fail();
    range.begin = static_cast<size_t>(in->p - in->start);
    in->skip_value();
    range.end = static_cast<size_t>(in->p - in->start);
  }

  static void in_file(JsonScanner* in, Bytes key, void* context) {
    auto* file = static_cast<File*>(context);
    if (!is_key(key, "model")) return in->skip_value();
    if (file->models++) in->fail();
    in->object(in_model, context);
  }

  JsonScanner scanner(const VocabRange& range) const { return {json + range.begin, json + range.end}; }
  /// Puts a string where it is spelled, which takes no less room; the scanner is after its opening quote.
  Bytes string(JsonScanner* in) const {
    uint8_t* begin = json + (in->p - json);
    return {begin, static_cast<size_t>(in->string(begin) - begin)};
  }
};

bool BpeJson::read(uint8_t* json, size_t size) {
  File file{this, json};
  JsonScanner in{json, json + size};
  in.object(File::in_file, &file);
  in.peek();
  return in.ok && in.p == in.end && vocab_.end && merges_.end && read_vocab(&file) && read_merges(&file);
}

bool BpeJson::read_vocab(File* file) {
  Array<uint32_t> offsets, ids;
  uint8_t *const bytes = file->json + vocab_.begin, *at = bytes;
  JsonScanner in = file->scanner(vocab_);
  in.expect('{');
  offsets.push_back(0);
  do {
    in.expect('"');
    if (!in.ok) return false;
    at = in.string(at);  // what was read is not needed any more
    in.expect(':');
    offsets.push_back(static_cast<uint32_t>(at - bytes));
    ids.push_back(in.number());
  } while (in.take(','));
  in.expect('}');
  if (!in.ok || in.p != in.end) return false;
  const auto n = static_cast<uint32_t>(ids.size());
  if (!vocabulary_.build(bytes, offsets.data(), n, ids.data()).ok()) return false;
  const uint32_t length = offsets[n];
  section_.push_back(n);
  section_.push_back(1);
  section_.append(offsets);
  section_.append(ids);
  section_.push_back(length);
  section_.append((length + 3) / 4, 0);
  std::memcpy(section_.end() - (length + 3) / 4, bytes, length);
  return true;
}

bool BpeJson::read_merges(File* file) {
  JsonScanner in = file->scanner(merges_);
  in.expect('[');
  if (in.ok && in.peek() != ']') {
    do {
      const bool pair = in.take('[');
      in.expect('"');
      if (!in.ok) return false;
      Bytes left = file->string(&in), right{};
      if (pair) {
        in.expect(',');
        in.expect('"');
        if (!in.ok) return false;
        right = file->string(&in);
        in.expect(']');
      } else {
        const auto* space = left.size ? static_cast<const uint8_t*>(std::memchr(left.data, ' ', left.size)) : nullptr;
        if (!space) return false;
        const auto before = static_cast<size_t>(space - left.data);
        right = {space + 1, left.size - before - 1};
        left.size = before;
        if (right.size && std::memchr(right.data, ' ', right.size)) return false;
      }
      if (!in.ok || !add_merge(left, right)) return false;
    } while (in.take(','));
  }
  in.expect(']');
  return in.ok && in.p == in.end;
}

/// @param right  stands after `left` in the file
bool BpeJson::add_merge(Bytes left, Bytes right) {
  Merge merge{vocabulary_.find(left.data, left.size), vocabulary_.find(right.data, right.size), Vocab::kNone};
  auto* joined = const_cast<uint8_t*>(left.data);  // part of what `read` may write to
  std::memmove(joined + left.size, right.data, right.size);
  const size_t size = left.size + right.size;
  // Tokens mostly have ids in the order in which they were merged.
  if (!ids_.empty()) {
    for (uint32_t id = ids_.back().merged, next = id + 1; id <= next && merge.merged == Vocab::kNone; id++) {
      const Bytes piece = vocabulary_.piece(id);
      if (piece.data && piece.size == size && std::memcmp(piece.data, joined, size) == 0) merge.merged = id;
    }
  }
  if (merge.merged == Vocab::kNone) merge.merged = vocabulary_.find(joined, size);
  ids_.push_back(merge);
  return merge.left != Vocab::kNone && merge.right != Vocab::kNone && merge.merged != Vocab::kNone;
}

}  // namespace wembed::text
