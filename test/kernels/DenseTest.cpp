//===- DenseTest.cpp - the three matrix products at odd sizes and all small batches ----------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;

namespace {

struct Extents {
  int64_t batch, features, units;
  std::string name() const {
    return "s" + std::to_string(batch) + "x" + std::to_string(features) + "x" +
           std::to_string(units);
  }
};

/// Every pair of odd sizes, every batch from 1 to 9, and the shapes that take the templates' other
/// paths: blocks of the depth and parallel tasks (32x784x80), several tiles of columns (110), prime
/// batches, with blocks and tasks that do not divide them (67, 331).
std::vector<Extents> sizes() {
  std::vector<Extents> all;
  int64_t batch = 1;
  for (int64_t features : {1, 7, 10, 33})
    for (int64_t units : {1, 7, 10, 33})
      all.push_back({(batch++ * 2) % 9 + 1, features, units});
  for (batch = 1; batch <= 9; ++batch)
    all.push_back({batch, 33, 17});
  all.insert(all.end(), {{32, 784, 80},
                         {32, 80, 60},
                         {32, 60, 10},
                         {32, 784, 110},
                         {1, 784, 80},
                         {37, 60, 10},
                         {67, 784, 80},
                         {331, 64, 48},
                         {13, 40, 300}});
  return all;
}

} // namespace

TEST(Dense, AgreesWithReference) {
  Kernels kernels;
  for (const Extents &e : sizes()) {
    const std::string x = tensorType({e.batch, e.features}), w = tensorType({e.features, e.units}),
                      b = tensorType({e.units}), y = tensorType({e.batch, e.units});
    kernels.add(e.name(), {"%x: " + x + ", %w: " + w + ", %b: " + b,
                           "%y = weir.dense %x, %w, %b {units = " + std::to_string(e.units) +
                               "} : (" + x + ", " + w + ", " + b + ") -> " + y + "\n",
                           "%y", y});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Extents &e : sizes())
    kernels.check(e.name(),
                  {randomTensor({e.batch, e.features}, 1), randomTensor({e.features, e.units}, 2),
                   randomTensor({e.units}, 3)},
                  1e-7 * static_cast<double>(e.features), 1e-5);
}

// The result lies over an operand, so no sum of the last tile may be stored twice; and what is not
// there may not be read.
TEST(Dense, TilesNeedNotDivideTheRows) {
  constexpr int64_t rows = 67, features = 24, units = 40;
  const std::string x = tensorType({rows, features}), w = tensorType({features, units}),
                    y = tensorType({rows, units});
  for (const auto &[target, text] :
       {std::pair("x86-64", "v4n2m5u2"), std::pair("x86-64-v3", "v8n1m12"),
        std::pair("x86-64-v3", "v8n3m4o1p20"), std::pair("x86-64-v3", "v8n2m5k12p40"),
        std::pair("x86-64-v4", "v16n3m9u2"), std::pair("x86-64-v4", "v16n2m13k6p26")}) {
    if (!weir::lackingHere(llvm::cantFail(weir::findTarget(target))).empty())
      continue;
    SCOPED_TRACE(text);
    Kernels kernels;
    kernels.add("sum", {"%x: " + x + ", %w: " + w + ", %r: " + y,
                        "%s = weir.dense %x, %w {units = 40, use_bias = false} : (" + x + ", " + w +
                            ") -> " + y + "\n%t = weir.add %s, %r : (" + y + ", " + y + ") -> " +
                            y + "\n%y = weir.relu %t : " + y + "\n",
                        "%y", y});
    const weir::Schedule schedule = *weir::Schedule::parse(text);
    kernels.compile(target, &schedule);
    ASSERT_FALSE(HasFatalFailure());
    kernels.check("sum",
                  {randomTensor({rows, features}, 1), randomTensor({features, units}, 2),
                   randomTensor({rows, units}, 3)},
                  1e-5, 1e-5, {2});
  }
}

TEST(DenseInputGrad, AgreesWithReference) {
  Kernels kernels;
  for (const Extents &e : sizes()) {
    const std::string dy = tensorType({e.batch, e.units}), w = tensorType({e.features, e.units}),
                      dx = tensorType({e.batch, e.features});
    kernels.add(e.name(),
                {"%dy: " + dy + ", %w: " + w,
                 "%dx = weir.dense_input_grad %dy, %w : (" + dy + ", " + w + ") -> " + dx + "\n",
                 "%dx", dx});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Extents &e : sizes())
    kernels.check(e.name(),
                  {randomTensor({e.batch, e.units}, 1), randomTensor({e.features, e.units}, 2)},
                  1e-7 * static_cast<double>(e.units), 1e-5);
}

