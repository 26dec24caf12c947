//===- FakeQuantizeTest.cpp - value_range, fake_quantize and its gradient ---------------------===//
//
// Bit for bit: each step of the reference is rounded to f32, so the integers are the same.
//
//===------------------------------------------------------------------------------------------===//

#include "Harness.h"

#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

const std::vector<std::vector<int64_t>> shapes = {{1}, {7}, {3, 17}, {2, 5, 3, 10}, {4, 9, 9, 32}};

std::vector<int64_t> channelsOf(const std::vector<int64_t> &shape) { return {shape.back()}; }

} // namespace

TEST(ValueRange, AgreesWithReference) {
  Kernels kernels;
  for (auto [i, shape] : llvm::enumerate(shapes))
    for (bool perChannel : {false, true}) {
      const std::string x = tensorType(shape),
                        bound = perChannel ? tensorType(channelsOf(shape)) : "tensor<f32>";
      kernels.add((perChannel ? "channels" : "all") + std::to_string(i),
                  {"%x: " + x,
                   llvm::formatv("%l, %h = weir.value_range %x {{per_channel = {0}} : ({1}) -> "
                                 "({2}, {2})\n",
                                 perChannel ? "true" : "false", x, bound),
                   "%l, %h", bound + ", " + bound});
    }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, shape] : llvm::enumerate(shapes))
    for (const char *name : {"all", "channels"})
      kernels.check(name + std::to_string(i), {randomTensor(shape, 1)}, 0, 0);
}

TEST(FakeQuantize, AgreesWithReference) {
  Kernels kernels;
  for (auto [i, shape] : llvm::enumerate(shapes))
    for (bool perChannel : {false, true}) {
      const std::string x = tensorType(shape),
                        bound = perChannel ? tensorType(channelsOf(shape)) : "tensor<f32>",
                        attributes = perChannel ? " {symmetric = true}" : "";
      const std::string types = "(" + x + ", " + bound + ", " + bound;
      kernels.add((perChannel ? "symmetric" : "affine") + std::to_string(i),
                  {"%x: " + x + ", %l: " + bound + ", %h: " + bound + ", %dy: " + x,
                   "%y = weir.fake_quantize %x, %l, %h" + attributes + " : " + types + ") -> " + x +
                       "\n%dx = weir.fake_quantize_grad %x, %l, %h, %dy" + attributes + " : " +
                       types + ", " + x + ") -> " + x + "\n",
                   "%y, %dx", x + ", " + x});
    }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    const Tensor x = randomTensor(shape, 1, 2), dy = randomTensor(shape, 2);
    kernels.check("affine" + std::to_string(i), {x, Tensor::scalar(-0.9), Tensor::scalar(1.4), dy},
                  0, 0);
    kernels.check("affine" + std::to_string(i), {x, Tensor::scalar(0), Tensor::scalar(0), dy}, 0,
                  0);
    kernels.check("symmetric" + std::to_string(i),
                  {x, randomTensor(channelsOf(shape), 3, -1, 0),
                   randomTensor(channelsOf(shape), 4, -0.5, 1.5), dy},
                  0, 0);
  }
}
