//===- Quantization.h - what quantized tensors stand for, and what their elements are in memory
//
// Quantization is a type of MLIR's quant dialect: `real = (stored - zero point) * scale`. Values
// between layers have 8 bits and one scale, weights 8 bits, zero point 0 and a scale for each
// output, sums of products 32 bits and the products of those scales. The one place that reads and
// makes such types; docs/quantization.md has the formulas.
//
//===--------------------------------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace weir {

/// What an element is in memory.
struct Storage {
  enum class Kind { Float, Signed, Unsigned } kind;
  unsigned bits;

  /// "f32", "i32", "i8", "u8".
  std::string name() const;
};

/// The storage of a tensor's elements, or of an element type.
Storage storageOf(mlir::Type type);
/// Bytes of a ranked tensor type.
int64_t byteSize(mlir::Type type);

/// The numbers of a quantized type.
struct Quantization {
  llvm::SmallVector<double> scales; ///< one, or one for each index along `axis`
  int64_t zeroPoint;                ///< the stored integer that stands for 0
  int64_t low, high;                ///< stored integers stay within these
  std::optional<int64_t> axis;      ///< none: one scale for all

  /// The scale at index `channel` along the axis.
  double scale(int64_t channel) const { return scales[axis ? channel : 0]; }
};

/// The numbers of a tensor's elements; none where it is not quantized.
std::optional<Quantization> quantizationOf(mlir::Type tensor);
/// True for a tensor of quantized elements.
bool isQuantized(mlir::Type tensor);

// What the ops' operands may be (see Base.td); of element types.

/// 8 bits, one scale: a value between layers.
bool isQuantizedValue(mlir::Type element);
/// Signed 8 bits, zero point 0: a weight.
bool isQuantizedWeight(mlir::Type element);
/// Signed 32 bits, zero point 0: a sum of products, or a bias.
bool isQuantizedSum(mlir::Type element);

// Making types. `shape` is the tensor's.

/// u8 with one scale; stored integers stay within `low` and `high`.
mlir::RankedTensorType quantizedValueType(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape,
                                          double scale, int64_t zeroPoint, int64_t low = 0,
                                          int64_t high = 255);
/// i8 from -127 to 127 with zero point 0; scales along the last dimension, or one for all.
mlir::RankedTensorType quantizedWeightType(mlir::MLIRContext *context,
                                           llvm::ArrayRef<int64_t> shape,
                                           llvm::ArrayRef<double> scales);
/// i32: sums of products of `x` and `weight`, one scale or scales along the last dimension as the
/// weight has; also the type of a bias, of `shape` [outputs].
mlir::RankedTensorType quantizedSumType(llvm::ArrayRef<int64_t> shape, mlir::RankedTensorType x,
                                        mlir::RankedTensorType weight);

/// `type` with another shape of as many elements in the same order, its scales along the dimension
/// that counts the same; null where the new shape has none.
mlir::RankedTensorType reshapedType(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> shape);
/// `type` with another size of dimension `axis`, whose scales begin at `begin` of the old ones.
mlir::RankedTensorType slicedType(mlir::RankedTensorType type, int64_t axis, int64_t begin,
                                  int64_t size);
/// Quantized tensors one behind the other along `axis`, of `shape` together: of one scale and zero
/// point, with bounds that hold all, or with scales along the axis; null where they do not fit.
mlir::RankedTensorType concatQuantizedType(llvm::ArrayRef<mlir::RankedTensorType> types,
                                           llvm::ArrayRef<int64_t> shape, int64_t axis);
/// A tensor of `type`'s shape and of its storage: `tensor<2xi8>` for 2 quantized weights.
mlir::RankedTensorType storageType(mlir::RankedTensorType type);
/// `type` as the numbers that it stands for: f32.
mlir::RankedTensorType expressedType(mlir::RankedTensorType type);

/// True where stored integers mean the same in both tensors: equal storage, scales and zero points;
/// bounds may differ.
bool haveSameScale(mlir::Type a, mlir::Type b);

} // namespace weir
