// Written by tools/boundary.mjs from cpp/bindings/boundary.txt.
// clang-format off
#pragma once
#include <cstdint>

namespace wembed {

/// Why a call was refused. JavaScript makes a WembedError with this code of it.
enum class Code : uint32_t { ok, shape_mismatch, id_out_of_range, bad_file, unsupported, out_of_memory, invalid_argument };
constexpr uint32_t kCodeCount = 7;

/// How a table's numbers are stored (cpp/core/dtype.h).
enum class Dtype : uint32_t { f32, f16, i8, bf16, i4 };
constexpr uint32_t kDtypeCount = 5;

/// How the rows of a bag are reduced to one.
enum class BagMode : uint32_t { sum, mean, max };
constexpr uint32_t kBagModeCount = 3;

/// How the nearness of a row to a vector is measured.
enum class Metric : uint32_t { dot, cosine };
constexpr uint32_t kMetricCount = 2;

/// The ggml block types that the core reads, with ggml's own codes.
enum class GgmlType : uint32_t { q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8, q2_k = 10, q3_k = 11, q4_k = 12, q5_k = 13, q6_k = 14, iq4_nl = 20 };

/// Means: no id, no padding, no limit.
constexpr uint32_t kNoId = 0xffffffff;

/// Numbers per i4 block.
constexpr uint32_t kBlock = 32;

/// A dtype code of this or more means ggml blocks: this plus the GgmlType.
constexpr uint32_t kGgmlBlocks = 256;

/// A flag of textEncode and textEncodeBatch: the template's ids, too.
constexpr uint32_t kWithSpecialTokens = 1;

/// A flag of textEncode: where each id came from, too.
constexpr uint32_t kWithSpans = 2;

/// A flag of both: of too many ids the first go.
constexpr uint32_t kKeepLast = 4;

/// A flag of both: without the ids of unknown pieces.
constexpr uint32_t kDropUnknown = 8;

/// Rows of a block of signs.
constexpr uint32_t kSignRows = 16384;

/// Vectors multiplied with a table in one pass.
constexpr uint32_t kVectorGroup = 64;

}  // namespace wembed
