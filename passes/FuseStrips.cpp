//===- FuseStrips.cpp - inverted residuals strip by strip ------------------------------------===//
//
// Comes before lower-convolutions, which leaves what is marked here alone, and form-groups, which
// makes one kernel of each marked chain: expand (1x1), depthwise, project (1x1), and what stands
// between them. The kernel goes down the image a few rows at a time, so that neither the wide
// tensor nor what the depthwise convolution makes of it is ever written out. Strips that several
// cores share compute the rows again where they overlap.
//
// The model counts bytes and products. Its figures are those of one thread of a Zen 5 (L1 48 KB, L2
// 1 MB), November 2026: of what 14 blocks of MobileNetV2 from 4x4x192 to 112x112x96 gained it
// expects 0.6 to 1.2 times as much.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Window.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"

#include "llvm/Support/FormatVariadic.h"
#include <optional>

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_FUSESTRIPS
#include "passes/Passes.h.inc"

namespace {

/// What a nanosecond moves or computes: bytes of tensors that are written and read again, bytes of
/// weights that are read again for each row, products.
constexpr double bytesMoved = 250, weightBytes = 100, products = 100;
/// Weights up to this size stay in L1 from one row to the next.
constexpr int64_t residentBytes = 32 * 1024;
/// The rows of the wide tensor that a strip holds must leave room in L2.
constexpr int64_t mostRingBytes = 512 * 1024;
/// A chain of fewer products is not worth a second core: one strip.
constexpr int64_t leastParallelProducts = 1'000'000;
/// More strips than this only add rows that are computed twice.
constexpr int64_t mostStrips = 16;

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// A convolution in which each position sees itself alone.
bool isPointwiseConvolution(Conv2dOp conv) {
  const Window window = windowOf(conv.getX().getType(), {conv.getKernel(), conv.getStride(),
                                                         conv.getPadding(), conv.getDilation()});
  return conv.getGroups() == 1 && window.isPointwise();
}

/// True for an op that makes one value of each value of `image`, with nothing else than numbers of
/// channels.
bool isBetween(Operation *op, Value image) {
  if (!op->hasTrait<Pointwise>() || op->getNumResults() != 1 ||
      op->getResult(0).getType() != image.getType())
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return operand == image || shapeOf(operand).size() <= 1;
  });
}

/// A depthwise convolution with what is computed in its strips.
struct Chain {
  Conv2dOp expand; ///< null where nothing is expanded
  DepthwiseConv2dOp depthwise;
  Conv2dOp project;
  SmallVector<Operation *> between;
};

/// Walks from the depthwise convolution to the next convolution behind it; says why where there is
/// none.
std::string findProject(Chain &chain) {
  Value value = chain.depthwise.getResult();
  while (value.hasOneUse()) {
    Operation *user = *value.getUsers().begin();
    if (auto conv = dyn_cast<Conv2dOp>(user)) {
      if (conv.getX() != value || !isPointwiseConvolution(conv))
        break;
      chain.project = conv;
      return "";
    }
    if (!isBetween(user, value))
      break;
    chain.between.push_back(user);
    value = user->getResult(0);
  }
  return value.hasOneUse() ? "no 1x1 convolution comes behind it"
                           : "what it makes has other readers than a 1x1 convolution";
}

/// Likewise to the one before it, which need not be there.
void findExpand(Chain &chain) {
  Value value = chain.depthwise.getX();
  SmallVector<Operation *> between;
  while (value.hasOneUse()) {
    Operation *maker = value.getDefiningOp();
    if (!maker || maker->hasAttr(stripChainAttribute))
      return;
    if (auto conv = dyn_cast<Conv2dOp>(maker)) {
      if (!isPointwiseConvolution(conv))
        return;
      chain.expand = conv;
      llvm::append_range(chain.between, between);
      return;
    }
    if (maker->getNumOperands() == 0 || !isBetween(maker, maker->getOperand(0)))
      return;
    between.push_back(maker);
    value = maker->getOperand(0);
  }
}

/// What one loop over strips saves and costs against three loops.
class StripModel {
public:
  explicit StripModel(Chain &chain)
      : window(windowOf(chain.depthwise.getX().getType(),
                        {chain.depthwise.getKernel(), chain.depthwise.getStride(),
                         chain.depthwise.getPadding(), chain.depthwise.getDilation()})),
        batch(shapeOf(chain.depthwise.getX())[0]) {
    const WindowAxis &rows = window.vertical, &columns = window.horizontal;
    const int64_t channels = shapeOf(chain.depthwise.getX())[3];
    const int64_t filters = shapeOf(chain.project.getResult())[3];
    const int64_t padded =
        (columns.before + columns.input + columns.after) * channels * int64_t(sizeof(float));
    const int64_t wide = byteSize(chain.depthwise.getX().getType()),
                  filtered = byteSize(chain.depthwise.getType());
    const bool hasBorder = rows.before || rows.after || columns.before || columns.after;
    // Each written and read: the wide tensor, its copy with a border, and what is projected.
    saved = 2 * (filtered + (chain.expand ? wide : 0) + (hasBorder ? wide : 0));
    reach = (rows.kernel - 1) * rows.dilation + 1;
    ringBytes = (reach + rows.stride) * padded;

    const int64_t positions = batch * rows.output * columns.output;
    work = positions * channels * (window.taps() + filters);
    countWeights(chain.project);
    if (chain.expand) {
      rowProducts = batch * columns.input * channels * shapeOf(chain.expand.getX())[3];
      work += rowProducts * rows.input;
      countWeights(chain.expand);
    }
  }

