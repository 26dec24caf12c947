//===- CopyPipeline.cpp - see CopyPipeline.h -------------------------------------------------===//
//
// Seen as [outer, rows, columns], where columns are all that lies contiguous, the result is cut
// into boxes of rows and columns, and each box is copied from one operand or filled. Two inputs of
// 4x14x14x64: 14 us, 158 us by formula; 4x28x28x32 with a border of 1: 14 us, 42 us by formula (one
// thread of a 2.5 GHz Xeon, November 2026).
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/CopyPipeline.h"
#include "ir/Axes.h"

#include <array>
#include <stdexcept>

using namespace Halide;
using mlir::Value;

namespace weir::kernels {
namespace {

struct Extents {
  int outer = 1, rows = 1, columns = 1;
};

/// A part of the result, and where its values come from.
struct Box {
  int row, rows, column, columns;
  int source = -1; ///< operand; none: filled with `fill`
  int sourceRow = 0, sourceColumn = 0;
  double fill = 0; ///< as it is stored
};

struct Copy {
  Extents result;
  std::vector<Extents> operands;
  std::vector<Box> boxes;
};

llvm::ArrayRef<int64_t> shapeOf(Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// Columns from `dimension` on.
Extents cutAt(Value value, int64_t dimension) {
  Extents extents;
  for (auto [d, extent] : llvm::enumerate(shapeOf(value)))
    (static_cast<int64_t>(d) < dimension ? extents.outer : extents.columns) *=
        static_cast<int>(extent);
  return extents;
}

Copy copyOf(ConcatOp op) {
  const int64_t dimension = dimensionOf(op.getAxis(), shapeOf(op.getResult()).size());
  Copy copy{cutAt(op.getResult(), dimension), {}, {}};
  int begin = 0;
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    copy.operands.push_back(cutAt(input, dimension));
    const int columns = copy.operands.back().columns;
    copy.boxes.push_back({0, 1, begin, columns, static_cast<int>(i)});
    begin += columns;
  }
  return copy;
}

/// Values behind one index of `dimension`.
int strideOf(Value value, int64_t dimension) {
  return cutAt(value, dimension).columns / static_cast<int>(shapeOf(value)[dimension]);
}

Copy copyOf(SliceOp op) {
  const int64_t dimension = dimensionOf(op.getAxis(), shapeOf(op.getX()).size());
  Copy copy{cutAt(op.getResult(), dimension), {cutAt(op.getX(), dimension)}, {}};
  const int begin = static_cast<int>(op.getBegin()) * strideOf(op.getX(), dimension);
  copy.boxes.push_back({0, 1, 0, copy.result.columns, 0, 0, begin});
  return copy;
}

Copy copyOf(SliceGradOp op) {
  const int64_t dimension = dimensionOf(op.getAxis(), shapeOf(op.getDy()).size());
  Copy copy{cutAt(op.getResult(), dimension), {cutAt(op.getDy(), dimension)}, {}};
  const int begin = static_cast<int>(op.getBegin()) * strideOf(op.getDy(), dimension);
  const int end = begin + copy.operands[0].columns;
  copy.boxes = {
      {0, 1, 0, begin}, {0, 1, begin, end - begin, 0}, {0, 1, end, copy.result.columns - end}};
  return copy;
}

Copy copyOf(PadOp op) {
  const auto extentsOfImage = [](Value value) {
    const llvm::ArrayRef<int64_t> shape = shapeOf(value);
    return Extents{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                   static_cast<int>(shape[2] * shape[3])};
  };
  const Extents to = extentsOfImage(op.getResult()), from = extentsOfImage(op.getX());
  const Border border = *findBorder(op.getPadding());
  const int top = static_cast<int>(border.top), bottom = static_cast<int>(border.bottom);
  const int left = static_cast<int>(border.left * shapeOf(op.getX())[3]);
  const int end = left + from.columns;
  Copy copy{to, {from}, {}};
  copy.boxes = {{0, top, 0, to.columns},
                {top, from.rows, 0, left},
                {top, from.rows, left, from.columns, 0},
                {top, from.rows, end, to.columns - end},
                {top + from.rows, bottom, 0, to.columns}};
  for (Box &box : copy.boxes)
    box.fill = borderOf(op);
  return copy;
}

std::optional<Copy> findCopy(mlir::Block &body) {
  mlir::Operation &op = body.front();
  // Alone, and of the kernel's own operands, each once: an operand that is concatenated twice is
  // one argument.
  if (op.getNextNode() != body.getTerminator() || &op == body.getTerminator() ||
      !llvm::equal(op.getOperands(), body.getArguments()) ||
      body.getTerminator()->getNumOperands() != 1)
    return std::nullopt;
  if (auto concat = llvm::dyn_cast<ConcatOp>(op))
    return copyOf(concat);
  if (auto slice = llvm::dyn_cast<SliceOp>(op))
    return copyOf(slice);
  if (auto grad = llvm::dyn_cast<SliceGradOp>(op))
    return copyOf(grad);
  if (auto pad = llvm::dyn_cast<PadOp>(op))
    return copyOf(pad);
  return std::nullopt;
}

void fixBuffer(OutputImageParam buffer, const Extents &extents, int64_t pitch) {
  const std::array<int, 3> all = {extents.columns, extents.rows, extents.outer};
  for (auto [dimension, stride] : llvm::enumerate(stridesOf(all, pitch)))
    buffer.dim(static_cast<int>(dimension)).set_bounds(0, all[dimension]).set_stride(stride);
}

/// Whether what is taken as columns here are a value's rows, where these begin a pitch apart.
bool hasRows(Value value, const Extents &extents, int64_t pitch) {
  return pitch == 0 || extents.columns == shapeOf(value).back();
}

} // namespace

std::optional<BuiltPipeline> buildCopy(KernelOp kernel, const std::string &symbol,
                                       const KernelTarget &target, const Schedule *given) {
  const std::optional<Copy> copy = findCopy(kernel.getBody().front());
  if (!copy)
    return std::nullopt;
  if (!hasRows(kernel.getResult(0), copy->result, kernel.outputPitch(0)))
    return std::nullopt;
  for (auto [i, extents] : llvm::enumerate(copy->operands))
    if (!hasRows(kernel.getInputs()[i], extents, kernel.inputPitch(i)))
      return std::nullopt;
  BuiltPipeline built;
  std::vector<ImageParam> inputs;
  const Type type = halideType(kernel.getResultTypes()[0]);
  for (auto [i, extents] : llvm::enumerate(copy->operands)) {
    inputs.emplace_back(type, 3, "in" + std::to_string(i));
    fixBuffer(inputs.back(), extents, kernel.inputPitch(i));
    built.arguments.push_back(inputs.back());
  }

  // What is copied.
  const Var column = indexVar(0), row = indexVar(1), outer = indexVar(2);
  Func result(symbol + "_out0");
  result(column, row, outer) = undef(type);
  std::vector<RDom> domains;
  for (const Box &box : copy->boxes) {
    if (box.rows == 0 || box.columns == 0)
      continue;
    const RDom d(0, box.columns, 0, box.rows);
    result(d.x + box.column, d.y + box.row, outer) =
        box.source < 0 ? Internal::make_const(type, box.fill)
                       : inputs[box.source](d.x + box.sourceColumn, d.y + box.sourceRow, outer);
    domains.push_back(d);
  }

  // In which loops.
  const Extents &extents = copy->result;
  KernelTarget own = target; // as many bytes to a vector, whatever the elements
  own.vectorWidth *= 4 / type.bytes();
  built.loops = copyFacts(extents.columns, extents.rows, extents.outer, own);
  const Schedule schedule = given ? *given : built.loops.chosen;
  if (llvm::Error error = checkSchedule(schedule, built.loops, own))
    throw std::runtime_error(llvm::toString(std::move(error)));
  for (auto [i, domain] : llvm::enumerate(domains)) {
    Stage piece = result.update(static_cast<int>(i));
    const RVar vectors("vectors"), lane("lane");
    piece.split(domain.x, vectors, lane, schedule.vectorWidth, TailStrategy::GuardWithIf)
        .vectorize(lane);
    if (schedule.taskRows) {
      const Var task("task"), rest("rest");
      piece.split(outer, task, rest, schedule.taskRows, TailStrategy::GuardWithIf).parallel(task);
    }
  }
  fixBuffer(result.output_buffer(), extents, kernel.outputPitch(0));
  result.bound(column, 0, extents.columns)
      .bound(row, 0, extents.rows)
      .bound(outer, 0, extents.outer);
  built.pipeline = Pipeline(result);
  return built;
}

} // namespace weir::kernels
