#include "train/word2vec.h"

#include <gtest/gtest.h>

#include <cstring>

#include "arrays.h"
#include "train/train_kernels.h"

namespace wembed::train {
namespace {

class Word2VecModel : public testing::TestWithParam<const TrainKernels*> {
 protected:
  void SetUp() override { kTrainKernels = *GetParam(); }
  void TearDown() override { kTrainKernels = kSimd128TrainKernels; }
};
INSTANTIATE_TEST_SUITE_P(Variants, Word2VecModel, testing::Values(&kScalarTrainKernels, &kSimd128TrainKernels),
                         [](const auto& info) { return info.param == &kScalarTrainKernels ? "scalar" : "simd128"; });

const std::vector<uint32_t> kCounts = {50, 40, 30, 30, 20, 10, 5, 5, 1};

std::unique_ptr<Word2Vec> model_of(const Word2VecSettings& settings) {
  std::unique_ptr<Word2Vec> model;
  const Status status = Word2Vec::create(kCounts.data(), static_cast<uint32_t>(kCounts.size()), settings, &model);
  EXPECT_TRUE(status.ok()) << status.what;
  return model;
}

/// Sentences of random words.
struct Text {
  explicit Text(uint32_t sentences) {
    Random random(sentences);
    for (uint32_t s = 0; s < sentences; ++s) {
      for (uint32_t n = random.below(12); n > 0; --n) ids.push_back(random.below(9));
      ends.push_back(static_cast<uint32_t>(ids.size()));
    }
  }
  std::vector<uint32_t> ids, ends;
};

Word2VecProgress train(Word2Vec& model, const Text& text, float alpha, uint32_t batch = 0) {
  Word2VecProgress progress;
  const Status status = model.train(text.ids.data(), text.ends.data(), static_cast<uint32_t>(text.ends.size()), alpha,
                                    0, batch, &progress);
  EXPECT_TRUE(status.ok()) << status.what;
  return progress;
}

TEST_P(Word2VecModel, ItsRestartIsAsANewOne) {
  for (const bool hs : {false, true}) {
    Word2VecSettings settings;
    settings.vector_size = 7;
    settings.hs = hs;
    const std::unique_ptr<Word2Vec> model = model_of(settings), other = model_of(settings);
    const Text text(60);
    train(*model, text, 0.05f);
    EXPECT_NE(std::memcmp(model->vectors(), other->vectors(), kCounts.size() * 8 * sizeof(float)), 0);
    model->restart();
    for (int pass = 0; pass < 2; ++pass) {
      EXPECT_EQ(std::memcmp(model->vectors(), other->vectors(), kCounts.size() * 8 * sizeof(float)), 0);
      EXPECT_EQ(std::memcmp(model->outputs(), other->outputs(), kCounts.size() * 8 * sizeof(float) * model->layers()),
                0);
      train(*model, text, 0.05f);
      train(*other, text, 0.05f);
    }
  }
}

TEST_P(Word2VecModel, EveryKindLearnsAndKeepsTheZerosAfterItsRows) {
  for (int kind = 0; kind < 16; ++kind) {
    Word2VecSettings settings;
    settings.vector_size = 7;
    settings.sg = kind & 1;
    settings.hs = kind & 2;
    settings.negative = kind & 2 && kind & 4 ? 0 : 4;
    settings.cbow_mean = kind & 8;
    settings.sample = kind & 4 ? 0 : 0.5;
    const std::unique_ptr<Word2Vec> model = model_of(settings);
    ASSERT_EQ(model->stride(), 8u);
    const Text text(60);
    const Word2VecProgress first = train(*model, text, 0.05f);
    EXPECT_GT(first.examples, 100);
    EXPECT_LE(first.words, text.ids.size());
    Word2VecProgress last;
    for (uint32_t n = 1; n < 30; ++n) last = train(*model, text, 0.05f, n);
    EXPECT_LT(last.loss / last.examples, first.loss / first.examples) << kind;
    for (size_t w = 0; w < kCounts.size(); ++w) EXPECT_EQ(model->vectors()[8 * w + 7], 0);
    for (size_t r = 0; r < kCounts.size() * model->layers(); ++r) EXPECT_EQ(model->outputs()[8 * r + 7], 0);
  }
}

TEST(Word2VecVariants, BothLearnTheSameBits) {
  std::vector<std::vector<float>> learnt;
  for (const TrainKernels* kernels : {&kScalarTrainKernels, &kSimd128TrainKernels}) {
    kTrainKernels = *kernels;
    Word2VecSettings settings;
    settings.vector_size = 21;
    settings.hs = true;
    const std::unique_ptr<Word2Vec> model = model_of(settings);
    for (uint32_t n = 0; n < 10; ++n) train(*model, Text(100), 0.1f, n);
    learnt.emplace_back(model->vectors(), model->vectors() + kCounts.size() * model->stride());
  }
  kTrainKernels = kSimd128TrainKernels;
  EXPECT_EQ(learnt[0], learnt[1]);
}

TEST_P(Word2VecModel, RefusesWrongArguments) {
  const auto refused = [](auto change) {
    Word2VecSettings settings;
    std::vector<uint32_t> counts = kCounts;
    change(settings, counts);
    std::unique_ptr<Word2Vec> model;
    const Status status = Word2Vec::create(counts.data(), static_cast<uint32_t>(counts.size()), settings, &model);
    EXPECT_EQ(model, nullptr);
    return status.code;
  };
  using Counts = std::vector<uint32_t>;
  EXPECT_EQ(refused([](auto& s, Counts&) { s.vector_size = 0; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.window = 0; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.negative = 0; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.negative = 1001; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.sample = NAN; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.sample = -1; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.ns_exponent = INFINITY; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto& s, Counts&) { s.vector_size = 0xffffffff; }), Code::out_of_memory);
  EXPECT_EQ(refused([](auto&, Counts& counts) { counts.resize(1); }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto&, Counts& counts) { counts[3] = 0; }), Code::invalid_argument);
  EXPECT_EQ(refused([](auto&, Counts& counts) { counts[3] = 99; }), Code::invalid_argument);

  const std::unique_ptr<Word2Vec> model = model_of({});
  Word2VecProgress progress;
  const uint32_t ids[] = {1, 9, 2}, ends[] = {2, 1}, end = 3;
  EXPECT_EQ(model->train(ids, &end, 1, 0.1f, 0, 0, &progress).code, Code::id_out_of_range);
  EXPECT_EQ(model->train(ids, ends, 2, 0.1f, 0, 0, &progress).code, Code::shape_mismatch);
  EXPECT_TRUE(model->train(ids, ends, 0, 0.1f, 0, 0, &progress).ok());
  EXPECT_EQ(progress.examples, 0);
}

}  // namespace
}  // namespace wembed::train
