//===- Profile.h - measured times of a program's kernels -------------------------------------===//

#pragma once

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
  std::string file, target, device;
  int threads = 1;
  llvm::StringMap<std::vector<Kernel>> entries; ///< by the function's name

  /// The kernels of an entry, or null where it was not measured.
  const std::vector<Kernel> *find(llvm::StringRef function) const;
};

/// An error where the file is no such document.
llvm::Expected<Profile> readProfile(const std::string &path);

} // namespace weir
