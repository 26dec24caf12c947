//===- OptimizerTest.cpp - every optimizer's update, in place --------------------------------===//

#include "Harness.h"

#include <gtest/gtest.h>

using namespace weir::test;
using weir::reference::Tensor;

namespace {

struct Case {
  std::string name, op, attributes;
  bool counter; ///< takes the step
  int states;   ///< of the weight's shape
  bool scalarState;

  bool decays() const { return attributes.find("weight_decay") != std::string::npos; }
};

const std::vector<Case> cases = {
    {"sgd", "sgd", "", false, 1, false},
    {"sgd_momentum", "sgd", "{momentum = 9.0e-01 : f64}", false, 1, false},
    {"sgd_nesterov", "sgd", "{momentum = 9.0e-01 : f64, nesterov = true}", false, 1, false},
    {"adagrad", "adagrad", "", false, 1, false},
    {"rmsprop", "rmsprop", "", false, 1, false},
    {"adadelta", "adadelta", "", false, 2, false},
    {"adam", "adam", "", true, 2, false},
    {"adamw", "adamw", "", true, 2, false},
    {"nadam", "nadam", "", true, 2, true},
    {"sgd_decay", "sgd", "{momentum = 9.0e-01 : f64, nesterov = true, weight_decay = 0.1 : f64}",
     false, 1, false},
    {"adagrad_decay", "adagrad", "{weight_decay = 0.1 : f64}", false, 1, false},
    {"rmsprop_decay", "rmsprop", "{weight_decay = 0.1 : f64}", false, 1, false},
    {"adadelta_decay", "adadelta", "{weight_decay = 0.1 : f64}", false, 2, false},
    {"adam_decay", "adam", "{weight_decay = 0.1 : f64}", true, 2, false},
    {"nadam_decay", "nadam", "{weight_decay = 0.1 : f64}", true, 2, true},
    {"nadam_keras", "nadam", "{momentum_decay = 1.0e+00 : f64, epsilon = 1.0e-07 : f64}", true, 2,
     true},
};

const std::vector<std::vector<int64_t>> shapes = {
    {1}, {7}, {10}, {33}, {80}, {7, 10}, {10, 33}, {33, 1}, {3, 2, 17}, {3, 3, 5, 7}};

std::string nameOf(const Case &c, const std::vector<int64_t> &shape) {
  std::string name = c.name;
  for (int64_t extent : shape)
    name += "_" + std::to_string(extent);
  return name;
}

/// The update's operands behind the weight and the gradient, as text.
struct Operands {
  std::string declared, names, types, resultTypes;
  std::vector<int> inPlace; ///< operand that each result replaces

  Operands(const Case &c, const std::string &weight, int first) {
    // first: how many operands come before the learning rate; the weight is operand 0
    std::vector<std::string> all{"%rate: tensor<f32>"};
    inPlace = {0};
    resultTypes = weight;
    if (c.counter)
      all.push_back("%counter: tensor<3xi32>");
    for (int i = 0; i < c.states; ++i) {
      inPlace.push_back(first + static_cast<int>(all.size()));
      all.push_back("%s" + std::to_string(i) + ": " + weight);
      resultTypes += ", " + weight;
    }
    if (c.scalarState) {
      inPlace.push_back(first + static_cast<int>(all.size()));
      all.push_back("%p: tensor<f32>");
      resultTypes += ", tensor<f32>";
    }
    for (const std::string &operand : all) {
      declared += ", " + operand;
      const size_t colon = operand.find(':');
      names += ", " + operand.substr(0, colon);
      types += ", " + operand.substr(colon + 2);
    }
  }
};

std::vector<Tensor> valuesBehindGradient(const Case &c, const std::vector<int64_t> &shape) {
  std::vector<Tensor> values{Tensor::scalar(0.01)};
  if (c.counter) {
    values.emplace_back(llvm::ArrayRef<int64_t>{3});
    values.back().values = {11, 12, 4};
  }
  for (int i = 0; i < c.states;
       ++i) { // averages of squares are not negative; the first state may be a momentum
    const bool signedState = i == 0 && (c.op == "sgd" || c.states == 2);
    values.push_back(
        randomTensor(shape, 20 + i, signedState && c.op != "adadelta" ? -0.1 : 0.0, 0.1));
    values.back()[0] = 0; // and the first step starts from nothing
  }
  if (c.scalarState)
    values.push_back(Tensor::scalar(0.6));
  return values;
}

} // namespace

