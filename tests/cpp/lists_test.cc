#include "text/lists.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace wembed::text {
namespace {

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string gguf(const std::vector<std::string>& strings) {
  std::string all;
  for (const std::string& each : strings) {
    for (int shift = 0; shift < 64; shift += 8) all += static_cast<char>(uint64_t{each.size()} >> shift & 255);
    all += each;
  }
  return all;
}

/// A protobuf field of bytes.
std::string field(uint32_t number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(content.size()) + content;
}

std::string piece(const std::string& text, float score, int type = 1) {
  std::string bits(4, 0);
  std::memcpy(&bits[0], &score, 4);
  std::string of = field(1, text) + "\x15" + bits;
  if (type != 1) of += std::string("\x18") + static_cast<char>(type);
  return field(1, of);
}

std::string merges_of(const Lists& lists) {
  std::string found;
  for (const Merge& merge : lists.merges()) {
    if (merge.merged != Vocab::kNone && (merge.merged & Merge::kSameRank)) found += '=';
    for (const uint32_t id : {merge.left, merge.right}) {
      const Bytes each = lists.vocabulary().piece(id);
      found += std::string(each.data, each.data + each.size) + (id == merge.left ? "+" : ";");
    }
  }
  return found;
}

bool strings(Lists* lists, const std::vector<std::string>& tokens) {
  const std::vector<uint8_t> bytes = bytes_of(gguf(tokens));
  return lists->read_strings(bytes.data(), bytes.size(), static_cast<uint32_t>(tokens.size()));
}

TEST(Lists, ReadsStringsOfGguf) {
  Lists lists;
  ASSERT_TRUE(strings(&lists, {"a", "b", "ab", "é", "abé"}));
  std::vector<uint8_t> merges = bytes_of(gguf({"a b", "ab é"}));
  EXPECT_TRUE(lists.read_merge_strings(merges.data(), merges.size(), 2));
  EXPECT_EQ(merges_of(lists), "a+b;ab+é;");
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"a", "a"}, {"\xff"}, {"\xed\xa0\x80"}, {}}) {
    Lists other;
    EXPECT_FALSE(strings(&other, wrong));
  }
  for (const char* wrong : {"ab", "a  b", "a b ", "a c", "b a", " ", ""}) {
    std::vector<uint8_t> one = bytes_of(gguf({wrong}));
    EXPECT_FALSE(lists.read_merge_strings(one.data(), one.size(), 1)) << wrong;
  }
  const std::string whole = gguf({"a", "b"});
  for (size_t size = 0; size < whole.size(); size++) {
    Lists other;
    const std::vector<uint8_t> cut = bytes_of(whole.substr(0, size));
    EXPECT_FALSE(other.read_strings(cut.data(), cut.size(), 2)) << size;
  }
}

TEST(Lists, ReadsLines) {
  const auto read = [](const std::string& text) -> std::string {
    Lists lists;
    EXPECT_TRUE(strings(&lists, {"a", "b", "ab", "aba", "#version:", "#version:a", "b\r"}));
    std::vector<uint8_t> lines = bytes_of(text);
    return lists.read_merge_lines(lines.data(), lines.size()) ? merges_of(lists) : "none";
  };
  EXPECT_EQ(read("#version: 0.2\na b\nab a\n"), "a+b;ab+a;");
  EXPECT_EQ(read("a b\r\n#version: a\r\nab a\r\n\r\n\n"), "a+b;ab+a;");
  EXPECT_EQ(read("a b"), "a+b;");
  for (const char* none : {"", "\n", "\r\n\n", "#version"}) EXPECT_EQ(read(none), "") << none;
  for (const char* wrong : {"a b\n\nab a", "\na b", "a  b", "a b c", "a\tb", "b a", "a b\r"})
    EXPECT_EQ(read(wrong), "none");
}

TEST(Lists, ReadsPiecesOfSentencePiece) {
  const std::string rest = field(2, "\x18\x02") + field(3, field(1, "identity"));
  const std::string model =
      piece("<unk>", 0, 2) + field(2, "\x18\x02") + piece("é", -1.5f) + field(3, field(1, "identity"));
  std::vector<uint8_t> bytes = bytes_of(model);
  Lists lists;
  ASSERT_TRUE(lists.read_pieces(bytes.data(), bytes.size()));
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(lists.rest())), rest);
  EXPECT_EQ(lists.vocabulary().size(), 2u);
  EXPECT_EQ(lists.types()[0], 2);
  EXPECT_EQ(lists.scores()[1], -1.5);
  const std::string long_piece(513, 'a');
  for (const std::string& wrong :
       {std::string(), rest, piece("", 0), piece("\xff", 0), piece("a", 0) + piece("a", 1), piece("a", INFINITY),
        piece("a", 0, 7), piece("a", 0, 0), std::string("\x08\x01"), field(1, "\x0a")}) {
    Lists other;
    std::vector<uint8_t> copy = bytes_of(wrong);
    EXPECT_FALSE(other.read_pieces(copy.data(), copy.size())) << wrong;
  }
  for (size_t size = 0; size < model.size(); size++) {
    for (const int byte : {0x00, 0x01, 0x0a, 0x12, 0x7f, 0x80, 0xff}) {
      Lists other;
      std::string changed = model;
      changed[size] = static_cast<char>(byte);
      std::vector<uint8_t> copy = bytes_of(changed);
      other.read_pieces(copy.data(), copy.size());
      other.merge_by(Lists::Order::score_of_normal, nullptr);
    }
    Lists cut;
    std::vector<uint8_t> copy = bytes_of(model.substr(0, size));
    cut.read_pieces(copy.data(), copy.size());
  }
}

TEST(Lists, MergesByScore) {
  const std::string model = piece("a", 0) + piece("b", 0) + piece("aba", -2) + piece("ab", -1) + piece("ba", -3) +
                            piece("😀", 0) + piece("a😀", -1) + piece("x", 0, 4) + piece("ax", -1);
  const auto merges = [&](Lists::Order order) {
    Lists lists;
    std::vector<uint8_t> bytes = bytes_of(model);
    EXPECT_TRUE(lists.read_pieces(bytes.data(), bytes.size()));
    EXPECT_TRUE(lists.merge_by(order, nullptr));
    return merges_of(lists);
  };
  EXPECT_EQ(merges(Lists::Order::score_of_normal), "a+b;=a+😀;a+ba;=ab+a;b+a;");
  EXPECT_EQ(merges(Lists::Order::score), "a+b;=a+😀;=a+x;a+ba;=ab+a;b+a;");
  EXPECT_EQ(merges(Lists::Order::id), "a+ba;ab+a;a+b;b+a;a+😀;a+x;");
  const float scores[] = {0, 0, 0, 0, 5, 0, 0, 0, NAN};
  Lists lists;
  std::vector<uint8_t> bytes = bytes_of(model);
  ASSERT_TRUE(lists.read_pieces(bytes.data(), bytes.size()));
  EXPECT_FALSE(lists.merge_by(Lists::Order::score, scores));
}

}  // namespace
}  // namespace wembed::text
