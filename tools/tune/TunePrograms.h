//===- TunePrograms.h - the whole program, with records and without --------------------------===//

#pragma once

#include "tools/ProgramCache.h"
#include "tools/tune/TuneEntries.h"
#include "tools/tune/TuneProcessLab.h"

namespace weir {

/// The times of all entries in a run of `program bench` of `seconds` on the device.
llvm::Expected<std::vector<EntryTimes>> benchProgram(const TuneNet &net, const std::string &program,
                                                     const TuneDevice &device, double seconds);

/// The modules of a compiler's targets after "memory", before anything was made of them.
using PlannedModules = std::vector<mlir::OwningOpRef<mlir::ModuleOp>>;

class TunePrograms : public EntryLab {
public:
  /// `plain`: the program without records. All must outlive this object.
  TunePrograms(Compiler &compiler, const TuneDevice &device, const PlannedModules &planned,
               const TuneNet &net, std::string plain, const TuningDatabase &records,
               TuneProcessLab &clock);

  /// The groups that are compiled by a record.
  std::vector<bool> changed();
  /// What withdraws the records of a group, exact or near.
  llvm::Expected<TuningRecord> withdrawal(size_t group) const;

  llvm::Error build(const std::vector<bool> &withdrawn) override;
  llvm::Expected<std::vector<EntryTimes>> run(bool withRecords) override;
  double seconds() override { return clock.seconds(); }
  bool isInterrupted() override { return clock.isInterrupted(); }

private:
  Compiler &compiler;
  const TuneDevice &device;
  const PlannedModules &planned;
  const TuneNet &net;
  const std::string plain;
  const TuningDatabase &records;
  TuneProcessLab &clock;
  std::optional<CachedProgram> tuned;
};

} // namespace weir
