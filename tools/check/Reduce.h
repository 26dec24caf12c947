//===- Reduce.h - the smallest thing that still fails ----------------------------------------===//
//
// Greedy: takes the first simpler version that still fails, and begins again from there, until
// none does. What is simplified, IR or a generated net, and what failing means, the caller says.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>
#include <vector>

namespace weir {

/// Makes a simpler version when it is called; what it returns converts to false where that makes no
/// sense after all.
template <typename T> using Simplification = std::function<T()>;

/// `simpler(current)` lists simplifications, the boldest first; `fails(candidate)` tells whether
/// one still shows the failure; `isLate()` ends the search. Returns how many were taken.
template <typename T>
int reduce(T &current, llvm::function_ref<std::vector<Simplification<T>>(const T &)> simpler,
           llvm::function_ref<bool(const T &)> fails, llvm::function_ref<bool()> isLate) {
  int taken = 0;
  for (bool again = true; again;) {
    again = false;
    for (const Simplification<T> &make : simpler(current)) {
      if (isLate())
        return taken;
      T candidate = make();
      if (!candidate || !fails(candidate))
        continue;
      current = std::move(candidate);
      ++taken;
      again = true;
      break;
    }
  }
  return taken;
}

} // namespace weir
