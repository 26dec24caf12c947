// Source text: files, positions in them, ranges.
//
// Every token, syntax node and diagnostic points into a SourceFile by byte offsets; lines and
// columns are computed only when a message is printed. Nothing comes before this in the frontend;
// Lexer and Diagnostics come after.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir {

/// A line and a column, both counted from 1. Columns count characters (UTF-8 code points), not
/// bytes.
struct SourcePosition {
  unsigned line = 1;
  unsigned column = 1;
};

/// The text of one file, kept in memory for as long as anything points into it.
class SourceFile {
public:
  SourceFile(std::string name, std::string text);

  /// The name as the user would write it: a path, or `--set` for a value of the command line.
  llvm::StringRef name() const { return fileName; }
  llvm::StringRef text() const { return contents; }

  SourcePosition position(uint32_t offset) const;
  /// The text of line `number` (from 1) without its line end.
  llvm::StringRef line(unsigned number) const;

private:
  std::string fileName;
  std::string contents;
  std::vector<uint32_t> lineStarts;
};

/// Bytes [begin, end) of a file. Without a file it stands for "nowhere in particular".
struct SourceRange {
  const SourceFile *file = nullptr;
  uint32_t begin = 0;
  uint32_t end = 0;

  llvm::StringRef text() const;
  /// From the start of this range to the end of `last`.
  SourceRange through(SourceRange last) const { return {file, begin, last.end}; }
};

/// Largest file that is read. A net of a thousand layers needs a fiftieth of it.
inline constexpr size_t maximumFileSize = 1 << 20;

/// What `path` is instead of a file to read ("a directory", "a pipe", "a device", "a socket");
/// empty for a file, and where there is nothing. Descriptors that are open already (/dev/stdin, or
/// what a shell makes of `<(…)`) are read whatever they are.
llvm::StringRef otherThanFile(llvm::StringRef path);

/// Owns every source file of a run.
class SourceManager {
public:
  /// Adds text that is not a file, such as a value of `--set` or a test's source.
  const SourceFile *add(std::string name, std::string text);
  /// Reads a file. Returns null and sets `error` (no path in it) if it cannot be read, is larger
  /// than maximumFileSize or is not UTF-8 text.
  const SourceFile *open(llvm::StringRef path, std::string &error);

private:
  std::vector<std::unique_ptr<SourceFile>> files;
};

} // namespace weir
