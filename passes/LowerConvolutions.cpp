//===- LowerConvolutions.cpp - convolutions to matrix products -------------------------------===//
//
// Comes after differentiate, whose rules speak of convolutions, and before sink-views and
// form-groups, which see products with their epilogues and updates. A product's rows are the output
// positions, its depth the window's taps and channels (`patches`, or the image itself where each
// position sees one pixel). An input's gradient is a product of dy's windows with the weights
// turned around, or one whose rows `fold_patches` adds up (GradientWindows.h). Grouped convolutions
// are one product for each group. Depthwise ones have a loop nest of their own and stay, but for
// those of one pixel, which are a factor for each channel.
//
//===-----------------------------------------------------------------------------------------===//

#include "ir/Builders.h"
#include "ir/Window.h"
#include "passes/GradientWindows.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/Strips.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace weir {
#define GEN_PASS_DEF_LOWERCONVOLUTIONS
#include "passes/Passes.h.inc"

namespace {

/// Whether gradients of inputs read windows of dy.
enum class GradientWindows { Never, ByModel, Always };

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Builds the ops that replace one convolution or gradient, at its place.
class Lowering {
public:
  Lowering(Operation *op, Type image, ArrayRef<int64_t> kernel, ArrayRef<int64_t> stride,
           ArrayRef<int64_t> padding, ArrayRef<int64_t> dilation, int64_t groups)
      : builder(op), location(op->getLoc()), kernel(kernel), stride(stride), padding(padding),
        dilation(dilation), window(windowOf(image, {kernel, stride, padding, dilation})),
        groups(groups) {}

  /// What becomes of a convolution, for the remark.
  std::string layoutOf(Value x) const {
    const int64_t rows = shapeOf(x)[0] * window.vertical.output * window.horizontal.output;
    const int64_t depth = window.taps() * shapeOf(x)[3] / groups;
    std::string text = "becomes ";
    text += groups == 1 ? "a product" : std::to_string(groups) + " products";
    text += " of " + std::to_string(rows) + " rows and " + std::to_string(depth) + " terms; ";
    if (isImage())
      return text + "the image itself is its left side";
    return text + "its left side is the windows' values side by side ('patches', " +
           std::to_string(window.taps()) + " times the image at stride 1)";
  }

  Value forward(Value x, Value weight, Value bias) {
    const int64_t filters = shapeOf(weight)[3];
    Value b = groups == 1 ? bias : Value(); // of groups: behind the joined products
    Value joined = concat(eachGroup([&](int64_t group) {
      Value w = part(weight, group);
      SmallVector<int64_t> shape(
          {shapeOf(x)[0], window.vertical.output, window.horizontal.output, filters / groups});
      Value y = DenseOp::create(builder, location, rowsOf(part(x, group)), matrixOf(w), b,
                                builder.getI64IntegerAttr(filters / groups),
                                builder.getBoolAttr(bool(b)), builder.getStringAttr("zeros"));
      return view(y, shape);
    }));
    return bias && !b ? Value(BiasAddOp::create(builder, location, joined, bias)) : joined;
  }

  GradientChoice chooseGradient(Value dy, RankedTensorType image, GradientWindows windows) const {
    if (isImage())
      return {std::nullopt, ""};
    if (windows == GradientWindows::Never)
      return {std::nullopt, "adds windows up ('fold_patches'): on a GPU, a tile of dy's windows "
                            "would be mostly air where there are few channels"};
    if (windows == GradientWindows::Always)
      if (auto padding = flippedPadding(window))
        return {padding, "reads windows of dy, as it was told to"};
    return chooseGradientWindows(
        window, {image.getDimSize(0), image.getDimSize(3) / groups, shapeOf(dy)[3] / groups});
  }

  /// As a convolution of dy.
  Value inputGradientByWindows(Operation *op, Value dy, Value weight,
                               ArrayRef<int64_t> flippedPadding) {
    return concat(eachGroup([&](int64_t group) {
      Value flipped = FlipWeightOp::create(builder, location, part(weight, group)),
            y = part(dy, group);
      return Lowering(op, y.getType(), kernel, 1, flippedPadding, dilation, 1)
          .forward(y, flipped, nullptr);
    }));
  }

