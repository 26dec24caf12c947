//===- Differentiate.cpp - the backward pass and the updates ---------------------------------===//
//
// Comes after simplify (fewer ops to differentiate) and before form-groups (which fuses gradients
// with the forward ops' epilogues and with the updates). The rules are the ops' own:
// DifferentiableOpInterface.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "ir/Signatures.h"
#include "passes/Passes.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "passes/Passes.h.inc"

namespace {

/// One function's reverse-mode walk: from a scalar loss to the variables it depends on.
class ReverseWalk {
public:
  ReverseWalk(MinimizeOp minimize, SymbolTable &symbols)
      : minimize(minimize), symbols(symbols), builder(minimize) {}

  /// Appends the backward ops before `minimize`. Afterwards `gradientOf` answers for every
  /// parameter read.
  LogicalResult run() {
    markActive();
    Value loss = minimize.getLoss();
    gradients[loss] =
        FillOp::create(builder, minimize.getLoc(), loss.getType(), builder.getF64FloatAttr(1.0));
    SmallVector<Operation *> active;
    for (Operation &op : *minimize->getBlock())
      if (activeOps.contains(&op))
        active.push_back(&op);
    for (Operation *op : llvm::reverse(active))
      if (failed(step(op)))
        return failure();
    return success();
  }

  Value gradientOf(Value value) const { return gradients.lookup(value); }

private:
  bool isParameter(Value value) {
    auto read = value.getDefiningOp<ReadOp>();
    return read && symbols.lookup<VariableOp>(read.getVariable()).isTrainable();
  }

  /// Active values lie on a path from a parameter to the loss; only they need gradients.
  void markActive() {
    for (Operation &op : *minimize->getBlock()) {
      const bool fromParameter = llvm::any_of(op.getOperands(), [&](Value v) { return active(v); });
      if (fromParameter && isa<ReferenceOpInterface>(op))
        activeOps.insert(&op);
    }
  }
  bool active(Value value) {
    return isParameter(value) ||
           (value.getDefiningOp() && activeOps.contains(value.getDefiningOp()));
  }

  LogicalResult step(Operation *op) {
    SmallVector<Value> results;
    for (Value result : op->getResults())
      results.push_back(gradients.lookup(result));
    if (llvm::none_of(results, [](Value v) { return bool(v); }))
      return success(); // the loss does not depend on it
    auto rule = dyn_cast<DifferentiableOpInterface>(op);
    if (!rule) {
      InFlightDiagnostic error = op->emitError()
                                 << "'" << op->getName().stripDialect() << "' has no gradient rule";
      error.attachNote(minimize.getLoc()) << "the loss that is minimized here depends on it";
      return error;
    }
    auto wanted = llvm::map_to_vector(op->getOperands(), [&](Value v) { return active(v); });
    SmallVector<Value> operands = rule.buildGradient(builder, results, wanted);
    for (auto [operand, gradient, isWanted] : llvm::zip_equal(op->getOperands(), operands, wanted))
      if (isWanted && gradient)
        accumulate(operand, gradient);
    return success();
  }

  void accumulate(Value value, Value gradient) {
    Value &sum = gradients[value];
    sum = sum ? Value(AddOp::create(builder, gradient.getLoc(), sum.getType(), sum, gradient))
              : gradient;
  }

  MinimizeOp minimize;
  SymbolTable &symbols;
  OpBuilder builder;
  llvm::DenseSet<Operation *> activeOps;
  llvm::DenseMap<Value, Value> gradients;
};

/// Appends `weir.<optimizer>` for one parameter, with its state in variables beside the parameter.
class Updater {
public:
  Updater(MinimizeOp minimize, SymbolTable &symbols)
      : minimize(minimize), symbols(symbols), builder(minimize),
        signature(*findSignature(minimize.getOptimizer())) {}

