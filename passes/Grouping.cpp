//===- Grouping.cpp - see Grouping.h ---------------------------------------------------------===//

#include "passes/Grouping.h"
#include "passes/Prologues.h"
#include "passes/Recompute.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"
#include "passes/WindowFusion.h"

#include "ir/Builders.h"

#include "llvm/ADT/StringExtras.h"
#include <list>
#include <map>

using namespace mlir;

namespace weir {

bool isFree(Operation *op, const ViewChoice &views) {
  return isa<ReadOp, AssignOp, func::ReturnOp>(op) || views.isView(op);
}

namespace {

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

/// Positions from which sums are worth the memory that each task has for its own.
constexpr int64_t leastSummedRows = 64;

/// The groups of one function, and the order they are to stand in.
class Grouping {
public:
  Grouping(Block &block, const ViewChoice &views) : block(block), views(views) {
    for (Operation &op : block)
      position[&op] = position.size();
    for (Operation &op : block) {
      if (isFree(&op, views) || (isa<FillOp>(op) && !isLoneFill(&op, views)) ||
          op.hasAttr(prologueAttribute) || areReadByProduct(op))
        continue;
      auto chain = op.getAttrOfType<IntegerAttr>(stripChainAttribute);
      Group *home = chain ? strips.lookup(chain.getInt()) : choose(op);
      if (!home)
        home = &groups.emplace_back();
      if (chain)
        strips[chain.getInt()] = home;
      if (PatchesOp windows = windowsOf(&op))
        for (Operation *inside : {windows.getOperation(), *windows->user_begin()})
          add(*home, inside);
      for (Operation *before : prologueOf(&op))
        add(*home, before);
      add(*home, &op);
    }
  }

