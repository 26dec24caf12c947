//===- ColumnSums.h - sums over a nest's rows, taken where its values are stored -------------===//
//
// A Func's values and sums of them over all rows cannot come out of the same loops in Halide: an
// output is computed by no other Func's loops. So the algorithm holds a call in place of the value,
// with the terms that go into the column's sums, and another in place of the sums; a pass at the
// end of Halide's lowering makes additions to memory behind each store of the former, which LLVM
// keeps in registers as long as a tile lasts, and loads of the latter. Each parallel task has sums
// of its own, which are added up in the order of the tasks.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "Halide.h"
#include <vector>

namespace weir::kernels {

/// Sums of some terms for each column. The columns of a store must follow each other.
struct ColumnSums {
  int number;  ///< of the pipeline's sums
  int columns; ///< whole vectors
  int terms;
};

/// `value`; where it is stored in `column`, the terms are added to the column's sums.
Halide::Expr addingTo(const ColumnSums &sums, const Halide::Expr &value, const Halide::Expr &column,
                      const std::vector<Halide::Expr> &terms);

/// A column's sum of the terms of this number, for Funcs that are computed after the values.
Halide::Expr sumOf(const ColumnSums &sums, int term, const Halide::Expr &column);

/// Has the pipeline's lowering make memory of such calls. Throws std::runtime_error, while it is
/// compiled, where a sum would be read before it is complete.
void lowerColumnSums(Halide::Pipeline &pipeline, int vectorWidth);

} // namespace weir::kernels
