//===- CheckNet.cpp - see CheckNet.h ---------------------------------------------------------===//

#include "tools/check/CheckNet.h"

#include "frontend/Frontend.h"
#include "tools/Commands.h"
#include "tools/check/CheckReport.h"
#include "tools/check/CheckWay.h"
#include "tools/check/ReduceIr.h"

#include <fmt/core.h>

using namespace mlir;
using Json = nlohmann::ordered_json;

namespace weir {
namespace {

constexpr int64_t largestImage = 64;
constexpr const char *batch = "batch=2";

bool sets(const CompilerOptions &options, llvm::StringRef name) {
  return llvm::any_of(options.sets, [&](llvm::StringRef set) {
    return set.starts_with(name) && set.drop_front(name.size()).starts_with("=");
  });
}

/// What the reference could not do in time, it does on a smaller net: `--set`s for batches and, if
/// the file has constants called so, the image's height and width.
std::vector<std::string> cuts(const CompilerOptions &options) {
  Diagnostics ignored; // the compiler repeats them
  auto program = parseFile(options.file, ignored);
  std::vector<std::string> result;
  if (!program || !program->isWhole)
    return result;
  if (program->main().train && !sets(options, "batch"))
    result.emplace_back(batch);
  for (const auto &[name, declaration] : program->main().names) {
    auto *let = std::get_if<const ast::Let *>(&declaration);
    auto *size = let ? std::get_if<ast::IntegerLiteral>(&(*let)->value->node) : nullptr;
    if ((name == "height" || name == "width") && size && size->value > largestImage &&
        !sets(options, name))
      result.push_back(fmt::format("{}={}", name.str(), largestImage));
  }
  llvm::sort(result);
  return result;
}

/// Cuts the failure down, writes it, and says where.
int reportFailure(PassFailure &failure, std::string path) {
  constexpr double seconds = 60;
  reduceFailure(failure, seconds);
  if (path.empty())
    path = fmt::format("weir-check-{}.mlir", failure.pass);
  auto command = writeReproducer(failure, path);
  if (!command) {
    fmt::print(stderr, "error: {}\n", llvm::toString(command.takeError()));
    return UserError;
  }
  fmt::print(stderr,
             "error: internal error: '{}' breaks its bound: {}\nnote: the smallest IR that shows "
             "it is in '{}'; "
             "this shows it: {}\n",
             failure.pass, failure.message, path, *command);
  return InternalError;
}

} // namespace

void addCheckFlags(CLI::App &command, CheckFlags &flags) {
  command.add_flag("--check-passes", flags.isWanted,
                   "write no program, but run every function before and after every pass through "
                   "the reference semantics, and hold each pass to its bound");
  command
      .add_option("--check-seconds", flags.seconds,
                  "with --check-passes: processor time for the reference; fewer kinds of inputs "
                  "are run where "
                  "all do not fit")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
}

int checkNet(CompilerOptions options, const CheckFlags &flags, const std::string &output,
             bool asJson) {
  const std::vector<std::string> smaller = cuts(options);
  options.sets.insert(options.sets.begin(), smaller.begin(), smaller.end());
  if (options.inferBatches.empty())
    options.inferBatches = {1};
  std::vector<Way> ways = {Way::AsWritten};
  if (options.weights.empty())
    ways.push_back(Way::WithWeights);
  ways.push_back(Way::InEightBits);
  Json document = {{"sets", options.sets}, {"parts", Json::array()}};
  std::string problem;
  int code = Done;
  for (const Way way : ways) {
    CheckWay part(options, way, flags.seconds / static_cast<double>(ways.size()));
    if (int failed = part.run())
      return failed;
    document["parts"].push_back(part.json());
    if (!asJson)
      fmt::print("{}{}:{}\n{}", way == Way::AsWritten ? "" : "\n", titleOf(way),
                 part.notChecked.empty() ? "" : " not checked: " + part.notChecked,
                 part.check.passes().empty() ? "" : checkText(part.check));
    if (part.check.failure) {
      code = reportFailure(*part.check.failure, output);
      break;
    }
    if (std::string found = verdict(part.check); !found.empty() && problem.empty())
      problem = std::move(found);
    if (!asJson && part.check.kinds().size() < inputKinds().size())
      fmt::print("{} of {} kinds of inputs, for lack of time; --check-seconds gives more\n",
                 part.check.kinds().size(), inputKinds().size());
  }
  document["ok"] = code == Done && problem.empty();
  if (asJson)
    fmt::print("{}\n", document.dump(2));
  else if (code == Done && problem.empty())
    fmt::print("\nEvery pass is within its bound.{}\n",
               smaller.empty() ? ""
                               : fmt::format(" Checked with --set {}, for time's sake.",
                                             fmt::join(smaller, " --set ")));
  if (code == Done && !problem.empty()) {
    fmt::print(stderr, "error: {}; a smaller net (--set) or --check-seconds lets it finish\n",
               problem);
    return UserError;
  }
  return code;
}

} // namespace weir
