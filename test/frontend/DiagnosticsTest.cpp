// How errors look: the excerpt, the caret, notes, suggestions, limits.
#include "Helpers.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::test;

static SourceRange rangeOf(const SourceFile *file, llvm::StringRef part) {
  uint32_t begin = file->text().find(part);
  return {file, begin, static_cast<uint32_t>(begin + part.size())};
}

TEST(Diagnostics, LooksAsTheStyleGuideSays) {
  Diagnostics diagnostics;
  const SourceFile *file =
      diagnostics.sources.add("net.weir", "x = bottleneck(x)\nx = conv2d(x, 48, groups: 5)\n");
  diagnostics
      .error(rangeOf(file, "5"),
             "'conv2d' expects channels divisible by groups, but got channels = 24, groups = 5")
      .note(rangeOf(file, "bottleneck"), "'x' has 24 channels because of 'bottleneck' here");
  EXPECT_EQ(
      printed(diagnostics),
      R"(net.weir:2:27: error: 'conv2d' expects channels divisible by groups, but got channels = 24, groups = 5
    x = conv2d(x, 48, groups: 5)
                              ^
net.weir:1:5: note: 'x' has 24 channels because of 'bottleneck' here
)");
}

TEST(Diagnostics, CountsCharactersAndDropsIndentation) {
  Diagnostics diagnostics;
  const SourceFile *file = diagnostics.sources.add("t.weir", "\t  \"äöü\" oops\r\n");
  diagnostics.error(rangeOf(file, "oops"), "no");
  EXPECT_EQ(printed(diagnostics), "t.weir:1:10: error: no\n"
                                  "    \"äöü\" oops\n"
                                  "          ^~~~\n");
}

TEST(Diagnostics, ShowsAWindowOfALongLine) {
  Diagnostics diagnostics;
  const SourceFile *file =
      diagnostics.sources.add("t.weir", std::string(5000, 'a') + "!" + std::string(5000, 'b'));
  diagnostics.error(rangeOf(file, "!"), "no");
  EXPECT_EQ(printed(diagnostics), "t.weir:1:5001: error: no\n    " + std::string(80, 'a') + "!" +
                                      std::string(39, 'b') + "\n    " + std::string(80, ' ') +
                                      "^\n");
}

TEST(Diagnostics, PrintsAtMostTwenty) {
  Diagnostics diagnostics;
  const SourceFile *file = diagnostics.sources.add("t.weir", std::string(100, '?'));
  for (uint32_t i = 0; i < 30; ++i)
    diagnostics.error({file, i, i + 1}, "number " + llvm::Twine(i)).note({file, 0, 1}, "note");
  EXPECT_EQ(diagnostics.errorCount(), 30u);
  std::string text = printed(diagnostics);
  EXPECT_NE(text.find("number 19\n"), std::string::npos);
  EXPECT_EQ(text.find("number 20\n"), std::string::npos);
  EXPECT_TRUE(llvm::StringRef(text).ends_with("and 10 more errors\n"));
}

TEST(Diagnostics, OneErrorForOnePlace) {
  Diagnostics diagnostics;
  const SourceFile *file = diagnostics.sources.add("t.weir", "abc");
  diagnostics.error({file, 0, 1}, "first");
  diagnostics.error({file, 0, 1}, "again");
  EXPECT_EQ(diagnostics.errorCount(), 1u);
}

TEST(Diagnostics, ColoursOnRequestOnly) {
  Diagnostics diagnostics;
  diagnostics.fileError("a.weir", "no");
  EXPECT_EQ(printed(diagnostics), "a.weir: error: no\n");
  std::string text;
  llvm::raw_string_ostream os(text);
  diagnostics.print(os, true);
  EXPECT_NE(text.find("\033[1;31merror: "), std::string::npos);
}

TEST(Diagnostics, SuggestsOnlyWhatIsClose) {
  llvm::StringRef names[] = {"dense", "dropout", "relu", "gelu"};
  EXPECT_EQ(nearestName("dens", names), "dense");
  EXPECT_EQ(nearestName("Dense", names), "dense");
  EXPECT_EQ(nearestName("dropuot", names), "dropout");
  EXPECT_EQ(nearestName("convolution", names), "");
  EXPECT_EQ(nearestName("x", names), "");
}
