//===- ScheduleGpuMatrix.cpp - matrix products on a GPU --------------------------------------===//
//
// A block owns a tile of results. Step by step along the depth its threads copy a tile of either
// operand into shared memory, along whichever dimension is contiguous, and each thread multiplies
// its own rows and columns of them in registers. Between steps a thread's sums stay in shared
// memory: it costs two accesses of 16 bytes for four sums a step, and lets the epilogue hand
// elements to threads in the order of memory, whatever the tile. Where there are few tiles the
// depth is cut into parts, whose sums the epilogue's threads add up.
//
// By ptxas (13.0): the 88 product kernels of squeezenet_mnist's steps at batch 5 take up to 72
// registers on sm_75 and 48 on sm_80 to sm_90, none spilled, no stack; the largest tile takes 27 KB
// of shared memory. How fast they are was not measured: there was no GPU.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleGpu.h"

using namespace Halide;

namespace weir::kernels {
namespace {

/// Terms whose operands are loaded ahead of their products.
constexpr int mostUnrolled = 16;

class GpuMatrix {
public:
  explicit GpuMatrix(const Reduction &reduction)
      : reduction(reduction), schedule(reduction.schedule),
        columns(schedule.threadColumns * schedule.tileVectors),
        rows(schedule.threadRows * schedule.tileRows),
        threads(schedule.threadColumns * schedule.threadRows) {}

  /// `result` is made of the sums of `blocks` alone: (column, row) and perhaps the part.
  void apply(const Func &result, llvm::ArrayRef<int> extents, Func staged) {
    const Var home = loopsOf(result, extents);
    if (staged.defined())
      staged.compute_at(result, turnVar()).store_in(MemoryType::Register);
    Func blocks = reduction.blocks, partial = reduction.partial;
    // The sums, zero at first.
    Func(blocks)
        .compute_at(result, home)
        .store_in(MemoryType::GPUShared)
        .bound_extent(column(), columns)
        .bound_extent(row(), rows);
    ownTile(blocks, {});
    ownTile(blocks.update(), {RVar(reduction.blockDomain.x)});
    // A step's products.
    partial.compute_at(blocks, threadColumn())
        .store_in(MemoryType::Register)
        .unroll(column())
        .unroll(row());
    const RVar term = reduction.domain.x;
    Stage update = partial.update();
    update.reorder(column(), row(), term).unroll(column()).unroll(row());
    if (schedule.depthUnroll > 1)
      update.unroll(term, schedule.depthUnroll);
    // Their operands. What only one thread reads is not worth a copy, unless to read it in order.
    if (schedule.threadColumns > 1)
      copyTile(reduction.left, row(), rows, reduction.leftAlongTerms);
    if (schedule.threadRows > 1 || reduction.rightAlongTerms)
      copyTile(reduction.right, column(), columns, reduction.rightAlongTerms);
  }

private:
  static Var column() { return indexVar(0); }
  static Var row() { return indexVar(1); }
  static Var threadColumn() { return Var("threadColumn"); }
  static Var threadRow() { return Var("threadRow"); }
  static Var turnVar() { return Var("turn"); }

  /// Blocks of tiles, whose elements are dealt to the threads in the order of memory.
  Var loopsOf(Func result, llvm::ArrayRef<int> extents) {
    const Var tileColumn("tileColumn"), tileRow("tileRow"), columnOfTile("columnOfTile"),
        rowOfTile("rowOfTile"), elements("elements"), thread("thread");
    Var tiles("tiles");
    const auto tail = [](int extent, int size) {
      return extent % size ? TailStrategy::GuardWithIf : TailStrategy::RoundUp;
    };
    result.compute_root()
        .split(column(), tileColumn, columnOfTile, columns, tail(extents[0], columns))
        .split(row(), tileRow, rowOfTile, rows, tail(extents[1], rows))
        .reorder(columnOfTile, rowOfTile, tileColumn, tileRow)
        .fuse(columnOfTile, rowOfTile, elements)
        .split(elements, turnVar(), thread, threads, tail(rows * columns, threads))
        .split(thread, threadRow(), threadColumn(), schedule.threadColumns)
        .reorder(turnVar(), threadColumn(), threadRow())
        .fuse(tileColumn, tileRow, tiles)
        .gpu_threads(threadColumn(), threadRow());
    if (reduction.parts.defined()) {
      const Var all("all");
      result.fuse(tiles, result.args()[2], all).gpu_blocks(all);
      return all;
    }
    result.gpu_blocks(tiles);
    return tiles;
  }

  /// Each thread its own rows and columns.
  void ownTile(Stage stage, const std::vector<VarOrRVar> &outermost) {
    const Var columnOfThread("columnOfThread"), rowOfThread("rowOfThread");
    std::vector<VarOrRVar> order{columnOfThread, rowOfThread, threadColumn(), threadRow()};
    order.insert(order.end(), outermost.begin(), outermost.end());
    stage.split(column(), threadColumn(), columnOfThread, schedule.tileVectors)
        .split(row(), threadRow(), rowOfThread, schedule.tileRows)
        .reorder(order)
        .gpu_threads(threadColumn(), threadRow())
        .unroll(columnOfThread)
        .unroll(rowOfThread);
  }

  /// A step's tile of an operand: `lines` contiguous in shared memory, and where they are written
  /// across, a few values apart so that the writes meet different banks.
  void copyTile(Func operand, const Var &line, int lines, bool alongTerms) {
    const Var term = operand.args()[1], values("values"), turn("turn"), thread("thread");
    operand.compute_at(reduction.blocks, RVar(reduction.blockDomain.x))
        .store_in(MemoryType::GPUShared)
        .bound_extent(line, lines)
        .bound_extent(term, schedule.depthBlock);
    if (alongTerms) {
      operand.align_storage(line, lines % 4 ? lines | 1 : lines + 4);
      operand.reorder(term, line).fuse(term, line, values);
    } else {
      operand.fuse(line, term, values);
    }
    const int all = lines * schedule.depthBlock;
    operand.split(values, turn, thread, threads,
                  all % threads ? TailStrategy::GuardWithIf : TailStrategy::RoundUp);
    if (all <= mostUnrolled * threads)
      operand.unroll(turn);
    operand.split(thread, threadRow(), threadColumn(), schedule.threadColumns)
        .reorder(turn, threadColumn(), threadRow())
        .gpu_threads(threadColumn(), threadRow());
  }

  const Reduction &reduction;
  const Schedule &schedule;
  const int columns, rows, threads;
};

} // namespace

void scheduleGpuMatrix(const Reduction &reduction, const Func &result, llvm::ArrayRef<int> extents,
                       Func staged) {
  if (!reduction.parts.defined())
    return GpuMatrix(reduction).apply(result, extents, std::move(staged));
  Func blocks = reduction.blocks, parts = reduction.parts;
  GpuMatrix(reduction).apply(blocks.in(), extents, Func());
  const Var thread = flatThreads(result, extents);
  if (staged.defined())
    staged.compute_at(result, thread).store_in(MemoryType::Register);
  parts.compute_at(result, thread).store_in(MemoryType::Register);
}

} // namespace weir::kernels
