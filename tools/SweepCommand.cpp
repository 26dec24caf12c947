//===- SweepCommand.cpp - see SweepCommand.h --------------------------------------------------===//

#include "tools/SweepCommand.h"
#include "tools/Commands.h"
#include "tools/SweepEstimate.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <iostream>
#include <unistd.h>

namespace weir {
namespace {

/// More than this starts only if the user says so.
constexpr uint64_t manyMembers = 1000;
constexpr double manySeconds = 24 * 3600;

/// Reads the options; an exit code where there is nothing more to do.
std::optional<int> readOptions(std::vector<std::string> arguments, SweepOptions &options) {
  CLI::App app("Trains every member of the file's sweep block, side by side over the cores",
               "weir run FILE -- sweep");
  app.add_option("--random", options.random, "Train only so many members, drawn at random")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000}));
  app.add_option("--seed", options.seed, "Of the draw; default: 1");
  app.add_flag("--halving", options.halving,
               "Successive halving: after a few epochs the best third goes on, and so on");
  app.add_option("--jobs", options.jobs, "Members trained at a time; default: one per core")
      ->check(CLI::Range(1u, 1024u));
  app.add_option("--out", options.out, "Folder of the results; default: <file's name>-sweep");
  app.add_option("--data", options.data,
                 "Folder of the four IDX files; default: $WEIR_DATA/<data set>");
  app.add_option("--digits", options.digits,
                 "Folder of own digits, named by their digit (7.png), that each member reads");
  app.add_flag("--json", options.json, "Print results.json on stdout and nothing else there");
  app.add_flag("--dry-run", options.dryRun, "Say how many members and how long, and stop");
  app.add_flag("--yes", options.yes, "Do not ask before a long sweep");
  std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? Done : UsageError;
  }
  return std::nullopt;
}

/// What makes one sweep another one than the last; the folder's sweep.json.
nlohmann::ordered_json identify(const SweepOptions &options, const Program &program,
                                const std::vector<SweepSetting> &settings) {
  llvm::SHA256 hash;
  for (const auto &file : program.files) {
    hash.update(std::to_string(file->source->text().size()) + ":");
    hash.update(file->source->text());
  }
  nlohmann::ordered_json lists = nlohmann::ordered_json::object();
  for (const SweepSetting &setting : settings)
    for (const SweepValue &value : setting.values)
      lists[setting.name].push_back(value.text);
  const CompilerOptions &compiler = options.compiler;
  return {{"version", 1},
          {"file", llvm::sys::path::filename(compiler.file).str()},
          {"sources_sha256", llvm::toHex(hash.final(), /*LowerCase=*/true)},
          {"lists", lists},
          {"set", compiler.sets},
          {"target", compiler.target},
          {"infer_batch", compiler.inferBatches},
          {"random", options.random ? nlohmann::ordered_json(*options.random) : nullptr},
          {"seed", options.random ? nlohmann::ordered_json(options.seed) : nullptr},
          {"halving", options.halving},
          {"data", options.data},
          {"digits", options.digits}};
}

/// "72 members, 24 runs, 8 programs, 720 epochs in all, about 2:05 on 2 jobs"
std::string planText(const SweepOptions &options, const SweepGrid &grid,
                     const SweepEstimate &estimate) {
  std::string text = fmt::format("{} epochs in all, about {}", countText(estimate.plan.epochs),
                                 durationText(estimate.seconds));
  text += fmt::format(" at {} {} a time", options.jobs, options.jobs == 1 ? "member" : "members");
  if (estimate.imagesAreAssumed)
    text += fmt::format(" with {} images", countText(static_cast<uint64_t>(estimate.images)));
  if (const auto &halving = estimate.plan.halving) {
    text += "; rungs:";
    const int64_t epochs = grid.member(0).epochs.value_or(0);
    for (size_t rung = 0; rung < halving->rungs(); ++rung)
      text += fmt::format("{} {}", rung ? "," : "", countText(halving->membersIn(rung))) +
              (epochs ? fmt::format(" x {}", halving->epochsAt(rung, epochs)) : "");
    text += epochs ? " (members x epochs)" : " members";
  }
  return text;
}

