//===- Page.h - index.html of `--dump-ir` ----------------------------------------------------===//
//
// One file that needs nothing else: the passes and what each changed, the graph, the remarks, the
// model's text beside the IR, the kernels' loops and assembly, the memory plan, and measured times.
// Long texts are compressed pieces, unpacked when they are looked at. The page's own code stands in
// page/.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/Compile.h"
#include "tools/Summary.h"
#include "tools/inspect/PassLog.h"
#include "tools/inspect/Profile.h"

namespace weir {

/// What is known of one target's program; none before its memory is planned.
struct PageTarget {
  KernelTarget target;
  mlir::ModuleOp module; ///< planned, with the kernels' symbols
  std::vector<CompiledKernel> kernels;
};

struct PageContents {
  const PassLog &log;
  const NetSummary &net;
  std::vector<std::pair<std::string, std::string>> sources;
  std::vector<PageTarget> targets;
  std::optional<Profile> profile;
};

/// Writes index.html into the log's folder. Drawings are kept in `cacheDirectory`.
llvm::Error writePage(const PageContents &contents, const std::string &cacheDirectory);

} // namespace weir
