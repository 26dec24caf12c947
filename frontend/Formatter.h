// `weir fmt`: one layout for all files.
//
// Works on tokens and comments, not on the tree, so that nothing can get lost: the tokens that come
// out are the tokens that went in. Line breaks are the author's; indentation, blanks within a line
// and runs of empty lines are not.
#pragma once

#include "frontend/Diagnostics.h"

#include <optional>
#include <string>

namespace weir {

/// The formatted text of `file`, or nothing if it has syntax errors (then `diagnostics` has them).
/// Idempotent.
std::optional<std::string> formatSource(const SourceFile *file, Diagnostics &diagnostics);

} // namespace weir
