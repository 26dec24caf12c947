// A net as the compiler would make it, written by hand: an MLP with one hidden layer, dropout and
// momentum.
//
// It implements the C interface of runtime/Program.h with naive loops, so that the runtime is
// tested without a compiler. Its loops run through halide_do_par_for, as a kernel's do.
#ifndef WEIR_TEST_RUNTIME_FAKENET_H
#define WEIR_TEST_RUNTIME_FAKENET_H

#include "runtime/Program.h"

#include <string>
#include <vector>

namespace weir::test {

struct FakeShape {
  std::string name = "fake";
  int height = 28, width = 28, channels = 1, classes = 10, hidden = 16, trainBatch = 32;
  std::vector<int> inferBatches = {1, 8};
  std::vector<std::string> cpuFeatures = {"sse2"};
  bool trains = true;
  std::string schedule = R"({"call":"constant","warmup":0})";
  bool statistics = false; // running mean and variance of the hidden units, as batch norm has them
  std::string data;        // more members of the recipe's data call, such as R"(,"shift":2)"
  std::string recipe;      // more members of the recipe, such as R"(,"keep":"best")"
  bool cuda = false;       // also code for a GPU, which runs on FakeCuda.cpp
};

/// The program of the shape. There is one at a time: the entries read the shape that was given
/// last.
const weir_program &makeFakeProgram(const FakeShape &shape);

} // namespace weir::test

#endif
