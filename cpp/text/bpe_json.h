#pragma once
#include <cstddef>
#include <cstdint>

#include "text/json_scanner.h"
#include "text/lists.h"
#include "text/vocab_json.h"

namespace wembed::text {

/// The vocabulary of a tokenizer.json, and BPE's merges, or that of a tekken.json, whose pieces are bytes and their ids
/// ranks, read from the file's bytes as they come.
class BpeJson {
 public:
  static constexpr size_t kCannot = 0xFFFFFFFF;

  /// Reads on, where the last call has left off. Returns how many bytes are done with: those that follow must stand at
  /// the beginning of the next call's; of a long value, more of them than now. kCannot where there is no vocabulary,
  /// neither the model's nor a tekken.json's own, where merges come before it, or anything is unusual or wrong: callers
  /// then parse the whole file the usual way, which also says what it is.
  /// @param json  is written to: strings take the place of their spellings
  /// @param last  whether the file ends here
  size_t read(uint8_t* json, size_t size, bool last);

  /// The same of vocab.json: the whole file is the vocabulary.
  bool read_vocab(uint8_t* json, size_t size);

  /// Where their values stand in the file; merges.end is 0 where there are none.
  const VocabRange& vocab() const { return vocab_; }
  const VocabRange& merges() const { return merges_; }
  const Lists& lists() const { return lists_; }
  Lists* lists() { return &lists_; }

 private:
  enum class State { file, in_file, model, in_model, vocab, merges, end };
  /// How a token is written: `"a":0`, `["a",-1.5]` or `{"rank":0,"token_bytes":"YQ==","token_str":"a"}`.
  enum class Form { plain, scored, ranked };

  bool step(JsonScanner* in);
  bool next_key(JsonScanner* in, State after);
  bool begin_list(JsonScanner* in, Form form, bool merges);
  bool entries(JsonScanner* in);
  bool entry(JsonScanner* in);
  [[gnu::noinline]] bool vocab_entry(JsonScanner* in);
  [[gnu::noinline]] bool piece_entry(JsonScanner* in);
  [[gnu::noinline]] bool ranked_entry(JsonScanner* in);
  [[gnu::noinline]] bool merge_entry(JsonScanner* in);
  bool cannot() { return !(failed_ = true); }

  State state_ = State::file;
  Form form_ = Form::plain;
  bool failed_ = false, empty_ = true;
  uint32_t models_ = 0;
  size_t before_ = 0;  // bytes of the file before this call's
  uint8_t* json_ = nullptr;
  size_t done_ = 0;
  VocabRange vocab_, merges_;
  Lists lists_;
};

}  // namespace wembed::text
