#include "engine/text_encoder.h"

#include "filled_table.h"
#include "text_golden.h"
#include "variants.h"

namespace wembed {
namespace {

class EncodePooled : public OverVariants {
 protected:
  void SetUp() override {
    OverVariants::SetUp();
    const std::string spec = golden::read("tests/golden/tokenizer/bert.spec");
    const std::vector<uint8_t> aligned(spec.begin(), spec.end());
    ASSERT_TRUE(TextEncoder::create(aligned.data(), aligned.size(), &encoder_).ok());
    texts_ = golden::read_texts();
    texts_.resize(std::min<size_t>(texts_.size(), 60));
    texts_.insert(texts_.begin() + 1, "");
    texts_.push_back(std::string(3000, 'x') + " far too long a word, and a long text: ");
    for (int i = 0; i < 400; ++i) texts_.back() += "it is raining again, ";
  }

  /// The texts concatenated, and the end of each.
  void join(std::string* all, std::vector<uint32_t>* ends) const {
    for (const std::string& text : texts_) {
      *all += text;
      ends->push_back(static_cast<uint32_t>(all->size()));
    }
  }

  std::vector<uint32_t> ids_of(const std::string& text, const text::EncodeOptions& options) {
    encoder_->encode(golden::bytes(text), text.size(), options, false);
    return {encoder_->ids().begin(), encoder_->ids().end()};
  }

  std::unique_ptr<TextEncoder> encoder_;
  std::vector<std::string> texts_;
};
INSTANTIATE_OVER_VARIANTS(EncodePooled);

TEST_P(EncodePooled, EqualsTheBagOfEachTextsIds) {
  Random random(111);
  std::string all;
  std::vector<uint32_t> ends;
  join(&all, &ends);
  const uint32_t vocab = encoder_->tokenizer().vocab_size(), dim = 19;
  for (const bool mapped : {false, true}) {
    const uint32_t rows = mapped ? 50 : vocab;
    const FilledTable filled =
        filled_table(mapped ? Dtype::i8 : Dtype::f16, rows, dim, random, mapped ? vocab : 0, mapped, mapped);
    Table& table = *filled.table;
    for (uint32_t t = 0; mapped && t < vocab; ++t) {
      table.token_weights()[t] = random.number();
      table.token_mapping()[t] = random.below(rows);
    }
    for (const BagMode mode : {BagMode::sum, BagMode::mean, BagMode::max}) {
      for (const uint32_t dimensions : {1u, 8u, dim}) {
        for (const uint32_t most : {UINT32_MAX, 40u}) {
          const text::EncodeOptions options{false, true, most == 40 ? 100u : UINT32_MAX, most};
          GuardedFloats out(texts_.size() * dimensions, 3);
          const Status status =
              encoder_->encode_pooled(table, golden::bytes(all), ends.data(), static_cast<uint32_t>(ends.size()),
                                      options, {mode, dimensions, -1}, out.data());
          ASSERT_TRUE(status.ok()) << status.what;
          EXPECT_TRUE(out.intact());
          for (size_t t = 0; t < texts_.size(); ++t) {
            const std::vector<uint32_t> ids = ids_of(texts_[t], options);
            const uint32_t offsets[] = {0, static_cast<uint32_t>(ids.size())};
            std::vector<float> expected(dim);
            ASSERT_TRUE(table.bag({ids.data(), offsets, 1, mode}, ids.size(), expected.data()).ok());
            for (size_t d = 0; d < dimensions; ++d)
              ASSERT_TRUE(same_bits(out[t * dimensions + d], expected[d])) << t << " " << d << " " << int(mode);
          }
        }
      }
    }
  }
}

TEST_P(EncodePooled, NormalizesTheTruncatedVector) {
  Random random(112);
  const FilledTable filled = filled_table(Dtype::f32, encoder_->tokenizer().vocab_size(), 9, random);
  const std::string text = "It is raining";
  const uint32_t end = static_cast<uint32_t>(text.size());
  for (const uint32_t dimensions : {2u, 9u}) {
    std::vector<float> plain(dimensions), unit(dimensions);
    const text::EncodeOptions options{false, true, UINT32_MAX, UINT32_MAX};
    const uint8_t* utf8 = golden::bytes(text);
    const Pooling pooling{BagMode::mean, dimensions, -1}, normalized{BagMode::mean, dimensions, 1e-32};
    ASSERT_TRUE(encoder_->encode_pooled(*filled.table, utf8, &end, 1, options, pooling, plain.data()).ok());
    ASSERT_TRUE(encoder_->encode_pooled(*filled.table, utf8, &end, 1, options, normalized, unit.data()).ok());
    double squares = 0;
    for (const float number : plain) squares += double{number} * number;
    for (size_t d = 0; d < dimensions; ++d) EXPECT_NEAR(unit[d], plain[d] / std::sqrt(squares), 1e-6);
  }
}

TEST_P(EncodePooled, RefusesVectorsThatAreNotFiniteIfAskedTo) {
  Random random(114);
  const uint32_t vocab = encoder_->tokenizer().vocab_size(), dim = 9;
  const FilledTable filled = filled_table(Dtype::f32, vocab, dim, random);
  const std::string text = "raining It is raining";
  const uint32_t ends[] = {7, 12, static_cast<uint32_t>(text.size())};
  const text::EncodeOptions options{false, true, UINT32_MAX, UINT32_MAX};
  const std::vector<uint32_t> ids = ids_of("It", options);
  ASSERT_FALSE(ids.empty());
  std::vector<float> out(3 * dim);
  const auto status = [&](bool finite, double epsilon) {
    return encoder_->encode_pooled(*filled.table, golden::bytes(text), ends, 3, options,
                                   {BagMode::mean, dim, epsilon, finite}, out.data());
  };
  EXPECT_TRUE(status(true, 1e-32).ok());
  for (const float value : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    reinterpret_cast<float*>(filled.table->data())[ids[0] * dim + dim - 1] = value;
    EXPECT_EQ(status(true, 1e-32).code, Code::invalid_argument);
    EXPECT_TRUE(status(false, 1e-32).ok());
    EXPECT_TRUE(status(true, -1).ok());
    EXPECT_FALSE(std::isfinite(out[2 * dim - 1]));
  }
}

TEST_P(EncodePooled, BadArgumentsAreRefused) {
  Random random(113);
  const FilledTable filled = filled_table(Dtype::f32, encoder_->tokenizer().vocab_size(), 4, random);
  const FilledTable small = filled_table(Dtype::f32, 3, 4, random);
  const std::string text = "It is raining";
  const uint32_t ends[] = {5, 4};
  float out[8] = {};
  const auto code = [&](const Table& table, uint32_t n, uint32_t dimensions) {
    return encoder_->encode_pooled(table, golden::bytes(text), ends, n, {}, {BagMode::mean, dimensions, -1}, out).code;
  };
  EXPECT_EQ(code(*filled.table, 1, 0), Code::invalid_argument);
  EXPECT_EQ(code(*filled.table, 1, 5), Code::invalid_argument);
  EXPECT_EQ(code(*filled.table, 2, 4), Code::shape_mismatch);
  EXPECT_EQ(code(*small.table, 1, 4), Code::id_out_of_range);
  EXPECT_EQ(code(*filled.table, 1, 4), Code::ok);
  EXPECT_EQ(code(*filled.table, 0, 4), Code::ok);
}

}  // namespace
}  // namespace wembed
