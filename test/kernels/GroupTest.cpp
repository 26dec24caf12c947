//===- GroupTest.cpp - whole groups: epilogues, several results, names, errors ---------------===//

#include "Harness.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

Tensor counter() {
  Tensor counter(llvm::ArrayRef<int64_t>{3});
  counter.values = {1, 2, 3};
  return counter;
}

std::string denseText(const std::string &x, const std::string &w, const std::string &b,
                      const std::string &y, int64_t units) {
  return "%y = weir.dense %x, %w, %b {units = " + std::to_string(units) + "} : (" + x + ", " + w +
         ", " + b + ") -> " + y + "\n";
}

} // namespace

// The forward group of training: pre-activation for the gradient, and what the next layer reads.
TEST(Group, DenseWithEpilogueAndTwoResults) {
  const std::vector<std::vector<int64_t>> sizes = {
      {1, 7, 10}, {3, 10, 33}, {9, 33, 1}, {32, 784, 80}, {32, 80, 60}};
  Kernels kernels;
  const auto nameAt = [](size_t i) { return "group" + std::to_string(i); };
  for (auto [i, s] : llvm::enumerate(sizes)) {
    const std::string x = tensorType({s[0], s[1]}), w = tensorType({s[1], s[2]}),
                      b = tensorType({s[2]}), y = tensorType({s[0], s[2]});
    kernels.add(nameAt(i),
                {"%x: " + x + ", %w: " + w + ", %b: " + b + ", %c: tensor<3xi32>",
                 denseText(x, w, b, y, s[2]) + "%a = weir.gelu %y : " + y +
                     "\n%d = weir.dropout %a, %c {rate = 3.0e-01 : f64, stream = 1 : i64} : (" + y +
                     ", tensor<3xi32>) -> " + y + "\n",
                 "%y, %d", y + ", " + y});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, s] : llvm::enumerate(sizes))
    kernels.check(nameAt(i),
                  {randomTensor({s[0], s[1]}, 1), randomTensor({s[1], s[2]}, 2),
                   randomTensor({s[2]}, 3), counter()},
                  1e-4, 1e-5);
}

