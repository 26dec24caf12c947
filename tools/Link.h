//===- Link.h - objects to a program, a library, one object ----------------------------------===//
//
// The last step of a compilation. Everything is written beside its destination and renamed, so that
// an interrupted or failed link leaves nothing half-written.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace weir {

/// An object file in memory.
struct ObjectFile {
  std::string name; ///< "host.o": its name as a member of a library
  llvm::SmallVector<char, 0> bytes;
};

/// An executable: the objects, the runtime and its main().
llvm::Error linkProgram(llvm::ArrayRef<ObjectFile> objects, const std::string &output);

/// One relocatable object of all objects (for `--emit=obj`).
llvm::Error linkRelocatable(llvm::ArrayRef<ObjectFile> objects, const std::string &output);

/// A shared library of the objects, for this process to load: what they call is this process's
/// runtime.
llvm::Error linkShared(llvm::ArrayRef<ObjectFile> objects, const std::string &output);

/// A static library of the objects and the runtime; and beside it `<net>.h`, with wrappers named
/// after the net, and `weir.h`, which it includes.
llvm::Error writeLibrary(llvm::ArrayRef<ObjectFile> objects, const std::string &output,
                         const std::string &net);

/// The symbol of the `weir_program` of a library.
std::string librarySymbol(const std::string &net);

/// An error where a directory, a pipe or the like stands at `path`, which is to be read.
llvm::Error expectFile(const std::string &path);

/// An error where something stands at `path` that is no regular file: a rename would replace it.
llvm::Error expectRegularFile(const std::string &path);

/// An error where a file at `path` could not be written later: to know before minutes are spent on
/// what goes into it. `makesFolders`: missing folders would be made.
llvm::Error expectWritable(const std::string &path, bool makesFolders = false);

/// Removes a temporary file; one that cannot be removed harms nobody.
void removeQuietly(const llvm::Twine &path);

/// Writes `bytes` to `path` through a temporary file beside it.
llvm::Error writeFileAtomically(const std::string &path, llvm::ArrayRef<char> bytes,
                                bool executable = false);

} // namespace weir
