//===- Emit.h - ops to Halide algorithms -----------------------------------------------------===//
//
// The first half of a kernel's compilation: what is computed. One emitter per op, found by the op's
// name in the table of EmitTable.cpp; each gives every result a pure Func of its indices (innermost
// dimension first, as Halide has it). Sums over other dimensions are Reductions, which
// ScheduleNest.cpp places in somebody's loops.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "ir/Quantization.h"
#include "kernels/ColumnSums.h"
#include "kernels/LoopFacts.h"
#include "kernels/Strips.h"

#include "Halide.h"
#include "llvm/ADT/DenseMap.h"

namespace weir::kernels {

using Exprs = llvm::ArrayRef<Halide::Expr>;

/// What an element of a tensor, or an element type, is in memory.
Halide::Type halideType(mlir::Type type);

/// Extents of a value, innermost first; none for a scalar.
llvm::SmallVector<int> extentsOf(mlir::Value value);

/// Elements between neighbours in each dimension of a value of `extents`, innermost first, whose
/// rows begin `pitch` elements apart (0: they follow each other).
llvm::SmallVector<int> stridesOf(llvm::ArrayRef<int> extents, int64_t pitch);

/// The index variables that all Funcs of a group share.
Halide::Var indexVar(size_t dimension);
std::vector<Halide::Var> indexVars(size_t rank);

/// How the loops of a target want the same values to be written. The schedules' side answers, so
/// that no emitter asks which device it is for.
struct EmissionStyle {
  /// Loads may be asked for beyond the end of a row, up to whole vectors of this many values.
  int vectorWidth = 1;
  /// Cheap helpers are computed once, ahead of their readers; else anew by each reader.
  bool helpersAhead = true;
  /// Images get their border of zeros in memory; else each tap asks whether it lies inside.
  bool bordersInMemory = true;
  /// Long sums are cut into lanes and blocks here; else the schedule cuts them.
  bool lanes = true;
  /// Operands of a matrix product are Funcs of their own, of which tiles can be copied.
  bool operandTiles = false;
  /// Sums over the rows of a result can be taken where it is stored.
  bool sumsWhereStored = true;
};
EmissionStyle styleOf(const KernelTarget &target);

/// A sum that fills `value` (or, with blocks, a part of each of its sums): `partial` has the
/// value's dimensions and, where the sum is cut into blocks, one more.
struct Reduction {
  mlir::Value value;
  Schedule schedule;
  int64_t depth = 0; ///< number of terms of a matrix product; 0: another sum
  Halide::Func partial;
  Halide::RDom domain; ///< what `partial` sums over
  Halide::Func blocks; ///< sum of the blocks; undefined where there are none
  Halide::RDom blockDomain;
  int dotTerms = 1;   ///< products that one instruction sums up; `domain` counts them first
  bool tiles = false; ///< `partial` is TileProducts.h's sums, which are summed over no `domain`
  bool shortTerms = false; ///< the two inner loops of `domain` are short: all written out
  Halide::Func staged;  ///< the left operand's rows of a tile, made ready for it; undefined: none
  int stagedValues = 0; ///< of windows: values of `staged` that are copied together
  Halide::Func
      packed; ///< a transposed copy of the right operand; undefined where it is read in place

  /// With EmissionStyle::operandTiles, the operands of a matrix product: left(term, row) and
  /// right(column, term), zero beyond the last term, and which of them lie along the terms.
  Halide::Func left, right;
  bool leftAlongTerms = false, rightAlongTerms = false;
  /// Sum of the parts that the blocks were dealt to, which tasks or a GPU's blocks take; undefined
  /// where there is one part.
  Halide::Func parts;
  Halide::RDom partDomain;
  /// The domain's first dimension is the innermost one in memory.
  bool alongColumns = false;

  bool isMatrix() const { return depth != 0; }
  /// Number of terms of each sum.
  int64_t terms() const;
};

/// Sums that stay in vector registers, lane by lane: `func` has the lane (along the columns) as its
/// first dimension, then what else is kept, and the block of the summed values last.
struct LaneSum {
  Halide::Func func;
  Halide::RDom domain;
  int lanes = 0, blocks = 1;
};

/// A Func that is computed whole before its readers.
struct Helper {
  Halide::Func func;
  llvm::SmallVector<int> extents; ///< of its dimensions, as far as schedules need them
  Halide::RDom domain;            ///< what it sums over; undefined: it is no sum
};

/// Sums over all rows of a result of the group, taken where it is stored.
struct SummedResult {
  mlir::Value value;
  mlir::Operation *op; ///< whose sums they are
  ColumnSums sums;
  /// The terms of the value at an index.
  std::function<std::vector<Halide::Expr>(const Halide::Expr &value, Exprs index)> terms;
};

/// Values of one group as Halide Funcs.
class Emitter {
public:
  /// With `given`, the group's main loops are cut by it instead of by the model's choice.
  explicit Emitter(const KernelTarget &target, const Schedule *given = nullptr)
      : target(target), style(styleOf(target)), given(given), columnsOfTile(style.vectorWidth) {}

