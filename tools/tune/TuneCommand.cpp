//===- TuneCommand.cpp - `weir tune`: faster schedules by measuring --------------------------===//
//
// Compiles the net as it is, times its kernels to know where time goes, and lets TuneSearch look
// for better schedules until the budget is used up. `weir tune merge` and `weir tune export` work
// on the files of records (TuneFiles.cpp).
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/Commands.h"
#include "tools/ProgramCache.h"
#include "tools/SweepChildren.h"
#include "tools/SweepView.h"
#include "tools/tune/TuneBaselines.h"
#include "tools/tune/TuneFiles.h"
#include "tools/tune/TuneGroups.h"
#include "tools/tune/TuneProcessLab.h"
#include "tools/tune/TuneView.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"
#include <fmt/core.h>

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

struct TuneCommandOptions : CompilerOptions {
  std::string budget, device = "auto", only;
  unsigned candidates = 0;
  bool json = false, baselines = false, verbose = false;
};

int fail(llvm::Error error) {
  fmt::print(stderr, "error: {}\n", llvm::toString(std::move(error)));
  return UserError;
}

/// Seconds of "60s", "10m", "1h" or "60".
llvm::Expected<double> readBudget(const std::string &text) {
  llvm::StringRef number = text;
  const double unit = number.consume_back("h")                                 ? 3600
                      : number.consume_back("min") || number.consume_back("m") ? 60
                                                                               : 1;
  number.consume_back("s");
  double value = 0;
  if (number.empty() || number.getAsDouble(value) || !(value > 0) || value * unit > 1e6)
    return llvm::createStringError("--budget expects a time above 0 such as 60s, 10m or 1h, but "
                                   "got '" +
                                   text + "'");
  return value * unit;
}

/// An error where the schedules of this device or target cannot be measured here.
llvm::Error checkMeasurable(const TuneCommandOptions &options, const KernelTarget &target) {
  std::string other = options.device == "auto" || options.device == "cpu" ? "" : options.device;
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(options.target).split(names, ',');
  for (llvm::StringRef name : names) {
    auto named = findTarget(name);
    if (!named)
      return named.takeError();
    if (named->isGpu())
      other = named->name;
  }
  if (!other.empty())
    return llvm::createStringError("'weir tune' measures on the CPU; schedules for '" + other +
                                   "' cannot be searched yet");
  if (const std::string lacking = lackingHere(target); !lacking.empty())
    return llvm::createStringError("this machine cannot run kernels for '" + target.name +
                                   "', so their schedules cannot be measured: it lacks " + lacking);
  return llvm::Error::success();
}

/// Writes records as they are found, and tells the user.
class Keeper : public TuneObserver {
public:
  Keeper(std::string path, TuningDatabase database, TuneView &view, TuneProcessLab &lab,
         const TuneSearch *&search, bool verbose)
      : path(std::move(path)), database(std::move(database)), view(view), lab(lab), search(search),
        verbose(verbose) {}

  void progress(const TuneProgress &progress) override { view.progress(progress, lab.seconds()); }
  void rejected(const TuneGroup &group, const Schedule &schedule,
                const std::string &reason) override {
    ++reasons[llvm::StringRef(reason).split(": ").first.str()];
    if (verbose)
      view.say(fmt::format("{}: {} is skipped: {}", group.name, schedule.text(), reason));
  }
  llvm::Error won(const TuneGroup &, const TuningRecord &record) override {
    found[record.key.group] = record;
    database.put(record);
    view.won(record, search->progress());
    return database.write(path);
  }

  std::map<std::string, TuningRecord> found; ///< by the group's content
  std::map<std::string, unsigned> reasons;   ///< why candidates were skipped

private:
  std::string path;
  TuningDatabase database;
  TuneView &view;
  TuneProcessLab &lab;
  const TuneSearch *&search;
  bool verbose;
};

