//===- Profile.h - measured times of a program's kernels -------------------------------------===//

#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace weir {

/// What `PROG bench --json` printed.
struct Profile {
  struct Kernel {
    std::string name;
    double milliseconds = 0; ///< the least
  };
  std::string file, net, target, device;
  int threads = 1;
  llvm::StringMap<std::vector<Kernel>> entries; ///< by the function's name

  /// The microseconds of the kernels of `function`, in their order; none where it was not measured.
  /// An error where those are other kernels.
  llvm::Expected<std::vector<double>> timesOf(mlir::func::FuncOp function) const;
};

/// An error where the file is no such document.
llvm::Expected<Profile> readProfile(const std::string &path);

} // namespace weir
