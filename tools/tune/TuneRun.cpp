//===- TuneRun.cpp - see TuneRun.h -----------------------------------------------------------===//
//
// TuneSearch looks for better schedules, kernel by kernel, until most of the budget is used up;
// EntryCheck then sees that whole entries are no slower with them.
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/tune/TuneRun.h"

#include "tools/Commands.h"
#include "tools/SweepView.h"
#include "tools/tune/TuneKeeper.h"

#include <fmt/core.h>

namespace weir {
namespace {

using Json = nlohmann::ordered_json;

/// The part of the budget that the comparison of whole entries may take, and the most seconds.
constexpr double checkShare = 0.2, mostCheckSeconds = 60;

Json toJson(const TuneGroup &group, const TuningRecord *record) {
  Json json = {{"name", group.name}, {"share", group.share}, {"uses", group.uses}};
  if (record && record->isWithdrawn())
    json["withdrawn"] = true;
  else if (record)
    json.update({{"default", record->loops.chosen.text()},
                 {"schedule", record->schedule.text()},
                 {"default_us", record->defaultMicroseconds},
                 {"tuned_us", record->tunedMicroseconds},
                 {"gain", record->gain()},
                 {"pairs", record->pairs},
                 {"faster", record->faster}});
  return json;
}

Json toJson(const EntryResult &entry) {
  Json json = {{"name", entry.name}, {"gain", entry.gain()}, {"tuned", entry.isChanged}};
  if (entry.isChanged && entry.verdict.pairs)
    json.update({{"default_ms", entry.verdict.first},
                 {"tuned_ms", entry.verdict.second},
                 {"pairs", entry.verdict.pairs},
                 {"faster", entry.verdict.faster}});
  if (entry.slower)
    json["withdrawn_gain"] = 1 - entry.slower->ratio;
  return json;
}

/// "train_step: 0.3620 instead of 0.4012 ms, 9.8 % less (24 of 24 pairs faster)"
std::string textOf(const EntryResult &entry) {
  const TuneVerdict &verdict = entry.verdict;
  std::string text = "by the default schedules";
  if (entry.isChanged)
    text = fmt::format("{:.4f} instead of {:.4f} ms, {:.1f} % less ({} of {} pairs faster)",
                       verdict.second, verdict.first, 100 * entry.gain(), verdict.faster,
                       verdict.pairs);
  if (entry.slower)
    text += fmt::format("; it took {:.1f} % more with records that are withdrawn",
                        100 * (entry.slower->ratio - 1));
  return entry.name + ": " + text;
}

/// One run of `weir tune` on a net whose groups are known.
class TuneRun {
public:
  TuneRun(const TuneRunOptions &options, Compiler &compiler, const TuneDevice &device,
          const TuneNet &net, const PlannedModules &planned, const std::string &plain,
          TuningDatabase database)
      : options(options), compiler(compiler), device(device), net(net), planned(planned),
        plain(plain), known(std::move(database)),
        view(options.json ? stderr : stdout, options.budget), lab(device, coreCount()),
        keeper(compiler.tuningPath(), known, view, lab, options.verbose) {}

  /// `groups`: those of the net that are searched, the most important first.
  int run(const std::vector<TuneGroup> &groups) {
    view.say(fmt::format("{} distinct {} in {} {}, {} on {}, {}", groups.size(),
                         groups.size() == 1 ? "group" : "groups", net.entries.size(),
                         net.entries.size() == 1 ? "entry" : "entries", device.target.name,
                         placeText(), durationText(options.budget)));
    catchSweepSignals();
    TuneSearch search(searchOptions(), groups, lab, keeper);
    if (llvm::Error error = search.run())
      return failed(std::move(error));
    view.clear();
    const TuneProgress &progress = search.progress();
    view.say(fmt::format("{}{} candidate{} of {} of {} groups in {}, {} skipped{}",
                         lab.isInterrupted() ? "interrupted after " : "", countText(progress.tried),
                         progress.tried == 1 ? "" : "s", progress.visited, progress.groups,
                         durationText(lab.seconds()), progress.failed, keeper.reasonsText()));
    std::vector<EntryResult> entries;
    if (!lab.isInterrupted())
      if (llvm::Error error = check(entries))
        return failed(std::move(error));
    if (lab.isInterrupted())
      view.say("interrupted: entries were not compared as a whole");
    view.say(fmt::format("{} {} faster by {}; records in '{}'", progress.winners,
                         progress.winners == 1 ? "group is" : "groups are",
                         progress.winners == 1 ? "itself" : "themselves", compiler.tuningPath()));
    for (const EntryResult &entry : entries)
      view.say(textOf(entry));
    if (options.json)
      printJson(groups, entries, progress);
    return lab.isInterrupted() ? interruptCode() : Done;
  }

private:
  /// "2 threads of AMD EPYC", "opencl:0 (NVIDIA H100)"
  std::string placeText() const {
    if (device.isGpu())
      return fmt::format("{} ({})", device.name, device.title);
    return fmt::format("{} {} of {}", device.threads, device.threads == 1 ? "thread" : "threads",
                       device.title);
  }