Json toJson(const TuneGroup &group, const TuningRecord *record) {
  Json json = {{"name", group.name}, {"share", group.share}, {"uses", group.uses}};
  if (record)
    json.update({{"default", record->loops.chosen.text()},
                 {"schedule", record->schedule.text()},
                 {"default_us", record->defaultMicroseconds},
                 {"tuned_us", record->tunedMicroseconds},
                 {"gain", record->gain()},
                 {"pairs", record->pairs},
                 {"faster", record->faster}});
  return json;
}

/// Times all kernels in their entries.
llvm::Expected<nlohmann::json> measureShares(const std::string &program, unsigned threads) {
  auto text = outputOf(
      {program, "bench", "--json", "--seconds", "1", "--threads", std::to_string(threads)});
  if (!text)
    return text.takeError();
  nlohmann::json bench = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!bench.is_object())
    return llvm::createStringError("'" + program + " bench --json' printed no document");
  return bench;
}

int search(const TuneCommandOptions &options, double budget, Compiler &compiler,
           std::vector<TuneGroup> groups, size_t entries) {
  const std::string path = compiler.tuningPath();
  auto lock = TuningLock::take(path);
  if (!lock)
    return fail(lock.takeError());
  auto database = TuningDatabase::read(path);
  if (!database)
    return fail(database.takeError());

  // Before the search it is known whether what it finds can be written.
  if (llvm::Error error = database->write(path))
    return fail(std::move(error));

  FILE *out = options.json ? stderr : stdout;
  TuneView view(out, budget);
  view.say(fmt::format("{} distinct groups in {} {}, {} on {} {} of {}, {}", groups.size(), entries,
                       entries == 1 ? "entry" : "entries", compiler.target().name,
                       compiler.threads(), compiler.threads() == 1 ? "thread" : "threads",
                       cpuName(), durationText(budget)));
  const TuningDatabase known = *database;
  TuneProcessLab lab(compiler.target().name, compiler.threads(), coreCount());
  const TuneSearch *running = nullptr;
  Keeper keeper(path, std::move(*database), view, lab, running, options.verbose);
  TuneOptions settings;
  settings.budget = budget;
  settings.candidates = options.candidates;
  settings.target = compiler.target();
  settings.threads = compiler.threads();
  settings.cpu = cpuName();
  settings.entries = entries;
  settings.batch = 2 * size_t(coreCount());
  settings.known = &known;
  TuneSearch search(std::move(settings), groups, lab, keeper);
  running = &search;
  catchSweepSignals();
  if (llvm::Error error = search.run()) {
    view.clear();
    return fail(std::move(error));
  }
  view.clear();
  const bool interrupted = lab.isInterrupted();
  const TuneProgress &progress = search.progress();
  std::string reasons;
  for (const auto &[reason, count] : keeper.reasons)
    reasons += fmt::format("{}{} x {}", reasons.empty() ? ": " : ", ", count, reason);
  view.say(fmt::format("{}{} candidates of {} of {} groups in {}, {} skipped{}",
                       interrupted ? "interrupted after " : "", countText(progress.tried),
                       progress.visited, progress.groups, durationText(lab.seconds()),
                       progress.failed, reasons));
  view.say(fmt::format("{} {} faster; an entry should take {:.1f} % less time, on average; records "
                       "in '{}'",
                       progress.winners, progress.winners == 1 ? "group is" : "groups are",
                       100 * progress.gain, path));
  if (options.json) {
    Json list = Json::array();
    for (const TuneGroup &group : groups) {
      const auto found = keeper.found.find(group.content);
      list.push_back(toJson(group, found == keeper.found.end() ? nullptr : &found->second));
    }
    fmt::print("{}\n", Json({{"net", compiler.summary().net},
                             {"target", compiler.target().name},
                             {"cpu", cpuName()},
                             {"threads", compiler.threads()},
                             {"budget", budget},
                             {"seconds", lab.seconds()},
                             {"interrupted", interrupted},
                             {"candidates", progress.tried},
                             {"failed", progress.failed},
                             {"gain", progress.gain},
                             {"database", path},
                             {"groups", list}})
                           .dump(2));
  }
  return interrupted ? 130 : Done;
}

