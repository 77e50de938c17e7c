#include "text/vocab_ranks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

using namespace wembed::text;

namespace {

/// The pieces and ids of a section, or none where it was refused.
std::vector<std::pair<std::string, uint32_t>> ranks_of(const std::string& file) {
  const std::vector<uint8_t> in(file.begin(), file.end());  // sanitizers see a read beyond its end
  std::vector<uint8_t> out(ranks_section_room(in.size()));
  const size_t size = write_ranks_section(in.data(), in.size(), out.data());
  std::vector<std::pair<std::string, uint32_t>> all;
  if (size == 0) return all;
  const auto word = [&](size_t i) {
    uint32_t value;
    std::memcpy(&value, &out[4 * i], 4);
    return value;
  };
  const size_t n = word(0), bytes = 4 * (2 * n + 4);
  EXPECT_EQ(size, (bytes + word(2 * n + 3) + 3) / 4 * 4);
  for (size_t i = 0; i < n; ++i) {
    all.emplace_back(std::string(out.begin() + long(bytes + word(2 + i)), out.begin() + long(bytes + word(3 + i))),
                     word(3 + n + i));
  }
  return all;
}

}  // namespace

TEST(VocabRanks, ReadsTokensAndRanks) {
  using All = std::vector<std::pair<std::string, uint32_t>>;
  EXPECT_EQ(ranks_of("IQ== 0\nIiM= 12\r\nIGFi 99999999\n"), (All{{"!", 0}, {"\"#", 12}, {" ab", 99999999}}));
  EXPECT_EQ(ranks_of("/+8AYWI= 7"), (All{{std::string("\xFF\xEF\0ab", 5), 7}}));
  EXPECT_EQ(ranks_of("\nQQ== 1\n\n"), (All{{"A", 1}}));
}

TEST(VocabRanks, RefusesAllElse) {
  for (const char* file : {"", "\n", "QQ==", "QQ== ", "QQ==  1", "QQ= 1", "QQ 1", "=QQ= 1", "QR== 1", "QQ== x",
                           "QQ== -1", "QQ== 1 2", "QQ== 999999999", " 5", "Q*== 1", "QQ==QQ== 1", "QQ== 1\nfoo"}) {
    EXPECT_TRUE(ranks_of(file).empty()) << file;
  }
}
