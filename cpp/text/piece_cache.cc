#include "text/piece_cache.h"

namespace wembed::text {
namespace {

constexpr uint64_t low_bytes(size_t n) { return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * n) - 1; }
constexpr PieceCache::Key mask(size_t n) { return {low_bytes(n), n > 8 ? low_bytes(n - 8) : 0}; }

}  // namespace

const PieceCache::Key PieceCache::kMasks[16] = {mask(0),  mask(1),  mask(2),  mask(3), mask(4),  mask(5),
                                                mask(6),  mask(7),  mask(8),  mask(9), mask(10), mask(11),
                                                mask(12), mask(13), mask(14), mask(15)};

void LongPieceCache::add(const uint8_t* piece, size_t size, uint64_t hash, const uint32_t* ids, size_t n) {
  if (size > kLongest || n > kMostIds) return;
  const size_t words = n + (size + 3) / 4;
  if (slots_.empty() || store_.size() + words > kMostWords) {
    slots_.assign(kSlots, Slot{});
    store_.clear();
  }
  slots_[hash & (kSlots - 1)] = {hash, static_cast<uint32_t>(store_.size()), static_cast<uint16_t>(size),
                                 static_cast<uint16_t>(n)};
  store_.append(ids, n);
  std::memcpy(store_.extend(words - n), piece, size);
}

}  // namespace wembed::text