TEST(DenseWeightGrad, AgreesWithReference) {
  Kernels kernels;
  for (const Extents &e : sizes()) {
    const std::string x = tensorType({e.batch, e.features}), dy = tensorType({e.batch, e.units}),
                      dw = tensorType({e.features, e.units});
    kernels.add(e.name(),
                {"%x: " + x + ", %dy: " + dy,
                 "%dw = weir.dense_weight_grad %x, %dy : (" + x + ", " + dy + ") -> " + dw + "\n",
                 "%dw", dw});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Extents &e : sizes())
    kernels.check(e.name(),
                  {randomTensor({e.batch, e.features}, 1), randomTensor({e.batch, e.units}, 2)},
                  1e-7 * static_cast<double>(e.batch), 1e-5);
}

// By schedules that the model chooses for larger ones, with the update behind.
TEST(DenseWeightGrad, PartsOfTheTermsAreAddedUp) {
  constexpr int64_t rows = 96, features = 10, units = 40;
  const std::string x = tensorType({rows, features}), dy = tensorType({rows, units}),
                    w = tensorType({features, units});
  for (const auto &[target, text] :
       {std::pair("x86-64", "v4n2m5k16u2s3"), std::pair("x86-64-v3", "v8n3m3k24u2s2"),
        std::pair("x86-64-v3", "v8n5m1k8s12"), std::pair("x86-64-v4", "v16n3m4k12o1s8"),
        std::pair("x86-64-v4", "v16n2m10k48u2s2")}) {
    if (!weir::lackingHere(llvm::cantFail(weir::findTarget(target))).empty())
      continue;
    SCOPED_TRACE(text);
    Kernels kernels;
    kernels.add("step",
                {"%x: " + x + ", %dy: " + dy + ", %w: " + w + ", %v: " + w + ", %rate: tensor<f32>",
                 "%g = weir.dense_weight_grad %x, %dy : (" + x + ", " + dy + ") -> " + w +
                     "\n%new, %state = weir.sgd %w, %g, %rate, %v {momentum = 0.9 : f64} : (" + w +
                     ", " + w + ", tensor<f32>, " + w + ") -> (" + w + ", " + w + ")\n",
                 "%new, %state", w + ", " + w});
    const weir::Schedule schedule = *weir::Schedule::parse(text);
    kernels.compile(target, &schedule);
    ASSERT_FALSE(HasFatalFailure());
    kernels.check("step",
                  {randomTensor({rows, features}, 1), randomTensor({rows, units}, 2),
                   randomTensor({features, units}, 3), randomTensor({features, units}, 4),
                   randomTensor({}, 5, 0.001, 0.01)},
                  1e-5, 1e-5, {2, 3});
  }
}

// The other levels take other vector widths; AVX-512 machines run them all.
TEST(Dense, AgreesOnEveryTargetThisMachineRuns) {
  for (const char *target : {"x86-64", "x86-64-v2", "x86-64-v3"}) {
    SCOPED_TRACE(target);
    auto wanted = weir::findTarget(target), host = weir::findTarget("host");
    ASSERT_TRUE(bool(wanted) && bool(host));
    if (wanted->vectorWidth > host->vectorWidth)
      continue;
    Kernels kernels;
    const std::string x = tensorType({7, 33}), w = tensorType({33, 10}), b = tensorType({10}),
                      y = tensorType({7, 10});
    kernels.add("dense", {"%x: " + x + ", %w: " + w + ", %b: " + b,
                          "%y = weir.dense %x, %w, %b {units = 10} : (" + x + ", " + w + ", " + b +
                              ") -> " + y + "\n%z = weir.gelu %y : " + y + "\n",
                          "%z", y});
    kernels.compile(target);
    if (HasFatalFailure())
      return;
    kernels.check("dense",
                  {randomTensor({7, 33}, 1), randomTensor({33, 10}, 2), randomTensor({10}, 3)},
                  5e-6, 1e-5);
  }
}
