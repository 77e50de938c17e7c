#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/vocab.h"

namespace wembed::text {

constexpr uint32_t kNoLimit = 0xFFFFFFFF;

/// A stretch of the original text in UTF-16 units; {0, 0} for a special token that a template put there.
struct Span {
  uint32_t begin, end;
};

struct EncodeOptions {
  /// Put the template's special tokens around the ids ([CLS] … [SEP]).
  bool add_special_tokens = true;
  /// Leave out the ids of unknown pieces; max_ids counts them, though.
  bool drop_unknown = false;
  /// Cut the text to so many code points first.
  uint32_t max_code_points = kNoLimit;
  /// At most so many ids, the special tokens among them: the text's last ids go, the template stays.
  uint32_t max_ids = kNoLimit;
  /// Where there are more, the text's first ids go instead.
  bool keep_last = false;
};

/// Takes a long text's ids as they come, so that they are never held all at once.
class IdSink {
 public:
  /// @returns how many of the n ids it took, from the first on; it is offered the others again
  virtual size_t take(const uint32_t* ids, size_t n) = 0;

 protected:
  ~IdSink() = default;
};

/// The ids of a text while they are found: where each came from, how many are wanted, which are left out, and whether
/// there can be any.
class Encoding {
 public:
  static constexpr size_t kOffered = 4096;

  /// @param around  ids that the template puts around the text's
  /// @param unk_id  what drop_unknown leaves out
  void begin(const EncodeOptions& options, size_t around, uint32_t unk_id, Array<uint32_t>* ids, Array<Span>* spans,
             IdSink* sink);

  /// From now on spans leave white space out, as ByteLevel's `trim_offsets`.
  /// @param prefix_space  but for the one that is put before a text
  /// @param spelled       the vocabulary spells a space as ByteLevel does, Ġ
  void trims(bool prefix_space, bool spelled);

  Array<uint32_t>* ids() { return ids_; }
  /// Null where nobody asked.
  Array<Span>* spans() { return spans_; }
  bool full() const { return ids_->size() >= most_; }
  /// So many ids are enough, or enough to be offered to who takes them.
  size_t enough(size_t more) const { return sink_ && ids_->size() + more < most_ ? ids_->size() + more : most_; }
  void add(uint32_t id, Span span) {
    ids_->push_back(id);
    if (spans_) spans_->push_back(span);
  }
  /// An added token. @param text  with the white space that it took
  void add_found(uint32_t id, Span span, Bytes text);
  /// Where ids are taken as they come, and enough of them are here, passes them on.
  void pass_on() {
    if (sink_ && ids_->size() >= kOffered) offer();
  }
  /// There will be no ids.
  void give_up(const char* why) {
    gave_up_ = why;
    most_ = 0;
  }
  /// Leaves the ids that are wanted. Errors: unsupported where it gave up.
  Status end(size_t text_size);
  /// Takes white space out of the spans, where that is asked for.
  void trim(const Vocab& vocab);
  /// Puts a template's ids around the text's; what is then more than `most` goes.
  void surround(const Array<uint32_t>& before, const Array<uint32_t>& after, size_t most);

 private:
  void offer();
  void settle();

  Array<uint32_t>* ids_ = nullptr;
  Array<Span>* spans_ = nullptr;
  IdSink* sink_ = nullptr;
  bool drop_unknown_ = false, keep_last_ = false;
  bool trims_ = false, prefix_space_ = false, spelled_ = false;
  uint32_t unk_id_ = Vocab::kNone;
  const char* gave_up_ = nullptr;
  size_t held_ = 0;    // ids that are settled: counted, and known where unknown ones go
  size_t wanted_ = 0;  // more ids of the text that count
  size_t most_ = 0;    // where there is no need to go on
};

}  // namespace wembed::text
