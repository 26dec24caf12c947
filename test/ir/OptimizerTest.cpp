//===- OptimizerTest.cpp - five steps of each optimizer against independent formulas ---------===//
//
// The formulas follow the documentation of torch.optim, and where one exists the closed form:
// averages are sums over the whole history of gradients, not recursions, and products are
// multiplied anew at each step. The list of optimizers is the dialect's own, so a new one without a
// formula fails.
//
//===-----------------------------------------------------------------------------------------===//

#include "Helpers.h"

#include "ir/Signatures.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace mlir;
using namespace weir;
using weir::reference::Machine;
using weir::reference::Tensor;

namespace {

constexpr int steps = 5;
constexpr double rate = 0.05;

using Numbers = std::vector<double>;

/// sum_i decay^(t - i) * value(g_i) over the history.
double decayed(const Numbers &history, double decay, const std::function<double(double)> &value) {
  double sum = 0;
  for (size_t i = 0; i < history.size(); ++i)
    sum += std::pow(decay, static_cast<double>(history.size() - 1 - i)) * value(history[i]);
  return sum;
}
double identity(double g) { return g; }
double square(double g) { return g * g; }

/// What a step subtracts from weight `w` when the last of `history` is this step's gradient.
using Formula = std::function<double(const Numbers &history, double w)>;

struct Case {
  std::string name, options;
  Formula formula;
  double coupledDecay = 0; ///< what of the weight joins the gradient
};

Formula sgd(double momentum, bool nesterov) {
  return [=](const Numbers &history, double) {
    const double velocity = decayed(history, momentum, identity);
    return rate * (nesterov ? history.back() + momentum * velocity : velocity);
  };
}

Formula adagrad(double epsilon) {
  return [=](const Numbers &history, double) {
    return rate * history.back() / (std::sqrt(decayed(history, 1, square)) + epsilon);
  };
}

Formula rmsprop(double rho, double epsilon) {
  return [=](const Numbers &history, double) {
    return rate * history.back() / (std::sqrt((1 - rho) * decayed(history, rho, square)) + epsilon);
  };
}

/// The updates feed back into themselves, so they are worked out from the first step each time.
Formula adadelta(double rho, double epsilon) {
  return [=](const Numbers &history, double) {
    Numbers updates;
    for (size_t t = 1; t <= history.size(); ++t) {
      Numbers past(history.begin(), history.begin() + static_cast<std::ptrdiff_t>(t));
      const double delta = (1 - rho) * decayed(updates, rho, square);
      const double squares = (1 - rho) * decayed(past, rho, square);
      updates.push_back(past.back() * std::sqrt((delta + epsilon) / (squares + epsilon)));
    }
    return rate * updates.back();
  };
}

Formula adam(double beta1, double beta2, double epsilon, double weightDecay) {
  return [=](const Numbers &history, double w) {
    const auto t = static_cast<double>(history.size());
    const double m = (1 - beta1) * decayed(history, beta1, identity) / (1 - std::pow(beta1, t));
    const double v = (1 - beta2) * decayed(history, beta2, square) / (1 - std::pow(beta2, t));
    return rate * weightDecay * w + rate * m / (std::sqrt(v) + epsilon);
  };
}

Formula nadam(double beta1, double beta2, double epsilon, double momentumDecay) {
  return [=](const Numbers &history, double) {
    const auto t = static_cast<double>(history.size());
    const auto mu = [&](double i) { return beta1 * (1 - 0.5 * std::pow(0.96, i * momentumDecay)); };
    double product = 1;
    for (double i = 1; i <= t; ++i)
      product *= mu(i);
    const double m =
        mu(t + 1) * (1 - beta1) * decayed(history, beta1, identity) / (1 - product * mu(t + 1)) +
        (1 - mu(t)) * history.back() / (1 - product);
    const double v = (1 - beta2) * decayed(history, beta2, square) / (1 - std::pow(beta2, t));
    return rate * m / (std::sqrt(v) + epsilon);
  };
}

/// Without options, the defaults of torch.
std::vector<Case> allCases() {
  return {
      {"sgd", "{}", sgd(0, false)},
      {"sgd", "{momentum = 0.9}", sgd(0.9, false)},
      {"sgd", "{momentum = 0.8, nesterov = true}", sgd(0.8, true)},
      {"sgd", "{momentum = 0.9, weight_decay = 0.3}", sgd(0.9, false), 0.3},
      {"adagrad", "{}", adagrad(1e-10)},
      {"adagrad", "{weight_decay = 0.3}", adagrad(1e-10), 0.3},
      {"adagrad", "{epsilon = 0.1}", adagrad(0.1)},
      {"rmsprop", "{}", rmsprop(0.99, 1e-8)},
      {"rmsprop", "{rho = 0.7, epsilon = 0.1}", rmsprop(0.7, 0.1)},
      {"rmsprop", "{weight_decay = 0.3}", rmsprop(0.99, 1e-8), 0.3},
      {"adadelta", "{}", adadelta(0.9, 1e-6)},
      {"adadelta", "{rho = 0.5, epsilon = 0.1}", adadelta(0.5, 0.1)},
      {"adadelta", "{weight_decay = 0.3}", adadelta(0.9, 1e-6), 0.3},
      {"adam", "{}", adam(0.9, 0.999, 1e-8, 0)},
      {"adam", "{beta1 = 0.5, beta2 = 0.7, epsilon = 0.1}", adam(0.5, 0.7, 0.1, 0)},
      {"adam", "{weight_decay = 0.3}", adam(0.9, 0.999, 1e-8, 0), 0.3},
      {"adamw", "{}", adam(0.9, 0.999, 1e-8, 0.01)},
      {"adamw", "{beta1 = 0.5, beta2 = 0.7, epsilon = 0.1, weight_decay = 0.3}",
       adam(0.5, 0.7, 0.1, 0.3)},
      {"nadam", "{}", nadam(0.9, 0.999, 1e-8, 0.004)},
      {"nadam", "{beta1 = 0.5, beta2 = 0.7, epsilon = 0.1, momentum_decay = 1.0}",
       nadam(0.5, 0.7, 0.1, 1)},
      {"nadam", "{weight_decay = 0.3}", nadam(0.9, 0.999, 1e-8, 0.004), 0.3},
      {"sgd", "{momentum = 0.8, nesterov = true, weight_decay = 0.2}", sgd(0.8, true), 0.2},
      {"adagrad", "{weight_decay = 0.2}", adagrad(1e-10), 0.2},
      {"rmsprop", "{weight_decay = 0.2}", rmsprop(0.99, 1e-8), 0.2},
      {"adadelta", "{weight_decay = 0.2}", adadelta(0.9, 1e-6), 0.2},
      {"adam", "{weight_decay = 0.2}", adam(0.9, 0.999, 1e-8, 0), 0.2},
      {"nadam", "{weight_decay = 0.2}", nadam(0.9, 0.999, 1e-8, 0.004), 0.2},
  };
}

constexpr int64_t weightShape[] = {3};

/// A function of the optimizer's operands that returns its results.
func::FuncOp buildStep(ModuleOp module, const Signature &signature, StringRef options) {
  MLIRContext *context = module.getContext();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  SmallVector<Type> types;
  for (const Argument &argument : signature.arguments)
    if (argument.kind == ArgumentKind::Counter)
      types.push_back(RankedTensorType::get({3}, builder.getI32Type()));
    else if (argument.kind == ArgumentKind::Runtime || argument.kind == ArgumentKind::ScalarState)
      types.push_back(f32Tensor(context, {}));
    else if (!argument.isAttribute())
      types.push_back(f32Tensor(context, weightShape));
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), "step",
                                       builder.getFunctionType(types, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  auto attributes = cast<DictionaryAttr>(parseAttribute(options, context));
  SmallVector<Value> operands(block->getArguments());
  Operation *op = buildOp(builder, builder.getUnknownLoc(), signature.name, operands,
                          llvm::to_vector(attributes));
  func::ReturnOp::create(builder, builder.getUnknownLoc(), op->getResults());
  function.setType(builder.getFunctionType(types, op->getResultTypes()));
  return function;
}

void checkCase(const Case &used) {
  const Signature &signature = *findSignature(used.name);
  test::Module text("");
  func::FuncOp function = buildStep(*text.module, signature, used.options);

  const Numbers gradients[steps] = {
      {0.5, -2, 0.1}, {0.25, 1, 0}, {-1, 3, -0.2}, {0.75, 0.5, 0}, {0, -1, 0.3}};
  Numbers expected{1, -0.5, 2};
  std::vector<Tensor> arguments;
  for (auto [argument, type] : llvm::zip(signature.arguments, function.getArgumentTypes())) {
    Tensor tensor(type);
    double initial = 0;
    if (argument.kind == ArgumentKind::State || argument.kind == ArgumentKind::ScalarState)
      ASSERT_FALSE(argument.defaultValue.getAsDouble(initial));
    llvm::fill(tensor.values, argument.kind == ArgumentKind::Runtime ? rate : initial);
    arguments.push_back(std::move(tensor));
  }
  arguments[0].values = expected;

  std::vector<Numbers> history(expected.size());
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step + 1));
    for (size_t i = 0; i < expected.size(); ++i) {
      history[i].push_back(gradients[step][i] + used.coupledDecay * expected[i]);
      expected[i] -= used.formula(history[i], expected[i]);
    }
    arguments[1].values = gradients[step];
    for (auto [argument, value] : llvm::zip(signature.arguments, arguments))
      if (argument.kind == ArgumentKind::Counter)
        value.values = {17, 4, static_cast<double>(step)};
    Machine machine;
    auto results = machine.run(function, arguments);
    ASSERT_TRUE(succeeded(results));
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR((*results)[0][static_cast<int64_t>(i)], expected[i], 1e-12) << "weight " << i;
    size_t next = 0; // results go back to the weight and the state, in operand order
    for (auto [argument, value] : llvm::zip(signature.arguments, arguments))
      if (argument.kind == ArgumentKind::Weight || argument.kind == ArgumentKind::State ||
          argument.kind == ArgumentKind::ScalarState)
        value = (*results)[next++];
  }
}

TEST(Optimizer, FiveStepsFollowTheFormulas) {
  for (const Case &used : allCases()) {
    SCOPED_TRACE(used.name + " " + used.options);
    checkCase(used);
  }
}

TEST(Optimizer, EachHasAFormula) {
  const std::vector<Case> cases = allCases();
  for (const Signature &signature : signatures())
    if (signature.category == Category::Optimizer)
      EXPECT_TRUE(llvm::any_of(cases, [&](const Case &used) {
        return signature.name == used.name;
      })) << signature.name.str();
}

} // namespace
