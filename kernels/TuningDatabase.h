//===- TuningDatabase.h - what was measured, for the next compilation ------------------------===//
//
// A file of records, one for each key. It is read whole and replaced whole (written beside, then
// renamed), so that readers need no lock; whoever changes it holds a TuningLock.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/LoopFacts.h"

#include <string>
#include <vector>

namespace weir {

/// What a measurement holds for.
struct TuningKey {
  std::string group;    ///< kernels::describe
  std::string target;   ///< KernelTarget::halide
  std::string cpu;      ///< the processor's name, or the device's
  unsigned threads = 1; ///< 0: of a GPU

  bool operator==(const TuningKey &) const = default;
};

struct TuningRecord {
  TuningKey key;
  std::string name; ///< the group's, for people
  LoopFacts loops;  ///< `chosen` is the schedule that was measured against
  Schedule schedule;
  double defaultMicroseconds = 0, tunedMicroseconds = 0; ///< medians of the final comparison
  unsigned pairs = 0, faster = 0;      ///< its measurements, and in how many this one was faster
  unsigned candidates = 0, failed = 0; ///< tried for the group, and of them failed
  int64_t time = 0;                    ///< seconds since 1970

  /// The group is compiled by the model all the same: what is faster by itself made a whole entry
  /// slower.
  bool isWithdrawn() const { return schedule == loops.chosen; }
  /// 0.25: a quarter of the time saved.
  double gain() const {
    return defaultMicroseconds > 0 ? 1 - tunedMicroseconds / defaultMicroseconds : 0;
  }
};

class TuningDatabase {
public:
  /// The records of `path`; an empty database where there is no such file. An error where it cannot
  /// be read, is damaged, or was written by a newer version.
  static llvm::Expected<TuningDatabase> read(const std::string &path);

  /// Replaces the file, and makes its folder.
  llvm::Error write(const std::string &path) const;

  const std::vector<TuningRecord> &records() const { return all; }
  const TuningRecord *find(const TuningKey &key) const;
  /// Puts the record in place of that of the same key.
  void put(TuningRecord record);
  /// Takes what `other` has; of two records of a key the one that gained more, of equals the newer.
  void merge(const TuningDatabase &other);

private:
  std::vector<TuningRecord> all; ///< in the order of names, then keys
};

/// The right to change a database, held by a lock on `<path>.lock` until destroyed or the process
/// ends.
class TuningLock {
public:
  /// An error where another process has it.
  static llvm::Expected<TuningLock> take(const std::string &path);
  TuningLock(TuningLock &&other) noexcept;
  ~TuningLock();

private:
  explicit TuningLock(int file) : file(file) {}
  int file;
};

/// $WEIR_TUNING, else `tuning.db` in the cache's folder; empty where there is none.
std::string defaultTuningPath(const std::string &cacheFolder);

/// This machine's processor, as it calls itself.
std::string cpuName();

} // namespace weir