  /// As many strips as cost little beside what is saved, and two where there is work for two cores.
  int64_t strips() const {
    if (work < leastParallelProducts)
      return 1;
    int64_t most = batch > 1 ? 1 : firstDivisor();
    for (int64_t strips = most + 1; strips * batch <= mostStrips; ++strips)
      if (window.vertical.output % strips == 0 && 10 * costOf(again(strips)) <= costOfMoved())
        most = strips;
    return most;
  }

  /// False of images of which the first window sees all rows but the next stride's, and more below
  /// its place than above it: Halide 21 then computes the last rows alone, and reads memory where
  /// the others ought to be (3 rows through a kernel of 2 with "same"; found by 'weir fuzz'). Here
  /// any image as small.
  bool ringIsRight() const {
    const WindowAxis &rows = window.vertical;
    return rows.before >= reach - 1 - rows.before || rows.input > reach + rows.stride;
  }

  /// Products that are computed again.
  int64_t again(int64_t strips) const {
    return (strips - 1) * std::max<int64_t>(0, reach - window.vertical.stride) * rowProducts;
  }
  int64_t bytesSaved() const { return saved; }
  int64_t bytesOfWeights() const { return weights; }

  /// Why the chain is better left apart; empty where it is not.
  std::string refusal(int64_t strips) const {
    if (ringBytes > mostRingBytes)
      return llvm::formatv("{0} rows of what it reads take {1} bytes, too much of L2",
                           reach + window.vertical.stride, ringBytes);
    if (costOfMoved() <= costOf(again(strips)) + double(weights) / weightBytes)
      return llvm::formatv("{0} bytes less to move are not worth {1} products again and {2} bytes "
                           "of weights read again",
                           saved, again(strips), weights);
    return "";
  }

private:
  static double costOf(int64_t again) { return double(again) / products; }
  double costOfMoved() const { return double(saved) / bytesMoved; }

  void countWeights(Conv2dOp conv) {
    if (const int64_t bytes = byteSize(conv.getWeight().getType()); bytes > residentBytes)
      weights += bytes * batch * window.vertical.output;
  }
  /// The least number of equal strips that is more than one, or one.
  int64_t firstDivisor() const {
    for (int64_t strips = 2; strips <= mostStrips; ++strips)
      if (window.vertical.output % strips == 0)
        return strips;
    return 1;
  }

  Window window;
  int64_t batch, saved = 0, reach = 0, ringBytes = 0, work = 0, rowProducts = 0, weights = 0;
};

class FuseFunction {
public:
  FuseFunction(func::FuncOp function, bool always) : function(function), always(always) {}

  void run() {
    for (auto depthwise : function.getOps<DepthwiseConv2dOp>()) {
      const std::string reason = fuse(depthwise);
      if (!reason.empty() && hasRemarks(depthwise))
        tellMissed(depthwise, remarks::fuse,
                   nameIn(depthwise) + " is not computed in strips: " + reason);
    }
  }

private:
  std::string fuse(DepthwiseConv2dOp depthwise) {
    if (isQuantized(depthwise.getX().getType()))
      return "its values have 8 bits";
    if (depthwise.getMultiplier() != 1)
      return "it makes several channels of one";
    Chain chain;
    chain.depthwise = depthwise;
    if (std::string reason = findProject(chain); !reason.empty())
      return reason;
    findExpand(chain);
    const StripModel model(chain);
    if (!model.ringIsRight())
      return "of so few rows, Halide leaves out some where windows see more below than above";
    const int64_t strips = model.strips();
    if (std::string reason = model.refusal(strips); !reason.empty() && !always)
      return reason;
    if (hasRemarks(depthwise))
      tellDone(depthwise, remarks::fuse,
               nameIn(depthwise) + llvm::formatv(" is computed in {0} {1} with {2}{3}: {4} bytes "
                                                 "less to move, {5} products and {6} bytes of "
                                                 "weights again",
                                                 strips, strips == 1 ? "strip" : "strips",
                                                 chain.expand ? nameIn(chain.expand) + " and " : "",
                                                 nameIn(chain.project), model.bytesSaved(),
                                                 model.again(strips), model.bytesOfWeights())
                                       .str());
    mark(chain, strips);
    return "";
  }

  void mark(Chain &chain, int64_t strips) {
    Builder builder(function.getContext());
    chain.depthwise->setAttr(stripsAttribute, builder.getI64IntegerAttr(strips));
    const auto number = builder.getI64IntegerAttr(chains++);
    for (Operation *op : chain.between)
      op->setAttr(stripChainAttribute, number);
    if (chain.expand)
      chain.expand->setAttr(stripChainAttribute, number);
    chain.depthwise->setAttr(stripChainAttribute, number);
    chain.project->setAttr(stripChainAttribute, number);
  }

  func::FuncOp function;
  const bool always;
  int64_t chains = 0;
};

struct FuseStrips : impl::FuseStripsBase<FuseStrips> {
  using FuseStripsBase::FuseStripsBase;
  void runOnOperation() override {
    if (getOperation()->hasAttr("weir.device"))
      return; // threads of a GPU have no rows in common
    for (auto function : getOperation().getOps<func::FuncOp>())
      FuseFunction(function, always).run();
  }
};

} // namespace
} // namespace weir
