#include "text/utf16.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace wembed::text {
namespace {

class Utf16Test : public testing::TestWithParam<Utf16ToUtf8> {};
INSTANTIATE_TEST_SUITE_P(Variants, Utf16Test, testing::Values(utf16_to_utf8_scalar, utf16_to_utf8_simd128));

constexpr size_t kSpare = 16, kGuard = 16;

/// The UTF-8 of units at a place that need not be aligned, with what is beyond it untouched.
std::string utf8_of(Utf16ToUtf8 convert, const std::u16string& units, size_t shift = 0) {
  std::vector<uint16_t> copy(shift, 0xD83D);
  copy.insert(copy.end(), units.begin(), units.end());
  copy.push_back(0xDE00);  // half a character, which is not the text's
  std::vector<uint8_t> out(shift + 3 * units.size() + kSpare + kGuard, 0x5A);
  const size_t size = convert(copy.data() + shift, units.size(), out.data() + shift);
  EXPECT_LE(size, 3 * units.size());
  for (size_t i = 0; i < shift; ++i) EXPECT_EQ(out[i], 0x5A);
  for (size_t i = shift + size + kSpare; i < out.size(); ++i) EXPECT_EQ(out[i], 0x5A) << i - shift - size;
  return std::string(reinterpret_cast<const char*>(out.data()) + shift, size);
}

/// By the definition of both forms, character by character.
std::string expected(const std::u16string& units) {
  std::string utf8;
  for (size_t i = 0; i < units.size(); ++i) {
    uint32_t cp = units[i];
    const bool first = cp >= 0xD800 && cp <= 0xDBFF, second = cp >= 0xDC00 && cp <= 0xDFFF;
    if (first && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] <= 0xDFFF)
      cp = 0x10000 + (cp - 0xD800) * 0x400 + (units[++i] - 0xDC00);
    else if (first || second)
      cp = 0xFFFD;
    const int more = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
    static const int kFirst[] = {0, 0xC0, 0xE0, 0xF0};
    utf8 += static_cast<char>(kFirst[more] | cp >> 6 * more);
    for (int k = more - 1; k >= 0; --k) utf8 += static_cast<char>(0x80 | (cp >> 6 * k & 0x3F));
  }
  return utf8;
}

TEST_P(Utf16Test, NothingGivesNothing) { EXPECT_EQ(utf8_of(GetParam(), u""), ""); }

TEST_P(Utf16Test, EveryUnitAtEveryPlaceOfARegister) {
  for (uint32_t unit = 0; unit < 0x10000; ++unit) {
    std::u16string units(19, u'a');
    units[unit % 19] = static_cast<char16_t>(unit);
    ASSERT_EQ(utf8_of(GetParam(), units), expected(units)) << unit;
  }
}

TEST_P(Utf16Test, AllLengthsAndMixturesEndOnTheSameByte) {
  std::mt19937 random(16);
  // What a text is mostly made of: by the first and the last unit of each kind.
  const std::pair<uint32_t, uint32_t> kinds[] = {{0, 0x7F},        {0x80, 0x7FF},    {0x800, 0xD7FF},
                                                 {0xE000, 0xFFFF}, {0xD800, 0xDBFF}, {0xDC00, 0xDFFF}};
  const auto unit_of = [&](size_t kind) {
    return static_cast<char16_t>(kinds[kind].first + random() % (kinds[kind].second - kinds[kind].first + 1));
  };
  for (int round = 0; round < 20000; ++round) {
    std::u16string units;
    const size_t size = random() % 70;
    size_t kind = random() % 6;
    const uint32_t changes = 1 + random() % 9;
    while (units.size() < size) {
      if (random() % changes == 0) kind = random() % 6;
      units += unit_of(kind);
      if (kind == 4 && random() % 4) units += unit_of(5);
    }
    ASSERT_EQ(utf8_of(GetParam(), units, random() % 8), expected(units)) << round;
  }
}

class Utf16RoomTest : public testing::TestWithParam<Utf16Room> {};
INSTANTIATE_TEST_SUITE_P(Variants, Utf16RoomTest, testing::Values(utf16_room_scalar, utf16_room_simd128));

TEST_P(Utf16RoomTest, CountsWhatEachUnitTakesAtMost) {
  std::mt19937 random(17);
  for (size_t size = 0; size < 300; ++size) {
    std::vector<uint16_t> units(size + 1, 0xFFFF);  // not of the text
    size_t wanted = 0;
    for (size_t i = 0; i < size; ++i) {
      static const uint16_t kEdges[] = {0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFFFF};
      units[i] = random() % 2 ? kEdges[random() % 10] : static_cast<uint16_t>(random());
      wanted += units[i] < 0x80 ? 1 : units[i] < 0x800 ? 2 : 3;
    }
    ASSERT_EQ(GetParam()(units.data(), size), wanted) << size;
  }
}

}  // namespace
}  // namespace wembed::text