  FailureOr<std::vector<Group>> ordered() {
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
    std::vector<Group> order;
    while (!ready.empty()) {
      Group *next = ready.begin()->second;
      ready.erase(ready.begin());
      order.push_back(*next);
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
  void add(Group &group, Operation *op) {
    group.ops.insert(op);
    groupOf[op] = &group;
    if (isa<BatchStatsOp>(op) || llvm::any_of(op->getOperands(), [&](Value operand) {
          return group.behindLoops.contains(operand.getDefiningOp());
        }))
      group.behindLoops.insert(op);
  }
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
      for (Value operand : ownLoopsLast(op.getOperands()))
        if (Group *group = elementwiseHome(op, operand, refusals)) {
          bringAlong(op, *group);
          return joined(op, operand.getDefiningOp(), group);
        }
    if (auto stats = dyn_cast<BatchStatsOp>(op))
      if (Group *group = sumsHome(stats, refusals)) {
        if (hasRemarks(&op))
          tellDone(&op, remarks::fuse,
                   nameIn(&op) + " is summed up where " + nameIn(op.getOperand(0).getDefiningOp()) +
                       " is stored: saves " + kilobytes(byteSize(op.getOperand(0).getType())) +
                       " that would be read again");
        return group;
      }
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
    Group *refuse(StringRef reason) {
      reasons.insert(reason);
      return nullptr;
    }
    std::string text(Operation &op) const {
      if (!op.hasTrait<Pointwise>() && !isOptimizer(&op) && !isa<BatchStatsOp>(op))
        return "it reads more of its operands than the place that it writes";
      return reasons.empty() ? "it has no operand that another kernel makes"
                             : llvm::join(reasons, "; ");
    }
  };

  /// The group that makes `operand`, where `op` can be its epilogue: same shape, no detour through
  /// another group.
  Group *elementwiseHome(Operation &op, Value operand, Refusals &refusals) {
    Operation *maker = operand.getDefiningOp();
    Group *group = maker ? groupOf.lookup(maker) : nullptr;
    if (!group)
      return maker && views.isView(maker)
                 ? refusals.refuse("a view stands between it and what it reads")
                 : nullptr;
    if (!haveSameShape(operand, op.getResult(0)))
      return refusals.refuse("what it reads has another shape than its result");
    if (isKeptApart(op, *group))
      return refusals.refuse("it is made again for the backward pass, apart from the forward pass");
    if (!joinable(*group, op))
      return refusals.refuse("another operand needs the result of those loops first");
    if (!maker->hasTrait<Pointwise>() && !maker->hasTrait<TakesEpilogue>())
      return refusals.refuse("the loops that make what it reads take nothing behind them");
    return group;
  }

  /// Those that a group of pointwise ops makes come last: it can be computed in any loops, other
  /// loops cannot.
  SmallVector<Value> ownLoopsLast(ValueRange operands) const {
    SmallVector<Value> ordered, pointwise;
    for (Value operand : operands)
      (isPointwise(operand) ? pointwise : ordered).push_back(operand);
    llvm::append_range(ordered, pointwise);
    return ordered;
  }
  bool isPointwise(Value value) const {
    Operation *maker = value.getDefiningOp();
    Group *group = maker ? groupOf.lookup(maker) : nullptr;
    return group &&
           llvm::all_of(group->ops, [](Operation *op) { return op->hasTrait<Pointwise>(); });
  }

  /// True of a product with rows wider than a tile: what is read beside its sums would come in
  /// pieces of a few columns, too slowly for what is far away. In the input gradient of 1568x64x384
  /// a batch norm made again for the mask takes 300 us, in a kernel of its own 78; in that of
  /// 25088x24x96 it takes 7, alone 390 (Zen 5, one thread, November 2026).
  static bool readsInPieces(const Group &group) {
    constexpr int64_t widestRow = 128;
    return llvm::any_of(group.ops, [](Operation *op) {
      return isa<DenseOp, PackedDenseOp, DenseInputGradOp>(op) &&
             cast<RankedTensorType>(op->getResult(0).getType()).getShape().back() > widestRow;
    });
  }

  /// Moves into `home`, which `op` joins, the pointwise groups that nobody but `op` reads: as the
  /// batch norm that is made again for a mask behind a gradient.
  void bringAlong(Operation &op, Group &home) {
    if (readsInPieces(home))
      return;
    for (Value operand : op.getOperands()) {
      Operation *maker = operand.getDefiningOp();
      Group *group = maker ? groupOf.lookup(maker) : nullptr;
      if (!group || group == &home || !isPointwise(operand) || !isMadeFor(op, *group) ||
          !llvm::all_of(group->ops, [&](Operation *moved) { return makesNoCircle(home, *moved); }))
        continue;
      for (Operation *moved : group->ops)
        add(home, moved);
      groups.remove_if([&](const Group &other) { return &other == group; });
      if (hasRemarks(&op))
        tellDone(maker, remarks::fuse,
                 nameIn(maker) + " is made where " + nameIn(&op) + " reads it");
    }
  }
  /// True of a group of values of the op's shape that it alone reads.
  static bool isMadeFor(Operation &op, const Group &group) {
    return llvm::all_of(group.ops, [&](Operation *made) {
      return haveSameShape(made->getResult(0), op.getResult(0)) &&
             llvm::all_of(made->getUsers(),
                          [&](Operation *user) { return user == &op || group.ops.contains(user); });
    });
  }

  /// The group of the weight's gradient, where the update is its only reader and the gradient is a
  /// whole loop nest's result.
  Group *updateHome(Operation &op, Refusals &refusals) {
    Value gradient = op.getOperand(1);
    Operation *maker = gradient.getDefiningOp();
    if (maker && views.isView(maker))
      return refusals.refuse("a view stands between it and the gradient");
    if (!maker || !maker->hasTrait<TakesUpdate>())
      return refusals.refuse("the loops that make the gradient take no update behind them");
    if (!gradient.hasOneUse())
      return refusals.refuse("its gradient has other readers");
    Group *group = groupOf.lookup(maker);
    return joinable(*group, op)
               ? group
               : refusals.refuse("another operand needs the gradient's kernel first");
  }

  /// The group of the product whose rows `op` sums up: its loops add to the sums as they go.
  Group *sumsHome(BatchStatsOp op, Refusals &refusals) {
    Operation *maker = op.getX().getDefiningOp();
    Group *group = maker ? groupOf.lookup(maker) : nullptr;
    if (!group)
      return maker && views.isView(maker)
                 ? refusals.refuse("a view stands between it and what it sums up")
                 : nullptr;
    if (op->getParentOfType<ModuleOp>()->hasAttr("weir.device"))
      return refusals.refuse("sums on a GPU are trees of their own");
    const ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getX().getType()).getShape();
    if (ShapedType::getNumElements(shape.drop_back()) < leastSummedRows)
      return refusals.refuse("it sums up few values, which are still in the cache");
    if (llvm::none_of(group->ops, [](Operation *made) { return isa<DenseOp>(made); }))
      return refusals.refuse("no product makes what it sums up");
    // The sums are of differences to the first row, which the kernel makes twice.
    if (!llvm::all_of(group->ops, [&](Operation *made) {
          return isa<DenseOp, PatchesOp, ViewOp>(made) || made->hasTrait<Pointwise>() ||
                 group->behindLoops.contains(made);
        }))
      return refusals.refuse("the first row of what it sums up is not cheap to have");
    if (!joinable(*group, *op))
      return refusals.refuse("another operand needs the result of those loops first");
    return group;
  }

  static bool isKeptApart(Operation &op, const Group &group) {
    return op.hasAttr(recomputedAttribute) && llvm::none_of(group.ops, [](Operation *other) {
             return other->hasAttr(recomputedAttribute);
           });
  }

  /// True where `op` goes over all rows and reads sums over them that the group makes.
  static bool needsWholeSums(Operation &op, const Group &group) {
    return llvm::any_of(op.getOperands(), [&](Value operand) {
      return group.behindLoops.contains(operand.getDefiningOp()) &&
             !haveSameShape(operand, op.getResult(0));
    });
  }

  /// True where each operand of `op` is made in `group` itself or independently of it; otherwise
  /// joining would make a circle of groups.
  bool joinable(Group &group, Operation &op) {
    return !isKeptApart(op, group) && makesNoCircle(group, op);
  }
  bool makesNoCircle(Group &group, Operation &op) {
    if (needsWholeSums(op, group))
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

} // namespace

FailureOr<std::vector<Group>> chooseGroups(Block &block, const ViewChoice &views) {
  return Grouping(block, views).ordered();
}

} // namespace weir
