//===- Scratch.h - one folder for a process's temporary files --------------------------------===//
//
// What Halide, the linker and weir itself write on the way goes there ($TMPDIR), so that nothing is
// left behind by a process that is interrupted or crashes.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>
#include <system_error>

namespace weir {

/// A temporary folder that disappears with this object, with all that is in it.
class ScratchFolder {
public:
  explicit ScratchFolder(llvm::StringRef prefix);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;

  /// Why there is no such folder; false where there is.
  std::error_code error() const { return problem; }
  const std::string &path() const { return folder; }
  /// The path of a file in it.
  std::string file(llvm::StringRef name) const { return folder + "/" + name.str(); }

private:
  std::string folder;
  std::error_code problem;
};

/// Makes the folder, and removes it when a signal ends the process. Where none can be made,
/// temporary files go where they would have gone.
void beginScratch();

/// Removes the folder; $TMPDIR is as before. Only async-signal-safe calls where `inHandler`.
void endScratch(bool inHandler = false);

/// Adds a file, or the folder that was made for it, to an output that is not whole yet: where a
/// signal ends the process, it is removed, too.
void addUnfinished(const std::string &path);
/// What was added is whole now.
void keepUnfinished();
/// Removes what was added, the last first; folders only if they are empty. Only async-signal-safe
/// calls.
void removeUnfinished();

} // namespace weir
