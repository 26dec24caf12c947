//===- GradientTest.cpp - each op's gradient rule against finite differences -----------------===//
//
// For each op with DifferentiableOpInterface and each of its cases: with random operands x and a
// random gradient dy of the results, the rule's ops must compute what central differences of <dy,
// op(x)> give, in float64, for every operand. The list of ops is the dialect's own, so a new op
// without a case fails.
//
//===-----------------------------------------------------------------------------------------===//

#include "Helpers.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;
using weir::test::Module;

namespace {

constexpr double stepSize = 1e-5, tolerance = 1e-7;

/// One use of an op: attributes as text, operand types, result types.
struct Case {
  std::string attributes;
  std::vector<std::string> operands, results;
};

std::vector<Case> unary(std::string attributes = "") {
  std::vector<Case> cases;
  for (const char *type : {"tensor<f32>", "tensor<1xf32>", "tensor<3x7xf32>", "tensor<7x1x3xf32>"})
    cases.push_back({attributes, {type}, {type}});
  return cases;
}

std::vector<Case> broadcasting() {
  return {{"", {"tensor<f32>", "tensor<f32>"}, {"tensor<f32>"}},
          {"", {"tensor<3x7xf32>", "tensor<3x7xf32>"}, {"tensor<3x7xf32>"}},
          {"", {"tensor<3x7xf32>", "tensor<1x7xf32>"}, {"tensor<3x7xf32>"}},
          {"", {"tensor<3x1xf32>", "tensor<3x7xf32>"}, {"tensor<3x7xf32>"}},
          {"", {"tensor<3x1xf32>", "tensor<1x7xf32>"}, {"tensor<3x7xf32>"}},
          {"", {"tensor<1x3x1x5xf32>", "tensor<7x1x1x5xf32>"}, {"tensor<7x3x1x5xf32>"}}};
}

std::vector<Case> operator+(std::vector<Case> a, const std::vector<Case> &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::map<std::string, std::vector<Case>> &allCases() {
  static const std::map<std::string, std::vector<Case>> cases = {
      {"add", broadcasting()},
      {"mul", broadcasting()},
      {"relu", unary()},
      {"gelu", unary() + unary("{approximation = \"tanh\"}")},
      {"tanh", unary()},
      {"sigmoid", unary()},
      {"softmax", unary()},
      {"dense",
       {{"{units = 1 : i64}",
         {"tensor<1x1xf32>", "tensor<1x1xf32>", "tensor<1xf32>"},
         {"tensor<1x1xf32>"}},
        {"{units = 3 : i64}",
         {"tensor<7x5xf32>", "tensor<5x3xf32>", "tensor<3xf32>"},
         {"tensor<7x3xf32>"}},
        {"{units = 7 : i64, use_bias = false}",
         {"tensor<1x3xf32>", "tensor<3x7xf32>"},
         {"tensor<1x7xf32>"}}}},
      {"flatten", {{"", {"tensor<3x5x7x1xf32>"}, {"tensor<3x35xf32>"}}}},
      {"reshape", {{"{shape = array<i64: 7, -1>}", {"tensor<3x5x7xf32>"}, {"tensor<3x7x5xf32>"}}}},
      {"view", {{"", {"tensor<3x7xf32>"}, {"tensor<7x1x3xf32>"}}}},
      {"dropout",
       {{"{rate = 0.5, stream = 3 : i64}",
         {"tensor<7x3xf32>", "tensor<3xi32>"},
         {"tensor<7x3xf32>"}},
        {"{rate = 0.1}", {"tensor<1xf32>", "tensor<3xi32>"}, {"tensor<1xf32>"}},
        {"{rate = 0.5}", {"tensor<3xf32>"}, {"tensor<3xf32>"}}}},
      {"cross_entropy",
       {{"", {"tensor<1x1xf32>", "tensor<1xi32>"}, {"tensor<f32>", "tensor<i32>"}},
        {"", {"tensor<7x3xf32>", "tensor<7xi32>"}, {"tensor<f32>", "tensor<i32>"}},
        {"", {"tensor<3x10xf32>", "tensor<3xi32>"}, {"tensor<f32>", "tensor<i32>"}}}},
  };
  return cases;
}

/// A function with the op alone, and a copy of it that returns the gradients instead.
std::string moduleText(const std::string &op, const Case &used) {
  std::string parameters, operands;
  for (auto [i, type] : llvm::enumerate(used.operands)) {
    parameters += llvm::formatv("{0}%a{1}: {2}", i ? ", " : "", i, type);
    operands += llvm::formatv("{0}%a{1}", i ? ", " : "", i);
  }
  const std::string types = llvm::join(used.operands, ", "),
                    results = llvm::join(used.results, ", ");
  std::string signature = "(" + types + ") -> (" + results + ")";
  const bool sameTypes = used.operands == used.results && op != "dropout";
  if (sameTypes)
    signature = results;
  else if (op == "view")
    signature = types + " -> " + results;
  std::string body = llvm::formatv("%r:{0} = weir.{1} {2} {3} : {4}\n", used.results.size(), op,
                                   operands, used.attributes, signature);
  std::string values;
  for (size_t i = 0; i < used.results.size(); ++i)
    values += llvm::formatv("{0}%r#{1}", i ? ", " : "", i);
  std::string text;
  for (const char *name : {"forward", "backward"})
    text += llvm::formatv("func.func @{0}({1}) -> ({2}) {{\n{3}return {4} : {2}\n}\n", name,
                          parameters, results, body, values);
  return text;
}

bool isFloat(Value value) { return isa<FloatType>(getElementTypeOrSelf(value.getType())); }

/// Turns `function` (operands -> results of its one op) into operands, dy -> gradients of the float
/// operands. The gradients that the rule left out are null in the answer.
SmallVector<Value> returnGradients(func::FuncOp function) {
  Block &block = function.getBody().front();
  Operation &op = block.front();
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
    operands.push_back(test::randomTensor(type, random));
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
    ASSERT_EQ(bool(gradients[i]), isFloat(argument)) << "operand " << i;
    if (!isFloat(argument))
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
    auto found = allCases().find(op);
    if (found == allCases().end()) {
      ADD_FAILURE() << "'" << op << "' is differentiable, but has no case here";
      continue;
    }
    ++checked;
    for (auto [i, used] : llvm::enumerate(found->second)) {
      SCOPED_TRACE(op + " case " + std::to_string(i));
      checkCase(op, used);
    }
  }
  EXPECT_EQ(checked, allCases().size()) << "a case whose op is gone";
}

/// Where only one operand's gradient is wanted, nothing is built for the others.
TEST(Gradient, UnwantedOperandsGetNone) {
  for (const char *op : {"add", "mul", "dense"}) {
    const Case &used = allCases().at(op)[1];
    for (size_t only = 0; only < used.operands.size(); ++only) {
      Module text(moduleText(op, used));
      Operation &first = text.function("forward").getBody().front().front();
      SmallVector<bool> wanted(first.getNumOperands());
      wanted[only] = true;
      OpBuilder builder(first.getBlock()->getTerminator());
      SmallVector<Value> gradients =
          cast<DifferentiableOpInterface>(first).buildGradient(builder, first.getResults(), wanted);
      for (auto [i, gradient] : llvm::enumerate(gradients))
        EXPECT_EQ(bool(gradient), i == only) << op << " operand " << i;
    }
  }
}

} // namespace
