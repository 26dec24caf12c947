//===- EqualizeLayers.cpp - channels of like size in the weights on both sides ---------------===//
//
// Comes after fold-batch-norm and before calibration: it changes what the values between layers
// are. Cross-layer equalisation of Nagel et al. 2019, "Data-Free Quantization Through Weight
// Equalization and Bias Correction", section 4.1: between two products that only relu and what
// works channel by channel stand, a channel may be divided by a positive number in the first and
// multiplied by it in the second. The numbers are powers of two, so that no weight is rounded.
//
//===-----------------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/QuantizePlan.h"
#include "passes/QuantizeWeights.h"
#include "passes/WeightChannels.h"

#include "llvm/ADT/MapVector.h"
#include <cmath>
#include <map>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_EQUALIZELAYERS
#include "passes/Passes.h.inc"

namespace {

/// Two products with nothing between them that a factor for each channel does not pass through.
struct Pair {
  Operation *first, *second;
  SmallVector<Relu6Op> activations; ///< that have never cut anything off
};

/// Factors of channels pass through unchanged: f(s x) = s f(x) for s > 0.
bool isHomogeneous(Operation *op) {
  return isa<ReluOp, LeakyReluOp, ViewOp, FlattenOp, MaxPool2dOp, AvgPool2dOp, GlobalAvgPool2dOp>(
      op);
}

/// True for a relu6 of values that calibration has not seen above 6: it is a relu.
bool isRelu(Relu6Op op) {
  const std::optional<RealRange> range = rangeOf(op.getX());
  return range && range->high <= 6;
}

/// The pair that begins with `first`; nothing where there is none.
std::optional<Pair> pairOf(Operation *first) {
  Pair pair{first, nullptr, {}};
  Value value = first->getResult(0);
  const int64_t channels = cast<RankedTensorType>(value.getType()).getShape().back();
  while (value.hasOneUse()) {
    Operation *user = *value.getUsers().begin();
    if (isProduct(user)) {
      const auto features = cast<RankedTensorType>(value.getType()).getShape().back();
      if (user->getOperand(0) != value || features % channels != 0)
        return std::nullopt;
      pair.second = user;
      return pair;
    }
    if (auto activation = dyn_cast<Relu6Op>(user); activation && isRelu(activation))
      pair.activations.push_back(activation);
    else if (!isHomogeneous(user))
      return std::nullopt;
    value = user->getResult(0);
  }
  return std::nullopt;
}

/// Numbers of the variables that are being equalised.
class Equalization {
public:
  explicit Equalization(ModuleOp module) : symbols(module) {}

  /// One function's pairs; those of the next must be the same.
  void collect(func::FuncOp function) {
    llvm::MapVector<std::pair<VariableOp, VariableOp>, Pair> found;
    llvm::DenseMap<VariableOp, int> uses;
    for (auto read : function.getOps<ReadOp>())
      uses[symbols.lookup<VariableOp>(read.getVariable())] +=
          static_cast<int>(llvm::range_size(read->getUses()));
    for (Operation &op : function.getBody().front()) {
      std::optional<Pair> pair = isProduct(&op) ? pairOf(&op) : std::nullopt;
      if (!pair)
        continue;
      bool known = true; // and read by nobody else
      for (Operation *product : {pair->first, pair->second})
        for (Value operand : llvm::drop_begin(product->getOperands())) {
          VariableOp variable = knownVariable(operand, symbols);
          known &= variable && uses[variable] == 1;
        }
      if (known)
        found[{weightOf(pair->first), weightOf(pair->second)}] = *pair;
    }
    if (isFirst)
      all.assign(found.begin(), found.end());
    else
      llvm::erase_if(all, [&](auto &entry) { return !found.contains(entry.first); });
    for (auto &[key, pair] : found)
      for (Relu6Op activation : pair.activations)
        activations[key].push_back(activation);
    isFirst = false;
  }

