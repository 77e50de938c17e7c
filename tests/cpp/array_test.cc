#include "core/array.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace wembed {
namespace {

std::vector<int> values(const Array<int>& array) { return {array.begin(), array.end()}; }

TEST(Array, BehavesLikeStdVector) {
  Array<int> array;
  std::vector<int> expected;
  for (int i = 0; i < 1000; i++) {
    array.push_back(i);
    expected.push_back(i);
  }
  array.resize(700);
  array.resize(900);
  array.resize(1000, 7);
  expected.resize(700);
  expected.resize(900);
  expected.resize(1000, 7);
  EXPECT_EQ(values(array), expected);
  array.append(3, 5);
  expected.insert(expected.end(), 3, 5);
  std::iota(array.extend_front(4), array.begin() + 4, -4);
  expected.insert(expected.begin(), {-4, -3, -2, -1});
  EXPECT_EQ(values(array), expected);
  array.pop_back();
  EXPECT_EQ(array.back(), 5);
  EXPECT_EQ(array.front(), -4);
  EXPECT_EQ(array.size(), expected.size() - 1);
}

TEST(Array, PushesACopyOfItsOwnElement) {
  Array<int> array{42};
  for (int i = 0; i < 100; i++) array.push_back(array[0]);
  EXPECT_EQ(values(array), std::vector<int>(101, 42));
}

TEST(Array, IsEmptyAfterAMove) {
  Array<int> array{1, 2};
  Array<int> other(std::move(array));
  EXPECT_EQ(values(other), (std::vector<int>{1, 2}));
  EXPECT_TRUE(array.empty());
  array.assign(other.data() + 1, 1);
  array.swap(other);
  EXPECT_EQ(values(other), (std::vector<int>{2}));
  other.clear();
  other.shrink_to_fit();
  other.append(other);
  EXPECT_TRUE(other.empty());
}

TEST(ArrayDeathTest, TrapsWhenOutOfMemory) {
  Array<double> array{1};
  EXPECT_DEATH(array.resize(SIZE_MAX / 4), "");
}

}  // namespace
}  // namespace wembed
