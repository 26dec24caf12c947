//===- ScheduleSum.cpp - loops for sums of many values ---------------------------------------===//
//
// A few vectors of lanes stay in registers from a block's first value to its last, so that
// additions need not wait for one another. See EmitSum.cpp for what is summed.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"

using namespace Halide;

namespace weir::kernels {

/// Values from which a sum's blocks are shared among cores.
constexpr int64_t leastParallelValues = 100'000;

void scheduleLanes(const LaneSum &sum, const KernelTarget &target) {
  Func func = sum.func;
  const Var lane = indexVar(0), vectorOfRow("vectorOfRow"), vectorOfTile("vectorOfTile"),
            tileOfRow("tileOfRow"), inner("inner");
  // The tile: as many vectors as divide the row, so that none is computed for nothing.
  const int vectors = (sum.lanes + target.vectorWidth - 1) / target.vectorWidth;
  int tile = 4;
  while (vectors % tile != 0)
    --tile;
  func.compute_root()
      .bound_extent(lane, vectors * target.vectorWidth)
      .vectorize(lane, target.vectorWidth, TailStrategy::RoundUp);
  Stage update = func.update();
  std::vector<VarOrRVar> order{inner, vectorOfTile};
  for (int dimension = 0; dimension < sum.domain.dimensions(); ++dimension)
    order.emplace_back(RVar(sum.domain[dimension]));
  int64_t values = int64_t(sum.lanes) * sum.blocks;
  for (int dimension = 0; dimension < sum.domain.dimensions(); ++dimension)
    values *= *Internal::as_const_int(sum.domain[dimension].extent());
  const std::vector<Var> vars = func.args();
  order.emplace_back(tileOfRow);
  order.insert(order.end(), vars.begin() + 1, vars.end());
  update.split(lane, vectorOfRow, inner, target.vectorWidth, TailStrategy::RoundUp)
      .split(vectorOfRow, tileOfRow, vectorOfTile, tile, TailStrategy::RoundUp)
      .reorder(order)
      .vectorize(inner)
      .unroll(vectorOfTile);
  if (sum.blocks > 1 && values >= leastParallelValues)
    update.parallel(vars.back());
}

} // namespace weir::kernels