/// Whether a long sweep may start.
bool isWanted(const SweepOptions &options, const SweepGrid &grid, const SweepEstimate &estimate,
              FILE *out) {
  if (options.yes || (grid.size() <= manyMembers && estimate.seconds <= manySeconds))
    return true;
  if (!isatty(STDIN_FILENO) || !isatty(fileno(out))) {
    fmt::print(stderr,
               "error: a sweep of {} members that takes about {} starts only with --yes; "
               "--random N trains some of them\n",
               countText(grid.size()), durationText(estimate.seconds));
    return false;
  }
  fmt::print(out, "start? [y/N] ");
  std::fflush(out);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

int sweep(const SweepOptions &options, const SweepGrid &grid,
          const nlohmann::ordered_json &identity) {
  FILE *out = options.json ? stderr : stdout;
  SweepView view(out, grid.settings());
  const bool isAll = !options.random || *options.random >= grid.programs() * grid.runsPerProgram();
  view.say(fmt::format("{} {}{}", countText(grid.size()), grid.size() == 1 ? "member" : "members",
                       isAll ? fmt::format(" of {} {}", countText(grid.programs()),
                                           grid.programs() == 1 ? "program" : "programs")
                             : " drawn at random"));
  auto estimate = estimateSweep(options, grid);
  if (!estimate)
    return fail(estimate.takeError());
  view.say(planText(options, grid, *estimate));
  if (options.dryRun) {
    if (options.json)
      fmt::print("{}\n", nlohmann::ordered_json({{"members", grid.size()},
                                                 {"epochs", estimate->plan.epochs},
                                                 {"jobs", options.jobs},
                                                 {"seconds", estimate->seconds}})
                             .dump(2));
    return Done;
  }
  if (!isWanted(options, grid, *estimate, out))
    return UserError;
  SweepStore store(options.out);
  if (llvm::Error error = store.open(identity, grid.settings()))
    return fail(std::move(error));
  if (!store.records().empty())
    view.say(fmt::format("'{}' has the results of {} members; going on", options.out,
                         countText(store.records().size())));
  auto code = SweepRunner(options, grid, estimate->plan, store, view).run();
  if (!code)
    return fail(code.takeError());
  if (interruptsSeen())
    view.say(fmt::format("interrupted; the same command goes on with '{}'", options.out));
  view.ranking(store.ranked(), 100);
  view.say(
      fmt::format("results: '{}/results.csv' and '{}/results.json'", options.out, options.out));
  if (options.json)
    fmt::print("{}\n", store.results().dump(2));
  return *code;
}

} // namespace

int runSweep(const CompilerOptions &compiler, const std::vector<std::string> &arguments) {
  SweepOptions options;
  options.compiler = compiler;
  options.jobs = coreCount();
  if (std::optional<int> code = readOptions(arguments, options))
    return *code;
  if (!compiler.dumpDirectory.empty())
    return fail(llvm::createStringError("--dump-ir cannot be combined with a sweep"));
  if (options.out.empty())
    options.out = llvm::sys::path::stem(compiler.file).str() + "-sweep";
  if (!options.digits.empty()) {
    auto files = findDigits(options.digits);
    if (!files)
      return fail(files.takeError());
    options.digitFiles = std::move(*files);
  }
  // The whole model once, for the errors that every member would have.
  if (int code = Compiler(compiler).load())
    return code;
  Diagnostics diagnostics;
  auto program = parseFile(compiler.file, diagnostics);
  auto settings = program ? readSweep(*program, diagnostics) : std::nullopt;
  diagnostics.print(llvm::errs(), llvm::errs().has_colors());
  if (!settings)
    return UserError;
  const nlohmann::ordered_json identity = identify(options, *program, *settings);
  auto grid = SweepGrid::create(std::move(*settings), options.halving);
  if (!grid)
    return fail(grid.takeError());
  if (options.random)
    grid->chooseRandomly(*options.random, options.seed);
  return sweep(options, *grid, identity);
}

} // namespace weir
