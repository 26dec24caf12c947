// The `sweep` block as names and texts.
#include "Helpers.h"

#include "frontend/SweepBlock.h"

#include "gtest/gtest.h"

namespace weir::test {
namespace {

/// `name! = value | value` for each setting, `!` for those at run time; or the errors.
std::string sweepOf(const std::string &block, const std::string &before = "") {
  Diagnostics diagnostics;
  auto program = parseText("t.weir", "weir 1\n" + before + block, diagnostics);
  auto settings = readSweep(*program, diagnostics);
  if (!settings)
    return printed(diagnostics);
  std::string text;
  for (const SweepSetting &setting : *settings) {
    text += setting.name + (setting.atRunTime ? "!" : "") + " =";
    for (const SweepValue &value : setting.values)
      text += " " + value.text + " |";
    text += "\n";
  }
  return text;
}

const std::string train = "train {\n}\n";

TEST(SweepBlock, ReadsValuesAsTexts) {
  EXPECT_EQ(sweepOf(train + "sweep {\n  widths: [[80, 60],  # two\n    [110 ,\n  100]]\n"
                            "  data: [\"a # b\", images(\"c  d\")]\n"
                            "  optimizer: [nadam, sgd(momentum: 0.9)]\n}\n"),
            "widths = [80, 60] | [110 , 100] |\n"
            "data = \"a # b\" | images(\"c  d\") |\n"
            "optimizer = nadam | sgd(momentum: 0.9) |\n");
}

TEST(SweepBlock, KnowsWhatAProgramTakesAtRunTime) {
  EXPECT_EQ(sweepOf(train + "sweep {\n  learning_rate: [0.1, 1]\n  epochs: [1, 2]\n  seed: [0]\n"
                            "  batch: [4]\n}\n"),
            "learning_rate! = 0.1 | 1 |\nepochs! = 1 | 2 |\nseed! = 0 |\nbatch = 4 |\n");
  // The net may depend on a constant, and an expression on anything.
  EXPECT_EQ(sweepOf(train + "sweep {\n  epochs: [1, 2]\n  seed: [1 + 1]\n}\n", "let epochs = 3\n"),
            "epochs = 1 | 2 |\nseed = 1 + 1 |\n");
}

TEST(SweepBlock, RefusesWhatCannotBeCombined) {
  auto expectError = [](const std::string &printed, const char *message) {
    EXPECT_NE(printed.find(message), std::string::npos) << printed;
  };
  expectError(sweepOf(train), "t.weir: error: file expects a 'sweep' block");
  expectError(sweepOf("sweep {\n  seed: [1]\n}\n"), "'sweep' expects a 'train' block");
  expectError(sweepOf(train + "sweep {\n}\n"), "'sweep' expects one list of values or more");
  expectError(sweepOf(train + "sweep {\n  seed: []\n}\n"), "for 'seed', but got an empty list");
  expectError(sweepOf(train + "sweep {\n  seed: 1\n}\n"), "for 'seed', but got no list");
  expectError(
      sweepOf(train + "sweep {\n  seed: [-1]\n}\n"),
      "t.weir:5:10: error: 'sweep' expects an integer of at least 0 for 'seed', but got -1");
  expectError(sweepOf(train + "sweep {\n  epochs: [1.5]\n}\n"), "but got 1.5");
  expectError(sweepOf(train + "sweep {\n  learning_rate: [0]\n}\n"), "a positive finite number");
  expectError(sweepOf(train + "sweep {\n  drop: [0.1, 0.10]\n}\n"),
              "'sweep' expects different values for 'drop', but got 0.10 twice");
}

} // namespace
} // namespace weir::test