// The backward group of a hidden layer.
TEST(Group, InputGradientWithEpilogue) {
  const std::vector<std::vector<int64_t>> sizes = {
      {1, 7, 10}, {3, 10, 33}, {32, 80, 60}, {32, 60, 10}};
  Kernels kernels;
  const auto nameAt = [](size_t i) { return "group" + std::to_string(i); };
  for (auto [i, s] : llvm::enumerate(sizes)) {
    const std::string dy = tensorType({s[0], s[2]}), w = tensorType({s[1], s[2]}),
                      dx = tensorType({s[0], s[1]});
    kernels.add(nameAt(i),
                {"%dy: " + dy + ", %w: " + w + ", %c: tensor<3xi32>, %saved: " + dx,
                 "%dx = weir.dense_input_grad %dy, %w : (" + dy + ", " + w + ") -> " + dx +
                     "\n%d = weir.dropout %dx, %c {rate = 3.0e-01 : f64, stream = 1 : i64} : (" +
                     dx + ", tensor<3xi32>) -> " + dx + "\n%g = weir.gelu_grad %saved, %d : " + dx +
                     "\n",
                 "%g", dx});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (auto [i, s] : llvm::enumerate(sizes))
    kernels.check(nameAt(i),
                  {randomTensor({s[0], s[2]}, 1), randomTensor({s[1], s[2]}, 2), counter(),
                   randomTensor({s[0], s[1]}, 3, 3)},
                  2e-5, 1e-5);
}

// What no template fits is computed whole, one op after the other, and right.
TEST(Group, OpsThatCannotShareALoop) {
  Kernels kernels;
  const std::string x = tensorType({5, 7}), w = tensorType({7, 10}), b = tensorType({10}),
                    y = tensorType({5, 10}), v = tensorType({10, 3}), z = tensorType({5, 3});
  kernels.add("two_layers",
              {"%x: " + x + ", %w: " + w + ", %b: " + b + ", %v: " + v + ", %c: tensor<3xf32>",
               denseText(x, w, b, y, 10) + "%a = weir.tanh %y : " + y +
                   "\n%z = weir.dense %a, %v, %c {units = 3} : (" + y + ", " + v +
                   ", tensor<3xf32>) -> " + z + "\n%s = weir.softmax %z : " + z + "\n",
               "%a, %s", y + ", " + z});
  kernels.add("two_products",
              {"%x: " + x + ", %w: " + w + ", %b: " + b,
               denseText(x, w, b, y, 10) +
                   "%q = weir.dense %x, %w {units = 10, use_bias = false} : (" + x + ", " + w +
                   ") -> " + y + "\n%p = weir.mul %y, %q : (" + y + ", " + y + ") -> " + y + "\n",
               "%p", y});
  kernels.add("reshaped", {"%x: " + x + ", %w: " + w + ", %b: " + b,
                           denseText(x, w, b, y, 10) + "%r = weir.view %y : " + y +
                               " -> tensor<10x5xf32>\n%t = weir.tanh %r : tensor<10x5xf32>\n",
                           "%t", "tensor<10x5xf32>"});
  kernels.add("summed",
              {"%x: " + x + ", %w: " + w + ", %b: " + b,
               denseText(x, w, b, y, 10) + "%s = weir.sum_to %y : " + y + " -> tensor<10xf32>\n",
               "%y, %s, %b", y + ", tensor<10xf32>, tensor<10xf32>"});
  kernels.compile();
  if (HasFatalFailure())
    return;
  const Tensor vx = randomTensor({5, 7}, 1), vw = randomTensor({7, 10}, 2),
               vb = randomTensor({10}, 3);
  kernels.check("two_layers", {vx, vw, vb, randomTensor({10, 3}, 4), randomTensor({3}, 5)}, 2e-6,
                1e-5);
  kernels.check("two_products", {vx, vw, vb}, 4e-6, 1e-5);
  kernels.check("reshaped", {vx, vw, vb}, 2e-6, 1e-5);
  kernels.check("summed", {vx, vw, vb}, 4e-6, 1e-5);
}

// One object for equal groups, two names where groups of one name differ.
TEST(Group, EqualGroupsShareAnObject) {
  mlir::MLIRContext context;
  context.loadDialect<weir::WeirDialect, mlir::func::FuncDialect>();
  auto module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  const auto type = mlir::RankedTensorType::get({3}, builder.getF32Type());
  auto function = mlir::func::FuncOp::create(builder, builder.getUnknownLoc(), "f",
                                             builder.getFunctionType({type}, {}));
  mlir::Block &block = *function.addEntryBlock();
  builder.setInsertionPointToEnd(&block);
  std::vector<weir::KernelOp> kernelOps;
  for (bool relu : {true, false, true}) {
    auto op = weir::KernelOp::create(builder, builder.getUnknownLoc(), type, block.getArgument(0),
                                     builder.getStringAttr("same"), mlir::StringAttr(),
                                     mlir::ArrayAttr(), mlir::ArrayAttr());
    mlir::Block &body = op.getBody().emplaceBlock();
    mlir::Value x = body.addArgument(type, builder.getUnknownLoc());
    mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&body);
    mlir::Value y =
        relu ? weir::ReluOp::create(inside, builder.getUnknownLoc(), type, x).getResult()
             : weir::TanhOp::create(inside, builder.getUnknownLoc(), type, x).getResult();
    weir::YieldOp::create(inside, builder.getUnknownLoc(), y);
    kernelOps.push_back(op);
  }
  weir::KernelOptions options;
  options.target = *weir::findTarget("x86-64-v3");
  options.useCache = false;
  auto compiled = weir::compileKernels(module, options);
  ASSERT_TRUE(mlir::succeeded(compiled));
  ASSERT_EQ(compiled->size(), 2u);
  EXPECT_EQ((*compiled)[0].symbol, "same__avx2");
  EXPECT_EQ((*compiled)[1].symbol, "same__avx2_2");
  EXPECT_EQ(*kernelOps[0].getSymbol(), "same__avx2");
  EXPECT_EQ(*kernelOps[1].getSymbol(), "same__avx2_2");
  EXPECT_EQ(*kernelOps[2].getSymbol(), "same__avx2");
  module.erase();
}

// An op without an emitter is an error at the group, not an exception.
TEST(Group, OpWithoutKernelIsADiagnostic) {
  mlir::MLIRContext context;
  context.loadDialect<weir::WeirDialect>();
  auto module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  const auto type = mlir::RankedTensorType::get({3}, builder.getF32Type());
  const mlir::Location location = mlir::FileLineColLoc::get(&context, "net.weir", 7, 3);
  auto op = weir::KernelOp::create(builder, location, type, mlir::ValueRange(),
                                   builder.getStringAttr("odd"), mlir::StringAttr(),
                                   mlir::ArrayAttr(), mlir::ArrayAttr());
  mlir::OpBuilder inside = mlir::OpBuilder::atBlockEnd(&op.getBody().emplaceBlock());
  auto read = weir::ReadOp::create(inside, location, type, "weight");
  weir::YieldOp::create(inside, location, read.getResult());
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    message = diagnostic.str();
    EXPECT_EQ(diagnostic.getLocation(), location);
  });
  weir::KernelOptions options;
  options.target = *weir::findTarget("x86-64");
  options.useCache = false;
  EXPECT_TRUE(mlir::failed(weir::compileKernels(module, options)));
  EXPECT_EQ(message, "kernel 'odd__sse2' cannot be compiled: 'weir.read' has no kernel");
  module.erase();
}
