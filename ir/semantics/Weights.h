//===- Weights.h - what the shape rules of layers with a weight and a bias share --------------===//
//
// dense, conv2d and depthwise_conv2d ask for their parameters by one rule and check the operands
// that they get by another; both stand here, so that their errors read alike.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Builders.h"
#include "ir/Window.h"

namespace weir {

/// The integer attribute `name` of a call, or its default.
inline int64_t integerOr(mlir::DictionaryAttr attributes, llvm::StringRef name, int64_t otherwise) {
  auto attribute = attributes.getAs<mlir::IntegerAttr>(name);
  return attribute ? attribute.getInt() : otherwise;
}

/// Kernel, stride, padding and dilation of a convolution's call, with their defaults.
inline WindowAttributes windowAttributes(mlir::DictionaryAttr attributes) {
  auto sizes = [&](llvm::StringRef name) {
    auto attribute = attributes.getAs<mlir::DenseI64ArrayAttr>(name);
    return attribute ? attribute.asArrayRef() : llvm::ArrayRef<int64_t>();
  };
  static constexpr int64_t zero = 0, one = 1;
  WindowAttributes window{sizes("kernel"), sizes("stride"), sizes("padding"), sizes("dilation")};
  if (!attributes.get("stride"))
    window.stride = one;
  if (!attributes.get("padding"))
    window.padding = zero;
  return window;
}

/// A layer's weight of `shape`, and its bias of as many values as the layer has outputs, unless
/// `use_bias` is false.
inline llvm::SmallVector<ParameterSpec> weightAndBias(mlir::DictionaryAttr attributes,
                                                      llvm::ArrayRef<int64_t> shape,
                                                      int64_t outputs, int64_t fanIn,
                                                      int64_t fanOut) {
  mlir::MLIRContext *context = attributes.getContext();
  auto init = attributes.getAs<mlir::StringAttr>("init");
  auto useBias = attributes.getAs<mlir::BoolAttr>("use_bias");
  llvm::SmallVector<ParameterSpec> parameters;
  parameters.push_back({"weight", f32Tensor(context, shape), "parameter",
                        init ? init.str() : "auto", fanIn, fanOut});
  if (!useBias || useBias.getValue())
    parameters.push_back({"bias", f32Tensor(context, {outputs}), "parameter", "zeros"});
  return parameters;
}

/// Whether `value`, an operand `what` of op `name`, has `shape`; a null value (an absent bias) is
/// right.
inline llvm::LogicalResult
checkParameter(llvm::StringRef name, llvm::StringRef what, mlir::Value value,
               llvm::ArrayRef<int64_t> shape,
               llvm::function_ref<mlir::InFlightDiagnostic()> emitError) {
  if (!value)
    return mlir::success();
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return mlir::success();
  return emitError() << "'" << name << "' expects a " << what << " of " << shapeText(shape)
                     << ", but got " << shapeText(type.getShape());
}

} // namespace weir
