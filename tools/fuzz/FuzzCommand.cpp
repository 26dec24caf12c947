//===- FuzzCommand.cpp - `weir fuzz`: generated nets against the reference -------------------===//
//
// `weir fuzz --seconds N` generates nets, one for each seed, and sends each to a child process;
// `weir fuzz FILE` is what the child does, and how a finding is repeated.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/Clock.h"
#include "tools/Commands.h"
#include "tools/Scratch.h"
#include "tools/SweepProcess.h"
#include "tools/fuzz/FuzzCase.h"
#include "tools/fuzz/FuzzChild.h"
#include "tools/fuzz/GenerateNet.h"
#include "tools/fuzz/ReduceNet.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <chrono>
#include <fmt/core.h>
#include <unistd.h>

using Json = nlohmann::ordered_json;

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;

struct FuzzOptions {
  std::string file, targets, folder = ".";
  double seconds = 60, limit = 300;
  uint64_t seed = 1, nets = 0; ///< nets 0: as many as there is time for
  bool json = false;
};

/// The targets that this machine can run.
std::string availableTargets() { return lackOfOpenCl().empty() ? "host,opencl" : "host"; }

int checkFile(const FuzzOptions &options) {
  CompilerOptions compile;
  compile.file = options.file;
  compile.target = options.targets;
  compile.inferBatches = {1, 3};
  const FuzzVerdict verdict = checkNetAsPrograms(compile, options.seed);
  const bool differs = verdict.kind == FuzzVerdict::Kind::Differs;
  const std::string kind = differs                                      ? verdict.stage
                           : verdict.kind == FuzzVerdict::Kind::Skipped ? "skipped"
                                                                        : "same";
  if (options.json)
    fmt::print(
        "{}\n",
        Json{{"kind", kind}, {"message", verdict.message}, {"integers", verdict.integers}}.dump());
  else
    fmt::print(differs ? stderr : stdout, "{}{}{}{}{}\n", differs ? "error: " : "", kind,
               verdict.message.empty() ? "" : ": ", verdict.message,
               verdict.integers.empty() ? "" : "; in 8 bits: " + verdict.integers);
  return differs ? UserError : Done;
}

/// A run over many seeds.
class FuzzRun {
public:
  explicit FuzzRun(const FuzzOptions &options) : options(options) {}

  int run() {
    if (std::string problem = enterFolder(); !problem.empty()) {
      fmt::print(stderr, "error: {}\n", problem);
      return UserError;
    }
    catchSweepSignals();
    const Clock::time_point start = Clock::now();
    uint64_t seed = options.seed;
    for (; options.nets == 0 || nets < options.nets; ++seed) {
      if (interruptsSeen() > 0 || secondsSince(start) > options.seconds)
        break;
      tryNet(seed);
      tellProgress(start);
    }
    [[maybe_unused]] const std::error_code ignored = llvm::sys::fs::set_current_path(folder);
    const int code = report(secondsSince(start));
    return interruptsSeen() > 0 ? interrupted : code;
  }

private:
  static constexpr int interrupted = 130; ///< as shells say of SIGINT

  /// Children leave what they leave in a folder that is removed; so do their caches.
  std::string enterFolder() {
    llvm::SmallString<128> absolute(options.folder);
    std::error_code error = llvm::sys::fs::make_absolute(absolute);
    if (!error)
      error = llvm::sys::fs::create_directories(absolute);
    if (error)
      return "cannot make '" + options.folder + "': " + error.message();
    if (workplace.error())
      return "cannot make a folder for the children: " + workplace.error().message();
    folder = absolute.str().str();
    ::setenv("WEIR_CACHE", workplace.file("cache").c_str(), 1);
    error = llvm::sys::fs::set_current_path(workplace.path());
    return error ? "cannot work in '" + workplace.path() + "': " + error.message() : "";
  }

  void tryNet(uint64_t seed) {
    const FuzzNet net = generateNet(seed);
    const FuzzSetting setting{options.targets, seed, options.limit};
    const FuzzOutcome outcome = runChild(net, setting, workplace.path());
    if (outcome.kind == "interrupted")
      return;
    ++nets;
    trained += net.trains();
    skipped += outcome.kind == "skipped";
    integers += !outcome.integers.empty();
    exact += outcome.integers == "exact";
    for (const FuzzCall &call : net.calls)
      ++calls[call.op];
    if (outcome.isFinding())
      keep(net, setting, outcome);
  }