  LogicalResult update(VariableOp parameter, Value weight, Value gradient) {
    SmallVector<Value> operands;
    SmallVector<StringRef> targets; // the variables that the op's results go to
    auto runtime = minimize.getRuntime().begin();
    for (const Argument &argument : signature.arguments) {
      switch (argument.kind) {
      case ArgumentKind::Weight:
        operands.push_back(weight);
        targets.push_back(parameter.getSymName());
        break;
      case ArgumentKind::Gradient:
        operands.push_back(gradient);
        break;
      case ArgumentKind::Runtime:
        operands.push_back(*runtime++);
        break;
      case ArgumentKind::Counter:
        operands.push_back(minimize.getCounter());
        break;
      case ArgumentKind::State:
      case ArgumentKind::ScalarState: {
        VariableOp state = makeState(parameter, argument);
        operands.push_back(
            ReadOp::create(builder, parameter.getLoc(), state.getType(), state.getSymName()));
        targets.push_back(state.getSymName());
        break;
      }
      default: // attributes
        break;
      }
    }
    Operation *op = buildOp(
        builder, FusedLoc::get(builder.getContext(), {minimize.getLoc(), parameter.getLoc()}),
        signature.name, operands, llvm::to_vector(minimize.getOptions()));
    if (!op)
      return failure();
    for (auto [target, value] : llvm::zip_equal(targets, op->getResults()))
      AssignOp::create(builder, parameter.getLoc(), target, value);
    return success();
  }

private:
  VariableOp makeState(VariableOp parameter, const Argument &argument) {
    OpBuilder moduleBuilder(parameter->getContext());
    moduleBuilder.setInsertionPointToEnd(parameter->getBlock());
    double initial = 0;
    [[maybe_unused]] bool malformed = argument.defaultValue.getAsDouble(initial);
    assert(!malformed && "ODS gives the state's initial value as a number");
    Type type = argument.kind == ArgumentKind::ScalarState ? f32Tensor(builder.getContext(), {})
                                                           : Type(parameter.getTensorType());
    DictionaryAttr init = builder.getDictionaryAttr(
        {builder.getNamedAttr("kind", builder.getStringAttr("constant")),
         builder.getNamedAttr("value", builder.getF64FloatAttr(initial))});
    std::string name = (parameter.getSymName() + "." + signature.name + "." + argument.name).str();
    auto state =
        VariableOp::create(moduleBuilder, parameter.getLoc(), name, type, "optimizer", init);
    symbols.insert(state); // renames it where two training functions make the same state
    return state;
  }

  MinimizeOp minimize;
  SymbolTable &symbols;
  OpBuilder builder;
  const Signature &signature;
};

/// A parameter that the loss depends on, its value and its gradient.
struct Trained {
  VariableOp parameter;
  Value weight, gradient;
};

/// `clip_value` cuts each number off, `clip_norm` then shortens all gradients together.
void clipGradients(MinimizeOp minimize, MutableArrayRef<Trained> all) {
  OpBuilder builder(minimize);
  const Location location = minimize.getLoc();
  if (auto limit = minimize->getAttrOfType<FloatAttr>("weir.clip_value"))
    for (Trained &trained : all)
      trained.gradient = ClampOp::create(builder, location, trained.gradient, limit);
  auto limit = minimize->getAttrOfType<FloatAttr>("weir.clip_norm");
  if (!limit || all.empty())
    return;
  Value sum;
  for (Trained &trained : all) {
    Value square = SumOfSquaresOp::create(builder, location, trained.gradient);
    sum = sum ? Value(AddOp::create(builder, location, sum, square)) : square;
  }
  Value factor = ClipFactorOp::create(builder, location, sum, limit);
  for (Trained &trained : all)
    trained.gradient = ScaleByOp::create(builder, location, trained.gradient, factor);
}

struct Differentiate : impl::DifferentiateBase<Differentiate> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (auto minimize : llvm::make_early_inc_range(function.getOps<MinimizeOp>()))
        if (failed(differentiate(minimize, symbols)))
          return signalPassFailure();
  }

  LogicalResult differentiate(MinimizeOp minimize, SymbolTable &symbols) {
    ReverseWalk walk(minimize, symbols);
    if (failed(walk.run()))
      return failure();
    // In the order of the variables: a parameter read in several places has one read after
    // CSE, but sum over all reads all the same.
    SmallVector<Trained> all;
    for (auto parameter : getOperation().getOps<VariableOp>()) {
      if (!parameter.isTrainable())
        continue;
      Trained trained{parameter, {}, {}};
      for (auto read : minimize->getBlock()->getOps<ReadOp>()) {
        Value part = read.getVariable() == parameter.getSymName() ? walk.gradientOf(read) : Value();
        if (!part)
          continue;
        trained.weight = read;
        OpBuilder builder(minimize);
        trained.gradient = trained.gradient
                               ? Value(AddOp::create(builder, part.getLoc(), part.getType(),
                                                     trained.gradient, part))
                               : part;
      }
      if (trained.weight)
        all.push_back(trained);
    }
    clipGradients(minimize, all);
    Updater updater(minimize, symbols);
    for (const Trained &trained : all)
      if (failed(updater.update(trained.parameter, trained.weight, trained.gradient)))
        return failure();
    minimize.erase();
    return success();
  }
};

} // namespace
} // namespace weir
