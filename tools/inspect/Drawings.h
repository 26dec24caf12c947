//===- Drawings.h - many graphs, each drawn once ---------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <string>

namespace weir {

/// SVGs by Graphviz. Equal graphs are drawn once, and kept in a folder of caches from run to run.
class Drawings {
public:
  explicit Drawings(std::string cacheDirectory) : cacheDirectory(std::move(cacheDirectory)) {}

  /// Draws `graphs`, on all cores. What cannot be drawn has its reason.
  void draw(llvm::ArrayRef<std::string> graphs);

  /// The drawing of a graph that was given to `draw`, or why there is none.
  llvm::Expected<std::string> find(const std::string &graph) const;

private:
  struct Drawing {
    std::string svg, reason;
  };
  std::string cacheDirectory;
  llvm::StringMap<Drawing> drawings;
};

} // namespace weir
