//===- PlanMemory.cpp - a place for every value between kernels ------------------------------===//
//
// Comes after form-groups, which has fixed the kernels' order; before lower-to-llvm, which turns
// places into pointers. The packing itself is ArenaPlan; here values become buffers with lifetimes.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "ir/Values.h"
#include "passes/ArenaPlan.h"
#include "passes/MemoryMap.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/Views.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Passes.h.inc"

namespace {

/// Plans one function: each value's storage, then the attributes on its kernels.
class FunctionPlan {
public:
  FunctionPlan(func::FuncOp function, const SymbolTable &symbols, int64_t alignment)
      : function(function), block(function.getBody().front()), symbols(symbols),
        builder(function.getContext()), arena(alignment) {}

  LogicalResult run() {
    int64_t step = 0;
    const ViewChoice views(block, /*alignment=*/1);
    for (Operation &op : block) {
      stepOf[&op] = step++;
      if (failed(checkGrouped(op, views)))
        return failure();
    }
    findLastUses();
    for (auto [index, argument] : llvm::enumerate(block.getArguments()))
      storage[argument] = place("argument", index);
    for (auto read : block.getOps<ReadOp>())
      storage[read] = variablePlace(read.getVariable());
    for (auto kernel : block.getOps<KernelOp>())
      for (Value result : kernel.getResults())
        if (failed(placeResult(kernel, result)))
          return failure();
    arena.plan();
    for (auto [whole, buffer] : temporaries)
      storage[whole] = place("arena", arena.offset(buffer));
    for (auto kernel : block.getOps<KernelOp>()) {
      kernel.setInputStorageAttr(storageOf(kernel.getInputs()));
      kernel.setOutputStorageAttr(storageOf(kernel.getResults()));
    }
    function->setAttr("weir.arena_bytes", builder.getI64IntegerAttr(arena.size()));
    function->setAttr("weir.arena_bound", builder.getI64IntegerAttr(arena.lowerBound()));
    return success();
  }

private:
  StorageAttr place(StringRef space, int64_t offset) {
    return StorageAttr::get(function.getContext(), space, offset);
  }
  StorageAttr variablePlace(StringRef name) {
    auto variable = symbols.lookup<VariableOp>(name);
    return place("variables", *variable.getOffset());
  }

  /// Work stands in kernels, and what is assigned or returned is a kernel's own result with no
  /// other destination, and so is what lies in a concat: form-groups sees to it.
  LogicalResult checkGrouped(Operation &op, const ViewChoice &views) {
    if (isa<AssignOp, func::ReturnOp>(op)) {
      for (Value value : op.getOperands())
        if (value = behindViews(value);
            !value.getDefiningOp<KernelOp>() || !written.insert(value).second)
          return op.emitOpError("expects kernel results of its own; run 'form-groups' first");
      return success();
    }
    const bool isCopied = llvm::any_of(
        views.copied(), [&](OpOperand *operand) { return operand->getOwner() == &op; });
    if ((!isa<ReadOp, KernelOp>(op) && !views.isView(&op)) || isCopied)
      return op.emitOpError("expects to stand in a kernel; run 'form-groups' first");
    return success();
  }

  /// A kernel's result goes straight to where it ends: the function's result, a variable, else the
  /// arena, where what lies in a concat shares its buffer.
  LogicalResult placeResult(KernelOp kernel, Value result) {
    if (OpOperand *end = destination(result)) {
      if (isa<func::ReturnOp>(end->getOwner())) {
        storage[result] = place("result", end->getOperandNumber());
        return success();
      }
      auto assign = cast<AssignOp>(end->getOwner());
      storage[result] = variablePlace(assign.getVariable());
      if (failed(checkInPlace(kernel, assign)))
        return failure();
      tellDone(kernel, remarks::memory, "writes '" + assign.getVariable() + "' in place");
      return success();
    }
    const Value whole = placeOf(result).whole;
    if (auto [known, isNew] = temporaries.try_emplace(whole); isNew)
      known->second = arena.add(byteSize(whole.getType()), stepOf[kernel], lastUse.at(whole));
    return success();
  }

