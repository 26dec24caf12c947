//===- ProgramCache.h - the program of a planned module, from the cache or new ----------------===//
//
// `weir compile`, `weir run` and sweeps get their programs here. A cache that is missing or cannot
// be written costs time, nothing else: the program then is a temporary file.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Compiler.h"

#include <string>

namespace weir {

/// A program on disk; a temporary one disappears with this object.
struct CachedProgram {
  CachedProgram() = default;
  CachedProgram(const CachedProgram &) = delete;
  CachedProgram &operator=(const CachedProgram &) = delete;
  ~CachedProgram();

  std::string path;
  bool isTemporary = false;
};

/// Finds or makes the program of a module that has been through "memory". Returns an exit code,
/// after printing what is wrong.
int findProgram(Compiler &compiler, CachedProgram &program);

} // namespace weir
