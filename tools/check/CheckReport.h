//===- CheckReport.h - what PassCheck found, for people and for programs ---------------------===//

#pragma once

#include "tools/check/PassCheck.h"

#include "llvm/Support/Error.h"
#include <nlohmann/json.hpp>

namespace weir {

/// One line for each pass: its largest error, its bound, and where or why.
std::string checkText(const PassCheck &check);
/// {"passes": [{"pass", "state", "ulps", "bound", "where", "left_out", "reason"}],
/// "inputs": ["random", …]}
nlohmann::ordered_json checkJson(const PassCheck &check);

/// What keeps the check from saying that all is well: a broken bound, or passes that were not
/// reached; empty if all is well.
std::string verdict(const PassCheck &check);

/// Writes the module of `failure` to `path`, with the command that shows the failure in its first
/// lines; returns that command.
llvm::Expected<std::string> writeReproducer(PassFailure &failure, const std::string &path);

} // namespace weir
