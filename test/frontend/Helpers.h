// Shortcuts of the frontend's tests: parse a text, get tree, errors or formatted text as strings.
#pragma once

#include "frontend/Formatter.h"
#include "frontend/Parser.h"
#include "frontend/Program.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace weir::test {

/// All diagnostics as they would be printed.
inline std::string printed(const Diagnostics &diagnostics) {
  std::string text;
  llvm::raw_string_ostream os(text);
  diagnostics.print(os);
  return text;
}

/// The errors of `source` as printed; empty if it is fine. The file is called "t.weir".
inline std::string errorsOf(std::string source) {
  Diagnostics diagnostics;
  parseText("t.weir", std::move(source), diagnostics);
  return printed(diagnostics);
}

/// The tree of `source` as `--emit=ast` prints it, or its errors.
inline std::string treeOf(std::string source) {
  Diagnostics diagnostics;
  auto program = parseText("t.weir", std::move(source), diagnostics);
  if (diagnostics.hasErrors())
    return printed(diagnostics);
  std::string text;
  llvm::raw_string_ostream os(text);
  dumpAst(program->main(), os);
  return text;
}

/// The formatted `source`, or its errors.
inline std::string formatted(std::string source) {
  Diagnostics diagnostics;
  const SourceFile *file = diagnostics.sources.add("t.weir", std::move(source));
  return formatSource(file, diagnostics).value_or(printed(diagnostics));
}

} // namespace weir::test
