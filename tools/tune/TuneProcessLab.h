//===- TuneProcessLab.h - candidates in child processes --------------------------------------===//
//
// Several children compile side by side, then one of them measures while the others wait. A child
// that does not answer in time, or dies, is replaced, and the candidate it was busy with counts as
// failed.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Scratch.h"
#include "tools/SweepProcess.h"
#include "tools/tune/TuneDevice.h"
#include "tools/tune/TuneSearch.h"

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

namespace weir {

/// A child process that answers lines of JSON.
class TuneChild {
public:
  TuneChild() = default;
  TuneChild(const TuneChild &) = delete;
  ~TuneChild() { stop(); }

  bool isRunning() const { return socket >= 0; }
  /// Starts `weir tune-worker`, with errors appended to the file `log`.
  llvm::Error start(const std::string &log);
  void stop();
  /// Sends a request; its answer is waited for with `receive`.
  llvm::Error send(const nlohmann::json &request);
  /// The answer, or an error that says what became of the child: it then has to be started again.
  llvm::Expected<nlohmann::json> receive(double limit);
  llvm::Expected<nlohmann::json> ask(const nlohmann::json &request, double limit);

private:
  ChildProcess process;
  int socket = -1;
  std::string received;
};

class TuneProcessLab : public TuneLab {
public:
  /// Candidates for `device`, measured on it, `jobs` compiled at a time.
  TuneProcessLab(TuneDevice device, unsigned jobs);
  ~TuneProcessLab() override;

  llvm::Expected<LoopFacts> open(const TuneGroup &group) override;
  std::vector<std::string> prepare(llvm::ArrayRef<Schedule> schedules, double limit) override;
  llvm::Expected<TunePairs> time(const Schedule &first, const Schedule &second,
                                 unsigned pairs) override;
  double seconds() override;
  bool isInterrupted() override { return interruptsSeen() > 0; }

  /// Compiles the open group by one of Halide's autoschedulers, and times it against the default:
  /// the pairs, or why there are none.
  llvm::Expected<TunePairs> timeBaseline(const std::string &scheduler, double limit,
                                         unsigned pairs);

private:
  struct Prepared {
    std::string object, symbol;
    std::string schedule; ///< the text that it was compiled by
    int number = -1;      ///< in the measuring child; -1: not loaded
  };
  nlohmann::json openRequest() const;
  /// Starts what is not running and opens the group in it.
  llvm::Error ready(TuneChild &child);
  llvm::Error measureReady() { return ready(*children.front()); }
  llvm::Error loadInto(Prepared &prepared);
  std::string compareWithDefault(Prepared &prepared);
  void lost(TuneChild &child);
  /// After something failed in the measuring child: what it had is lost if it is gone, or of no
  /// more use.
  void checkMeasuring();
  llvm::Expected<TunePairs> timePrepared(Prepared &first, Prepared &second, unsigned pairs);

  ScratchFolder scratch; // outlives the children
  TuneDevice device;
  std::string folder;
  std::vector<std::unique_ptr<TuneChild>> children; ///< the first one measures
  std::vector<bool> opened;                         ///< each child: it has the group
  TuneGroup group;
  LoopFacts loops;
  std::map<std::string, Prepared> prepared; ///< by the schedule's text
  size_t objects = 0;
  std::chrono::steady_clock::time_point began;
};

} // namespace weir