  /// As windows of the image's gradient that are added up.
  Value inputGradient(Value dy, Value weight, RankedTensorType image) {
    return concat(eachGroup([&](int64_t group) {
      Value w = part(weight, group);
      Value rows = DenseInputGradOp::create(builder, location, flat(part(dy, group)), matrixOf(w));
      SmallVector<int64_t> shape(image.getShape());
      shape[3] /= groups;
      if (isImage())
        return view(rows, shape);
      Value patches = view(rows, {shape[0], window.vertical.output, window.horizontal.output,
                                  kernelHeight(), kernelWidth(), shape[3]});
      return Value(FoldPatchesOp::create(builder, location, type(shape, patches), patches, stride,
                                         padding, dilation));
    }));
  }

  Value weightGradient(Value x, Value dy, RankedTensorType weight) {
    return concat(eachGroup([&](int64_t group) {
      Value product = DenseWeightGradOp::create(builder, location, rowsOf(part(x, group)),
                                                flat(part(dy, group)));
      SmallVector<int64_t> shape(weight.getShape());
      shape[3] /= groups;
      return view(product, shape);
    }));
  }

private:
  int64_t kernelHeight() const { return window.vertical.kernel; }
  int64_t kernelWidth() const { return window.horizontal.kernel; }

  SmallVector<Value> eachGroup(function_ref<Value(int64_t)> build) {
    return llvm::map_to_vector(llvm::seq<int64_t>(groups), build);
  }
  /// The channels (of a weight: filters) of a group: a part of the last dimension.
  Value part(Value value, int64_t group) {
    if (groups == 1)
      return value;
    const int64_t size = shapeOf(value).back() / groups, last = shapeOf(value).size() - 1;
    auto type = slicedType(cast<RankedTensorType>(value.getType()), last, group * size, size);
    return SliceOp::create(builder, location, type, value, builder.getI64IntegerAttr(group * size),
                           builder.getI64IntegerAttr((group + 1) * size),
                           builder.getI64IntegerAttr(-1));
  }
  Value concat(const SmallVector<Value> &parts) {
    if (parts.size() == 1)
      return parts[0];
    return ConcatOp::create(builder, location, parts, builder.getI64IntegerAttr(-1));
  }

  /// Elements as `like` has them.
  static RankedTensorType type(ArrayRef<int64_t> shape, Value like) {
    return reshapedType(cast<RankedTensorType>(like.getType()), shape);
  }
  Value view(Value value, ArrayRef<int64_t> shape) {
    return ViewOp::create(builder, location, type(shape, value), value);
  }
  /// [.., channels] as [rows, channels].
  Value flat(Value value) {
    const int64_t last = shapeOf(value).back();
    return view(value, {cast<RankedTensorType>(value.getType()).getNumElements() / last, last});
  }
  /// [kernel height, kernel width, channels, filters] as [taps * channels, filters].
  Value matrixOf(Value weight) { return flat(weight); }

  /// True where the patches are the image itself: one pixel for each
  /// position, or one position that sees everything.
  bool isImage() const {
    auto whole = [](const WindowAxis &axis) {
      return axis.output == 1 && axis.kernel == axis.input && axis.before == 0 &&
             axis.dilation == 1;
    };
    return window.isPointwise() || (whole(window.vertical) && whole(window.horizontal));
  }
  /// The product's left side: [output positions, taps * channels].
  Value rowsOf(Value x) {
    const int64_t positions = shapeOf(x)[0] * window.vertical.output * window.horizontal.output;
    const int64_t depth = window.taps() * shapeOf(x)[3];
    if (!isImage())
      x = PatchesOp::create(builder, location,
                            type({shapeOf(x)[0], window.vertical.output, window.horizontal.output,
                                  kernelHeight(), kernelWidth(), shapeOf(x)[3]},
                                 x),
                            x, kernel, stride, padding, dilation);
    return view(x, {positions, depth});
  }

