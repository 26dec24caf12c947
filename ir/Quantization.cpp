//===- Quantization.cpp - see Quantization.h --------------------------------------------------===//

#include "ir/Quantization.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace mlir;
using quant::QuantizedType;
using quant::UniformQuantizedPerAxisType;
using quant::UniformQuantizedType;

namespace weir {
namespace {

bool expressesF32(Type element, unsigned bits) {
  auto type = dyn_cast<QuantizedType>(element);
  return type && type.getExpressedType() && type.getExpressedType().isF32() &&
         type.getStorageTypeIntegralWidth() == bits;
}

/// Signed, zero point 0, one scale or one for each index of a dimension.
bool isSymmetric(Type element) {
  if (auto type = dyn_cast<UniformQuantizedType>(element))
    return type.isSigned() && type.getZeroPoint() == 0;
  if (auto type = dyn_cast<UniformQuantizedPerAxisType>(element))
    return type.isSigned() && llvm::all_of(type.getZeroPoints(), [](int64_t z) { return z == 0; });
  return false;
}

/// Elements with the storage of `like` and other scales: along `axis`, or one for all. The zero
/// points of scales along an axis are 0.
Type withScales(QuantizedType like, ArrayRef<double> scales, std::optional<int64_t> axis) {
  Type f32 = Float32Type::get(like.getContext());
  if (!axis)
    return UniformQuantizedType::get(like.getFlags(), like.getStorageType(), f32, scales[0], 0,
                                     like.getStorageTypeMin(), like.getStorageTypeMax());
  const SmallVector<int64_t> zeros(scales.size(), 0);
  return UniformQuantizedPerAxisType::get(like.getFlags(), like.getStorageType(), f32, scales,
                                          zeros, static_cast<int32_t>(*axis),
                                          like.getStorageTypeMin(), like.getStorageTypeMax());
}

/// The symmetric signed type of `bits` bits.
Type symmetricType(MLIRContext *context, unsigned bits, int64_t low, ArrayRef<double> scales,
                   std::optional<int64_t> axis) {
  const int64_t high = QuantizedType::getDefaultMaximumForInteger(true, bits);
  auto one =
      UniformQuantizedType::get(quant::QuantizationFlags::Signed, IntegerType::get(context, bits),
                                Float32Type::get(context), scales[0], 0, low, high);
  return withScales(one, scales, axis);
}

/// How many elements lie behind one index of dimension `axis`.
int64_t elementsBehind(ArrayRef<int64_t> shape, int64_t axis) {
  int64_t count = 1;
  for (int64_t extent : shape.drop_front(axis + 1))
    count *= extent;
  return count;
}

} // namespace

std::string Storage::name() const {
  constexpr const char *letters = "fiu";
  return letters[static_cast<size_t>(kind)] + std::to_string(bits);
}

Storage storageOf(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (auto quantized = dyn_cast<QuantizedType>(element))
    return {quantized.isSigned() ? Storage::Kind::Signed : Storage::Kind::Unsigned,
            quantized.getStorageTypeIntegralWidth()};
  return {isa<FloatType>(element) ? Storage::Kind::Float : Storage::Kind::Signed,
          element.getIntOrFloatBitWidth()};
}

int64_t byteSize(Type type) {
  return cast<RankedTensorType>(type).getNumElements() * storageOf(type).bits / 8;
}

std::optional<Quantization> quantizationOf(Type tensor) {
  auto element = dyn_cast<QuantizedType>(getElementTypeOrSelf(tensor));
  if (!element)
    return std::nullopt;
  const int64_t low = element.getStorageTypeMin(), high = element.getStorageTypeMax();
  if (auto type = dyn_cast<UniformQuantizedPerAxisType>(element))
    return Quantization{SmallVector<double>(type.getScales()), type.getZeroPoints()[0], low, high,
                        type.getQuantizedDimension()};
  auto type = cast<UniformQuantizedType>(element);
  return Quantization{{type.getScale()}, type.getZeroPoint(), low, high, std::nullopt};
}

bool isQuantized(Type tensor) { return isa<QuantizedType>(getElementTypeOrSelf(tensor)); }

bool isQuantizedValue(Type element) {
  auto type = dyn_cast<UniformQuantizedType>(element);
  return type && expressesF32(type, 8) &&
         type.getZeroPoint() >= QuantizedType::getDefaultMinimumForInteger(type.isSigned(), 8) &&
         type.getZeroPoint() <= QuantizedType::getDefaultMaximumForInteger(type.isSigned(), 8);
}

bool isQuantizedWeight(Type element) { return expressesF32(element, 8) && isSymmetric(element); }

bool isQuantizedSum(Type element) { return expressesF32(element, 32) && isSymmetric(element); }

RankedTensorType quantizedValueType(MLIRContext *context, ArrayRef<int64_t> shape, double scale,
                                    int64_t zeroPoint, int64_t low, int64_t high) {
  return RankedTensorType::get(shape, UniformQuantizedType::get(
                                          /*flags=*/0, IntegerType::get(context, 8),
                                          Float32Type::get(context), scale, zeroPoint, low, high));
}

RankedTensorType quantizedWeightType(MLIRContext *context, ArrayRef<int64_t> shape,
                                     ArrayRef<double> scales) {
  const std::optional<int64_t> axis =
      scales.size() == 1 ? std::nullopt
                         : std::optional<int64_t>(static_cast<int64_t>(shape.size()) - 1);
  return RankedTensorType::get(shape, symmetricType(context, 8, -127, scales, axis));
}

RankedTensorType quantizedSumType(ArrayRef<int64_t> shape, RankedTensorType x,
                                  RankedTensorType weight) {
  const Quantization factors = *quantizationOf(weight);
  const double scale = quantizationOf(x)->scales[0];
  const auto scales =
      llvm::map_to_vector(factors.scales, [&](double factor) { return scale * factor; });
  std::optional<int64_t> axis;
  if (factors.axis)
    axis = static_cast<int64_t>(shape.size()) - 1;
  return RankedTensorType::get(
      shape, symmetricType(x.getContext(), 32, QuantizedType::getDefaultMinimumForInteger(true, 32),
                           scales, axis));
}

RankedTensorType reshapedType(RankedTensorType type, ArrayRef<int64_t> shape) {
  auto element = dyn_cast<UniformQuantizedPerAxisType>(type.getElementType());
  if (!element)
    return RankedTensorType::get(shape, type.getElementType());
  const int64_t axis = element.getQuantizedDimension(), size = type.getDimSize(axis),
                behind = elementsBehind(type.getShape(), axis);
  for (int64_t d = static_cast<int64_t>(shape.size()); d-- > 0;)
    if (shape[d] == size && elementsBehind(shape, d) == behind)
      return RankedTensorType::get(shape, withScales(element, element.getScales(), d));
  return nullptr;
}

RankedTensorType slicedType(RankedTensorType type, int64_t axis, int64_t begin, int64_t size) {
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = size;
  auto element = dyn_cast<UniformQuantizedPerAxisType>(type.getElementType());
  if (!element || element.getQuantizedDimension() != axis)
    return RankedTensorType::get(shape, type.getElementType());
  return RankedTensorType::get(shape,
                               withScales(element, element.getScales().slice(begin, size), axis));
}

RankedTensorType concatQuantizedType(ArrayRef<RankedTensorType> types, ArrayRef<int64_t> shape,
                                     int64_t axis) {
  SmallVector<double> scales;
  int64_t low = std::numeric_limits<int64_t>::max(), high = std::numeric_limits<int64_t>::min();
  for (RankedTensorType type : types) {
    const std::optional<Quantization> own = quantizationOf(type);
    const bool alongAxis = own && own->axis && *own->axis == axis;
    if (!own || (own->axis && !alongAxis) || (!alongAxis && !haveSameScale(type, types[0])) ||
        storageOf(type).name() != storageOf(types[0]).name())
      return nullptr;
    if (alongAxis)
      scales.append(own->scales);
    low = std::min(low, own->low);
    high = std::max(high, own->high);
  }
  auto like = cast<QuantizedType>(types[0].getElementType());
  if (!scales.empty()) // of all, or the sizes differ
    return static_cast<int64_t>(scales.size()) == shape[axis]
               ? RankedTensorType::get(shape, withScales(like, scales, axis))
               : RankedTensorType();
  auto one = cast<UniformQuantizedType>(like);
  return RankedTensorType::get(
      shape, UniformQuantizedType::get(one.getFlags(), one.getStorageType(), one.getExpressedType(),
                                       one.getScale(), one.getZeroPoint(), low, high));
}

RankedTensorType storageType(RankedTensorType type) {
  auto element = dyn_cast<QuantizedType>(type.getElementType());
  return element ? RankedTensorType::get(type.getShape(), element.getStorageType()) : type;
}

RankedTensorType expressedType(RankedTensorType type) {
  return RankedTensorType::get(type.getShape(), Float32Type::get(type.getContext()));
}

bool haveSameScale(Type a, Type b) {
  const std::optional<Quantization> left = quantizationOf(a), right = quantizationOf(b);
  const Storage storage = storageOf(a), other = storageOf(b);
  if (!left || !right || storage.kind != other.kind || storage.bits != other.bits)
    return false;
  return left->zeroPoint == right->zeroPoint && left->scales == right->scales;
}

} // namespace weir
