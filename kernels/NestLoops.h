//===- NestLoops.h - what the templates of loop nests share ----------------------------------===//
//
// Vectors may run over the end of a row: loads are guarded (Emitter::guarded), scratch memory is
// rounded up, and only an output's last store is masked. Nothing is ever stored twice, for outputs
// may lie over inputs.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/ScheduleNest.h"
#include "kernels/TileLoops.h"

namespace weir::kernels {

inline Halide::Var task() { return Halide::Var("task"); }
inline Halide::Var rowOfTask() { return Halide::Var("rowOfTask"); }
inline Halide::Var column() { return indexVar(0); }
inline Halide::Var row() { return indexVar(1); }
inline Halide::Var line() { return indexVar(2); }

inline void keepOnStack(Halide::Func func, int64_t elements) {
  if (elements * int64_t(sizeof(float)) <= mostStackBytes)
    func.store_in(Halide::MemoryType::Stack);
}

/// Of a loop over whole tiles, which must not run over the end: what they read may not be there.
inline Halide::TailStrategy guardedTail(int64_t extent, int64_t factor) {
  return extent % factor ? Halide::TailStrategy::GuardWithIf : Halide::TailStrategy::RoundUp;
}

inline Halide::TailStrategy storeTail(int extent, int factor) {
  return extent % factor ? Halide::TailStrategy::PredicateStores : Halide::TailStrategy::RoundUp;
}

/// The outputs' values before they are stored, all of one turn of the loop `at`: its loads come
/// before its first store, so that a tuple of results may be written over the operands it is made
/// of.
inline void stage(const Nest &nest, int vectorWidth, const Halide::Var &at) {
  if (nest.staged.defined())
    Halide::Func(nest.staged)
        .compute_at(nest.func, at)
        .vectorize(column(), vectorWidth, Halide::TailStrategy::RoundUp);
}

} // namespace weir::kernels
