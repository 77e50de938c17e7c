#include "text/vocab_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wembed::text {
namespace {

std::string vocab_of(const std::string& json) {
  // A copy of exactly this size, so that a read beyond it is seen.
  const std::vector<uint8_t> copy(json.begin(), json.end());
  VocabRange range;
  if (!find_vocab(copy.data(), copy.size(), &range)) return "none";
  return json.substr(range.begin, range.end - range.begin);
}

/// The pieces and ids as `piece=id;`, empty where there is no section.
std::string section_of(const std::string& json) {
  const std::vector<uint8_t> copy(json.begin(), json.end());
  std::vector<uint32_t> out(vocab_section_room(json.size()) / 4 + 1);
  const size_t size = write_vocab_section(copy.data(), copy.size(), reinterpret_cast<uint8_t*>(out.data()));
  if (size == 0) return "";
  const uint32_t n = out[0];
  EXPECT_EQ(out[1], 1u);
  const uint32_t *offsets = &out[2], *ids = offsets + n + 1;
  const char* pieces = reinterpret_cast<const char*>(ids + n + 1);
  EXPECT_EQ(ids[n], offsets[n]);
  EXPECT_EQ(size, 4 * (2 * size_t{n} + 4) + (offsets[n] + 3) / 4 * 4);
  std::string found;
  for (uint32_t i = 0; i < n; i++)
    found += std::string(pieces + offsets[i], pieces + offsets[i + 1]) + "=" + std::to_string(ids[i]) + ";";
  return found;
}

TEST(VocabJson, FindsTheVocabulary) {
  EXPECT_EQ(vocab_of(R"({"model":{"vocab":{"a":0}}})"), R"({"a":0})");
  EXPECT_EQ(
      vocab_of(R"( { "x" : [1, {"model": 2}, "}\"{"], "model" : { "type":"W", "vocab" : {"}":0} , "y":-1.5e3 } } )"),
      R"({"}":0})");
  EXPECT_EQ(vocab_of(R"({"vocab":{"b":1},"model":{"vocab":{},"z":null}})"), "{}");
}

TEST(VocabJson, LeavesWhatIsUnusual) {
  for (const char* json :
       {"", "{", "[]", "{}", "null", R"({"model":[]})", R"({"model":{}})", R"({"model":{"vocab":[]}})",
        R"({"model":{"vocab":{"a":0}}} x)", R"({"model":{"vocab":{"a":0}},})",
        R"({"model":{"vocab":{"a":0},"vocab":{}}})", R"({"model":{"vocab":{}},"model":{}})",
        R"({"model":{"vocab":{"a":0})", R"({"model":{"vocab)", R"({"model":{"vocab":{"a\)"})
    EXPECT_EQ(vocab_of(json), "none") << json;
}

TEST(VocabJson, ReadsPiecesAndIds) {
  EXPECT_EQ(section_of(R"({"a":0})"), "a=0;");
  EXPECT_EQ(section_of("{ \"a\" : 7 ,\n\t\"\" : 12345678 , \"ß中😀\":1}"), "a=7;=12345678;ß中😀=1;");
  EXPECT_EQ(section_of(R"({"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00":3})"), "\"\\/\b\f\n\r\té😀=3;");
}

TEST(VocabJson, RefusesWhatIsNoVocabulary) {
  for (const char* json : {"{}",
                           "",
                           "{",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":-1})",
                           R"({"a":1.0})",
                           R"({"a":1e3})",
                           R"({"a":01})",
                           R"({"a":123456789})",
                           R"({"a":"1"})",
                           R"({"a":1,})",
                           R"({"a":1}x)",
                           R"({"a":1 "b":2})",
                           R"({"\x":1})",
                           R"({"\u12":1})",
                           R"({"\u12g4":1})",
                           R"({"\ud800":1})",
                           R"({"\ud800\u0041":1})",
                           R"({"\udc00":1})",
                           "{\"\xff\":1}",
                           "{\"\xed\xa0\x80\":1}",
                           "{\"a\nb\":1}",
                           R"({"a)",
                           R"({"a\)",
                           R"({"\u)",
                           R"({"a":1)"})
    EXPECT_EQ(section_of(json), "") << json;
}

TEST(VocabJson, SurvivesEveryTruncationAndChangedByte) {
  const std::string whole = R"({"model":{"vocab":{"a\u00e9":0,"\ud83d\ude00":12,"中":3},"x":[1,{}]}})";
  for (size_t size = 0; size < whole.size(); size++) {
    EXPECT_EQ(vocab_of(whole.substr(0, size)), "none");
    for (const int byte : {0x00, 0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x80, 0xff}) {
      std::string changed = whole;
      changed[size] = static_cast<char>(byte);
      const std::string vocab = vocab_of(changed);
      if (vocab != "none") section_of(vocab);
    }
  }
}

}  // namespace
}  // namespace wembed::text
