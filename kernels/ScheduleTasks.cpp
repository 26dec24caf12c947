//===- ScheduleTasks.cpp - see ScheduleTasks.h -----------------------------------------------===//

#include "kernels/ScheduleTasks.h"

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>

namespace weir {
namespace {

/// What a core computes and reads in a nanosecond, about: products of f32, bytes from beyond L1.
constexpr double productsInNanosecond = 100, bytesInNanosecond = 150;
/// More tasks than `fewTasks` only add calls, but may be shared more evenly.
constexpr int64_t fewTasks = 16, mostTasks = 64;

} // namespace

bool isWorthSharing(const MatrixExtents &extents, int terms, double leastNanoseconds) {
  const auto rows = double(extents.rows), columns = double(extents.columns),
             depth = double(extents.depth);
  const double bytes =
      columns * (depth * (terms == 1 ? sizeof(float) : terms) + rows * sizeof(float));
  return rows * columns * depth / productsInNanosecond + bytes / bytesInNanosecond >=
         leastNanoseconds;
}

int taskRowsOf(int64_t rows, int64_t unit, int64_t least) {
  int64_t chosen = 0;
  double soonest = std::numeric_limits<double>::max();
  const auto consider = [&](int64_t from, int64_t to) {
    for (int64_t task = std::max(least, from); task < to; ++task) {
      const auto time = double(task * int64_t(llvm::divideCeil(rows / task, 2)));
      if (rows % task != 0 || task % unit != 0 || time > 0.95 * soonest)
        continue;
      soonest = time;
      chosen = task;
    }
  };
  const int64_t ofFew = llvm::divideCeil(rows, fewTasks);
  consider(ofFew, rows);
  consider(llvm::divideCeil(rows, mostTasks), std::min(ofFew, rows));
  return static_cast<int>(chosen);
}

int unevenTaskRows(int64_t rows, int64_t unit, int64_t least) {
  int64_t chosen = 0;
  double soonest = std::numeric_limits<double>::max();
  for (int64_t tasks = fewTasks; tasks > 1; --tasks) {
    const int64_t task = llvm::alignTo(llvm::divideCeil(rows, tasks), unit);
    if (task < least || task >= rows)
      continue;
    const int64_t turns = llvm::divideCeil(llvm::divideCeil(rows, task), 2);
    if (const auto time = double(turns * task); time < 0.98 * soonest) {
      soonest = time;
      chosen = task;
    }
  }
  return static_cast<int>(chosen);
}

int manyTaskRows(int64_t rows, int64_t unit) {
  const int even = taskRowsOf(rows, unit);
  return even || rows < leastTaskRows * fewTasks ? even : unevenTaskRows(rows, unit);
}

// 169x512x1000 (13x13 positions) takes 670 us on one core; see docs/decisions.md.
bool sharesColumns(const Schedule &schedule, const MatrixExtents &extents, int terms) {
  return !schedule.taskRows && !schedule.columnsInside && !schedule.depthBlock &&
         !schedule.laneColumns &&
         extents.columns > int64_t(schedule.tileVectors) * schedule.vectorWidth &&
         isWorthSharing(extents, terms);
}

} // namespace weir
