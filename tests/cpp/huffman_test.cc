#include "train/huffman.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <queue>
#include <set>
#include <string>

#include "arrays.h"

namespace wembed::train {
namespace {

/// The length of a text in an optimal code: the sum of all inner nodes' counts, by a heap.
double best_length(const std::vector<uint32_t>& counts) {
  std::priority_queue<double, std::vector<double>, std::greater<>> heap(counts.begin(), counts.end());
  double sum = 0;
  while (heap.size() > 1) {
    double least = heap.top();
    heap.pop();
    least += heap.top();
    heap.pop();
    sum += least;
    heap.push(least);
  }
  return sum;
}

TEST(Huffman, IsAnOptimalCodeInWhichNoCodeBeginsAnother) {
  Random random(8);
  for (const uint32_t words : {2u, 3u, 4u, 17u, 500u}) {
    std::vector<uint32_t> counts;
    for (uint32_t w = 0; w < words; ++w) counts.push_back(1 + random.below(w % 3 ? 5 : 100000));
    std::sort(counts.rbegin(), counts.rend());
    const Huffman tree(counts.data(), words);
    std::set<std::string> codes;
    double length = 0;
    for (uint32_t w = 0; w < words; ++w) {
      std::string code;
      for (uint32_t i = 0; i < tree.length(w); ++i) {
        EXPECT_LT(tree.nodes(w)[i], words - 1);
        code += tree.labels(w)[i] > 0 ? '1' : '0';
      }
      EXPECT_EQ(tree.nodes(w)[0], words - 2);  // the root, which was made last
      length += double{1} * counts[w] * tree.length(w);
      codes.insert(code);
    }
    EXPECT_EQ(codes.size(), words);
    for (auto code = codes.begin(), next = std::next(code); next != codes.end(); ++code, ++next) {
      EXPECT_NE(next->compare(0, code->size(), *code), 0);
    }
    EXPECT_EQ(length, best_length(counts));
  }
}

}  // namespace
}  // namespace wembed::train
