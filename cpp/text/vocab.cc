#include "text/vocab.h"

#include <cstring>

namespace wembed::text {
namespace {

// Fuzzers start a tokenizer for every input: some of that takes a time for each id there may be.
#ifdef WEMBED_SMALL_CACHES
constexpr uint32_t kMaxId = 1u << 12;
#else
constexpr uint32_t kMaxId = 1u << 24;
#endif

}  // namespace

uint64_t Vocab::hash(const uint8_t* s, size_t len) const { return seeded_hash(s, len, seed_); }

Status Vocab::build(const uint8_t* bytes, const uint32_t* offsets, uint32_t n, const uint32_t* ids) {
  if (n >= kMaxId) return {Code::bad_file, "too many pieces in the vocabulary", double(n), double(kMaxId)};
  if (offsets[0] != 0) return {Code::bad_file, "vocabulary offsets must start at 0", double(offsets[0])};
  uint32_t ids_end = ids ? 0 : n;
  for (uint32_t i = 0; i < n; i++) {
    if (offsets[i + 1] < offsets[i])
      return {Code::bad_file, "vocabulary offsets decrease", double(offsets[i + 1]), double(offsets[i]), double(i)};
    if (ids && ids[i] >= kMaxId)
      return {Code::bad_file, "token id out of range", double(ids[i]), double(kMaxId), double(i)};
    if (ids && ids[i] >= ids_end) ids_end = ids[i] + 1;
  }
  seed_ = hash_seed();
  uint32_t capacity = 16;
  while (capacity < 2 * n) capacity *= 2;
  mask_ = capacity - 1;
  longest_ = 0;
  slots_.assign(capacity, Slot{0, kNone});
  bytes_.assign(bytes, offsets[n]);
  offsets_.assign(offsets, size_t{n} + 1);
  id_of_entry_.resize(n);
  entry_of_id_.assign(ids_end, kNone);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t id = ids ? ids[i] : i;
    const uint32_t length = offsets[i + 1] - offsets[i];
    if (entry_of_id_[id] != kNone) return {Code::bad_file, "two tokens have one id", double(id), 0, double(i)};
    const uint8_t* s = bytes_.data() + offsets[i];
    const uint64_t h = hash(s, length);
    if (find(s, length, h) != kNone) return {Code::bad_file, "a token occurs twice", double(id), 0, double(i)};
    uint32_t at = static_cast<uint32_t>(h) & mask_;
    while (slots_[at].entry != kNone) at = (at + 1) & mask_;
    slots_[at] = {static_cast<uint32_t>(h >> 32), i};
    id_of_entry_[i] = id;
    entry_of_id_[id] = i;
    if (length > longest_) longest_ = length;
  }
  return {};
}

uint32_t Vocab::find(const uint8_t* s, size_t len, uint64_t hash) const {
  if (slots_.empty()) return kNone;
  const uint32_t tag = static_cast<uint32_t>(hash >> 32);
  for (uint32_t at = static_cast<uint32_t>(hash) & mask_;; at = (at + 1) & mask_) {
    const Slot slot = slots_[at];
    if (slot.entry == kNone) return kNone;
    if (slot.tag != tag) continue;
    const uint32_t start = offsets_[slot.entry];
    if (offsets_[slot.entry + 1] - start == len && (!len || std::memcmp(bytes_.data() + start, s, len) == 0))
      return id_of_entry_[slot.entry];
  }
}

Bytes Vocab::piece(uint32_t id) const {
  if (id >= entry_of_id_.size() || entry_of_id_[id] == kNone) return {};
  const uint32_t entry = entry_of_id_[id];
  return {bytes_.data() + offsets_[entry], offsets_[entry + 1] - offsets_[entry]};
}

}  // namespace wembed::text