  OpBuilder builder;
  Location location;
  ArrayRef<int64_t> kernel, stride, padding, dilation;
  Window window;
  int64_t groups;
};

void lower(Conv2dOp op) {
  Lowering lowering(op, op.getX().getType(), op.getKernel(), op.getStride(), op.getPadding(),
                    op.getDilation(), op.getGroups());
  if (hasRemarks(op))
    tellDone(op, remarks::layout, nameIn(op) + " " + lowering.layoutOf(op.getX()));
  op.replaceAllUsesWith(lowering.forward(op.getX(), op.getWeight(), op.getBias()));
}
void lower(Conv2dInputGradOp op, GradientWindows windows) {
  Lowering lowering(op, op.getType(), shapeOf(op.getWeight()).take_front(2), op.getStride(),
                    op.getPadding(), op.getDilation(), op.getGroups());
  auto image = cast<RankedTensorType>(op.getType());
  const GradientChoice choice = lowering.chooseGradient(op.getDy(), image, windows);
  if (!choice.why.empty())
    choice.padding ? tellDone(op, remarks::layout, nameIn(op) + " " + choice.why)
                   : tellMissed(op, remarks::layout, nameIn(op) + " " + choice.why);
  op.replaceAllUsesWith(choice.padding ? lowering.inputGradientByWindows(
                                             op, op.getDy(), op.getWeight(), *choice.padding)
                                       : lowering.inputGradient(op.getDy(), op.getWeight(), image));
}
void lower(Conv2dWeightGradOp op) {
  auto weight = cast<RankedTensorType>(op.getType());
  Lowering lowering(op, op.getX().getType(), weight.getShape().take_front(2), op.getStride(),
                    op.getPadding(), op.getDilation(), op.getGroups());
  op.replaceAllUsesWith(lowering.weightGradient(op.getX(), op.getDy(), weight));
}

/// Each channel of `x` by its own weight, where a depthwise convolution sees one pixel; null where
/// it sees more. On [rows, channels], as the products before and behind it are.
Value byChannel(Operation *op, Value x, Value weight, const Window &window) {
  if (!window.isPointwise() || x.getType() != op->getResult(0).getType() ||
      !getElementTypeOrSelf(x).isF32())
    return nullptr;
  OpBuilder builder(op);
  auto image = cast<RankedTensorType>(x.getType());
  const int64_t channels = shapeOf(x).back();
  const auto view = [&](Value value, ArrayRef<int64_t> shape) {
    return ViewOp::create(builder, op->getLoc(), reshapedType(image, shape), value);
  };
  Value rows = view(x, {image.getNumElements() / channels, channels});
  Value product =
      MulOp::create(builder, op->getLoc(), rows.getType(), rows, view(weight, {1, channels}));
  return view(product, image.getShape());
}

void lower(DepthwiseConv2dOp op) {
  Value y = byChannel(op, op.getX(), op.getWeight(),
                      windowOf(op.getX().getType(), {op.getKernel(), op.getStride(),
                                                     op.getPadding(), op.getDilation()}));
  if (!y) {
    if (hasRemarks(op))
      tellMissed(op, remarks::layout,
                 nameIn(op) + " stays a loop over windows: a channel's sum has few terms");
    return;
  }
  if (op.getBias()) {
    OpBuilder builder(op);
    y = BiasAddOp::create(builder, op.getLoc(), y, op.getBias());
  }
  op.replaceAllUsesWith(y);
  op.erase();
}
void lower(DepthwiseInputGradOp op) {
  Value dx = byChannel(op, op.getDy(), op.getWeight(),
                       windowOf(op.getType(), {shapeOf(op.getWeight()).take_front(2),
                                               op.getStride(), op.getPadding(), op.getDilation()}));
  if (!dx)
    return;
  op.replaceAllUsesWith(dx);
  op.erase();
}

struct LowerConvolutions : impl::LowerConvolutionsBase<LowerConvolutions> {
  using LowerConvolutionsBase::LowerConvolutionsBase;
  void runOnOperation() override {
    const auto windows = alwaysWindows                            ? GradientWindows::Always
                         : getOperation()->hasAttr("weir.device") ? GradientWindows::Never
                                                                  : GradientWindows::ByModel;
    getOperation().walk([windows](Operation *op) {
      if (op->hasAttr(stripChainAttribute))
        return; // has loops with others
      llvm::TypeSwitch<Operation *>(op)
          .Case<DepthwiseConv2dOp, DepthwiseInputGradOp>([](auto windows) { lower(windows); })
          .Case<Conv2dInputGradOp>([windows](auto gradient) {
            lower(gradient, windows);
            gradient.erase();
          })
          .Case<Conv2dOp, Conv2dWeightGradOp>([](auto convolution) {
            lower(convolution);
            convolution.erase();
          });
    });
  }
};

} // namespace
} // namespace weir
