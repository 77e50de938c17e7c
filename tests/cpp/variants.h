#pragma once
#include <gtest/gtest.h>

#include "engine/kernels.h"

namespace wembed {

/// A test that runs once per variant: `class Name : public OverVariants {}` and `INSTANTIATE_OVER_VARIANTS(Name)`.
class OverVariants : public testing::TestWithParam<const Kernels*> {
 protected:
  void SetUp() override { kKernels = *GetParam(); }
  void TearDown() override { kKernels = kSimd128Kernels; }
};

inline std::string variant_name(const testing::TestParamInfo<const Kernels*>& info) {
  return info.param == &kScalarKernels ? "scalar" : "simd128";
}

#define INSTANTIATE_OVER_VARIANTS(NAME) \
  INSTANTIATE_TEST_SUITE_P(Variants, NAME, testing::Values(&kScalarKernels, &kSimd128Kernels), variant_name)

}  // namespace wembed
