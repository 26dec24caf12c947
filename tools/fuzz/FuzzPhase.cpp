//===- FuzzPhase.cpp - see FuzzPhase.h -------------------------------------------------------===//

#include "tools/fuzz/FuzzPhase.h"

#include <fmt/core.h>

namespace weir {

static constexpr llvm::StringLiteral mark = "phase: ";

void tellPhase(llvm::StringRef phase) {
  fmt::print(stderr, "{}{}\n", mark.str(), phase.str());
  std::fflush(stderr);
}

std::string lastPhase(llvm::StringRef errors) {
  const size_t begin = errors.rfind(mark);
  return begin == llvm::StringRef::npos
             ? ""
             : errors.drop_front(begin + mark.size()).split('\n').first.str();
}

} // namespace weir