int runTune(TuneCommandOptions options) {
  auto budget = readBudget(options.budget);
  if (!budget)
    return fail(budget.takeError());
  options.useTuning = false; // candidates are measured against the model's choice
  Compiler compiler(options);
  if (int code = compiler.load())
    return code;
  if (llvm::Error error = checkMeasurable(options, compiler.target()))
    return fail(std::move(error));
  if (compiler.tuningPath().empty())
    return fail(llvm::createStringError("there is no folder for a tuning database: name a file "
                                        "with --database or $WEIR_TUNING"));
  if (int code = compiler.run("memory"))
    return code;
  TuneNet net = collectTuneNet(compiler.module());
  fmt::print(options.json ? stderr : stdout, "compiling and timing '{}' as it is\n",
             compiler.summary().net);
  std::fflush(stdout);
  CachedProgram program;
  if (int code = findProgram(compiler, program))
    return code;
  auto bench = measureShares(program.path, compiler.threads());
  if (!bench)
    return fail(bench.takeError());
  if (llvm::Error error = addShares(net, *bench))
    return fail(std::move(error));
  std::vector<TuneGroup> &groups = net.groups;
  if (!options.only.empty()) {
    auto pattern = llvm::GlobPattern::create(options.only);
    if (!pattern)
      return fail(llvm::createStringError("--only expects a pattern such as 'dense_*': " +
                                          llvm::toString(pattern.takeError())));
    llvm::erase_if(groups, [&](const TuneGroup &group) { return !pattern->match(group.name); });
    if (groups.empty())
      return fail(llvm::createStringError("no group's name matches --only '" + options.only +
                                          "'; 'weir info --schedules' lists them"));
  }
  llvm::sort(groups, [](const TuneGroup &a, const TuneGroup &b) {
    return std::tie(b.share, a.content) < std::tie(a.share, b.content);
  });
  if (options.baselines)
    return runBaselines(compiler, groups, *budget, options.json);
  return search(options, *budget, compiler, std::move(groups), net.entries.size());
}

} // namespace

void addTuneCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<TuneCommandOptions>();
  CLI::App *command =
      app.add_subcommand("tune", "search faster schedules on this machine, for later compilations");
  command->add_option("FILE", options->file, "the model (.weir)");
  command
      ->add_option("--set", options->sets, "override a value of the file: name=value (repeatable)")
      ->allow_extra_args(false);
  command->add_option("--infer-batch", options->inferBatches, "as in 'weir compile'")
      ->delimiter(',')
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command->add_option("--target", options->target, "as in 'weir compile'")->capture_default_str();
  command
      ->add_option("--threads", options->tuningThreads,
                   "threads that programs will run with; default: one per core")
      ->check(CLI::Range(1u, 256u));
  command->add_option("--budget", options->budget, "how long to search: 60s, 10m, 1h")
      ->default_str("60s");
  options->budget = "60s";
  command->add_option("--candidates", options->candidates,
                      "try as many at most; default: as many as the budget allows");
  command->add_option("--database", options->database,
                      "file of records; default: $WEIR_TUNING, else tuning.db in the cache");
  command->add_option("--device", options->device, "auto, cpu")->capture_default_str();
  command->add_option("--only", options->only, "only groups whose name matches, e.g. 'dense_*'");
  command->add_flag("--verbose", options->verbose, "say of each candidate that fails why");
  command->add_flag("--baselines", options->baselines,
                    "instead of searching, time Halide's Adams2019 and Mullapudi2016 schedules "
                    "against ours");
  command->add_flag("--json", options->json, "one JSON document on stdout");
  addTuneFileCommands(*command, action);
  command->callback([command, options, &action] {
    if (!command->get_subcommands().empty())
      return;
    if (options->file.empty())
      throw CLI::RequiredError("FILE");
    action = [options] { return runTune(*options); };
  });
}

} // namespace weir
