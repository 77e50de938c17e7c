#include "text/vocab.h"

#include <utility>

#include "text/same_bytes.h"

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
  Array<uint8_t> pieces;
  Array<uint32_t> places, given;
  // Offsets that lie are refused before anything is read by them: the last one is the length.
  pieces.assign(bytes, offsets[n]);
  places.assign(offsets, size_t{n} + 1);
  if (ids) given.assign(ids, n);
  return take(std::move(pieces), std::move(places), std::move(given));
}

Status Vocab::take(Array<uint8_t>&& bytes, Array<uint32_t>&& offsets, Array<uint32_t>&& ids) {
  const auto n = static_cast<uint32_t>(offsets.size() - 1);
  if (n >= kMaxId) return {Code::bad_file, "too many pieces in the vocabulary", double(n), double(kMaxId)};
  if (offsets[0] != 0) return {Code::bad_file, "vocabulary offsets must start at 0", double(offsets[0])};
  if (ids.empty()) {
    ids.resize(n);
    for (uint32_t i = 0; i < n; i++) ids[i] = i;
  }
  uint32_t ids_end = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (offsets[i + 1] < offsets[i])
      return {Code::bad_file, "vocabulary offsets decrease", double(offsets[i + 1]), double(offsets[i]), double(i)};
    if (ids[i] >= kMaxId) return {Code::bad_file, "token id out of range", double(ids[i]), double(kMaxId), double(i)};
    if (ids[i] >= ids_end) ids_end = ids[i] + 1;
  }
  seed_ = hash_seed();
  uint32_t capacity = 16;
  while (capacity < 2 * n) capacity *= 2;
  mask_ = capacity - 1;
  longest_ = 0;
  slots_.assign(capacity, Slot{0, kNone});
  bytes_ = std::move(bytes);
  offsets_ = std::move(offsets);
  id_of_entry_ = std::move(ids);
  entry_of_id_.assign(ids_end, kNone);
  for (uint32_t i = 0; i < n; i++) {
    const char* wrong = insert(i);
    // A second call: wasm-opt moves a function that is called in one place there.
    if (!wrong && ++i < n) wrong = insert(i);
    if (wrong) return {Code::bad_file, wrong, double(id_of_entry_[i]), 0, double(i)};
  }
  return {};
}

/// Not inline: an engine makes fast code of what is called often, while a loop that runs once stays as slow as it
/// began.
const char* Vocab::insert(uint32_t i) {
  const uint32_t id = id_of_entry_[i];
  const uint32_t length = offsets_[i + 1] - offsets_[i];
  if (entry_of_id_[id] != kNone) return "two tokens have one id";
  const uint8_t* s = bytes_.data() + offsets_[i];
  const uint64_t h = hash(s, length);
  const auto tag = static_cast<uint32_t>(h >> 32);
  uint32_t at = static_cast<uint32_t>(h) & mask_;
  for (; slots_[at].entry != kNone; at = (at + 1) & mask_) {
    if (slots_[at].tag == tag && is_piece(slots_[at].entry, s, length)) return "a token occurs twice";
  }
  slots_[at] = {tag, i};
  entry_of_id_[id] = i;
  if (length > longest_) longest_ = length;
  return nullptr;
}

bool Vocab::is_piece(uint32_t entry, const uint8_t* s, size_t len) const {
  const uint32_t start = offsets_[entry];
  return offsets_[entry + 1] - start == len && same_bytes(bytes_.data() + start, s, len);
}

uint32_t Vocab::find(const uint8_t* s, size_t len, uint64_t hash) const {
  if (slots_.empty()) return kNone;
  const uint32_t tag = static_cast<uint32_t>(hash >> 32);
  for (uint32_t at = static_cast<uint32_t>(hash) & mask_;; at = (at + 1) & mask_) {
    const Slot slot = slots_[at];
    if (slot.entry == kNone) return kNone;
    if (slot.tag != tag) continue;
    if (is_piece(slot.entry, s, len)) return id_of_entry_[slot.entry];
  }
}

Bytes Vocab::piece(uint32_t id) const {
  if (id >= entry_of_id_.size() || entry_of_id_[id] == kNone) return {};
  const uint32_t entry = entry_of_id_[id];
  return {bytes_.data() + offsets_[entry], offsets_[entry + 1] - offsets_[entry]};
}

}  // namespace wembed::text
