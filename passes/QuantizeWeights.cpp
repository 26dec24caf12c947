//===- QuantizeWeights.cpp - see QuantizeWeights.h --------------------------------------------===//

#include "passes/QuantizeWeights.h"

#include "ir/Values.h"

#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace weir {
namespace {

constexpr double largestInteger = 127, widestValue = 255;
/// Products of two scales must be numbers of f32.
constexpr double tiniestScale = 1e-15;

/// A scale that f32 arithmetic has exactly, not below `scale`.
double asF32(double scale) {
  auto rounded = static_cast<float>(scale);
  return rounded < scale ? std::nextafter(rounded, std::numeric_limits<float>::infinity())
                         : rounded;
}

} // namespace

IntegerWeights quantizeWeights(ArrayRef<double> numbers, size_t outputs, bool perTensor,
                               ArrayRef<double> smallest) {
  std::vector<double> largest(outputs);
  for (auto [i, number] : llvm::enumerate(numbers))
    largest[i % outputs] = std::max(largest[i % outputs], std::abs(number));
  IntegerWeights weights;
  for (size_t output = 0; output < outputs; ++output) {
    const double wanted = largest[output] > 0 ? largest[output] / largestInteger : 1;
    weights.scales.push_back(asF32(std::max({wanted, smallest[output], tiniestScale})));
  }
  if (perTensor)
    weights.scales = {*llvm::max_element(weights.scales)};
  for (auto [i, number] : llvm::enumerate(numbers)) {
    const double integer = std::nearbyint(number / weights.scale(i % outputs));
    weights.integers.push_back(std::clamp(integer, -largestInteger, largestInteger));
  }
  return weights;
}

std::vector<double> smallestScales(ArrayRef<double> bias, double inputScale, int64_t terms) {
  const double room = std::numeric_limits<int32_t>::max() -
                      static_cast<double>(terms) * largestInteger * widestValue - 1;
  std::vector<double> scales;
  for (double number : bias)
    scales.push_back(std::abs(number) / (inputScale * room));
  return scales;
}

VariableOp knownVariable(Value value, const SymbolTable &symbols) {
  auto read = value ? value.getDefiningOp<ReadOp>() : ReadOp();
  auto variable = read ? symbols.lookup<VariableOp>(read.getVariable()) : VariableOp();
  const bool known = variable && variable.getValue() && hasReadableValues(*variable.getValue());
  return known ? variable : VariableOp();
}

FailureOr<std::pair<VariableOp, VariableOp>> IntegerVariables::of(Operation *product,
                                                                  RankedTensorType x) {
  Value biasValue = product->getNumOperands() > 2 ? product->getOperand(2) : Value();
  VariableOp weight = knownVariable(product->getOperand(1), symbols),
             bias = knownVariable(biasValue, symbols);
  if (!weight || (biasValue && !bias))
    return product->emitError("'quantize' expects weights whose values are known "
                              "(compile with --weights), but those of '")
           << product->getName().stripDialect() << "' are not";
  const double inputScale = quantizationOf(x)->scales[0];
  std::string key = llvm::formatv("{0}\n{1}\n{2:e17}", weight.getSymName(),
                                  bias ? bias.getSymName() : "", inputScale);
  auto [entry, isNew] = known.try_emplace(key);
  if (!isNew)
    return entry->second;

  const ArrayRef<int64_t> shape = weight.getTensorType().getShape();
  const auto outputs = static_cast<size_t>(shape.back());
  const std::vector<double> numbers = numbersOf(*weight.getValue());
  const std::vector<double> offsets =
      bias ? numbersOf(*bias.getValue()) : std::vector<double>(outputs);
  const auto terms = static_cast<int64_t>(numbers.size() / outputs);
  const IntegerWeights integers =
      quantizeWeights(numbers, outputs, perTensor, smallestScales(offsets, inputScale, terms));
  RankedTensorType type = quantizedWeightType(product->getContext(), shape, integers.scales);
  entry->second.first = make(weight, "_int8", type, integers.integers);
  if (bias) {
    std::vector<double> steps;
    for (size_t output = 0; output < outputs; ++output)
      steps.push_back(std::nearbyint(offsets[output] / (inputScale * integers.scale(output))));
    entry->second.second =
        make(bias, "_int32", quantizedSumType(bias.getTensorType().getShape(), x, type), steps);
  }
  return entry->second;
}

VariableOp IntegerVariables::make(VariableOp like, StringRef suffix, RankedTensorType type,
                                  ArrayRef<double> integers) {
  OpBuilder builder(like);
  const std::string stem = (like.getSymName() + suffix).str();
  std::string name = stem;
  for (int turn = 2; symbols.lookup(name); ++turn)
    name = stem + "_" + std::to_string(turn);
  auto variable =
      VariableOp::create(builder, like.getLoc(), name, type, like.getKind(), like.getInit());
  variable.setValueAttr(valueOfNumbers(type, integers, name));
  symbols.insert(variable);
  return variable;
}

} // namespace weir
