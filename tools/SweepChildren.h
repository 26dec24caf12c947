//===- SweepChildren.h - the commands that a sweep starts, and what they say ------------------===//
//
// `weir compile`, and `train`, `predict`, `info` of the compiled programs.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/SweepGrid.h"
#include "tools/SweepProcess.h"

namespace weir {

/// What was asked for behind `sweep`.
struct SweepOptions {
  CompilerOptions compiler;
  std::string out;                     ///< the sweep's folder
  std::string data;                    ///< --data of `train`; empty: its default
  std::string digits;                  ///< the folder of the user's own digits, or empty
  std::vector<std::string> digitFiles; ///< the pictures in it
  unsigned jobs = 1;                   ///< members trained at a time
  std::optional<uint64_t> random;      ///< how many members to draw
  uint64_t seed = 1;                   ///< of the draw
  bool halving = false, yes = false, json = false, dryRun = false;
};

/// What a compiled program says of itself.
struct ProgramFacts {
  int64_t parameters = 0; ///< trainable
  int64_t batch = 1, epochs = 1;
  std::string dataSet;
  bool keepsBest = false;
  bool stopsEarly = false;
  /// The first epochs are the same however many follow: the schedule does not depend on the length
  /// of the run.
  bool canBeExtended = false;
};

std::vector<std::string> compileArguments(const SweepOptions &options, const SweepGrid &grid,
                                          const SweepMember &member, const std::string &program);
std::vector<std::string> trainArguments(const SweepOptions &options, const SweepGrid &grid,
                                        const SweepMember &member, const std::string &program,
                                        const std::string &checkpoint, bool resume);
std::vector<std::string> predictArguments(const SweepOptions &options, const std::string &program,
                                          const std::string &weights);

/// Runs a short command and returns what it prints; an error has its message.
llvm::Expected<std::string> outputOf(const std::vector<std::string> &arguments);
llvm::Expected<ProgramFacts> readFacts(const std::string &program);

/// Why a child failed: the last error of its log, else how it ended.
std::string messageOf(const ExitStatus &status, const std::string &log);

/// The pictures in a folder whose names begin with a digit, `7.png` or `7_b.jpg`; sorted.
llvm::Expected<std::vector<std::string>> findDigits(const std::string &folder);
/// How many of them a program's `predict --json` named rightly.
llvm::Expected<int> countRight(const std::string &predictions);

} // namespace weir