TEST(Optimizers, AgreeWithReferenceInPlace) {
  Kernels kernels;
  for (const Case &c : cases)
    for (const auto &shape : shapes) {
      const std::string weight = tensorType(shape);
      const Operands operands(c, weight, 2);
      const size_t results = operands.inPlace.size();
      kernels.add(nameOf(c, shape),
                  {"%w: " + weight + ", %g: " + weight + operands.declared,
                   "%u:" + std::to_string(results) + " = weir." + c.op + " %w, %g" +
                       operands.names + " " + c.attributes + " : (" + weight + ", " + weight +
                       operands.types + ") -> (" + operands.resultTypes + ")\n",
                   [&] {
                     std::string yields = "%u#0";
                     for (size_t i = 1; i < results; ++i)
                       yields += ", %u#" + std::to_string(i);
                     return yields;
                   }(),
                   operands.resultTypes});
    }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Case &c : cases)
    for (const auto &shape : shapes) {
      std::vector<Tensor> values{randomTensor(shape, 1), randomTensor(shape, 2, 0.1)};
      for (Tensor &value : valuesBehindGradient(c, shape))
        values.push_back(std::move(value));
      kernels.check(nameOf(c, shape), values, 1e-7, 3e-6,
                    Operands(c, tensorType(shape), 2).inPlace);
    }
}

// A pixel that is always black has no gradient: nothing may become 0 / 0.
TEST(Optimizers, ZeroGradientLeavesWeightsAlone) {
  Kernels kernels;
  const std::vector<int64_t> shape{33};
  for (const Case &c : cases) {
    if (c.decays())
      continue;
    const Operands operands(c, tensorType(shape), 2);
    std::string yields = "%u#0";
    for (size_t i = 1; i < operands.inPlace.size(); ++i)
      yields += ", %u#" + std::to_string(i);
    kernels.add(c.name,
                {"%w: tensor<33xf32>, %g: tensor<33xf32>" + operands.declared,
                 "%u:" + std::to_string(operands.inPlace.size()) + " = weir." + c.op + " %w, %g" +
                     operands.names + " " + c.attributes + " : (tensor<33xf32>, tensor<33xf32>" +
                     operands.types + ") -> (" + operands.resultTypes + ")\n",
                 yields, operands.resultTypes});
  }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Case &c : cases) {
    if (c.decays()) // a weight that decays moves
      continue;
    std::vector<Tensor> values{randomTensor(shape, 1), randomTensor(shape, 2, 0.0)};
    for (Tensor &value : valuesBehindGradient(c, shape)) {
      if (value.size() == 33)
        value.values.assign(33, 0);
      values.push_back(std::move(value));
    }
    kernels.check(c.name, values, 1e-8, 1e-7, Operands(c, tensorType(shape), 2).inPlace);
  }
}

// Fused behind the weight's gradient, as form-groups makes it: the sums stay in registers.
TEST(Optimizers, AgreeBehindWeightGradient) {
  Kernels kernels;
  struct Extents {
    int64_t batch, features, units;
  };
  const std::vector<Extents> sizes = {{1, 1, 1},    {7, 33, 10},   {9, 10, 33},
                                      {32, 80, 60}, {32, 784, 80}, {32, 49, 110}};
  const auto nameAt = [](const Case &c, size_t i) { return c.name + "_" + std::to_string(i); };
  for (const Case &c : cases)
    for (auto [i, e] : llvm::enumerate(sizes)) {
      const std::string weight = tensorType({e.features, e.units}),
                        x = tensorType({e.batch, e.features}), dy = tensorType({e.batch, e.units});
      const Operands operands(c, weight, 3);
      std::string yields = "%u#0";
      for (size_t r = 1; r < operands.inPlace.size(); ++r)
        yields += ", %u#" + std::to_string(r);
      kernels.add(nameAt(c, i),
                  {"%w: " + weight + ", %x: " + x + ", %dy: " + dy + operands.declared,
                   "%g = weir.dense_weight_grad %x, %dy : (" + x + ", " + dy + ") -> " + weight +
                       "\n%u:" + std::to_string(operands.inPlace.size()) + " = weir." + c.op +
                       " %w, %g" + operands.names + " " + c.attributes + " : (" + weight + ", " +
                       weight + operands.types + ") -> (" + operands.resultTypes + ")\n",
                   yields, operands.resultTypes});
    }
  kernels.compile();
  if (HasFatalFailure())
    return;
  for (const Case &c : cases)
    for (auto [i, e] : llvm::enumerate(sizes)) {
      std::vector<Tensor> values{randomTensor({e.features, e.units}, 1),
                                 randomTensor({e.batch, e.features}, 2),
                                 randomTensor({e.batch, e.units}, 3, 0.01)};
      for (Tensor &value : valuesBehindGradient(c, {e.features, e.units}))
        values.push_back(std::move(value));
      kernels.check(nameAt(c, i), values, 2e-6, 1e-5, Operands(c, "tensor<f32>", 3).inPlace);
    }
}
