//===- ScheduleSum.cpp - loops for sums of many values ---------------------------------------===//
//
// A few vectors of lanes stay in registers from a block's first value to its last, so that
// additions need not wait for one another. See EmitSum.cpp for what is summed.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"

using namespace Halide;

namespace weir::kernels {

LoopFacts factsOf(const LaneSum &sum, const KernelTarget &target) {
  int64_t values = int64_t(sum.lanes) * sum.blocks;
  for (int dimension = 0; dimension < sum.domain.dimensions(); ++dimension)
    values *= *Internal::as_const_int(sum.domain[dimension].extent());
  return lanesFacts(sum.lanes, sum.blocks, values, target);
}

void scheduleLanes(const LaneSum &sum, const Schedule &schedule) {
  Func func = sum.func;
  const Var lane = indexVar(0), vectorOfRow("vectorOfRow"), vectorOfTile("vectorOfTile"),
            tileOfRow("tileOfRow"), inner("inner");
  const int width = schedule.vectorWidth, vectors = (sum.lanes + width - 1) / width;
  func.compute_root()
      .bound_extent(lane, vectors * width)
      .vectorize(lane, width, TailStrategy::RoundUp);
  Stage update = func.update();
  std::vector<VarOrRVar> order{inner, vectorOfTile};
  for (int dimension = 0; dimension < sum.domain.dimensions(); ++dimension)
    order.emplace_back(RVar(sum.domain[dimension]));
  const std::vector<Var> vars = func.args();
  order.emplace_back(tileOfRow);
  order.insert(order.end(), vars.begin() + 1, vars.end());
  update.split(lane, vectorOfRow, inner, width, TailStrategy::RoundUp)
      .split(vectorOfRow, tileOfRow, vectorOfTile, schedule.tileVectors, TailStrategy::RoundUp)
      .reorder(order)
      .vectorize(inner)
      .unroll(vectorOfTile);
  if (schedule.taskRows)
    update.parallel(vars.back());
}

} // namespace weir::kernels
