// Program: the main file with everything that it imports, and which names each file sees.
//
// A file sees its own functions and constants and those of the files that it imports itself (not of
// those that these import). Parser comes before; Evaluator and Lowering after. No MLIR up to here.
#pragma once

#include "frontend/Ast.h"
#include "frontend/Diagnostics.h"

#include <memory>
#include <vector>

namespace weir {

struct Program {
  /// In the order in which they were reached; the main file first.
  std::vector<std::unique_ptr<ast::File>> files;

  /// True if every file was read and parsed to its end. Such a program can be lowered even if names
  /// are declared twice, to find more errors in one run.
  bool isWhole = true;

  const ast::File &main() const { return *files.front(); }
};

/// Reads, parses and connects `path` and all it imports. Null if the main file cannot be read;
/// otherwise ask `isWhole` before going on.
std::unique_ptr<Program> parseFile(llvm::StringRef path, Diagnostics &diagnostics);

/// The same for a text in memory that calls itself `name`; imports are relative to that.
std::unique_ptr<Program> parseText(llvm::StringRef name, std::string text,
                                   Diagnostics &diagnostics);

} // namespace weir
