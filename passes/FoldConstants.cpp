//===- FoldConstants.cpp - see FoldConstants.h -----------------------------------------------===//
//
// Part of simplify. Walks forwards, so that what was folded is an operand for what comes later.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/FoldConstants.h"

#include "ir/Values.h"
#include "passes/Remarks.h"
#include "passes/UnusedVariables.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <cstring>

using namespace mlir;
using weir::reference::Tensor;

namespace weir {
namespace {

class Folding {
public:
  explicit Folding(ModuleOp module)
      : module(module), symbols(module), isFixed(hasFixedVariables(module)) {}

  void run() {
    for (auto function : module.getOps<func::FuncOp>())
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
        fold(op);
    if (!known.empty())
      eraseUnusedVariables(module);
  }

private:
  void fold(Operation &op) {
    auto pure = dyn_cast<ReferenceOpInterface>(op);
    if (!pure || !isMemoryEffectFree(&op) || op.getNumOperands() == 0 || op.getNumResults() != 1 ||
        !llvm::all_of(op.getOperands(), [&](Value operand) { return isConstant(operand); }))
      return;
    std::vector<Tensor> operands, results = {Tensor(op.getResult(0).getType())};
    for (Value operand : op.getOperands())
      operands.push_back(valueOf(operand));
    pure.evaluate(operands, results);
    OpBuilder builder(&op);
    Value constant = repeated(op, results[0], builder);
    if (!constant)
      constant = stored(op, results[0], builder);
    if (!constant)
      return;
    tellDone(&op, remarks::fold, nameIn(&op) + " of constants is computed by the compiler");
    op.getResult(0).replaceAllUsesWith(constant);
    op.erase();
  }

  VariableOp variableBehind(Value value) {
    auto read = value.getDefiningOp<ReadOp>();
    return read ? symbols.lookup<VariableOp>(read.getVariable()) : VariableOp();
  }

  bool isConstant(Value value) {
    if (value.getDefiningOp<FillOp>())
      return true;
    VariableOp variable = isFixed ? variableBehind(value) : VariableOp();
    return variable && variable.getValue() && hasReadableValues(*variable.getValue());
  }

  Tensor valueOf(Value value) {
    Tensor tensor(value.getType());
    if (auto fill = value.getDefiningOp<FillOp>())
      llvm::fill(tensor.values, fill.getValue().convertToDouble());
    else
      tensor.values = numbersOf(*variableBehind(value).getValue());
    return tensor;
  }

  /// A `fill`, where all values are the same bits.
  static Value repeated(Operation &op, const Tensor &result, OpBuilder &builder) {
    const Type type = op.getResult(0).getType();
    const double first = result.values.empty() ? 0 : result[0];
    if (!getElementTypeOrSelf(type).isF32() || !llvm::all_of(result.values, [&](double value) {
          return std::memcmp(&value, &first, sizeof value) == 0;
        }))
      return nullptr;
    return FillOp::create(builder, op.getLoc(), type, builder.getF64FloatAttr(first));
  }

  /// A read of a variable that carries the value.
  Value stored(Operation &op, const Tensor &result, OpBuilder &builder) {
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    VariableOp like;
    int64_t bytes = 0;
    for (Value operand : op.getOperands())
      if (VariableOp variable = variableBehind(operand)) {
        like = like ? like : variable;
        bytes += byteSize(operand.getType());
      }
    if (!like || byteSize(type) > bytes || storageOf(type).kind == Storage::Kind::Unsigned)
      return nullptr;
    VariableOp &variable = known[keyOf(op)]; // the same for every function
    if (!variable) {
      const std::string name = freeName(like.getSymName());
      ElementsAttr value = valueOfNumbers(type, result.values, name);
      if (numbersOf(value) != result.values) { // rounding would show
        known.erase(keyOf(op));
        return nullptr;
      }
      OpBuilder before(like);
      variable =
          VariableOp::create(before, like.getLoc(), name, type, like.getKind(), like.getInit());
      variable.setValueAttr(value);
      symbols.insert(variable);
    }
    return ReadOp::create(builder, op.getLoc(), type, variable.getSymName());
  }

  std::string freeName(StringRef name) {
    name.consume_back("_folded");
    std::string unique = (name + "_folded").str();
    for (int turn = 2; symbols.lookup(unique); ++turn)
      unique = (name + "_folded" + Twine(turn)).str();
    return unique;
  }

  /// The op with its constants.
  std::string keyOf(Operation &op) {
    std::string key;
    llvm::raw_string_ostream stream(key);
    stream << op.getName() << op.getAttrDictionary() << op.getResult(0).getType();
    for (Value operand : op.getOperands())
      if (auto fill = operand.getDefiningOp<FillOp>())
        stream << ' ' << fill.getValueAttr() << fill.getType();
      else
        stream << " @" << variableBehind(operand).getSymName();
    return key;
  }

  ModuleOp module;
  SymbolTable symbols;
  bool isFixed;
  std::map<std::string, VariableOp> known;
};

} // namespace

void foldConstants(ModuleOp module) { Folding(module).run(); }

} // namespace weir
