//===- PackWeights.cpp - 8-bit weights as dot-product instructions take them -----------------===//
//
// Comes after lower-convolutions, which makes products of convolutions, and before sink-views and
// form-groups, which see the product as they see dense. Only where the weights' values are known:
// they are laid out anew once, here, and the zero point of the other operand is taken off the bias,
// so that a kernel has nothing left to do but multiply.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/UnusedVariables.h"
#include "passes/Views.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "passes/Passes.h.inc"

namespace {

/// Units are padded to whole vectors of the widest instruction set, 16 sums.
constexpr int64_t widestVector = 16;

class Packing {
public:
  Packing(ModuleOp module, int64_t group) : symbols(module), group(group) {}

  void run(func::FuncOp function) {
    for (auto dense : llvm::make_early_inc_range(function.getOps<DenseOp>()))
      if (isQuantized(dense.getX().getType()))
        if (std::string reason = pack(dense); !reason.empty())
          tellMissed(dense, remarks::layout, "'dense' is not packed: " + reason);
  }

private:
  /// The variable with a known value behind views of a read, or null.
  VariableOp source(Value value) {
    auto read = behindViews(value).getDefiningOp<ReadOp>();
    auto variable = read ? symbols.lookup<VariableOp>(read.getVariable()) : VariableOp();
    return variable && variable.getValue() && hasReadableValues(*variable.getValue())
               ? variable
               : VariableOp();
  }

  std::string pack(DenseOp dense) {
    if (cast<RankedTensorType>(dense.getX().getType()).getRank() != 2)
      return "expects a matrix, but got " +
             std::to_string(cast<RankedTensorType>(dense.getX().getType()).getRank()) +
             " dimensions";
    VariableOp weight = source(dense.getWeight()),
               bias = dense.getBias() ? source(dense.getBias()) : VariableOp();
    if (!weight || (dense.getBias() && !bias))
      return "its weights are no known values";
    const int64_t zeroPoint = quantizationOf(dense.getX().getType())->zeroPoint;
    auto &[packed, sums] =
        known[weight.getSymName().str() + "\n" + (bias ? bias.getSymName().str() : "") + "\n" +
              std::to_string(zeroPoint)];
    if (!packed)
      std::tie(packed, sums) = makeVariables(dense, weight, bias, zeroPoint);
    tellDone(dense, remarks::layout,
             "its 8-bit weights are packed in groups of " + Twine(group) +
                 ", one instruction's products");
    OpBuilder builder(dense);
    const auto read = [&](VariableOp variable) -> Value {
      return ReadOp::create(builder, dense.getLoc(), variable.getType(), variable.getSymName());
    };
    Value y = PackedDenseOp::create(builder, dense.getLoc(), dense.getType(), dense.getX(),
                                    read(packed), read(sums));
    dense.getResult().replaceAllUsesWith(y);
    dense.erase();
    return "";
  }

  std::pair<VariableOp, VariableOp> makeVariables(DenseOp dense, VariableOp weight, VariableOp bias,
                                                  int64_t zeroPoint) {
    auto matrix = cast<RankedTensorType>(dense.getWeight().getType());
    const int64_t depth = matrix.getDimSize(0), units = matrix.getDimSize(1);
    const int64_t groups = llvm::divideCeil(depth, group),
                  padded = llvm::alignTo(units, widestVector);
    const std::vector<double> from = numbersOf(*weight.getValue());
    std::vector<double> to(groups * padded * group), sums(padded);
    if (bias)
      llvm::copy(numbersOf(*bias.getValue()), sums.begin());
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < units; ++j) {
        const double value = from[k * units + j];
        to[(k / group * padded + j) * group + k % group] = value;
        sums[j] -= static_cast<double>(zeroPoint) * value;
      }
    Builder builder(dense.getContext());
    const auto typeOf = [&](ArrayRef<int64_t> shape, unsigned bits) {
      return RankedTensorType::get(shape, builder.getIntegerType(bits));
    };
    const std::string name = weight.getSymName().str();
    return {makeVariable(weight, name + "_packed", typeOf({groups, padded, group}, 8), to),
            makeVariable(weight, name + "_sums", typeOf({padded}, 32), sums)};
  }

  VariableOp makeVariable(VariableOp like, const std::string &name, RankedTensorType type,
                          ArrayRef<double> values) {
    OpBuilder builder(like);
    std::string unique = name;
    for (int turn = 2; symbols.lookup(unique); ++turn)
      unique = name + std::to_string(turn);
    auto variable =
        VariableOp::create(builder, like.getLoc(), unique, type, like.getKind(), like.getInit());
    variable.setValueAttr(valueOfNumbers(type, values, unique));
    symbols.insert(variable);
    return variable;
  }

  SymbolTable symbols;
  const int64_t group;
  /// By weight, bias and zero point: the same for every function that reads them.
  std::map<std::string, std::pair<VariableOp, VariableOp>> known;
};

struct PackWeights : impl::PackWeightsBase<PackWeights> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!hasFixedVariables(module))
      return;
    auto terms = module->getAttrOfType<IntegerAttr>("weir.dot_terms");
    Packing packing(module, terms ? terms.getInt() : 4);
    for (auto function : module.getOps<func::FuncOp>())
      packing.run(function);
    eraseUnusedVariables(module);
  }
};

} // namespace
} // namespace weir
