//===- TuneCommand.cpp - `weir tune`: faster schedules by measuring --------------------------===//
//
// Reads the options, compiles the net as it is and times its kernels to know where time goes; the
// search itself is TuneRun.h's. `weir tune merge` and `weir tune export` work on the files of
// records (TuneFiles.cpp).
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/Commands.h"
#include "tools/ProgramCache.h"
#include "tools/quantize/QuantizeNet.h"
#include "tools/tune/TuneBaselines.h"
#include "tools/tune/TuneFiles.h"
#include "tools/tune/TunePrograms.h"
#include "tools/tune/TuneRun.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/GlobPattern.h"
#include <fmt/core.h>

namespace weir {
namespace {

struct TuneCommandOptions : CompilerOptions, TuneRunOptions {
  QuantizeFlags quantization;
  std::string budgetText = "60s", device = "auto", only;
  bool baselines = false;
};

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

/// Adds what --device needs to the targets. An error where they have a GPU that --device does not
/// name: one device is measured at a time.
llvm::Error addDeviceTarget(TuneCommandOptions &options) {
  const llvm::StringRef kind = llvm::StringRef(options.device).split(':').first;
  const bool wantsGpu = kind == "cuda" || kind == "opencl";
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(options.target).split(names, ',');
  bool isThere = false;
  for (llvm::StringRef name : names) {
    auto named = findTarget(name);
    if (!named)
      return named.takeError();
    isThere |= deviceName(named->device) == kind;
    if (named->isGpu() && !wantsGpu)
      return llvm::createStringError("schedules for '" + named->name +
                                     "' are measured on such a device: name it, --device " +
                                     deviceName(named->device));
  }
  if (wantsGpu && !isThere)
    options.target += ("," + kind).str();
  return llvm::Error::success();
}

/// What is measured. An error where that cannot be here.
llvm::Expected<TuneDevice> findMeasured(const TuneCommandOptions &options,
                                        const Compiler &compiler) {
  auto device = findTuneDevice(options.device, compiler.allTargets(), compiler.threads());
  if (!device)
    return device.takeError();
  if (device->isGpu() && options.baselines)
    return llvm::createStringError("--baselines measures on the CPU; leave --device out");
  if (device->isGpu() && options.quantize)
    return llvm::createStringError("8-bit programs run on the CPU; leave --device out");
  const std::string lacking = device->isGpu() ? "" : lackingHere(device->target);
  if (!lacking.empty())
    return llvm::createStringError("this machine cannot run kernels for '" + device->target.name +
                                   "', so their schedules cannot be measured: it lacks " + lacking);
  return device;
}

/// What speaks against a database, before minutes are spent on what would go into it. Only the
/// cache's folder is made: one that somebody has named and that is not there is a slip.
llvm::Error checkDatabase(const std::string &path, bool isCache) {
  if (path.empty())
    return llvm::createStringError("there is no folder for a tuning database: name a file with "
                                   "--database or $WEIR_TUNING");
  if (llvm::Error error = TuningDatabase::read(path).takeError())
    return error;
  if (llvm::sys::fs::exists(path + ".lock"))
    if (llvm::Error error = TuningLock::take(path).takeError())
      return error;
  return expectWritable(path, /*makesFolders=*/isCache);
}

/// Those of --only that have a choice, the largest share first.
llvm::Expected<std::vector<TuneGroup>> chooseGroups(const TuneNet &net, const std::string &only) {
  std::vector<TuneGroup> groups = net.groups;
  if (!only.empty()) {
    auto pattern = llvm::GlobPattern::create(only);
    if (!pattern)
      return llvm::createStringError("--only expects a pattern such as 'dense_*': " +
                                     llvm::toString(pattern.takeError()));
    llvm::erase_if(groups, [&](const TuneGroup &group) { return !pattern->match(group.name); });
  }
  if (groups.empty())
    return llvm::createStringError("no group's name matches --only '" + only +
                                   "'; 'weir info --schedules' lists them");
  llvm::erase_if(groups, [](const TuneGroup &group) { return !group.hasChoice; });
  if (groups.empty())
    return llvm::createStringError("there is nothing to choose: of a GPU's kernels only those of "
                                   "matrix products have schedules, and there are none" +
                                   (only.empty() ? "" : " among --only '" + only + "'"));
  llvm::sort(groups, [](const TuneGroup &a, const TuneGroup &b) {
    return std::tie(b.share, a.content) < std::tie(a.share, b.content);
  });
  return groups;
}

/// The net that is tuned, planned, and the device that it is tuned for.
int plan(const TuneCommandOptions &options, Compiler &compiler, TuneDevice &device) {
  if (int code = checkQuantizeFlags(options, options.quantization))
    return code;
  if (int code = compiler.load())
    return code;
  auto measured = findMeasured(options, compiler);
  if (!measured)
    return fail(measured.takeError());
  device = std::move(*measured);
  if (!options.baselines)
    if (llvm::Error error = checkDatabase(
            compiler.tuningPath(),
            options.database.empty() && compiler.tuningPath() == cacheFolder() + "/tuning.db"))
      return fail(std::move(error));
  if (options.quantize)
    if (int code = quantizeNet(compiler, options.quantization))
      return code;
  return compiler.run("memory");
}

int runTune(TuneCommandOptions options) {
  auto budget = readBudget(options.budgetText);
  if (!budget)
    return fail(budget.takeError());
  options.budget = *budget;
  options.useTuning = false; // candidates are measured against the model's choice
  if (llvm::Error error = addDeviceTarget(options))
    return fail(std::move(error));
  Compiler compiler(options);
  TuneDevice device;
  if (int code = plan(options, compiler, device))
    return code;
  const PlannedModules planned = compiler.copyModules();
  const std::vector<Compiler::TargetModule> modules = compiler.shown();
  const auto measured = llvm::find_if(modules, [&](const Compiler::TargetModule &each) {
    return each.target.name == device.target.name;
  });
  TuneNet net = collectTuneNet(measured->module, device.target);
  if (llvm::Error error = chooseGroups(net, options.only).takeError())
    return fail(std::move(error));
  std::optional<TuningLock> lock;
  TuningDatabase database;
  if (!options.baselines) {
    auto taken = TuningLock::take(compiler.tuningPath());
    if (!taken)
      return fail(taken.takeError());
    lock.emplace(std::move(*taken));
    auto read = TuningDatabase::read(compiler.tuningPath());
    if (!read)
      return fail(read.takeError());
    database = std::move(*read);
    // Before the search it is known whether what it finds can be written.
    if (llvm::Error error = database.write(compiler.tuningPath()))
      return fail(std::move(error));
  }
  fmt::print(options.json ? stderr : stdout, "compiling and timing '{}' as it is\n",
             compiler.summary().net);
  std::fflush(stdout);
  CachedProgram program;
  if (int code = findProgram(compiler, program))
    return code;
  auto times = benchProgram(net, program.path, device, /*seconds=*/1);
  if (!times)
    return fail(times.takeError());
  addShares(net, *times);
  auto groups = chooseGroups(net, options.only);
  if (!groups)
    return fail(groups.takeError());
  if (options.baselines)
    return runBaselines(compiler, device, *groups, options.budget, options.json);
  return runTuning(options, compiler, device, net, planned, program.path, std::move(database),
                   *groups);
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
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command->add_option("--target", options->target, "as in 'weir compile'")->capture_default_str();
  command->add_option("--weights", options->weights,
                      "tune the program that 'weir compile --weights' makes, which only infers");
  addQuantizeFlags(*command, *options, options->quantization);
  command
      ->add_option("--threads", options->tuningThreads,
                   "threads that programs will run with; default: one per core")
      ->check(CLI::Range(1u, 256u));
  command->add_option("--budget", options->budgetText, "how long to search: 60s, 10m, 1h")
      ->default_str("60s");
  command->add_option("--candidates", options->candidates,
                      "try as many at most; default, and 0: as many as the budget allows");
  command->add_option("--database", options->database,
                      "file of records; default: $WEIR_TUNING, else tuning.db in the cache");
  command
      ->add_option("--device", options->device,
                   "what to tune for: auto and cpu (this machine's CPU), cuda, opencl, or cuda:1 "
                   "for the second one")
      ->capture_default_str();
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
