//===- FuzzNetTest.cpp - generated nets and how they are cut down ----------------------------===//

#include "ir/Signatures.h"
#include "tools/fuzz/GenerateNet.h"
#include "tools/fuzz/ReduceNet.h"

#include <gtest/gtest.h>
#include <set>

using namespace weir;

TEST(GenerateNet, IsDecidedByTheSeed) {
  EXPECT_EQ(generateNet(7).text(), generateNet(7).text());
  EXPECT_NE(generateNet(7).text(), generateNet(8).text());
}

TEST(GenerateNet, MakesValidNetsOfAllOps) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    const FuzzNet net = generateNet(seed);
    ASSERT_TRUE(shapeOfResult(net)) << net.text();
    for (const FuzzCall &call : net.calls)
      seen.insert(call.op);
    seen.insert(net.loss.op);
    seen.insert(net.optimizer.op);
  }
  for (const Signature &signature : signatures())
    if (signature.category == Category::Layer || signature.category == Category::Loss ||
        signature.category == Category::Optimizer)
      EXPECT_TRUE(seen.contains(signature.name.str())) << signature.name.str();
}

/// A made-up bug: a max_pool2d with a kernel above 1 anywhere behind a relu.
TEST(ReduceNet, LeavesWhatTheFailureNeeds) {
  std::optional<FuzzNet> net =
      FuzzNet{{9, 8, 3},
              {{"conv2d", {0}, {{"filters", "12"}, {"kernel", "3"}, {"padding", "[1, 2]"}}},
               {"relu", {1}, {}},
               {"batch_norm", {2}, {}},
               {"add", {3, 2}, {}},
               {"max_pool2d", {4}, {{"kernel", "3"}, {"stride", "2"}}},
               {"flatten", {5}, {}},
               {"dense", {6}, {{"units", "20"}}}},
              7,
              5,
              4,
              {"cross_entropy", {}, {{"label_smoothing", "0.1"}}},
              {"adam", {}, {{"beta1", "0.5"}}},
              {"clip_norm: 1.0"}};
  ASSERT_TRUE(shapeOfResult(*net)) << net->text();
  auto fails = [](const std::optional<FuzzNet> &candidate) {
    bool rectified = false;
    for (const FuzzCall &call : candidate->calls) {
      rectified |= call.op == "relu";
      if (rectified && call.op == "max_pool2d" && call.arguments[0].second != "1")
        return true;
    }
    return false;
  };
  reduce<std::optional<FuzzNet>>(net, simplerNets, fails, [] { return false; });
  EXPECT_EQ(net->text(), "weir 1\n\n"
                         "net fuzzed(image: [2, 2, 1]) {\n"
                         "  v1 = relu(image)\n"
                         "  v2 = max_pool2d(v1, kernel: 2)\n"
                         "  return v2 -> flatten -> dense(1)\n"
                         "}\n");
}