  const KernelTarget &target;
  EmissionStyle style;
  const Schedule *given;
  /// The group's matrix product, if it has one: its loops are the main ones.
  std::optional<LoopFacts> matrix;
  /// Columns that are loaded together at most: a row's last load reaches over its end where they
  /// do not divide it.
  int columnsOfTile;
  /// Keeps the facts of a matrix product and returns the schedule to emit it for.
  Schedule scheduleOf(const LoopFacts &facts);

  std::vector<Reduction> reductions;
  /// Reductions that are computed by themselves, and fill no value of the group.
  std::vector<Reduction> alone;
  std::vector<SummedResult> summed;
  /// Helpers as those in `stored`, with loops of their own.
  std::vector<LaneSum> laneSums;
  /// Values and helpers that are computed whole, in this order, before those that read them.
  std::vector<Helper> stored;
  /// Values among `stored`, which can be the home of a reduction: index in `stored`.
  llvm::DenseMap<mlir::Value, size_t> storedValues;

  /// Makes `value` an input of the pipeline, whose rows begin `pitch` elements apart (0: they
  /// follow each other).
  Halide::ImageParam addInput(mlir::Value value, const std::string &name, int64_t pitch = 0);

  /// Makes what are inputs of `other`, of the same pipeline, inputs here as well.
  void shareInputs(const Emitter &other) { inputs = other.inputs; }

  /// The value at `index` (innermost first).
  Halide::Expr at(mlir::Value value, Exprs index) const;
  /// A scalar value, for helpers: in memory, unless it is constant.
  Halide::Expr scalar(mlir::Value value);

  /// Defines `value` at each index.
  void define(mlir::Value value, llvm::function_ref<Halide::Expr(Exprs)> expression);

  /// Puts the value in memory, for an op that reads each element many times: inputs are; others are
  /// computed whole, and later ops read the copy.
  void keepInMemory(mlir::Value value);

  /// "factors0", "factors1", …: constants of a group need names of their own, and the same group
  /// the same names.
  std::string nextConstant() { return "factors" + std::to_string(constants++); }

  /// True of an input whose pixels follow each other and have less than a vector of channels: a
  /// whole row of pixels may be read through the first index.
  bool channelsAreRows(mlir::Value image) const {
    const auto input = inputs.find(image);
    const int channels = extentsOf(image)[0];
    return input != inputs.end() && channels < style.vectorWidth &&
           Halide::Internal::is_const(input->second.parameter().stride_constraint(1), channels);
  }

  /// A helper Func that is computed whole before its readers, vectorized along its first dimension.
  void store(Halide::Func func, llvm::ArrayRef<int> extents = {}, const Halide::RDom &domain = {}) {
    stored.push_back({std::move(func), llvm::SmallVector<int>(extents), domain});
  }
  /// As `store`, for a helper of a few operations: computed by its readers where that is cheaper.
  void storeCheap(Halide::Func func) {
    if (style.helpersAhead)
      store(std::move(func));
  }

  /// Images behind `patches`, by its result: what windows see at (channel, x + left, y + top,
  /// batch).
  llvm::DenseMap<mlir::Value, std::function<Halide::Expr(Exprs)>> images;

  /// Parts of an op's result that are costly and use many constants: a nest that reads the op
  /// computes them a tile ahead, in a loop of their own, since one loop of everything runs out of
  /// registers.
  llvm::DenseMap<mlir::Operation *, Halide::Func> ahead;

  /// See Nest::dimensionsInside.
  size_t dimensionsInside = 0;
  /// Neighbours in a row, counted from a multiple of this, differ in the taps that they see: the
  /// stride behind a gradient.
  int64_t phases = 1;
  /// Helpers of the group's one nest that are computed for a vector of columns at a time, with the
  /// number of values that takes.
  std::vector<std::pair<Halide::Func, int64_t>> ofColumns;
  /// Others whose rows are computed as the nest comes to them, of images that it goes down.
  std::vector<Helper> ofRows;

  /// Of a group that is computed in strips: all its convolutions.
  std::optional<Strips> strips;

  /// A helper shared by ops that read the same value, e.g. the row maximum behind loss and
  /// gradient.
  llvm::DenseMap<std::pair<mlir::Value, int>, std::vector<Halide::Func>> shared;

private:
  /// A load along the first index variable, which whole vectors may carry over the end of the row,
  /// as one that reads nothing there.
  Halide::Expr guarded(const Halide::Expr &load, mlir::Value value,
                       const std::vector<Halide::Expr> &index) const;

