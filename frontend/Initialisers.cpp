// Looks downstream of each layer for what decides its initialiser. See Initialisers.h.
#include "frontend/Initialisers.h"

#include "llvm/ADT/SetVector.h"

namespace weir {

using llvm::StringRef;

llvm::ArrayRef<StringRef> initialisers() {
  static constexpr StringRef names[] = {"auto",           "zeros",          "ones",
                                        "he_normal",      "he_uniform",     "glorot_normal",
                                        "glorot_uniform", "lecun_normal",   "lecun_uniform",
                                        "orthogonal",     "pytorch_default"};
  return names;
}

namespace {

/// What the values of a layer run into, from the weakest claim to the strongest.
enum class Fate { Linear, Normalized, Saturated, Rectified };

/// What an op does to the values of the layer before it, or nothing where it lets them through.
std::optional<Fate> fateAt(mlir::Operation *op) {
  if (op->hasTrait<Rectifier>())
    return Fate::Rectified;
  if (mlir::isa<TanhOp, SigmoidOp, SoftmaxOp, LogSoftmaxOp, mlir::func::ReturnOp>(op))
    return Fate::Saturated; // what is returned are logits
  if (mlir::isa<BatchNormOp, BiasAddOp, DropoutOp, AddOp, SubOp, ConcatOp, SliceOp, PadOp,
                FlattenOp, ReshapeOp, TransposeOp, MaxPool2dOp, AvgPool2dOp, GlobalAvgPool2dOp,
                ReduceSumOp, ReduceMeanOp>(op))
    return std::nullopt;
  return Fate::Linear; // another layer with weights, or a product
}

Fate fateOf(mlir::Operation *layer) {
  // Each op once: `x + x` sixty times over has 2^60 paths.
  llvm::SetVector<mlir::Operation *> reached;
  Fate fate = Fate::Linear;
  reached.insert(layer);
  for (size_t i = 0; i < reached.size(); ++i)
    for (mlir::Operation *user : reached[i]->getUsers()) {
      if (std::optional<Fate> met = fateAt(user))
        fate = std::max(fate, *met);
      else
        reached.insert(user);
    }
  bool isNormalized = llvm::any_of(reached, [](auto *op) { return mlir::isa<BatchNormOp>(op); });
  return fate == Fate::Linear && isNormalized ? Fate::Normalized : fate;
}

} // namespace

void chooseInitialisers(mlir::func::FuncOp function, NetVariables &variables) {
  mlir::Builder builder(function.getContext());
  function.walk([&](ReadOp read) {
    VariableOp variable = variables.byPath.lookup(read.getVariable());
    mlir::NamedAttrList init(variable.getInit());
    if (init.get("kind") != builder.getStringAttr("auto"))
      return;
    Fate fate = fateOf(*read->getUsers().begin());
    bool isHe = fate == Fate::Rectified || fate == Fate::Normalized;
    init.set("kind", builder.getStringAttr(isHe ? "he_normal" : "glorot_uniform"));
    variable.setInitAttr(init.getDictionary(function.getContext()));
  });
}

} // namespace weir
