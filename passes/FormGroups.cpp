//===- FormGroups.cpp - gather ops into kernels ----------------------------------------------===//
//
// Comes after simplify and differentiate, before plan-memory. Decides which ops share a loop nest,
// orders the groups, and outlines each into a `weir.kernel`. Reads are hoisted to the top and
// assignments sunk to the end of the function; in between stand kernels and views (Views.h) only.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "passes/GroupNames.h"
#include "passes/Passes.h"
#include "passes/Recompute.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"
#include "passes/Views.h"
#include "passes/WindowFusion.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include <list>
#include <map>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FORMGROUPS
#include "passes/Passes.h.inc"

namespace {

/// Ops that stay outside kernels: they move no data.
bool isFree(Operation *op, const ViewChoice &views) {
  return isa<ReadOp, AssignOp, func::ReturnOp>(op) || views.isView(op);
}

/// A constant that something outside kernels wants needs a kernel to write it; others are repeated
/// in each kernel.
bool isLoneFill(Operation *op, const ViewChoice &views) {
  return isa<FillOp>(op) &&
         llvm::any_of(op->getUsers(), [&](Operation *user) { return isFree(user, views); });
}

/// What (re)quantize makes has other elements than what it is made of, in the same loops.
bool haveSameShape(Value a, Value b) {
  return cast<RankedTensorType>(a.getType()).getShape() ==
         cast<RankedTensorType>(b.getType()).getShape();
}

/// A set of ops that becomes one kernel; ops in program order.
struct Group {
  llvm::SetVector<Operation *> ops;
};

/// The groups of one function, and the order they are to stand in.
class Grouping {
public:
  Grouping(Block &block, const ViewChoice &views) : block(block), views(views) {
    for (Operation &op : block)
      position[&op] = position.size();
    for (Operation &op : block) {
      if (isFree(&op, views) || (isa<FillOp>(op) && !isLoneFill(&op, views)) ||
          areReadByProduct(op))
        continue;
      auto chain = op.getAttrOfType<IntegerAttr>(stripChainAttribute);
      Group *home = chain ? strips.lookup(chain.getInt()) : choose(op);
      if (!home)
        home = &groups.emplace_back();
      if (chain)
        strips[chain.getInt()] = home;
      if (PatchesOp windows = windowsOf(&op))
        for (Operation *inside : {windows.getOperation(), *windows->user_begin()}) {
          home->ops.insert(inside);
          groupOf[inside] = home;
        }
      home->ops.insert(&op);
      groupOf[&op] = home;
    }
  }

  /// Whether `op` stands in a kernel, as all do but those that move no data; a view does where it
  /// stands between windows and their product.
  bool isInside(Operation *op) const { return groupOf.contains(op); }

  /// Groups in a valid order: what a group needs comes before it, and whoever reads a variable
  /// comes before the group that writes it. Among those that may come next, the one whose first op
  /// stands first in the program.
  /// Fails where there is none: the new value of a variable can be needed before its old one has
  /// been read.
  FailureOr<std::vector<Group *>> ordered() {
    std::map<size_t, Group *> ready;
    llvm::DenseMap<Group *, llvm::SetVector<Group *>> after;
    llvm::DenseMap<Group *, size_t> waiting;
    for (Group &group : groups) {
      llvm::SetVector<Group *> before = predecessors(group);
      waiting[&group] = before.size();
      for (Group *earlier : before)
        after[earlier].insert(&group);
      if (before.empty())
        ready[first(group)] = &group;
    }
    std::vector<Group *> order;
    while (!ready.empty()) {
      Group *next = ready.begin()->second;
      ready.erase(ready.begin());
      order.push_back(next);
      for (Group *later : after[next])
        if (--waiting[later] == 0)
          ready[first(*later)] = later;
    }
    for (Group &group : groups)
      if (waiting[&group] > 0)
        return group.ops.front()->emitError(
            "'form-groups' expects a variable's old value to be read before its new one is needed");
    return order;
  }

private:
  size_t first(const Group &group) { return position.lookup(group.ops.front()); }

  /// Calls `visit` with the ops behind `value`, through views.
  void forEachSource(Value value, llvm::function_ref<void(Operation *)> visit) const {
    Operation *op = value.getDefiningOp();
    if (op && views.isView(op))
      for (Value operand : op->getOperands())
        forEachSource(operand, visit);
    else if (op)
      visit(op);
  }
  bool anySource(Value value, llvm::function_ref<bool(Operation *)> holds) const {
    bool found = false;
    forEachSource(value, [&](Operation *source) { found = found || holds(source); });
    return found;
  }

