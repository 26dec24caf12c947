//===- ScheduleSum.cpp - loops for sums along the columns ------------------------------------===//
//
// A few vectors of lanes stay in registers from the first column to the last, so that additions
// need not wait for one another. See EmitSum.cpp for what is summed.
//
//===-----------------------------------------------------------------------------------------===//

#include "kernels/ScheduleNest.h"

using namespace Halide;

namespace weir::kernels {

void scheduleLanes(const LaneSum &sum, const KernelTarget &target) {
  Func func = sum.func;
  const Var lane = indexVar(0), vectorOfLanes("vectorOfLanes"), inner("inner");
  func.compute_root()
      .bound_extent(lane, sum.lanes)
      .vectorize(lane, target.vectorWidth, TailStrategy::RoundUp);
  Stage update = func.update();
  std::vector<VarOrRVar> order{inner, vectorOfLanes};
  for (int dimension = 0; dimension < sum.domain.dimensions(); ++dimension)
    order.emplace_back(RVar(sum.domain[dimension]));
  const std::vector<Var> vars = func.args();
  order.insert(order.end(), vars.begin() + 1, vars.end());
  update.split(lane, vectorOfLanes, inner, target.vectorWidth, TailStrategy::RoundUp)
      .reorder(order)
      .vectorize(inner)
      .unroll(vectorOfLanes);
  if (sum.blocks > 1)
    update.parallel(vars.back());
}

} // namespace weir::kernels
