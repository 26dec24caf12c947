//===- Cache.h - compiled kernels by content -------------------------------------------------===//
//
// A folder of files named by the SHA-256 of everything that decides a kernel's code. Any number of
// compilers may use it at once: an entry appears whole (written beside, then renamed) and is
// checked when read.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace weir {

class KernelCache {
public:
  /// A cache in `directory`; empty: $WEIR_CACHE, $XDG_CACHE_HOME/weir or ~/.cache/weir, the first
  /// that is set. The folder is made when the first entry is written.
  explicit KernelCache(llvm::StringRef directory = "");

  /// 64 hexadecimal digits for `content`.
  static std::string key(llvm::StringRef content);

  /// The entry's bytes; nothing where there is none, or where what is there is damaged.
  std::optional<std::string> read(llvm::StringRef key) const;
  /// Keeps `bytes`. A folder that cannot be written is not an error: the next run compiles again.
  void write(llvm::StringRef key, llvm::StringRef bytes) const;

  /// The folder; empty where no variable names one.
  llvm::StringRef directory() const { return folder; }
  /// Where the entry of `key` is or would be.
  std::string path(llvm::StringRef key) const;

private:
  std::string folder;
};

} // namespace weir