  double checkSeconds() const { return std::min(checkShare * options.budget, mostCheckSeconds); }

  TuneOptions searchOptions() const {
    TuneOptions settings;
    settings.budget = options.budget - checkSeconds();
    settings.candidates = options.candidates;
    settings.target = device.target;
    settings.threads = device.threads;
    settings.cpu = device.title;
    settings.entries = net.entries.size();
    settings.batch = 2 * size_t(coreCount());
    settings.known = &known;
    return settings;
  }

  int failed(llvm::Error error) {
    view.clear();
    return fail(std::move(error));
  }

  /// Compares whole entries, and withdraws the records that make one slower.
  llvm::Error check(std::vector<EntryResult> &entries) {
    TunePrograms programs(compiler, device, planned, net, plain, keeper.database(), lab);
    EntryCheck check(net, programs.changed(), programs, lab.seconds() + checkSeconds());
    view.say("comparing whole entries");
    if (llvm::Error error = check.run())
      return error;
    std::vector<TuningRecord> withdrawals;
    for (size_t group = 0; group < check.withdrawn().size(); ++group) {
      if (!check.withdrawn()[group])
        continue;
      auto record = programs.withdrawal(group);
      if (!record)
        return record.takeError();
      withdrawals.push_back(std::move(*record));
    }
    if (check.isComplete())
      entries = check.entries();
    return withdrawals.empty() ? llvm::Error::success() : keeper.withdraw(std::move(withdrawals));
  }

  void printJson(const std::vector<TuneGroup> &groups, const std::vector<EntryResult> &entries,
                 const TuneProgress &progress) const {
    Json groupList = Json::array(), entryList = Json::array();
    for (const TuneGroup &group : groups)
      groupList.push_back(toJson(group, keeper.find(group.content)));
    for (const EntryResult &entry : entries)
      entryList.push_back(toJson(entry));
    fmt::print("{}\n", Json({{"net", compiler.summary().net},
                             {"target", device.target.name},
                             {"device", device.name},
                             {"cpu", device.title},
                             {"threads", device.threads},
                             {"budget", options.budget},
                             {"seconds", lab.seconds()},
                             {"interrupted", lab.isInterrupted()},
                             {"candidates", progress.tried},
                             {"failed", progress.failed},
                             {"gain", progress.gain},
                             {"database", compiler.tuningPath()},
                             {"entries", entryList},
                             {"groups", groupList}})
                           .dump(2));
  }

  const TuneRunOptions &options;
  Compiler &compiler;
  const TuneDevice &device;
  const TuneNet &net;
  const PlannedModules &planned;
  const std::string &plain;
  const TuningDatabase known;
  TuneView view;
  mutable TuneProcessLab lab;
  TuneKeeper keeper;
};

} // namespace

int runTuning(const TuneRunOptions &options, Compiler &compiler, const TuneDevice &device,
              const TuneNet &net, const PlannedModules &planned, const std::string &plain,
              TuningDatabase database, const std::vector<TuneGroup> &groups) {
  return TuneRun(options, compiler, device, net, planned, plain, std::move(database)).run(groups);
}

} // namespace weir
