//===- FuzzCommand.cpp - `weir fuzz`: generated nets against the reference -------------------===//
//
// `weir fuzz --seconds N` generates nets, one for each seed, and sends each to a child process
// (FuzzRun.h); `weir fuzz FILE` is what the child does, and how a finding is repeated.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/Commands.h"
#include "tools/fuzz/FuzzCase.h"
#include "tools/fuzz/FuzzPasses.h"
#include "tools/fuzz/FuzzRun.h"

#include <fmt/core.h>

using Json = nlohmann::ordered_json;

namespace weir {
namespace {

/// What is checked where no targets are named: passes of all kinds of targets need no device.
std::string defaultTargets(const FuzzOptions &options) {
  return options.passesOnly || lackOfOpenCl().empty() ? "host,opencl" : "host";
}

int checkFile(const FuzzOptions &options) {
  CompilerOptions compile;
  compile.file = options.file;
  compile.target = options.targets;
  compile.inferBatches = {1, 3};
  const FuzzVerdict verdict = options.passesOnly ? checkNetInPasses(compile, options.seed)
                                                 : checkNetAsPrograms(compile, options.seed);
  const bool differs = verdict.kind == FuzzVerdict::Kind::Differs;
  const std::string kind = differs                                      ? verdict.stage
                           : verdict.kind == FuzzVerdict::Kind::Skipped ? "skipped"
                                                                        : "same";
  if (options.json)
    fmt::print("{}\n", Json{{"kind", kind},
                            {"message", verdict.message},
                            {"integers", verdict.integers},
                            {"pass", verdict.pass},
                            {"parts", verdict.parts}}
                           .dump());
  else
    fmt::print(differs ? stderr : stdout, "{}{}{}{}{}\n", differs ? "error: " : "", kind,
               verdict.message.empty() ? "" : ": ", verdict.message,
               verdict.integers.empty() ? "" : "; in 8 bits: " + verdict.integers);
  return differs ? UserError : Done;
}

int runFuzz(FuzzOptions options) {
  if (options.targets.empty())
    options.targets = defaultTargets(options);
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(options.targets).split(names, ',');
  for (llvm::StringRef name : names)
    if (auto target = findTarget(name); !target)
      return fail(target.takeError());
  return options.file.empty() ? FuzzRun(options).run() : checkFile(options);
}

} // namespace

void addFuzzCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<FuzzOptions>();
  CLI::App *command = app.add_subcommand(
      "fuzz", "compare the programs of generated nets with the reference semantics");
  CLI::Option *file =
      command->add_option("FILE", options->file, "one net to compare instead of generated ones");
  command->add_flag("--check-passes", options->passesOnly,
                    "make no programs: hold every pass to its bound, as 'weir compile "
                    "--check-passes' does, which is many times faster");
  command
      ->add_option("--seconds", options->seconds,
                   "begin no net after so long; default: 60, without end where --nets is given")
      ->check(CLI::Range(0.001, 1e7))
      ->excludes(file);
  command->add_option("--nets", options->nets, "stop after so many")
      ->check(CLI::Range(1, 1'000'000'000))
      ->excludes(file);
  command
      ->add_option("--seed", options->seed,
                   "the first net's; the next one has the next. With FILE: of weights and inputs")
      ->capture_default_str();
  command->add_option("--target", options->targets,
                      "default: host, and opencl where there is a device");
  command->add_option("--limit", options->limit, "seconds after which a net counts as hanging")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("-o", options->folder, "folder for findings")->capture_default_str();
  command->add_flag("--json", options->json, "one JSON document on standard output");
  command->callback([options, &action] { action = [options] { return runFuzz(*options); }; });
}

} // namespace weir
