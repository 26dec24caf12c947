//===- TunePrograms.cpp - see TunePrograms.h -------------------------------------------------===//

#include "tools/tune/TunePrograms.h"
#include "kernels/Describe.h"
#include "tools/Commands.h"
#include "tools/SweepChildren.h"

#include "llvm/ADT/STLExtras.h"
#include <cstdlib>
#include <ctime>

namespace weir {
namespace {

/// Of a run: tens of calls of each entry of the small nets. What a process costs besides is about
/// as much.
constexpr double runSeconds = 0.1;

/// $WEIR_TUNE_FAULT, for tests: "entries:0.5" halves the times of programs with records.
double faultyFactor() {
  const char *variable = std::getenv("WEIR_TUNE_FAULT");
  double factor = 1;
  llvm::SmallVector<llvm::StringRef> faults;
  llvm::StringRef(variable ? variable : "").split(faults, ',');
  for (llvm::StringRef fault : faults)
    if (fault.consume_front("entries:") && fault.getAsDouble(factor))
      factor = 1;
  return factor;
}

} // namespace

llvm::Expected<std::vector<EntryTimes>> benchProgram(const TuneNet &net, const std::string &program,
                                                     const TuneDevice &device, double seconds) {
  auto text =
      outputOf({program, "bench", "--json", "--seconds", std::to_string(seconds), "--threads",
                std::to_string(std::max(1U, device.threads)), "--device", device.name});
  if (!text)
    return text.takeError();
  const nlohmann::json bench = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!bench.is_object())
    return llvm::createStringError("'" + program + " bench --json' printed no document");
  return readTimes(net, bench);
}

TunePrograms::TunePrograms(Compiler &compiler, const TuneDevice &device,
                           const PlannedModules &planned, const TuneNet &net, std::string plain,
                           const TuningDatabase &records, TuneProcessLab &clock)
    : compiler(compiler), device(device), planned(planned), net(net), plain(std::move(plain)),
      records(records), clock(clock) {}

std::vector<bool> TunePrograms::changed() {
  compiler.rebuildBy(records, planned);
  std::vector<bool> changed;
  for (const TuneGroup &group : net.groups) {
    const auto found = llvm::find_if(compiler.schedules(), [&](const GroupSchedule &schedule) {
      return schedule.content == group.content && schedule.target == device.target.name;
    });
    changed.push_back(found != compiler.schedules().end() &&
                      found->match.kind != TuningMatch::Kind::None);
  }
  return changed;
}

llvm::Expected<TuningRecord> TunePrograms::withdrawal(size_t group) const {
  const TuneGroup &of = net.groups[group];
  const TuningKey key = device.keyOf(of.content);
  TuningRecord record;
  if (const TuningRecord *known = records.find(key)) {
    record = *known;
  } else { // it was compiled by a near one
    KernelOp kernel;
    for (const auto &module : planned)
      mlir::ModuleOp(*module).walk([&](KernelOp each) {
        if (!kernel && kernels::describe(each) == of.content)
          kernel = each;
      });
    auto loops = findLoops(kernel, device.target);
    if (!loops)
      return loops.takeError();
    record.key = key;
    record.name = of.name;
    record.loops = *loops;
  }
  record.schedule = record.loops.chosen;
  record.tunedMicroseconds = record.defaultMicroseconds;
  record.pairs = record.faster = 0;
  record.time = static_cast<int64_t>(std::time(nullptr));
  return record;
}

llvm::Error TunePrograms::build(const std::vector<bool> &withdrawn) {
  TuningDatabase remaining = records;
  for (size_t group = 0; group < withdrawn.size(); ++group) {
    if (!withdrawn[group])
      continue;
    auto record = withdrawal(group);
    if (!record)
      return record.takeError();
    remaining.put(std::move(*record));
  }
  compiler.rebuildBy(std::move(remaining), planned);
  tuned.emplace();
  if (findProgram(compiler, *tuned) != Done)
    return llvm::createStringError("the program with the records cannot be compiled");
  return llvm::Error::success();
}

llvm::Expected<std::vector<EntryTimes>> TunePrograms::run(bool withRecords) {
  auto times = benchProgram(net, withRecords ? tuned->path : plain, device, runSeconds);
  if (!times || !withRecords)
    return times;
  const double factor = faultyFactor();
  for (EntryTimes &entry : *times) {
    entry.milliseconds *= factor;
    for (double &kernel : entry.kernels)
      kernel *= factor;
  }
  return times;
}

} // namespace weir
