//===- SweepRunner.h - trains the members of a sweep side by side -----------------------------===//
//
// Each of `jobs` slots runs one child process at a time. A free slot takes a run of a program that
// is compiled; if there is none it compiles the next program, so that compiling and training
// overlap. Members that differ in epochs alone are one run where that is exact: each goes on from
// the checkpoint of the one before. All that must survive a kill is in the SweepStore before it is
// shown.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/SweepChildren.h"
#include "tools/SweepHalving.h"
#include "tools/SweepStore.h"
#include "tools/SweepView.h"

#include <memory>

namespace weir {

/// What the estimate found.
struct SweepPlan {
  uint64_t epochs = 0;        ///< to train, of all members together
  double secondsPerEpoch = 0; ///< until an epoch was seen
  std::optional<Halving> halving;
};

class SweepRunner {
public:
  SweepRunner(const SweepOptions &options, const SweepGrid &grid, const SweepPlan &plan,
              SweepStore &store, SweepView &view);

  /// Returns the exit code: 0, 1 where a member failed, 128 + an interrupt; or an error of the
  /// sweep's own files, after all children were stopped.
  llvm::Expected<int> run();

private:
  /// A program: one combination of the settings that need one.
  struct Program {
    ProgramFacts facts;
    uint64_t next = 0, end = 0; ///< positions of its members that no slot took yet
  };
  /// What a slot does.
  struct Work {
    enum class Stage { Compile, Train, Digits } stage = Stage::Compile;
    uint64_t program = 0;
    std::vector<uint64_t> positions;  ///< of one run, ascending in epochs; empty: Compile
    std::vector<SweepMember> members; ///< at these
    size_t current = 0;
    std::vector<EpochResult> epochs; ///< of the current member
    size_t inherited = 0;            ///< epochs that were there when its process started
    uint64_t bytesSeen = 0;          ///< of the file that they are in
    bool wasPaused = false, wasRestarted = false;
    ChildProcess child;
  };
  using WorkPointer = std::unique_ptr<Work>;

  // Which work there is.
  WorkPointer nextWork();
  WorkPointer takeRun(uint64_t index, Program &program);
  WorkPointer takePromoted();
  WorkPointer openProgram();
  bool nextRung();

  // Its stages; each returns false once the slot is free.
  bool begin(Work &work);
  bool compile(Work &work);
  bool train(Work &work);
  bool predict(Work &work);
  bool finish(Work &work, const ExitStatus &status);
  bool finishCompile(Work &work, const ExitStatus &status);
  bool finishTrain(Work &work, const ExitStatus &status);
  bool finishRung(Work &work);
  bool complete(Work &work, int digitsRight);
  bool fail(Work &work, const std::string &message);
  bool goOn(Work &work); ///< with the next member of the run

  // Helpers of the stages.
  bool prepareFiles(const Work &work);
  bool isDone(const SweepMember &member) const;
  int64_t epochsOf(const SweepMember &member, uint64_t program) const;
  int64_t rungEpochs(const Work &work) const;
  bool pausesAtRung() const { return halving && rung + 1 < halving->rungs(); }
  SweepRecord recordOf(const Work &work, size_t index, SweepRecord::Status status) const;
  void keep(SweepRecord record);
  void keepScore(uint64_t position, const EpochResult &epoch);
  void follow(Work &work);
  void stopChildren();
  SweepState state() const;

  const SweepOptions &options;
  const SweepGrid &grid;
  const SweepPlan &plan;
  const Halving *halving; ///< of the plan, or null
  SweepStore &store;
  SweepView &view;

  std::vector<WorkPointer> slots;
  std::map<uint64_t, Program> programs; ///< those opened so far
  std::vector<uint64_t> active;         ///< programs with members that no slot took yet
  uint64_t opened = 0;                  ///< position of the first member of no opened program

  size_t rung = 0;
  std::vector<RungScore> scores;
  std::vector<uint64_t> promoted; ///< positions of this rung that no slot took yet, descending

  std::optional<std::string> broken; ///< an error of the sweep's own files
  double epochSeconds = 0;           ///< of the epochs seen
  uint64_t epochsSeen = 0, epochsDone = 0;
  uint64_t doneCount = 0, stoppedCount = 0, failedCount = 0;
  std::vector<SweepRecord> best; ///< the first few of the ranking
};

} // namespace weir