  /// True of windows that the product behind them takes in.
  static bool areReadByProduct(Operation &op) {
    auto windows = dyn_cast<PatchesOp>(op);
    if (!windows)
      return false;
    const WindowChoice choice = chooseWindows(windows);
    if (hasRemarks(&op)) {
      if (choice.product)
        tellDone(&op, remarks::fuse, nameIn(&op) + " " + choice.why);
      else
        tellMissed(&op, remarks::fuse, nameIn(&op) + " are " + choice.why);
    }
    return choice.product;
  }

  /// The group that `op` joins, or null where it begins a new one.
  Group *choose(Operation &op) {
    Refusals refusals;
    if (op.hasTrait<Pointwise>())
      for (Value operand : op.getOperands())
        if (Group *group = elementwiseHome(op, operand, refusals))
          return joined(op, operand.getDefiningOp(), group);
    if (isOptimizer(&op))
      if (Group *group = updateHome(op, refusals))
        return joined(op, op.getOperand(1).getDefiningOp(), group);
    if (auto gradient = dyn_cast<CrossEntropyGradOp>(op))
      for (Operation *user : gradient.getLogits().getUsers())
        if (isa<CrossEntropyOp>(user) && groupOf.lookup(user) &&
            joinable(*groupOf.lookup(user), op))
          return joined(op, user, groupOf.lookup(user));
    if (hasRemarks(&op))
      tellMissed(&op, remarks::fuse, nameIn(&op) + " begins a kernel: " + refusals.text(op));
    return nullptr;
  }

  static Group *joined(Operation &op, Operation *maker, Group *group) {
    if (hasRemarks(&op))
      tellDone(&op, remarks::fuse, nameIn(&op) + " is fused into the loops of " + nameIn(maker));
    return group;
  }

  /// Why the groups of an op's operands do not take it, for the remark.
  struct Refusals {
    llvm::SetVector<StringRef> reasons;
    std::string text(Operation &op) const {
      if (!op.hasTrait<Pointwise>() && !isOptimizer(&op))
        return "it reads more of its operands than the place that it writes";
      return reasons.empty() ? "it has no operand that another kernel makes"
                             : llvm::join(reasons, "; ");
    }
  };

  /// The group that makes `operand`, where `op` can be its epilogue: same shape, no detour through
  /// another group.
  Group *elementwiseHome(Operation &op, Value operand, Refusals &refusals) {
    const auto refuse = [&](StringRef reason) {
      refusals.reasons.insert(reason);
      return nullptr;
    };
    Operation *maker = operand.getDefiningOp();
    Group *group = maker ? groupOf.lookup(maker) : nullptr;
    if (!group)
      return maker && views.isView(maker) ? refuse("a view stands between it and what it reads")
                                          : nullptr;
    if (!haveSameShape(operand, op.getResult(0)))
      return refuse("what it reads has another shape than its result");
    if (isKeptApart(op, *group))
      return refuse("it is made again for the backward pass, apart from the forward pass");
    if (!joinable(*group, op))
      return refuse("another operand needs the result of those loops first");
    if (!maker->hasTrait<Pointwise>() && !maker->hasTrait<TakesEpilogue>())
      return refuse("the loops that make what it reads take nothing behind them");
    return group;
  }

  /// The group of the weight's gradient, where the update is its only reader and the gradient is a
  /// whole loop nest's result.
  Group *updateHome(Operation &op, Refusals &refusals) {
    const auto refuse = [&](StringRef reason) {
      refusals.reasons.insert(reason);
      return nullptr;
    };
    Value gradient = op.getOperand(1);
    Operation *maker = gradient.getDefiningOp();
    if (maker && views.isView(maker))
      return refuse("a view stands between it and the gradient");
    if (!maker || !maker->hasTrait<TakesUpdate>())
      return refuse("the loops that make the gradient take no update behind them");
    if (!gradient.hasOneUse())
      return refuse("its gradient has other readers");
    Group *group = groupOf.lookup(maker);
    return joinable(*group, op) ? group
                                : refuse("another operand needs the gradient's kernel first");
  }

  static bool isKeptApart(Operation &op, const Group &group) {
    return op.hasAttr(recomputedAttribute) && !group.ops.front()->hasAttr(recomputedAttribute);
  }

