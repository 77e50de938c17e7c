#include "text/word_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "arrays.h"

namespace wembed::text {
namespace {

/// A table with the memory that it needs.
class Table {
 public:
  explicit Table(uint32_t words, uint32_t bytes, uint32_t texts)
      : slots_(2 * words),
        spelled_(24 * words + 2 * bytes),
        spellings_(words),
        found_(words),
        ends_(texts),
        added_(words) {
    table_ = {slots_.data(),
              spelled_.data(),
              spellings_.data(),
              added_.data(),
              found_.data(),
              ends_.data(),
              2 * words - 1,
              12345,
              0,
              0};
  }

  /// The number of each word of each text, and which words were new.
  std::vector<std::vector<uint32_t>> find(const std::vector<std::string>& texts) {
    std::string all;
    std::vector<uint32_t> ends;
    for (const std::string& text : texts) {
      all += text;
      ends.push_back(static_cast<uint32_t>(all.size()));
    }
    std::vector<uint8_t> utf8(all.begin(), all.end());
    utf8.resize(all.size() + kTextSpare, 'x');  // what follows is never part of a word
    const uint32_t added = find_words(&table_, utf8.data(), ends.data(), static_cast<uint32_t>(ends.size()));
    new_.clear();
    for (uint32_t i = 0; i < added; ++i) {
      new_.push_back(all.substr(added_[i].begin, added_[i].size & ~kForeign));
      is_foreign_.push_back(added_[i].size & kForeign);
    }
    std::vector<std::vector<uint32_t>> numbers;
    for (uint32_t t = 0, at = 0; t < texts.size(); ++t) {
      numbers.emplace_back(found_.begin() + at, found_.begin() + ends_[t]);
      at = ends_[t];
    }
    return numbers;
  }

  const std::vector<std::string>& added() const { return new_; }

