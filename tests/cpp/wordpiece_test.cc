#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text_golden.h"

using namespace wembed;
using namespace wembed::text;
using namespace golden;

namespace {

const std::string kPrefix = "##";
Bytes prefix() { return {bytes(kPrefix), kPrefix.size()}; }

}  // namespace

TEST(WordPiece, TakesWordsOfAnyLengthWhereThePiecesAreShort) {
  Vocab vocab;
  ASSERT_TRUE(build_vocab({"[UNK]", "a", "##a", "##aa"}, &vocab).ok());
  WordPiece word_piece;
  ASSERT_TRUE(word_piece.build(vocab, 0, prefix(), 0xFFFFFFFF).ok());
  const std::string word(100001, 'a');
  std::vector<uint32_t> ids;
  word_piece.encode(bytes(word), word.size(), [&](uint32_t id, uint32_t, uint32_t) { ids.push_back(id); });
  ASSERT_EQ(ids.size(), 50001u);
  EXPECT_EQ(ids[0], 1u);
  EXPECT_EQ(ids[50000], 3u);
}

TEST(WordPiece, RefusesPiecesThatWouldTakeTheSquareOfTheirLength) {
  for (const size_t length : {1024, 1025}) {
    Vocab vocab;
    ASSERT_TRUE(build_vocab({"[UNK]", std::string(length, 'a')}, &vocab).ok());
    WordPiece word_piece;
    EXPECT_EQ(word_piece.build(vocab, 0, prefix(), 1 << 20).code, length > 1024 ? Code::unsupported : Code::ok);
    EXPECT_TRUE(word_piece.build(vocab, 0, prefix(), 100).ok());  // no word is as long
  }
}

TEST(WordPiece, AWordThatWasSeenBeforeKeepsItsIds) {
  // Short and long ones, ones that differ in a byte 0 alone, and more than are remembered.
  std::vector<std::string> pieces = {"[UNK]", "a", "##b", "abcdefgh", "abcdefghi", std::string("a\0", 2), "abc"};
  for (int i = 0; i < 20000; i++) pieces.push_back("w" + std::to_string(i));
  Vocab vocab;
  ASSERT_TRUE(build_vocab(pieces, &vocab).ok());
  for (const uint32_t max_chars : {100u, 6u}) {
    WordPiece word_piece;
    ASSERT_TRUE(word_piece.build(vocab, 0, prefix(), max_chars).ok());
    ASSERT_TRUE(word_piece.build_bert(0));
    const auto ids_of = [&](const std::string& text) {
      Array<uint32_t> ids;
      const uint8_t* const end = word_piece.encode_ascii(bytes(text), text.size(), 100000, &ids);
      EXPECT_EQ(end, bytes(text) + text.size());
      return std::vector<uint32_t>(ids.begin(), ids.end());
    };
    for (int time = 0; time < 3; time++) {
      EXPECT_EQ(ids_of("a ab abb abcdefgh abcdefghi zz A"),
                (max_chars == 100 ? std::vector<uint32_t>{1, 1, 2, 1, 2, 2, 3, 4, 0, 0}
                                  : std::vector<uint32_t>{1, 1, 2, 1, 2, 2, 0, 0, 0, 0}));
      EXPECT_EQ(ids_of(std::string("a a\0 a a\0", 9)), (std::vector<uint32_t>{1, 5, 1, 5}));
      for (uint32_t i = 0; i < 20000; i++) ASSERT_EQ(ids_of(pieces[7 + i]), std::vector<uint32_t>{7 + i});
    }
  }
}
