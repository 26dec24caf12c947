//===- ScheduleTasks.h - when cores share a product, and how ---------------------------------===//
//
// A program is cut the same way for any number of threads: by the product's shape alone.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Schedule.h"

namespace weir {

/// A core more costs 0.12 us where it is awake (a fork and a join), the lines that it has to fetch
/// from the other's cache, and more where the two are far apart: what one core takes longer for is
/// shared. SqueezeNet 1.1 and MobileNetV2 at 28x28 on two threads take 28.4 and 75.9 us with 0.8 us
/// here, 28.8 and 75.3 with 1.5, 37.3 and 99.4 where nothing is shared (Zen 5, November 2026).
inline constexpr double leastSharedNanoseconds = 1500;
/// Of gradients in tasks of rows, whose code one core pays for: 432x4x192 takes it 8.5 us as one
/// loop and 10.1 in tasks.
inline constexpr double leastSharedOfGradient = 6000;
/// Parts of a weight gradient's terms: each is a task, and their sums are added up.
inline constexpr int64_t mostParts = 16;
/// Each task streams the right operand from L2 again, so that it should have rows enough to pay for
/// it.
inline constexpr int64_t leastTaskRows = 14;
/// Where neither such tasks nor tiles of columns can be had.
inline constexpr int64_t leastTaskRowsElse = 8;

/// Whether a second core pays. Of integers, `terms` products are one of `depth` and one
/// instruction.
bool isWorthSharing(const MatrixExtents &extents, int terms = 1,
                    double leastNanoseconds = leastSharedNanoseconds);

/// Rows of a parallel task: a divisor of the rows that is a multiple of `unit`; 0 where there is
/// none. The smallest of a few tasks, unless two cores are sooner done with larger ones or with
/// many: of 196 rows, 7 tasks of 28 take them four turns, 14 of 14 take seven, which is an eighth
/// less.
int taskRowsOf(int64_t rows, int64_t unit, int64_t least = leastTaskRows);

/// As taskRowsOf, with a last task that may be shorter than the others: the smallest tasks by which
/// two cores are about as soon done as by any.
int unevenTaskRows(int64_t rows, int64_t unit, int64_t least = leastTaskRows);

/// Where there are rows enough for as many tasks, uneven ones do as well; else tiles of columns
/// may do better.
int manyTaskRows(int64_t rows, int64_t unit);

} // namespace weir