  /// True where each operand of `op` is made in `group` itself or independently of it; otherwise
  /// joining would make a circle of groups.
  bool joinable(Group &group, Operation &op) {
    if (isKeptApart(op, group))
      return false;
    llvm::SmallPtrSet<Operation *, 16> seen;
    return llvm::all_of(op.getOperands(), [&](Value operand) {
      Operation *maker = operand.getDefiningOp();
      if (maker && groupOf.lookup(maker) == &group)
        return true;
      return !anySource(operand, [&](Operation *op) { return reaches(*op, group, seen); });
    });
  }
  bool reaches(Operation &from, Group &group, llvm::SmallPtrSet<Operation *, 16> &seen) {
    if (groupOf.lookup(&from) == &group)
      return true;
    if (!seen.insert(&from).second)
      return false;
    // The whole group of `from` must come first, so what its later ops need counts as well.
    Group *own = groupOf.lookup(&from);
    auto viaOperands = [&](Operation *op) {
      return llvm::any_of(op->getOperands(), [&](Value operand) {
        return anySource(operand, [&](Operation *maker) { return reaches(*maker, group, seen); });
      });
    };
    return own ? llvm::any_of(own->ops, viaOperands) : viaOperands(&from);
  }

  llvm::SetVector<Group *> predecessors(Group &group) {
    llvm::SetVector<Group *> before;
    for (Operation *op : group.ops) {
      for (Value operand : op->getOperands())
        forEachSource(operand, [&](Operation *source) {
          if (Group *maker = groupOf.lookup(source); maker && maker != &group)
            before.insert(maker);
        });
      for (Value result : op->getResults())
        collectAssigned(result, group, before);
    }
    return before;
  }
  /// Who reads the variables that `value` is assigned to, besides `group`.
  void collectAssigned(Value value, Group &group, llvm::SetVector<Group *> &before) {
    for (Operation *user : value.getUsers()) {
      if (auto view = dyn_cast<ViewOp>(user))
        collectAssigned(view.getResult(), group, before);
      else if (auto assign = dyn_cast<AssignOp>(user))
        for (Group *reader : readersOf(assign.getVariable()))
          if (reader != &group)
            before.insert(reader);
    }
  }
  llvm::SetVector<Group *> readersOf(StringRef variable) {
    llvm::SetVector<Group *> readers;
    for (auto read : block.getOps<ReadOp>())
      if (read.getVariable() == variable)
        collectUsers(read, readers);
    return readers;
  }
  void collectUsers(Value value, llvm::SetVector<Group *> &users) {
    for (Operation *user : value.getUsers())
      if (views.isView(user))
        collectUsers(user->getResult(0), users);
      else if (Group *group = groupOf.lookup(user))
        users.insert(group);
  }

  Block &block;
  const ViewChoice &views;
  llvm::DenseMap<Operation *, size_t> position;
  llvm::DenseMap<Operation *, Group *> groupOf;
  /// By stripChainAttribute. Each value between a chain's ops has one reader, so that no chain goes
  /// through another group.
  llvm::DenseMap<int64_t, Group *> strips;
  std::list<Group> groups;
};

/// Moves a group's ops into a new `weir.kernel` at `builder`'s place.
KernelOp outline(Group &group, OpBuilder &builder) {
  llvm::SetVector<Value> inputs;
  SmallVector<Value> outputs;
  SmallVector<Location> locations;
  for (Operation *op : group.ops) {
    locations.push_back(op->getLoc());
    for (Value operand : op->getOperands())
      if (!group.ops.contains(operand.getDefiningOp()) && !operand.getDefiningOp<FillOp>())
        inputs.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !group.ops.contains(user); }))
        outputs.push_back(result);
  }
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
    Grouping grouping(block, views);
    FailureOr<std::vector<Group *>> order = grouping.ordered();
    if (failed(order))
      return failure();
    Operation *end = block.getTerminator();
    OpBuilder builder(end);
    auto original =
        llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; });
    for (Group *group : *order)
      outline(*group, builder);
    // Reads first, then kernels, each view right behind its sources, assignments last.
    for (Operation *op : llvm::reverse(original))
      if (isa<ReadOp>(op))
        op->moveBefore(&block, block.begin());
    SmallVector<Operation *> outside(original);
    llvm::erase_if(outside, [&](Operation *op) { return grouping.isInside(op); });
    placeViews(outside, views, block);
    for (Operation *op : original)
      if (isa<AssignOp>(op))
        op->moveBefore(end);
    for (Operation *op : llvm::reverse(original))
      if (!isFree(op, views) || grouping.isInside(op))
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
