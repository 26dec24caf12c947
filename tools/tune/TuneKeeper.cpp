//===- TuneKeeper.cpp - see TuneKeeper.h -----------------------------------------------------===//

#include "tools/tune/TuneKeeper.h"

#include <fmt/core.h>

namespace weir {

void TuneKeeper::rejected(const TuneGroup &group, const Schedule &schedule,
                          const std::string &reason) {
  ++reasons[llvm::StringRef(reason).split(": ").first.str()];
  if (verbose)
    view.say(fmt::format("{}: {} is skipped: {}", group.name, schedule.text(), reason));
}

llvm::Error TuneKeeper::won(const TuningRecord &record, const TuneProgress &progress) {
  found[record.key.group] = record;
  records.put(record);
  view.won(record, progress);
  return records.write(path);
}

llvm::Error TuneKeeper::withdraw(std::vector<TuningRecord> withdrawals) {
  for (TuningRecord &record : withdrawals) {
    found[record.key.group] = record;
    view.say(fmt::format("{}: no record; its entries were slower with it", record.name));
    records.put(std::move(record));
  }
  return records.write(path);
}

const TuningRecord *TuneKeeper::find(const std::string &content) const {
  const auto record = found.find(content);
  return record == found.end() ? nullptr : &record->second;
}

std::string TuneKeeper::reasonsText() const {
  std::string text;
  for (const auto &[reason, count] : reasons)
    text += fmt::format("{}{} x {}", text.empty() ? ": " : ", ", count, reason);
  return text;
}

} // namespace weir
