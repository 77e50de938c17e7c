#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "text/merge_table.h"
#include "text/vocab.h"

namespace wembed::text {

/// The places where a piece may be cut without changing one of its tokens: no token reaches across them.
class PieceCuts {
 public:
  /// There are merges.
  /// @param byte_level  symbols are bytes
  /// @param byte_ids    (256) what a byte that is no piece becomes, or kNone
  /// @param whole       a piece that the vocabulary has as a whole is made that token
  void build(const Vocab& vocab, const Merge* merges, uint32_t n, bool byte_level, const uint32_t* byte_ids,
             bool whole);
  /// There are none: any two neighbours merge that are a piece together; every byte is one.
  void build(const Vocab& vocab);
  /// No piece is cut.
  void clear();

  /// True where the calls below may be made for parts.
  bool allowed() const { return allowed_; }
  /// The end of the part that begins at `at`, however long; the whole piece where it may not be cut by merges alone.
  size_t next_cut(const uint8_t* piece, size_t at, size_t size) const;
  /// The same, looking at the characters beside a place, too: what is after it changes nothing in it.
  size_t next_part(const uint8_t* piece, size_t at, size_t size);

 private:
  void find_joints();
  bool joins_at(const uint8_t* piece, size_t begin, size_t at, size_t size) const;

  const Vocab* vocab_ = nullptr;
  bool allowed_ = false;
  bool byte_level_ = false;
  /// A bit for each (byte, byte) that some merge joins; empty where this is not known.
  Array<uint8_t> joined_;
  /// A bit for what stands left and right of a place between two characters inside some piece, as a hash.
  Array<uint8_t> joints_;
  Array<uint8_t> broken_joints_;  // a bit for each (byte, byte) there, where a character is cut off left or right
};

}  // namespace wembed::text
