//===- FormGroups.cpp - gather ops into kernels ----------------------------------------------===//
//
// Comes after simplify and differentiate, before plan-memory. Outlines each group of ops that share
// a loop nest (Grouping.h) into a `weir.kernel`. Reads are hoisted to the top and assignments sunk
// to the end of the function; in between stand kernels and views (Views.h) only.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "passes/GroupNames.h"
#include "passes/Grouping.h"
#include "passes/Passes.h"
#include "passes/Prologues.h"
#include "passes/Recompute.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"
#include "passes/Views.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FORMGROUPS
#include "passes/Passes.h.inc"

namespace {

/// Moves a group's ops into a new `weir.kernel` at `builder`'s place.
KernelOp outline(Group &group, OpBuilder &builder) {
  llvm::SetVector<Value> inputs;
  SmallVector<Value> outputs, outputsBehindLoops;
  SmallVector<Location> locations;
  for (Operation *op : group.ops) {
    locations.push_back(op->getLoc());
    for (Value operand : op->getOperands())
      if (!group.ops.contains(operand.getDefiningOp()) && !operand.getDefiningOp<FillOp>())
        inputs.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !group.ops.contains(user); }))
        (group.behindLoops.contains(op) ? outputsBehindLoops : outputs).push_back(result);
  }
  llvm::append_range(outputs, outputsBehindLoops); // results of the same loops stand together
  ValueRange outputRange(outputs);
  auto kernel = KernelOp::create(builder, builder.getFusedLoc(locations), outputRange.getTypes(),
                                 inputs.getArrayRef(),
                                 builder.getStringAttr(groupName(group.ops.getArrayRef())),
                                 StringAttr(), ArrayAttr(), ArrayAttr());
  Block &body = kernel.getBody().emplaceBlock();
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body.addArgument(input.getType(), input.getLoc()));
  for (Operation *op : group.ops) {
    for (Value operand : op->getOperands()) // each kernel has its own constants
      if (auto fill = operand.getDefiningOp<FillOp>(); fill && !mapping.contains(operand))
        inside.clone(*fill, mapping);
    Operation *copy = inside.clone(*op, mapping);
    copy->removeAttr(recomputedAttribute); // kernels are the same
    copy->removeAttr(stripChainAttribute);
    copy->removeAttr(prologueAttribute);
  }
  YieldOp::create(inside, kernel.getLoc(),
                  llvm::map_to_vector(outputs, [&](Value v) { return mapping.lookup(v); }));
  for (auto [output, result] : llvm::zip_equal(outputs, kernel.getResults()))
    output.replaceUsesWithIf(result,
                             [&](OpOperand &use) { return !group.ops.contains(use.getOwner()); });
  return kernel;
}

/// A kernel that copies `value`, at `builder`'s place.
Value copyOf(Value value, OpBuilder &builder) {
  auto kernel = KernelOp::create(builder, value.getLoc(), value.getType(), value,
                                 builder.getStringAttr(copyName(value.getType())), StringAttr(),
                                 ArrayAttr(), ArrayAttr());
  Block &body = kernel.getBody().emplaceBlock();
  Value argument = body.addArgument(value.getType(), value.getLoc());
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  YieldOp::create(inside, value.getLoc(), argument);
  return kernel.getResult(0);
}

/// Each view right behind what it is a view of, in program order.
void placeViews(ArrayRef<Operation *> program, const ViewChoice &views, Block &block) {
  llvm::DenseMap<Operation *, Operation *> lastBehind;
  Operation *lastAtBegin = nullptr;
  for (Operation *op : program) {
    if (!views.isView(op))
      continue;
    Operation *source = nullptr; // the last of them
    for (Value operand : op->getOperands())
      if (Operation *maker = operand.getDefiningOp();
          maker && (!source || source->isBeforeInBlock(maker)))
        source = maker;
    Operation *&last = source ? lastBehind[source] : lastAtBegin;
    if (Operation *before = last ? last : source)
      op->moveAfter(before);
    else
      op->moveBefore(&block, block.begin());
    last = op;
  }
}

/// What a concat holds and no kernel writes in place is copied to its place.
void copyToPlaces(const ViewChoice &views) {
  for (OpOperand *part : views.copied()) {
    OpBuilder builder(part->getOwner());
    part->set(copyOf(part->get(), builder));
  }
}

