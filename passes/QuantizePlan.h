//===- QuantizePlan.h - which values of a function get 8 bits, and which numbers stand for them
//
// The decisions of `quantize`, before anything is rewritten. A product (conv2d, depthwise_conv2d,
// dense) is computed in integers unless it is to stay in float. Pools, sums of two values, concat
// and what moves values follow where their operands can have 8 bits and somebody downstream wants
// them so; all else stays in float. Values that an op passes on unchanged share one scale.
//
//===--------------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "ir/QuantizedRange.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace weir {

/// A range of real numbers.
struct RealRange {
  double low, high;
};

/// What calibration has written beside a value; none where it has written nothing. What passes its
/// operand's values on has its operand's.
std::optional<RealRange> rangeOf(mlir::Value value);

/// True for conv2d, depthwise_conv2d and dense.
bool isProduct(mlir::Operation *op);
/// What an activation that only cuts off leaves: of relu [0, infinity]. None for other ops.
std::optional<RealRange> cutOff(mlir::Operation *op);

class QuantizePlan {
public:
  /// Fails with a diagnostic where a range is missing or no range.
  static mlir::FailureOr<QuantizePlan> make(mlir::func::FuncOp function,
                                            const llvm::StringSet<> &keepFloat);

  /// The values that would have 8 bits if all ranges were known and each batch_norm behind a
  /// product folded into it, in the function's order: one of those that share their numbers, none
  /// that an activation makes another of. Of a function that infers or trains, before it is
  /// simplified.
  static llvm::SmallVector<mlir::Value> eightBitValues(mlir::func::FuncOp function);

  /// True where the op's result is computed with integers.
  bool isInteger(mlir::Operation *op) const { return integer.contains(op); }
  /// True where somebody reads the value as 8 bits, or as a real number.
  bool wants8(mlir::Value value) const { return demanded.contains(value); }
  bool wantsFloat(mlir::Value value) const { return demandedFloat.contains(value); }
  /// True for an activation that is the clamping of the product or sum before it.
  bool isFolded(mlir::Operation *activation) const;
  /// The 8-bit numbers of a value.
  AffineU8 numbersOf(mlir::Value value) const { return numbers.lookup(value); }

private:
  explicit QuantizePlan(mlir::func::FuncOp function) : function(function) {}

  mlir::LogicalResult chooseProducts(const llvm::StringSet<> &keepFloat);
  void findCapable();
  void findDemand();
  mlir::LogicalResult chooseNumbers();
  bool passesOn(mlir::OpOperand &operand) const;

  mlir::func::FuncOp function;
  bool assumeRanges = false;
  llvm::DenseSet<mlir::Operation *> integer;
  llvm::DenseSet<mlir::Value> capable; ///< can be had in 8 bits without a detour through float
  llvm::SetVector<mlir::Value> demanded;
  llvm::DenseSet<mlir::Value> demandedFloat;
  llvm::DenseMap<mlir::Value, AffineU8> numbers;
};

} // namespace weir
