#include "text/piece_cache.h"

namespace wembed::text {
namespace {

constexpr uint64_t low_bytes(size_t n) { return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * n) - 1; }
constexpr PieceCache::Key mask(size_t n) { return {low_bytes(n), n > 8 ? low_bytes(n - 8) : 0}; }

}  // namespace

const PieceCache::Key PieceCache::kMasks[16] = {mask(0),  mask(1),  mask(2),  mask(3), mask(4),  mask(5),
                                                mask(6),  mask(7),  mask(8),  mask(9), mask(10), mask(11),
                                                mask(12), mask(13), mask(14), mask(15)};

}  // namespace wembed::text
