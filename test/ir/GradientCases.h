//===- GradientCases.h - uses of each differentiable op, for GradientTest --------------------===//

#pragma once

#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// One use of an op: attributes as text, operand types, result types.
struct Case {
  std::string attributes;
  std::vector<std::string> operands, results;
  double away = 0.01, spread = 1;     ///< what the operands keep from 0, and their deviation
  std::vector<size_t> constants = {}; ///< operands that get no gradient
  /// What stands before the op, and the op's operands where they are not the function's: "%a0", …
  std::string setup = "", uses = "", usedTypes = "";
};

/// By the op's mnemonic; at least one for each op with a gradient.
const std::map<std::string, std::vector<Case>> &gradientCases();

} // namespace weir::test
