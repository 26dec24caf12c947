//===- GradientTest.cpp - each op's gradient rule against finite differences -----------------===//
//
// For each op with DifferentiableOpInterface and each of its cases: with random operands x and a
// random gradient dy of the results, the rule's ops must compute what central differences of <dy,
// op(x)> give, in float64, for every operand. The list of ops is the dialect's own, so a new op
// without a case fails.
//
//===-----------------------------------------------------------------------------------------===//

#include "GradientCases.h"
#include "Helpers.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;
using weir::test::Case;
using weir::test::gradientCases;
using weir::test::Module;

namespace {

constexpr double stepSize = 1e-5, tolerance = 1e-7;

/// A function with the op alone, and a copy of it that returns the gradients instead.
std::string moduleText(const std::string &op, const Case &used) {
  std::string parameters, operands;
  for (auto [i, type] : llvm::enumerate(used.operands)) {
    parameters += llvm::formatv("{0}%a{1}: {2}", i ? ", " : "", i, type);
    operands += llvm::formatv("{0}%a{1}", i ? ", " : "", i);
  }
  const std::string types = llvm::join(used.operands, ", "),
                    results = llvm::join(used.results, ", ");
  std::string body = llvm::formatv(
      "{0}%r:{1} = \"weir.{2}\"({3}) {4} : {5}\n", used.setup, used.results.size(), op,
      used.uses.empty() ? operands : used.uses, used.attributes,
      used.usedTypes.empty() ? "(" + types + ") -> (" + results + ")" : used.usedTypes);
  std::string values;
  for (size_t i = 0; i < used.results.size(); ++i)
    values += llvm::formatv("{0}%r#{1}", i ? ", " : "", i);
  std::string text;
  for (const char *name : {"forward", "backward"})
    text += llvm::formatv("func.func @{0}({1}) -> ({2}) {{\n{3}return {4} : {2}\n}\n", name,
                          parameters, results, body, values);
  return text;
}

/// The op that the case is about: the last one of a function of `moduleText`.
Operation &testedOp(func::FuncOp function) {
  return *std::prev(function.getBody().front().getTerminator()->getIterator());
}

bool isFloat(Value value) { return isa<FloatType>(getElementTypeOrSelf(value.getType())); }

/// Turns `function` (operands -> results of its one op) into operands, dy -> gradients of the float
/// operands. The gradients that the rule left out are null in the answer.
SmallVector<Value> returnGradients(func::FuncOp function) {
  Block &block = function.getBody().front();
  Operation &op = testedOp(function);
  SmallVector<Value> resultGradients;
  for (Value result : op.getResults())
    resultGradients.push_back(
        isFloat(result) ? Value(block.addArgument(result.getType(), op.getLoc())) : Value());
  SmallVector<bool> wanted = llvm::map_to_vector(op.getOperands(), isFloat);
  OpBuilder builder(block.getTerminator());
  SmallVector<Value> gradients =
      cast<DifferentiableOpInterface>(op).buildGradient(builder, resultGradients, wanted);
  SmallVector<Value> present;
  llvm::copy_if(gradients, std::back_inserter(present), [](Value v) { return bool(v); });
  block.getTerminator()->setOperands(present);
  function.setType(
      builder.getFunctionType(block.getArgumentTypes(), ValueRange(present).getTypes()));
  return gradients;
}

/// <dy, op(x)>, the sum over float results.
double weighted(func::FuncOp forward, ArrayRef<Tensor> operands, ArrayRef<Tensor> resultGradients) {
  Machine machine;
  auto results = machine.run(forward, operands);
  double sum = 0;
  size_t next = 0;
  for (auto [value, type] : llvm::zip_equal(*results, forward.getResultTypes()))
    if (isa<FloatType>(getElementTypeOrSelf(type)))
      sum += test::dot(value, resultGradients[next++]);
  return sum;
}

void checkCase(const std::string &op, const Case &used) {
  Module text(moduleText(op, used));
  ASSERT_TRUE(text.module) << moduleText(op, used);
  func::FuncOp forward = text.function("forward"), backward = text.function("backward");
  SmallVector<Value> gradients = returnGradients(backward);
  ASSERT_TRUE(succeeded(mlir::verify(*text.module)));

  std::mt19937_64 random(1);
  std::vector<Tensor> operands, resultGradients;
  for (Type type : forward.getArgumentTypes()) {
    operands.push_back(test::randomTensor(type, random, used.away, used.spread));
    if (!isa<FloatType>(getElementTypeOrSelf(type))) // labels or a counter
      for (auto [i, value] : llvm::enumerate(operands.back().values))
        value = used.operands[0] == "tensor<1x1xf32>" ? 0 : static_cast<double>(i % 3);
  }
  for (Type type : forward.getResultTypes())
    if (isa<FloatType>(getElementTypeOrSelf(type)))
      resultGradients.push_back(test::randomTensor(type, random));

  std::vector<Tensor> arguments = operands;
  llvm::append_range(arguments, resultGradients);
  Machine machine;
  auto computed = machine.run(backward, arguments);
  ASSERT_TRUE(succeeded(computed));

  size_t next = 0;
  for (auto [i, argument] : llvm::enumerate(forward.getArguments())) {
    const bool expectsGradient = isFloat(argument) && !llvm::is_contained(used.constants, i);
    ASSERT_EQ(bool(gradients[i]), expectsGradient) << "operand " << i;
    if (!expectsGradient)
      continue;
    const Tensor &gradient = (*computed)[next++];
    ASSERT_EQ(gradient.shape, operands[i].shape) << "operand " << i;
    Tensor expected(argument.getType());
    for (int64_t e = 0; e < expected.size(); ++e) {
      const double kept = operands[i][e];
      operands[i][e] = kept + stepSize;
      const double above = weighted(forward, operands, resultGradients);
      operands[i][e] = kept - stepSize;
      const double below = weighted(forward, operands, resultGradients);
      operands[i][e] = kept;
      expected[e] = (above - below) / (2 * stepSize);
    }
    for (int64_t e = 0; e < expected.size(); ++e)
      EXPECT_NEAR(gradient[e], expected[e], tolerance * test::scaleOf(expected))
          << "operand " << i << ", element " << e;
  }
}

TEST(Gradient, EveryDifferentiableOpAgreesWithFiniteDifferences) {
  MLIRContext context;
  context.loadDialect<WeirDialect>();
  size_t checked = 0;
  for (RegisteredOperationName name : context.getRegisteredOperationsByDialect("weir")) {
    if (!name.hasInterface<DifferentiableOpInterface>())
      continue;
    const std::string op = name.stripDialect().str();
    auto found = gradientCases().find(op);
    if (found == gradientCases().end()) {
      ADD_FAILURE() << "'" << op << "' is differentiable, but has no case here";
      continue;
    }
    ++checked;
    for (auto [i, used] : llvm::enumerate(found->second)) {
      SCOPED_TRACE(op + " case " + std::to_string(i));
      checkCase(op, used);
    }
  }
  EXPECT_EQ(checked, gradientCases().size()) << "a case whose op is gone";
}

/// Where only one operand's gradient is wanted, nothing is built for the others.
TEST(Gradient, UnwantedOperandsGetNone) {
  for (const char *op : {"add", "sub", "mul", "div", "dense", "bias_add", "conv2d",
                         "depthwise_conv2d", "batch_norm", "concat"}) {
    const Case &used = gradientCases().at(op)[1];
    for (size_t only = 0; only < used.operands.size(); ++only) {
      Module text(moduleText(op, used));
      Operation &first = testedOp(text.function("forward"));
      SmallVector<bool> wanted(first.getNumOperands());
      wanted[only] = true;
      OpBuilder builder(first.getBlock()->getTerminator());
      SmallVector<Value> gradients =
          cast<DifferentiableOpInterface>(first).buildGradient(builder, first.getResults(), wanted);
      for (auto [i, gradient] : llvm::enumerate(gradients))
        EXPECT_EQ(bool(gradient), i == only && !llvm::is_contained(used.constants, i))
            << op << " operand " << i;
    }
  }
}

} // namespace
