//===- FuzzNetTest.cpp - generated nets and how they are cut down ----------------------------===//

#include "ir/Signatures.h"
#include "tools/fuzz/FuzzPhase.h"
#include "tools/fuzz/GenerateNet.h"
#include "tools/fuzz/PassTotals.h"
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

TEST(PassTotals, KeepsTheLargestDifferenceAndItsNet) {
  auto part = [](double ulps, double bound) {
    return nlohmann::ordered_json::array(
        {{{"net", "in 8 bits"},
          {"inputs", {"random"}},
          {"passes",
           {{{"pass", "simplify"}, {"state", "unchanged"}, {"reason", ""}},
            {{"pass", "fold"},
             {"state", "within"},
             {"reason", ""},
             {"ulps", ulps},
             {"bound", bound},
             {"left_out", 1},
             {"where", "at " + std::to_string(int(ulps))}}}}}});
  };
  PassTotals totals;
  totals.add(4, part(1, 64));
  totals.add(5, part(3, 0));
  totals.add(6, part(2, 64));
  EXPECT_EQ(totals.shortened(), 3u);
  EXPECT_EQ(totals.json().dump(),
            R"([{"net":"in 8 bits","pass":"simplify","compared":0,"unchanged":3},)"
            R"({"net":"in 8 bits","pass":"fold","compared":3,"unchanged":0,"left_out":3,)"
            R"("ulps":3.0,"bound":64.0,"seed":5,"where":"at 3"}])");
}

TEST(FuzzPhase, IsTheLastThatWasTold) {
  EXPECT_EQ(lastPhase(""), "");
  EXPECT_EQ(lastPhase("warning: w\nphase: passes\nphase: in 8 bits\nerror: e\n"), "in 8 bits");
}