 private:
  std::vector<WordSlot> slots_;
  std::vector<uint8_t> spelled_;
  std::vector<uint32_t> spellings_, found_, ends_;
  std::vector<NewWord> added_;
  WordTable table_;
  std::vector<std::string> new_;
  std::vector<bool> is_foreign_;
};

bool is_plain(unsigned char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/// The same, as plainly as it can be said.
class Definition {
 public:
  std::vector<std::vector<uint32_t>> find(const std::vector<std::string>& texts) {
    added_.clear();
    std::vector<std::vector<uint32_t>> numbers;
    for (const std::string& text : texts) {
      numbers.emplace_back();
      for (size_t i = 0; i < text.size(); ++i) {
        const size_t begin = i;
        bool is_foreign = false;
        for (; i < text.size() && (is_plain(text[i]) || (text[i] & 0x80)); ++i) is_foreign |= (text[i] & 0x80) != 0;
        if (i > begin) numbers.back().push_back(number_of(text.substr(begin, i - begin), is_foreign));
      }
    }
    return numbers;
  }

  const std::vector<std::string>& added() const { return added_; }

 private:
  uint32_t number_of(std::string word, bool is_foreign) {
    if (!is_foreign) word = word.substr(0, kLongestWord);
    std::string key = word;
    if (!is_foreign) {
      for (char& letter : key) letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
    }
    const bool is_kept = !is_foreign || word.size() <= kLongestForeign;
    if (is_kept && numbers_.count(key)) return numbers_[key];
    added_.push_back(word);
    if (is_kept) numbers_[key] = next_;
    return next_++;
  }

  std::map<std::string, uint32_t> numbers_;
  std::vector<std::string> added_;
  uint32_t next_ = 0;
};

std::vector<std::string> random_texts(Random& random) {
  std::vector<std::string> texts(random.below(6));
  for (std::string& text : texts) {
    const uint32_t kind = random.below(4), size = random.below(random.below(3) == 0 ? 400 : 70);
    for (uint32_t i = 0; i < size; ++i) {
      const char* const some = "aAbB z9Z0 .-@[`{/:";
      const uint32_t byte = kind == 0   ? random.below(256)
                            : kind == 1 ? some[random.below(18)]
                            : kind == 2 ? 'a' + random.below(2) + (random.below(30) == 0 ? 128 : 0)
                                        : (random.below(6) == 0 ? ' ' : 0xC3 - random.below(2) * 0x60);
      text += static_cast<char>(byte);
    }
  }
  return texts;
}

TEST(WordCounts, FindsTheWordsOfTheDefinition) {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    Table table(1 << 14, 1 << 14, 8);
    Definition definition;
    for (int call = 0; call < 4; ++call) {
      const std::vector<std::string> texts = random_texts(random);
      ASSERT_EQ(table.find(texts), definition.find(texts));
      ASSERT_EQ(table.added(), definition.added());
    }
  }
}

TEST(WordCounts, TellsWordsOfEveryLengthApartAtEveryPlace) {
  Table table(1 << 14, 1 << 16, 1);
  Definition definition;
  for (uint32_t size = 0; size < 140; ++size) {
    for (uint32_t shift = 0; shift < 67; shift += 11) {
      std::string word(size, 'q'), other = word, accented = word;
      if (size > 0) other[size - 1] = 'r', accented[size / 2] = '\xC3';
      const std::vector<std::string> text = {std::string(shift, '.') + word + " " + other + "." + accented};
      ASSERT_EQ(table.find(text), definition.find(text)) << size << " " << shift;
      ASSERT_EQ(table.added(), definition.added());
    }
  }
}

TEST(WordCounts, SplitsAtEveryByteThatIsNoLetterOrDigit) {
  Table table(1 << 10, 1 << 12, 256);
  Definition definition;
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte) texts.push_back(std::string("ab") + static_cast<char>(byte) + "CD");
  EXPECT_EQ(table.find(texts), definition.find(texts));
  EXPECT_EQ(table.find(texts), definition.find(texts));
  EXPECT_TRUE(table.added().empty());
}

TEST(WordCounts, NoTexts) {
  Table table(4, 16, 3);
  EXPECT_TRUE(table.find({}).empty());
  EXPECT_EQ(table.find({"", " ", ""}), (std::vector<std::vector<uint32_t>>(3)));
}

TEST(TermCounts, CountsTheTermsOfRowsInTheOrderInWhichTheyCome) {
  // Words 0 to 4 count as term 5, nothing, term 0, terms 5 and 6, and none of a list.
  const uint32_t lists[] = {2, 5, 6, 0};
  const uint32_t values[] = {5, kNoTerm, 0, kTermList, kTermList + 3};
  const uint32_t words[] = {0, 1, 3, 2, 0, /**/ /**/ 2, 4, 2}, ends[] = {5, 5, 8};
  std::vector<uint32_t> seen(7, 0xABABABAB), terms(8, 77), row_ends(3), lengths(3);
  seen[0] = 1;  // what is left of earlier rows
  std::vector<uint16_t> counts(8, 77);
  const TermCounts room = {values, lists, seen.data(), terms.data(), counts.data(), row_ends.data(), lengths.data()};
  ASSERT_EQ(count_terms(room, words, ends, 3), 4u);
  EXPECT_EQ(terms, (std::vector<uint32_t>{5, 6, 0, 0, 77, 77, 77, 77}));
  EXPECT_EQ(counts, (std::vector<uint16_t>{3, 1, 1, 2, 77, 77, 77, 77}));
  EXPECT_EQ(row_ends, (std::vector<uint32_t>{3, 3, 4}));
  EXPECT_EQ(lengths, (std::vector<uint32_t>{5, 0, 2}));
}

TEST(TermCounts, StopsCountingAtTheMost) {
  const uint32_t n = 70000, ends[] = {n}, value = 0, list = 0;
  const std::vector<uint32_t> words(n, 0);
  uint32_t seen = 9, term = 9, row_end = 9, length = 9;
  uint16_t count = 9;
  ASSERT_EQ(count_terms({&value, &list, &seen, &term, &count, &row_end, &length}, words.data(), ends, 1), 1u);
  EXPECT_EQ(count, 65535u);
  EXPECT_EQ(length, n);
}

}  // namespace
}  // namespace wembed::text
