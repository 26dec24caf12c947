//===- CheckReport.cpp - see CheckReport.h ---------------------------------------------------===//

#include "tools/check/CheckReport.h"

#include "tools/Link.h"

#include <cmath>
#include <fmt/core.h>

using Json = nlohmann::ordered_json;

namespace weir {

using State = CheckedPass::State;

static const char *nameOf(State state) {
  switch (state) {
  case State::Within:
    return "within";
  case State::Unchanged:
    return "unchanged";
  case State::Incomparable:
    return "by-design";
  case State::NotReached:
    return "not-reached";
  case State::Broken:
    return "BROKEN";
  }
  llvm_unreachable("all states are there");
}

/// A number of units; what is broken altogether has none.
static std::string ulpsText(double ulps) {
  return std::isinf(ulps) ? "all" : fmt::format("{:.2g}", ulps);
}

std::string checkText(const PassCheck &check) {
  std::string text = fmt::format("{:<20}{:<13}{:>8}{:>8}  {}\n", "pass", "", "ulp", "bound",
                                 "largest error, or what checks it");
  for (const CheckedPass &pass : check.passes()) {
    const bool isCompared = pass.state == State::Within || pass.state == State::Broken;
    const std::string why = isCompared && pass.difference.ulps > 0 ? pass.difference.where
                            : pass.state == State::Unchanged       ? ""
                                                                   : pass.bound.reason.str();
    text += fmt::format("{:<20}{:<13}{:>8}{:>8}  {}\n", pass.pass, nameOf(pass.state),
                        isCompared ? ulpsText(pass.difference.ulps) : "",
                        isCompared ? ulpsText(pass.bound.ulps) : "", why);
  }
  return text;
}

Json checkJson(const PassCheck &check) {
  Json passes = Json::array(), inputs = Json::array();
  for (const CheckedPass &pass : check.passes()) {
    Json row = {{"pass", pass.pass}, {"state", llvm::StringRef(nameOf(pass.state)).lower()}};
    if (pass.state == State::Within || pass.state == State::Broken) {
      row["ulps"] = std::isinf(pass.difference.ulps) ? Json(nullptr) : Json(pass.difference.ulps);
      row["bound"] = pass.bound.ulps;
      row["where"] = pass.difference.where;
      row["left_out"] = pass.difference.leftOut;
    }
    row["reason"] = pass.bound.reason.str();
    passes.push_back(std::move(row));
  }
  for (InputKind kind : check.kinds())
    inputs.push_back(nameOf(kind).str());
  return {{"passes", passes}, {"inputs", inputs}};
}

std::string verdict(const PassCheck &check) {
  if (check.failure)
    return fmt::format("'{}' breaks its bound: {}", check.failure->pass, check.failure->message);
  for (const CheckedPass &pass : check.passes())
    if (pass.state == State::NotReached)
      return fmt::format("the time limit ended the check at '{}'", pass.pass);
  return "";
}

llvm::Expected<std::string> writeReproducer(PassFailure &failure, const std::string &path) {
  std::string command =
      fmt::format("weir opt {} --pass-pipeline='{}' --check-passes", path, failure.pipeline);
  std::string text = fmt::format("// {}: {}\n// {}\n", failure.pass, failure.message, command);
  llvm::raw_string_ostream stream(text);
  failure.before->print(stream);
  if (llvm::Error error = writeFileAtomically(path, {text.data(), text.size()}))
    return std::move(error);
  return command;
}

} // namespace weir