  /// Cuts a finding down, and writes it.
  void keep(const FuzzNet &net, const FuzzSetting &setting, FuzzOutcome outcome) {
    constexpr double reduceSeconds = 300;
    const Clock::time_point start = Clock::now();
    std::optional<FuzzNet> smallest = net;
    reduce<std::optional<FuzzNet>>(
        smallest, simplerNets,
        [&](const std::optional<FuzzNet> &candidate) {
          const FuzzOutcome again = runChild(*candidate, setting, workplace.path());
          if (again.kind == outcome.kind)
            outcome.message = again.message;
          return again.kind == outcome.kind;
        },
        [&] { return interruptsSeen() > 0 || secondsSince(start) > reduceSeconds; });
    const std::string path = fmt::format("{}/weir-fuzz-{}.weir", folder, setting.seed);
    const std::string command =
        fmt::format("weir fuzz {} --target {} --seed {}", path, setting.targets, setting.seed);
    std::string text = smallest->text();
    text.insert(text.find('\n'),
                fmt::format("\n\n# {}: {}\n# {}", outcome.kind, outcome.message, command));
    if (llvm::Error error = writeFileAtomically(path, {text.data(), text.size()}))
      fmt::print(stderr, "error: {}\n", llvm::toString(std::move(error)));
    findings.push_back({{"seed", setting.seed},
                        {"kind", outcome.kind},
                        {"message", outcome.message},
                        {"file", path},
                        {"command", command}});
    if (!options.json)
      fmt::print("{}: {}\n  {}\n", outcome.kind, outcome.message, command);
    std::fflush(stdout);
  }

  static std::string counted(uint64_t count, const std::string &what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  }
  std::string netsText() const { return counted(nets, "net"); }
  std::string findingsText() const { return counted(findings.size(), "finding"); }

  /// How far a long run is, now and then.
  void tellProgress(Clock::time_point start) {
    constexpr double interval = 10;
    if (secondsSince(told) < interval)
      return;
    told = Clock::now();
    fmt::print(stderr, "fuzz: {} in {:.0f} s, {}\n", netsText(), secondsSince(start),
               findingsText());
  }

  int report(double seconds) {
    if (options.json) {
      Json ops = Json::object();
      for (const auto &[op, count] : calls)
        ops[op] = count;
      fmt::print("{}\n", Json{{"seed", options.seed},
                              {"nets", nets},
                              {"trained", trained},
                              {"skipped", skipped},
                              {"integers", integers},
                              {"integers_exact", exact},
                              {"seconds", seconds},
                              {"targets", options.targets},
                              {"layers", ops},
                              {"findings", findings}}
                             .dump(2));
    } else {
      fmt::print("{}{} ({} trained, {} in 8 bits, too, {} of these bit for bit) of {} kinds of "
                 "layers in {:.0f} s on {}: {}, {} could not be compared\n",
                 interruptsSeen() > 0 ? "interrupted: " : "", netsText(), trained, integers, exact,
                 calls.size(), seconds, options.targets, findingsText(), skipped);
    }
    return findings.empty() ? Done : UserError;
  }

  const FuzzOptions &options;
  ScratchFolder workplace{"weir-fuzz"};
  std::string folder;
  Clock::time_point told = Clock::now(); ///< the progress
  uint64_t nets = 0, trained = 0, skipped = 0;
  uint64_t integers = 0, exact = 0; ///< compared in 8 bits, too; of these bit for bit
  std::map<std::string, uint64_t> calls;
  Json findings = Json::array();
};

} // namespace

void addFuzzCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<FuzzOptions>();
  CLI::App *command = app.add_subcommand(
      "fuzz", "compare the programs of generated nets with the reference semantics");
  command->add_option("FILE", options->file, "one net to compare instead of generated ones");
  command->add_option("--seconds", options->seconds, "begin no net after so long")
      ->check(CLI::Range(0.001, 1e7))
      ->capture_default_str();
  command->add_option("--nets", options->nets,
                      "stop after so many; 0, the default: when the time is up");
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
  command->callback([options, &action] {
    action = [options] {
      if (options->targets.empty())
        options->targets = availableTargets();
      llvm::SmallVector<llvm::StringRef> names;
      llvm::StringRef(options->targets).split(names, ',');
      for (llvm::StringRef name : names)
        if (auto target = findTarget(name); !target) {
          fmt::print(stderr, "error: {}\n", llvm::toString(target.takeError()));
          return int(UserError);
        }
      return options->file.empty() ? FuzzRun(*options).run() : checkFile(*options);
    };
  });
}

} // namespace weir