  void run() {
    constexpr int mostSweeps = 50;
    for (int sweep = 0; sweep < mostSweeps; ++sweep) {
      double change = 0;
      for (auto &[key, pair] : all)
        change = std::max(change, equalize(pair));
      if (change == 0)
        break;
    }
    for (auto &[name, entry] : numbers)
      entry.first.setValueAttr(valueOfNumbers(entry.first.getTensorType(), entry.second, name));
    for (auto &[key, pair] : all)
      for (Relu6Op activation : activations[key]) {
        OpBuilder builder(activation);
        auto relu = ReluOp::create(builder, activation.getLoc(), activation.getX());
        relu->setDiscardableAttrs(activation->getDiscardableAttrDictionary());
        activation.replaceAllUsesWith(relu.getResult());
        activation.erase();
      }
  }

private:
  using Key = std::pair<VariableOp, VariableOp>;

  VariableOp weightOf(Operation *product) { return knownVariable(product->getOperand(1), symbols); }
  std::vector<double> &numbersAt(VariableOp variable) {
    auto [entry, isNew] = numbers.try_emplace(variable.getSymName().str());
    if (isNew)
      entry->second = {variable, numbersOf(*variable.getValue())};
    return entry->second.second;
  }

  /// One pair; the largest deviation of a factor from 1.
  double equalize(const Pair &pair) {
    std::vector<double> &one = numbersAt(weightOf(pair.first)),
                        &other = numbersAt(weightOf(pair.second));
    const int64_t channels =
        cast<RankedTensorType>(pair.first->getResult(0).getType()).getShape().back();
    const WeightChannels before(pair.first, 0), behind(pair.second, inputChannels(pair, channels));
    std::vector<double> largestBefore(channels), largestBehind(channels);
    auto channelBehind = [&](size_t i) { return behind.input(static_cast<int64_t>(i)) % channels; };
    for (auto [i, number] : llvm::enumerate(one)) {
      double &largest = largestBefore[before.output(static_cast<int64_t>(i))];
      largest = std::max(largest, std::abs(number));
    }
    for (auto [i, number] : llvm::enumerate(other)) {
      double &largest = largestBehind[channelBehind(i)];
      largest = std::max(largest, std::abs(number));
    }
    double change = 0;
    std::vector<double> factors(channels, 1);
    for (int64_t c = 0; c < channels; ++c) {
      if (largestBefore[c] > 0 && largestBehind[c] > 0) // a half goes to even: to no change
        factors[c] = std::exp2(std::nearbyint(std::log2(largestBefore[c] / largestBehind[c]) / 2));
      change = std::max(change, std::abs(std::log(factors[c])));
    }
    for (auto [i, number] : llvm::enumerate(one))
      number /= factors[before.output(static_cast<int64_t>(i))];
    for (auto [i, number] : llvm::enumerate(other))
      number *= factors[channelBehind(i)];
    if (pair.first->getNumOperands() > 2)
      for (auto [c, number] :
           llvm::enumerate(numbersAt(knownVariable(pair.first->getOperand(2), symbols))))
        number /= factors[c];
    return change;
  }

  /// Of what the second product reads: a dense layer's features may be those of many positions.
  static int64_t inputChannels(const Pair &pair, int64_t channels) {
    return isa<DenseOp>(pair.second)
               ? channels
               : cast<RankedTensorType>(pair.second->getOperand(0).getType()).getShape().back();
  }

  SymbolTable symbols;
  bool isFirst = true;
  std::vector<std::pair<Key, Pair>> all;
  llvm::DenseMap<Key, SmallVector<Relu6Op>> activations;                     ///< of all functions
  std::map<std::string, std::pair<VariableOp, std::vector<double>>> numbers; ///< by name
};

struct EqualizeLayers : impl::EqualizeLayersBase<EqualizeLayers> {
  void runOnOperation() override {
    // Ranges that training has learned would no longer be those of the values.
    if (!hasFixedVariables(getOperation()) || getOperation()->hasAttr("weir.learned_ranges"))
      return;
    Equalization equalization(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      equalization.collect(function);
    equalization.run();
  }
};

} // namespace
} // namespace weir
