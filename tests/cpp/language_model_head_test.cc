#include "engine/language_model_head.h"

#include <algorithm>

#include "filled_table.h"
#include "variants.h"

namespace wembed {
namespace {

class HeadTest : public OverVariants {
 protected:
  static std::unique_ptr<LanguageModelHead> head_of(const std::vector<float>& bias, float scale, float softcap) {
    std::unique_ptr<LanguageModelHead> head;
    const float* const numbers = bias.empty() ? nullptr : bias.data();
    const uint32_t rows = static_cast<uint32_t>(bias.size());
    EXPECT_TRUE(LanguageModelHead::create(numbers, rows, scale, softcap, &head).ok());
    return head;
  }

  static std::vector<float> logits(LanguageModelHead* head, Table& table, const std::vector<float>& hidden) {
    const size_t n = hidden.size() / table.dim();
    GuardedFloats out(n * table.view().rows, 2);
    EXPECT_TRUE(head->logits(table, hidden.data(), n, out.data()).ok());
    EXPECT_TRUE(out.intact());
    return {out.data(), out.data() + out.size()};
  }
};
INSTANTIATE_OVER_VARIANTS(HeadTest);

TEST_P(HeadTest, ScoresAreTheSoftcapOfTheScaledSumWithTheBias) {
  Random random(101);
  for (const Dtype dtype : all_dtypes()) {
    const FilledTable table = filled_table(dtype, 13, 40, random);
    const std::vector<float> bias = random_numbers(13, random), hidden = random_numbers(3 * 40, random, 0.1f);
    for (const float softcap : {0.0f, 0.5f, 30.0f}) {
      for (const bool biased : {false, true}) {
        const auto head = head_of(biased ? bias : std::vector<float>{}, 0.25f, softcap);
        const std::vector<float> found = logits(head.get(), *table.table, hidden);
        for (size_t i = 0; i < found.size(); ++i) {
          double score = biased ? bias[i % 13] : 0, size = 1;
          for (size_t d = 0; d < 40; ++d) {
            const double product = table.value(i % 13, d) * hidden[i / 13 * 40 + d];
            score += product;
            size += std::fabs(product);
          }
          score *= 0.25;
          if (softcap > 0) score = softcap * std::tanh(score / softcap);
          ASSERT_NEAR(found[i], score, size * 2e-5) << int(dtype) << " " << softcap << " " << i;
        }
      }
    }
  }
}

TEST_P(HeadTest, TopKAndLogProbsAreThoseOfTheScores) {
  Random random(102);
  for (const uint32_t rows : {7u, 3000u, 33000u}) {
    const FilledTable table = filled_table(Dtype::f32, rows, 6, random);
    const auto head = head_of(random_numbers(rows, random), 1, 4);
    for (const size_t n : {size_t{1}, size_t{2}, size_t{65}}) {
      const std::vector<float> hidden = random_numbers(n * 6, random);
      std::vector<uint32_t> ids(n * 5), targets(n);
      std::vector<float> scores(n * 5), probs(n * 5);
      ASSERT_TRUE(head->top_k(*table.table, hidden.data(), n, 5, ids.data(), scores.data(), probs.data()).ok());
      for (uint32_t& target : targets) target = random.below(rows);
      std::vector<double> parts(3 * n);
      ASSERT_TRUE(head->log_probs(*table.table, hidden.data(), n, targets.data(), parts.data()).ok());
      for (size_t i = 0; i < n; i += 32) {
        const std::vector<float> one = {hidden.begin() + i * 6, hidden.begin() + (i + 1) * 6};
        const std::vector<float> own = logits(head.get(), *table.table, one);
        std::vector<float> sorted = own;
        std::sort(sorted.rbegin(), sorted.rend());
        double sum = 0;
        for (const float score : own) sum += std::exp(double{score} - sorted[0]);
        for (size_t j = 0; j < 5; ++j) {
          ASSERT_NEAR(own[ids[i * 5 + j]], sorted[j], 1e-5);
          ASSERT_NEAR(scores[i * 5 + j], sorted[j], 1e-5);
          ASSERT_NEAR(probs[i * 5 + j] * sum / std::exp(double{sorted[j]} - sorted[0]), 1, 2e-4);
        }
        const double log_prob = parts[3 * i] - parts[3 * i + 1] - std::log(parts[3 * i + 2]);
        ASSERT_NEAR(log_prob, double{own[targets[i]]} - sorted[0] - std::log(sum), 2e-4);
      }
    }
  }
}

TEST_P(HeadTest, SampleIsTheBestAtTemperatureZeroAndDrawsOtherwise) {
  const auto table = table_of({1, 0, 0, 1, 3, 3, 2, 1}, 2);
  const auto head = head_of({}, 1, 0);
  const std::vector<float> hidden = {1, 1};
  uint32_t id = 77;
  ASSERT_TRUE(head->sample(*table, hidden.data(), {0}, 0.9, &id).ok());
  EXPECT_EQ(id, 2u);
  ASSERT_TRUE(head->sample(*table, hidden.data(), {100}, 0, &id).ok());
  EXPECT_EQ(id, 0u);
  ASSERT_TRUE(head->sample(*table, hidden.data(), {100}, 0.999, &id).ok());
  EXPECT_EQ(id, 3u);
  const auto nan = table_of({1, NAN, 1, 1}, 2);
  for (const float temperature : {0.0f, 1.0f}) {
    const Status status = head->sample(*nan, hidden.data(), {temperature}, 0.5, &id);
    // There is a best score, but no distribution.
    EXPECT_EQ(status.code, temperature == 0 ? Code::ok : Code::invalid_argument);
  }
  EXPECT_EQ(id, kNoId);
}

TEST_P(HeadTest, BadArgumentsAreRefusedAndTheNextGoodCallWorks) {
  Random random(103);
  const FilledTable table = filled_table(Dtype::bf16, 5, 9, random);
  const auto head = head_of(random_numbers(4, random), 1, 0), plain = head_of({}, 1, 0);
  std::vector<float> hidden(9, 1.0f), out(64);
  std::vector<double> parts(3);
  uint32_t ids[8];
  EXPECT_EQ(head->logits(*table.table, hidden.data(), 1, out.data()).code, Code::shape_mismatch);
  EXPECT_EQ(plain->top_k(*table.table, hidden.data(), 1, 6, ids, out.data(), out.data() + 8).code,
            Code::invalid_argument);
  const uint32_t beyond = 5;
  const Status status = plain->log_probs(*table.table, hidden.data(), 1, &beyond, parts.data());
  EXPECT_EQ(status.code, Code::id_out_of_range);
  EXPECT_EQ(status.index, 0);
  hidden[8] = NAN;
  EXPECT_EQ(plain->logits(*table.table, hidden.data(), 1, out.data()).index, 8);
  const FilledTable none = filled_table(Dtype::f32, 0, 9, random);
  EXPECT_EQ(plain->sample(*none.table, hidden.data(), {}, 0.5, ids).code, Code::invalid_argument);
  hidden[8] = 1;
  EXPECT_TRUE(plain->logits(*table.table, hidden.data(), 1, out.data()).ok());
  EXPECT_TRUE(plain->top_k(*table.table, hidden.data(), 1, 0, ids, out.data(), out.data()).ok());
}

}  // namespace
}  // namespace wembed
