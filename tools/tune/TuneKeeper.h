//===- TuneKeeper.h - what a search finds, written and told ----------------------------------===//

#pragma once

#include "tools/tune/TuneEntries.h"
#include "tools/tune/TuneProcessLab.h"
#include "tools/tune/TuneView.h"

#include <map>

namespace weir {

/// Writes each record as soon as it is found.
class TuneKeeper : public TuneObserver {
public:
  TuneKeeper(std::string path, TuningDatabase database, TuneView &view, TuneProcessLab &lab,
             bool verbose)
      : path(std::move(path)), records(std::move(database)), view(view), lab(lab),
        verbose(verbose) {}

  void progress(const TuneProgress &progress) override { view.progress(progress, lab.seconds()); }
  void rejected(const TuneGroup &group, const Schedule &schedule,
                const std::string &reason) override;
  llvm::Error won(const TuningRecord &record, const TuneProgress &progress) override;
  /// Puts records in place of those of the same keys.
  llvm::Error withdraw(std::vector<TuningRecord> withdrawals);

  const TuningDatabase &database() const { return records; }
  /// The record that this search has found for a group, or withdrawn; null where none.
  const TuningRecord *find(const std::string &content) const;
  /// ": it crashed x 2, no answer in time x 1"; empty where no candidate was skipped.
  std::string reasonsText() const;

private:
  std::string path;
  TuningDatabase records;
  TuneView &view;
  TuneProcessLab &lab;
  bool verbose;
  std::map<std::string, TuningRecord> found; ///< by the group's content
  std::map<std::string, unsigned> reasons;   ///< why candidates were skipped
};

} // namespace weir
