// `--set name=value`: replaces a `let`, a training setting or an argument of one.
//
// Parsed here, applied by whoever owns the name: Recipe for settings, Lowering for constants. What
// nobody took is an error in the end.
#pragma once

#include "frontend/Ast.h"
#include "frontend/Diagnostics.h"

namespace weir {

struct Override {
  llvm::StringRef name; // "batch", "optimizer.beta1"
  SourceRange nameRange;
  ast::ExpressionPtr value;
  bool isUsed = false;
};

/// Parses texts of the form `name=value`, the value being an expression of the language. Errors
/// point into the text, in a file called `--set`.
std::vector<Override> parseOverrides(llvm::ArrayRef<std::string> texts, Diagnostics &diagnostics);

} // namespace weir
