#include "text/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using wembed::text::decode_base64;

namespace {

/// What the text stands for, "none" where it is refused. Copies of exactly the size, so that sanitizers see an access
/// beyond them.
std::string decoded(const std::string& text) {
  const std::vector<uint8_t> in(text.begin(), text.end());
  std::vector<uint8_t> out(in.size() / 4 * 3 + 1, 0xEE);
  const uint8_t* end = decode_base64(in.data(), in.data() + in.size(), out.data());
  if (!end) return "none";
  EXPECT_EQ(out.back(), 0xEE);
  return std::string(out.begin(), out.begin() + (end - out.data()));
}

std::string encoded(const std::string& bytes) {
  static const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < bytes.size() ? uint8_t(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; k++) text += i + k > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63];
  }
  return text;
}

}  // namespace

TEST(Base64, ReadsEveryByteAtEveryPlace) {
  EXPECT_EQ(decoded("SGVsbG8="), "Hello");
  EXPECT_EQ(decoded("+/+/"), "\xFB\xFF\xBF");
  for (size_t size = 1; size < 8; size++) {
    for (int byte = 0; byte < 256; byte++) {
      const std::string bytes(size, static_cast<char>(byte));
      EXPECT_EQ(decoded(encoded(bytes)), bytes);
    }
  }
}

TEST(Base64, RefusesAllElse) {
  for (const char* text : {"", "Q", "QQ", "QQQ", "QQ=", "Q===", "====", "QR==", "QQE=QQ==", "QQ==QQ==", "QQ=Q", "=QQQ",
                           "Q Q=", "QQ==\n", "QQ-_", "QQQ\x80", "QQR="})
    EXPECT_EQ(decoded(text), "none") << text;
}
