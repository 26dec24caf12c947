// No input may crash the parser or the formatter: sources mutated with a fixed seed, and plain
// noise.
//
// A crash or a sanitizer report is the failure; besides, whatever still parses must be formatted
// idempotently.
#include "Helpers.h"
#include "Mutate.h"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::test;

static const char *const seeds[] = {
    "weir 1\nimport \"a.weir\"\nlet a = [1, 2.5, \"x\\n\", true, none]\n\n# note\n"
    "fn f(x, n: 3) {\n  for i, j in range(n) {\n    if i == 1 and not j { x = x -> g(1, k: -2)[0] "
    "}\n"
    "    else if x.rank > 2 {\n      return x\n    } else {\n    }\n  }\n  return x  # done\n}\n",
    "weir 1\nnet m(image: [28, 28, 1]) {\n  return image\n    -> flatten\n    -> dense(10)\n}\n"
    "train {\n  data: \"mnist\"\n  optimizer: nadam(\n    learning_rate: 1e-3,\n  )\n}\n"
    "sweep { epochs: [1, 30] }\n"};

TEST(Fuzz, MutatedSourcesNeverCrash) {
  std::mt19937 random(20240607);
  int parsed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string source = mutate(seeds[i % 2], random);
    if (errorsOf(source).find("error:") != std::string::npos)
      continue;
    ++parsed;
    std::string once = formatted(source);
    ASSERT_EQ(formatted(once), once) << source;
  }
  EXPECT_GT(parsed, 100); // mutations are mild enough to reach behind the parser
}

TEST(Fuzz, NoiseNeverCrashes) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string noise = "weir 1\n";
    for (size_t n = random() % 200; n > 0; --n)
      noise += static_cast<char>(random() % 256);
    errorsOf(noise); // not even valid UTF-8
  }
}
