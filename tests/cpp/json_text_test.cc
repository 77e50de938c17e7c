#include "text/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arrays.h"

namespace wembed::text {
namespace {

std::string expected(const std::string& text) {
  std::string json = "\"";
  for (const char byte : text) {
    const std::string letters = "\b\t\n\f\r\"\\", names = "btnfr\"\\";
    const size_t known = letters.find(byte);
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
    if (known != std::string::npos) {
      json += std::string("\\") + names[known];
    } else if (static_cast<uint8_t>(byte) < 0x20) {
      json += escape;
    } else {
      json += byte;
    }
  }
  return json + "\"";
}

/// From and to memory of exactly the size, so that sanitizers see an access beyond it.
std::string written(const std::string& text) {
  std::vector<uint8_t> utf8(text.begin(), text.end());
  utf8.resize(text.size() + kJsonSpare, '"');
  std::vector<uint8_t> to(text.size() * kEscapeRoom + 2 + kJsonSpare + 1, 0xEE);
  const uint32_t bytes = write_text(utf8.data(), static_cast<uint32_t>(text.size()), to.data());
  EXPECT_EQ(to.back(), 0xEE);
  return std::string(to.begin(), to.begin() + bytes);
}

TEST(JsonText, EveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{17}, size_t{33}}) {
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(written(text), expected(text)) << byte << " " << at << " " << size;
      }
      const std::string all(size, static_cast<char>(byte));
      ASSERT_EQ(written(all), expected(all)) << byte << " " << size;
    }
  }
}

TEST(JsonText, RandomBytes) {
  Random random(71);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random.below(100), '\0');
    for (char& byte : text) byte = static_cast<char>(random.below(4) ? 'a' + random.below(26) : random.below(256));
    ASSERT_EQ(written(text), expected(text));
  }
}

}  // namespace
}  // namespace wembed::text
