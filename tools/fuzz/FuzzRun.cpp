//===- FuzzRun.cpp - see FuzzRun.h -----------------------------------------------------------===//

#include "tools/fuzz/FuzzRun.h"

#include "tools/Clock.h"
#include "tools/Commands.h"
#include "tools/Link.h"
#include "tools/SweepProcess.h"
#include "tools/fuzz/GenerateNet.h"
#include "tools/fuzz/ReduceNet.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

using Json = nlohmann::ordered_json;

namespace weir {

int FuzzRun::run() {
  if (std::string problem = enterFolder(); !problem.empty()) {
    fmt::print(stderr, "error: {}\n", problem);
    return UserError;
  }
  catchSweepSignals();
  const double seconds = options.seconds.value_or(options.nets ? HUGE_VAL : 60);
  for (current = options.seed; !options.nets || nets < *options.nets; ++current) {
    if (interruptsSeen() > 0 || secondsSince(start) > seconds)
      break;
    tryNet(current);
  }
  line.clear();
  [[maybe_unused]] const std::error_code ignored = llvm::sys::fs::set_current_path(folder);
  const int code = report();
  return interruptsSeen() > 0 ? interruptCode() : code;
}

/// Children leave what they leave in a folder that is removed; so do their caches.
std::string FuzzRun::enterFolder() {
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

void FuzzRun::tryNet(uint64_t seed) {
  netStart = Clock::now();
  const FuzzNet net = generateNet(seed);
  const FuzzSetting setting{options.targets, seed, options.limit, options.passesOnly};
  const FuzzOutcome outcome =
      runChild(net, setting, workplace.path(), [&](const auto &phase) { tellProgress(phase); });
  if (outcome.kind == "interrupted")
    return;
  count(net, setting, outcome);
  if (outcome.isFinding())
    keep(net, setting, outcome);
}

void FuzzRun::count(const FuzzNet &net, const FuzzSetting &setting, const FuzzOutcome &outcome) {
  ++nets;
  trained += net.trains();
  skipped += outcome.kind == "skipped";
  integers += !outcome.integers.empty();
  exact += outcome.integers == "exact";
  for (const FuzzCall &call : net.calls)
    ++calls[call.op];
  passes.add(setting.seed, outcome.parts);
}

/// Cuts a finding down, and writes it.
void FuzzRun::keep(const FuzzNet &net, const FuzzSetting &setting, FuzzOutcome outcome) {
  constexpr double reduceSeconds = 300;
  netStart = Clock::now();
  isCuttingDown = true;
  std::optional<FuzzNet> smallest = net;
  reduce<std::optional<FuzzNet>>(
      smallest, simplerNets,
      [&](const std::optional<FuzzNet> &candidate) {
        const FuzzOutcome again = runChild(*candidate, setting, workplace.path(),
                                           [&](const auto &phase) { tellProgress(phase); });
        if (!again.isLike(outcome))
          return false;
        outcome.message = again.message;
        return true;
      },
      [&] { return interruptsSeen() > 0 || secondsSince(netStart) > reduceSeconds; });
  isCuttingDown = false;
  const std::string path = fmt::format("{}/weir-fuzz-{}.weir", folder, setting.seed);
  const std::string command = fmt::format("weir {}", fmt::join(setting.arguments(path), " "));
  std::string text = smallest->text();
  text.insert(text.find('\n'),
              fmt::format("\n\n# {}: {}\n# {}", outcome.kind, outcome.message, command));
  line.clear();
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
std::string FuzzRun::netsText() const { return counted(nets, "net"); }
std::string FuzzRun::findingsText() const { return counted(findings.size(), "finding"); }

/// On a terminal all the time, elsewhere now and then.
void FuzzRun::tellProgress(const std::string &phase) {
  constexpr double interval = 10;
  if (!line.isDue() && (line.isLive() || secondsSince(told) < interval))
    return;
  told = Clock::now();
  const std::string text =
      fmt::format("fuzz: {} in {:.0f} s, {}; seed {}{}{}{}, {:.0f} s", netsText(),
                  secondsSince(start), findingsText(), current, isCuttingDown ? " is cut down" : "",
                  phase.empty() ? "" : ": ", phase, secondsSince(netStart));
  if (line.isLive())
    line.show(text);
  else
    fmt::print(stderr, "{}\n", text);
}

int FuzzRun::report() {
  if (options.json)
    printJson(secondsSince(start));
  else
    printText(secondsSince(start));
  return findings.empty() ? Done : UserError;
}

void FuzzRun::printJson(double seconds) const {
  Json ops = Json::object();
  for (const auto &[op, count] : calls)
    ops[op] = count;
  Json document = {{"seed", options.seed}, {"nets", nets},
                   {"trained", trained},   {"skipped", skipped},
                   {"integers", integers}, {"integers_exact", exact},
                   {"seconds", seconds},   {"targets", options.targets},
                   {"layers", ops},        {"findings", findings}};
  if (options.passesOnly) {
    document.erase("integers_exact");
    document["fewer_inputs"] = passes.shortened();
    document["not_checked"] = passes.notChecked();
    document["passes"] = passes.json();
  }
  fmt::print("{}\n", document.dump(2));
}

void FuzzRun::printText(double seconds) const {
  if (options.passesOnly)
    fmt::print("{}\n", passes.text());
  fmt::print(
      "{}{} ({} trained, {} in 8 bits, too{}) of {} kinds of layers in {:.0f} s on {}: {}, "
      "{} could not be compared{}\n",
      interruptsSeen() > 0 ? "interrupted: " : "", netsText(), trained, integers,
      options.passesOnly ? "" : fmt::format(", {} of these bit for bit", exact), calls.size(),
      seconds, options.targets, findingsText(), skipped,
      passes.shortened() == 0
          ? ""
          : fmt::format(", {} saw fewer kinds of inputs for lack of time", passes.shortened()));
}

} // namespace weir
