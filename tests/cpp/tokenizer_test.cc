#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "text_golden.h"

// Whole tokenizers against HF `tokenizers`; tools/golden/tokenizer.py says what a hash is made of.

namespace wembed::text {
namespace {

const char* const kKinds[] = {"bert",  "bert_cased", "bert_plain", "nfc",    "nfd",   "nfkc",   "nfkd",
                              "added", "digits",     "gpt2",       "llama3", "llama", "unigram"};

std::string spec_of(const std::string& kind) { return golden::read("tests/golden/tokenizer/" + kind + ".spec"); }

Status build(Tokenizer* tokenizer, const std::string& spec) {
  const std::vector<uint8_t> aligned(spec.begin(), spec.end());
  return tokenizer->build(aligned.data(), aligned.size());
}

std::vector<uint32_t> encode(Tokenizer* tokenizer, const std::string& text, const EncodeOptions& options = {}) {
  Array<uint32_t> ids;
  tokenizer->encode(golden::bytes(text), text.size(), options, &ids);
  return {ids.begin(), ids.end()};
}

template <class Ids>
std::string decode(Tokenizer* tokenizer, const Ids& ids) {
  Array<uint8_t> utf8;
  tokenizer->decode(ids.data(), ids.size(), true, &utf8);
  return {utf8.begin(), utf8.end()};
}

bool is_utf8(const std::string& s) {
  const uint8_t *p = golden::bytes(s), *end = p + s.size();
  for (uint32_t length; p < end; p += length)
    if (decode_utf8(p, end, &length) == 0xFFFD && length == 1) return false;
  return true;
}

class Kind : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Tokenizers, Kind, testing::ValuesIn(kKinds), [](const auto& info) { return info.param; });

TEST_P(Kind, GivesTheReferencesIdsOffsetsAndText) {
  const std::string kind = GetParam();
  Tokenizer tokenizer;
  const Status status = build(&tokenizer, spec_of(kind));
  ASSERT_TRUE(status.ok()) << status.what;
  const std::vector<std::string> texts = golden::read_texts();
  const std::string hashes = golden::read("tests/golden/tokenizer/" + kind + ".hashes");
  ASSERT_EQ(hashes.size(), texts.size() * 4);
  Tokenizer in_parts;
  ASSERT_TRUE(build(&in_parts, spec_of(kind)).ok());
  in_parts.set_part(1);
  Array<uint32_t> ids;
  Array<Span> spans;
  for (size_t i = 0; i < texts.size(); i++) {
    tokenizer.encode(golden::bytes(texts[i]), texts[i].size(), {}, &ids, &spans);
    ASSERT_EQ(std::vector<uint32_t>(ids.begin(), ids.end()), encode(&tokenizer, texts[i]))
        << "with and without offsets: " << texts[i];
    ASSERT_EQ(ids.size(), spans.size());
    ASSERT_EQ(encode(&in_parts, texts[i]), encode(&tokenizer, texts[i])) << "in parts: " << texts[i];
    Array<uint32_t> same_ids;
    Array<Span> same_spans;
    in_parts.encode(golden::bytes(texts[i]), texts[i].size(), {}, &same_ids, &same_spans);
    const auto same = [](const Span& a, const Span& b) { return a.begin == b.begin && a.end == b.end; };
    ASSERT_TRUE(std::equal(spans.begin(), spans.end(), same_spans.begin(), same_spans.end(), same)) << texts[i];
    const std::string text = decode(&tokenizer, ids);
    if (!is_utf8(text)) continue;  // JS decodes those bytes
    golden::Fnv fnv;
    fnv.add(static_cast<uint32_t>(ids.size()));
    for (uint32_t id : ids) fnv.add(id);
    for (const Span& span : spans) {
      fnv.add(span.begin);
      fnv.add(span.end);
    }
    for (char c : text) fnv.add(static_cast<uint8_t>(c));
    uint32_t expected;
    std::memcpy(&expected, hashes.data() + 4 * i, 4);
    ASSERT_EQ(fnv.h, expected) << "text " << i << ": " << texts[i];
  }
}

TEST_P(Kind, RefusesEveryTruncationAndSurvivesEveryChangedByte) {
  const std::string spec = spec_of(GetParam());
  for (size_t size = 0; size < spec.size(); size += size < 400 ? 1 : 997) {
    Tokenizer tokenizer;
    EXPECT_FALSE(build(&tokenizer, spec.substr(0, size)).ok()) << size;
  }
  for (size_t at = 4; at < spec.size(); at += at < 200 || at + 200 > spec.size() ? 1 : 1999) {
    std::string changed = spec;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 ? 0xFF : 0x01));
    Tokenizer tokenizer;
    if (build(&tokenizer, changed).ok()) decode(&tokenizer, encode(&tokenizer, "A dog, Straße \u0301 <s> 42 \n x"));
  }
}

TEST_P(Kind, SurvivesBytesThatAreNoUtf8) {
  Tokenizer tokenizer;
  ASSERT_TRUE(build(&tokenizer, spec_of(GetParam())).ok());
  uint32_t state = 1;
  for (int i = 0; i < 500; i++) {
    std::string text;
    for (int k = 0; k < i % 40; k++) text += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    encode(&tokenizer, text);
  }
}

TEST_P(Kind, WorksInProportionToTheText) {
  Tokenizer tokenizer;
  ASSERT_TRUE(build(&tokenizer, spec_of(GetParam())).ok());
  for (const char* unit : {"a", "\u0301", "\u0316\u0301", "a ", "!", "中", "\x0b", "\x0bé", "[", "<0", "  "}) {
    std::string text;
    for (size_t i = 0; i < 500000; i++) text += unit;
    encode(&tokenizer, text);  // work in the square of its length would not end
  }
}

TEST(Tokenizer, CutsCodePointsThenIdsAndCountsUnknownOnes) {
  Tokenizer tokenizer;
  ASSERT_TRUE(build(&tokenizer, spec_of("bert")).ok());
  const std::string text = "a b \U0001D306 c d e";
  const std::vector<uint32_t> all = encode(&tokenizer, text);
  ASSERT_EQ(all.size(), 8u);  // [CLS] … [SEP]
  EXPECT_EQ(all[0], 2u);
  EXPECT_EQ(all[3], tokenizer.unk_id());

  EncodeOptions options;
  options.max_ids = 4;
  EXPECT_EQ(encode(&tokenizer, text, options), (std::vector<uint32_t>{2, all[1], all[2], 3}));
  options.add_special_tokens = false;
  options.drop_unknown = true;
  options.max_ids = 4;
  EXPECT_EQ(encode(&tokenizer, text, options), (std::vector<uint32_t>{all[1], all[2], all[4]}));
  options.max_code_points = 3;
  EXPECT_EQ(encode(&tokenizer, text, options), (std::vector<uint32_t>{all[1], all[2]}));
  options.max_ids = 0;
  EXPECT_TRUE(encode(&tokenizer, text, options).empty());
}

TEST(Tokenizer, KnowsItsTokens) {
  Tokenizer tokenizer;
  ASSERT_TRUE(build(&tokenizer, spec_of("gpt2")).ok());
  const std::vector<uint32_t> ids = encode(&tokenizer, " the");
  const Bytes token = tokenizer.token(ids[1]);
  EXPECT_EQ(std::string(token.data, token.data + token.size), "\u0120the");
  EXPECT_EQ(tokenizer.token(tokenizer.vocab_size()).data, nullptr);
}

}  // namespace
}  // namespace wembed::text
