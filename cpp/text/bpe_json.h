#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/merge_table.h"
#include "text/vocab.h"
#include "text/vocab_json.h"

namespace wembed::text {

/// The vocabulary and the merges of a BPE tokenizer.json, read from the file's bytes: as JavaScript's objects they take
/// ten times the file's size.
class BpeJson {
 public:
  /// False where "model" has no vocabulary or no merges, or anything is unusual or wrong: callers then parse the whole
  /// file the usual way, which also says what it is.
  /// @param json  is written to: strings take the place of their spellings
  bool read(uint8_t* json, size_t size);

  /// Where their values stand in the file.
  const VocabRange& vocab() const { return vocab_; }
  const VocabRange& merges() const { return merges_; }
  /// The vocabulary section of a spec (text/vocab_section.h).
  const Array<uint32_t>& section() const { return section_; }
  const Array<Merge>& merged_ids() const { return ids_; }
  const Vocab& vocabulary() const { return vocabulary_; }

 private:
  struct File;
  bool read_vocab(File* file);
  bool read_merges(File* file);
  bool add_merge(Bytes left, Bytes right);

  VocabRange vocab_, merges_;
  Array<uint32_t> section_;
  Array<Merge> ids_;
  Vocab vocabulary_;
};

}  // namespace wembed::text