  llvm::DenseMap<mlir::Value, Halide::ImageParam> inputs;
  llvm::DenseMap<mlir::Value, Halide::Func> funcs;
  int constants = 0;
};

/// What `pad` fills with, as it is stored.
double borderOf(PadOp pad);

/// What the room knows about an op.
struct OpEmitter {
  llvm::StringRef name; ///< "weir.dense"
  void (*emit)(mlir::Operation *, Emitter &);
};

/// All ops that have a kernel, on every target.
llvm::ArrayRef<OpEmitter> opEmitters();

/// By the op's row in the table; throws std::runtime_error where it has none.
void emitOp(mlir::Operation *op, Emitter &emitter);

/// Whether sums over the rows of `value` can be taken where it is stored: it is a result of the
/// group that no op needs in memory before.
bool canSumWhereStored(mlir::Value value, const Emitter &emitter);
/// For canSumWhereStored(value): the value's first row, a Func of the column, computed ahead of all
/// rows; undefined where what makes the value has no form for a single row.
Halide::Func firstRow(mlir::Value value, Emitter &emitter);

// One per family, in the file of its name.
void emitDense(mlir::Operation *, Emitter &);
void emitPackedDense(mlir::Operation *, Emitter &);
void emitQuantizedDense(mlir::Operation *, Emitter &);
void emitQuantize(mlir::Operation *, Emitter &);
void emitRequantize(mlir::Operation *, Emitter &);
void emitDequantize(mlir::Operation *, Emitter &);
void emitQuantizedAdd(mlir::Operation *, Emitter &,
                      llvm::function_ref<Halide::Expr(mlir::Value, Exprs)> operandAt);
void emitDenseInputGrad(mlir::Operation *, Emitter &);
void emitDenseWeightGrad(mlir::Operation *, Emitter &);
void emitSumTo(mlir::Operation *, Emitter &);
void emitReshaped(mlir::Operation *, Emitter &);
void emitFill(mlir::Operation *, Emitter &);
void emitUnary(mlir::Operation *, Emitter &);
void emitUnaryGrad(mlir::Operation *, Emitter &);
void emitBinary(mlir::Operation *, Emitter &);
void emitBiasAdd(mlir::Operation *, Emitter &);
void emitBroadcastTo(mlir::Operation *, Emitter &);
void emitScaleBy(mlir::Operation *, Emitter &);
void emitConcat(mlir::Operation *, Emitter &);
void emitSlice(mlir::Operation *, Emitter &);
void emitSliceGrad(mlir::Operation *, Emitter &);
void emitPad(mlir::Operation *, Emitter &);
void emitTranspose(mlir::Operation *, Emitter &);
void emitReduce(mlir::Operation *, Emitter &);
void emitSumOfSquares(mlir::Operation *, Emitter &);
void emitLogSoftmax(mlir::Operation *, Emitter &);
void emitLogSoftmaxGrad(mlir::Operation *, Emitter &);
void emitPatches(mlir::Operation *, Emitter &);
void emitFlipWeight(mlir::Operation *, Emitter &);
void emitFoldPatches(mlir::Operation *, Emitter &);
void emitConv2d(mlir::Operation *, Emitter &);
void emitStripDepthwise(mlir::Operation *, Emitter &);
void emitDepthwiseConv2d(mlir::Operation *, Emitter &);
void emitDepthwiseInputGrad(mlir::Operation *, Emitter &);
void emitDepthwiseWeightGrad(mlir::Operation *, Emitter &);
void emitMaxPool2d(mlir::Operation *, Emitter &);
void emitMaxPool2dGrad(mlir::Operation *, Emitter &);
void emitAvgPool2d(mlir::Operation *, Emitter &);
void emitAvgPool2dGrad(mlir::Operation *, Emitter &);
void emitGlobalAvgPool2d(mlir::Operation *, Emitter &);
void emitBatchNorm(mlir::Operation *, Emitter &);
void emitBatchStats(mlir::Operation *, Emitter &);
void emitRunningAverage(mlir::Operation *, Emitter &);
void emitBatchNormSums(mlir::Operation *, Emitter &);
void emitBatchNormInputGrad(mlir::Operation *, Emitter &);
void emitDropout(mlir::Operation *, Emitter &);
void emitFakeQuantize(mlir::Operation *, Emitter &);
void emitFakeQuantizeGrad(mlir::Operation *, Emitter &);
void emitValueRange(mlir::Operation *, Emitter &);
void emitSoftmax(mlir::Operation *, Emitter &);
void emitSoftmaxGrad(mlir::Operation *, Emitter &);
void emitCrossEntropy(mlir::Operation *, Emitter &);
void emitCrossEntropyGrad(mlir::Operation *, Emitter &);
void emitSgd(mlir::Operation *, Emitter &);
void emitAdagrad(mlir::Operation *, Emitter &);
void emitRmsprop(mlir::Operation *, Emitter &);
void emitAdadelta(mlir::Operation *, Emitter &);
void emitAdam(mlir::Operation *, Emitter &);
void emitAdamw(mlir::Operation *, Emitter &);
void emitNadam(mlir::Operation *, Emitter &);

} // namespace weir::kernels