  /// The return or assignment that `value` goes to, through views; null where there is none.
  static OpOperand *destination(Value value) {
    for (OpOperand &use : value.getUses()) {
      if (isa<func::ReturnOp, AssignOp>(use.getOwner()))
        return &use;
      if (auto view = dyn_cast<ViewOp>(use.getOwner()))
        if (OpOperand *end = destination(view.getResult()))
          return end;
    }
    return nullptr;
  }

  /// Writing over a variable is sound where no kernel after this one reads the old value, and this
  /// one reads it only at the place that it writes.
  LogicalResult checkInPlace(KernelOp kernel, AssignOp assign) {
    for (auto read : block.getOps<ReadOp>()) {
      if (read.getVariable() != assign.getVariable())
        continue;
      if (lastUse.lookup(read.getValue()) > stepOf[kernel])
        return kernel.emitOpError("expects to be the last reader of '")
               << assign.getVariable() << "', whose new value it writes in place";
      for (auto [input, argument] :
           llvm::zip_equal(kernel.getInputs(), kernel.getBody().getArguments()))
        if (placeOf(input).whole == read.getValue() &&
            (behindViews(input) != read.getValue() || !isReadInPlace(argument)))
          return kernel.emitOpError("expects to read '")
                 << assign.getVariable()
                 << "' value by value, because it writes the new ones in place";
    }
    return success();
  }

  static bool isReadInPlace(BlockArgument argument) {
    return llvm::all_of(argument.getUsers(), [&](Operation *user) {
      return isa<YieldOp>(user) || isOptimizer(user) ||
             (user->hasTrait<Pointwise>() && user->getResult(0).getType() == argument.getType());
    });
  }

  /// Steps of the last kernels that write or read each whole value.
  void findLastUses() {
    for (auto kernel : block.getOps<KernelOp>()) {
      for (Value input : kernel.getInputs())
        lastUse[placeOf(input).whole] = stepOf[kernel];
      for (Value result : kernel.getResults())
        lastUse[placeOf(result).whole] = stepOf[kernel];
    }
  }

  ArrayAttr storageOf(ValueRange values) {
    SmallVector<Attribute> places;
    for (Value value : values) {
      const Place own = placeOf(value);
      const StorageAttr whole = storage.at(own.whole);
      const int64_t bytes = own.offset * weir::storageOf(value.getType()).bits / 8;
      places.push_back(StorageAttr::get(function.getContext(), whole.getSpace(),
                                        whole.getOffset() + bytes, own.pitch));
    }
    return builder.getArrayAttr(places);
  }

  func::FuncOp function;
  Block &block;
  const SymbolTable &symbols;
  Builder builder;
  ArenaPlan arena;
  llvm::DenseMap<Operation *, int64_t> stepOf;
  llvm::DenseMap<Value, StorageAttr> storage;
  llvm::MapVector<Value, size_t> temporaries; ///< buffers of whole values
  llvm::DenseMap<Value, int64_t> lastUse;
  llvm::DenseSet<Value> written;
};

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder(&getContext());
    auto given = module->getAttrOfType<IntegerAttr>("weir.alignment");
    const int64_t alignment = given ? given.getInt() : ArenaPlan::cpuAlignment;
    int64_t bytes = 0;
    for (auto variable : module.getOps<VariableOp>()) {
      variable.setOffset(bytes);
      bytes += ArenaPlan::aligned(byteSize(variable.getType()), alignment);
    }
    module->setAttr("weir.variables_bytes", builder.getI64IntegerAttr(bytes));
    SymbolTable symbols(module);
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(FunctionPlan(function, symbols, alignment).run()))
        return signalPassFailure();
  }
};

} // namespace
} // namespace weir