/// "_from128_into256": the pitches of the rows that a kernel reads and writes, in its name.
std::string pitchesOf(KernelOp kernel) {
  std::string text;
  const auto add = [&](ValueRange values, StringRef word) {
    llvm::SetVector<int64_t> pitches;
    for (Value value : values)
      if (const int64_t pitch = placeOf(value).pitch)
        pitches.insert(pitch);
    for (const int64_t pitch : pitches)
      text += "_" + word.str() + std::to_string(pitch);
  };
  add(kernel.getInputs(), "from");
  add(kernel.getResults(), "into");
  return text;
}

/// What a kernel's operands must be multiples of, in bytes: OpenCL has no addresses, but parts of
/// blocks.
int64_t alignmentOf(Block &block) {
  auto module = block.getParentOp()->getParentOfType<ModuleOp>();
  auto device = module->getAttrOfType<StringAttr>("weir.device");
  auto alignment = module->getAttrOfType<IntegerAttr>("weir.alignment");
  return device && device.getValue() == "opencl" && alignment ? alignment.getInt() : 1;
}

/// A value that is assigned or returned must be a kernel's own result (or a view of it) with this
/// one destination, written straight to it: what is an argument, a variable or goes to two places
/// is copied.
void copyToDestinations(Block &block) {
  Operation *end = block.getTerminator();
  llvm::DenseSet<Value> taken;
  auto needsCopy = [&](Value value, Operation *user) {
    value = behindViews(value);
    const bool isMade = value.getDefiningOp<KernelOp>();
    if (isMade && taken.insert(value).second)
      return false;
    tellMissed(user, remarks::memory,
               isMade ? "copied: its value goes to two places"
                      : "copied: no kernel computes it, it is passed on");
    return true;
  };
  // Assigned at the end, after the last reader of the variable.
  auto assigns = llvm::to_vector(block.getOps<AssignOp>());
  for (AssignOp assign : assigns)
    if (OpBuilder builder(assigns.front()); needsCopy(assign.getValue(), assign))
      assign.getValueMutable().assign(copyOf(assign.getValue(), builder));
  // Returned as soon as it is there: a variable's old value is written over later.
  OpBuilder builder(end);
  for (OpOperand &operand : end->getOpOperands())
    if (needsCopy(operand.get(), end)) {
      builder.setInsertionPointAfterValue(operand.get());
      operand.set(copyOf(operand.get(), builder));
    }
}

/// Reads are about to move in front of all assignments: whoever reads a variable after an
/// assignment gets the assigned value, and an assignment that another one follows disappears.
void forwardAssignments(Block &block) {
  llvm::StringMap<AssignOp> last;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto assign = dyn_cast<AssignOp>(op)) {
      AssignOp &previous = last[assign.getVariable()];
      if (previous)
        previous.erase();
      previous = assign;
    } else if (auto read = dyn_cast<ReadOp>(op); read && last.contains(read.getVariable())) {
      read.getValue().replaceAllUsesWith(last[read.getVariable()].getValue());
      read.erase();
    }
  }
}

struct FormGroups : impl::FormGroupsBase<FormGroups> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(group(function.getBody().front())))
        return signalPassFailure();
  }

  static LogicalResult group(Block &block) {
    for (auto minimize : block.getOps<MinimizeOp>())
      return minimize.emitError("'form-groups' expects IR that 'differentiate' has been run on");
    forwardAssignments(block);
    const ViewChoice views(block, alignmentOf(block));
    if (hasRemarks(block.getTerminator()))
      views.tell();
    FailureOr<std::vector<Group>> groups = chooseGroups(block, views);
    if (failed(groups))
      return failure();
    Operation *end = block.getTerminator();
    OpBuilder builder(end);
    auto original =
        llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; });
    llvm::DenseSet<Operation *> inside;
    for (Group &group : *groups) {
      inside.insert_range(group.ops);
      outline(group, builder);
    }
    // Reads first, then kernels, each view right behind its sources, assignments last.
    for (Operation *op : llvm::reverse(original))
      if (isa<ReadOp>(op))
        op->moveBefore(&block, block.begin());
    SmallVector<Operation *> outside(original);
    llvm::erase_if(outside, [&](Operation *op) { return inside.contains(op); });
    placeViews(outside, views, block);
    for (Operation *op : original)
      if (isa<AssignOp>(op))
        op->moveBefore(end);
    for (Operation *op : llvm::reverse(original))
      if (!isFree(op, views) || inside.contains(op))
        op->erase();
    copyToPlaces(views);
    copyToDestinations(block);
    for (auto kernel : block.getOps<KernelOp>())
      kernel.setName(kernel.getName().str() + pitchesOf(kernel));
    return success();
  }
};

} // namespace
} // namespace weir
