#pragma once
#include <cstddef>
#include <cstdint>

#include "core/array.h"
#include "core/status.h"
#include "text/hash_seed.h"

namespace wembed::text {

/// A read-only run of bytes owned by someone else.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// The vocabulary: piece (UTF-8 bytes) → id and back. Ids may be sparse; two pieces never share an id or a spelling.
/// An open-addressing hash of 8-byte slots (tag, entry) at ≤ 50 % load beside the pieces' bytes:
/// 30 522 pieces take 0.5 MB of slots, 0.25 MB of bytes and 0.25 MB of offsets and ids.
class Vocab {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  /// Copies n pieces: piece i is bytes[offsets[i], offsets[i + 1]).
  /// @param offsets  (n + 1) non-decreasing, first 0; offsets[n] is the length of bytes
  /// @param ids      (n) the piece's id, each < 2^24; null: piece i has id i
  /// Errors: bad_file for offsets that decrease, an id out of range or used twice, a piece that occurs twice.
  Status build(const uint8_t* bytes, const uint32_t* offsets, uint32_t n, const uint32_t* ids = nullptr);
  /// The same without copies. No ids: piece i has id i.
  Status take(Array<uint8_t>&& bytes, Array<uint32_t>&& offsets, Array<uint32_t>&& ids);

  /// The id of the piece spelled s, or kNone.
  uint32_t find(const uint8_t* s, size_t len) const { return find(s, len, hash(s, len)); }

  /// The same where the caller has the hash already.
  uint32_t find(const uint8_t* s, size_t len, uint64_t hash) const;

  /// The spelling of an id; {nullptr, 0} for an id no piece has.
  Bytes piece(uint32_t id) const;

  /// Number of ids: the largest one + 1.
  uint32_t size() const { return static_cast<uint32_t>(entry_of_id_.size()); }

  /// The longest piece in bytes: a bound for greedy matching.
  uint32_t longest() const { return longest_; }

  uint64_t hash(const uint8_t* s, size_t len) const;

  /// What it was built of, the pieces one after the other.
  const Array<uint8_t>& bytes() const { return bytes_; }
  const Array<uint32_t>& offsets() const { return offsets_; }
  const Array<uint32_t>& ids() const { return id_of_entry_; }

 private:
  struct Slot {
    uint32_t tag;    // high half of the hash
    uint32_t entry;  // index of the piece, kNone where empty
  };

  /// Null, or what is wrong with entry i.
  [[gnu::noinline]] const char* insert(uint32_t i);
  [[gnu::noinline]] bool is_piece(uint32_t entry, const uint8_t* s, size_t len) const;

  Array<Slot> slots_;
  Array<uint8_t> bytes_;
  Array<uint32_t> offsets_;
  Array<uint32_t> id_of_entry_;
  Array<uint32_t> entry_of_id_;
  uint32_t mask_ = 0;
  uint32_t longest_ = 0;
  HashSeed seed_{1, 1};
};

}  // namespace wembed::text
