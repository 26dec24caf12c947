//===- TuneKernel.h - one group's compiled kernels, run and timed ----------------------------===//
//
// Inside a tuner's child process. Holds the group's operands and results, loads one object after
// the other beside those that are there, compares what they compute and times them against one
// another. What a device needs to be measured is a class of this interface.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include "kernels/Target.h"

#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace weir {

/// What a measurement needs to know of a group besides its region.
struct TuneSetting {
  unsigned threads = 1;
  /// Bytes that a whole step goes through: between two calls of a kernel the caches have seen as
  /// much of other data.
  int64_t stepBytes = 0;
  /// Result -> operand that it is written over; -1: none.
  std::vector<int> inPlace;
  /// As TuneDevice has it.
  std::string device = "cpu";
};

/// Microseconds of one call, pair by pair: both of a pair were measured one right after the other.
struct TunePairs {
  std::vector<double> first, second;
};

class TuneKernel {
public:
  virtual ~TuneKernel() = default;

  /// Adds an object whose kernel is called `symbol`; returns its number.
  virtual llvm::Expected<size_t> load(std::string object, const std::string &symbol) = 0;
  /// Runs both on the same operands; an error says where the results differ.
  virtual llvm::Error compare(size_t expected, size_t actual) = 0;
  /// Times both in turns. `pairs` pairs, each of calls that take about `microseconds` together.
  TunePairs time(size_t first, size_t second, unsigned pairs, double microseconds);

protected:
  /// Operands have their first values again, in all sets.
  virtual void resetSets() = 0;
  /// Microseconds of a call, of `calls` one behind the other, each on the next set.
  virtual double batch(size_t kernel, int calls) = 0;
};

/// Sets of operands of `bytes` each that timed calls walk through: as many as a step goes through
/// memory, so that operands come from where they would in the step.
int64_t countSets(int64_t bytes, const TuneSetting &setting);

/// The group's kernels on this machine's processor.
llvm::Expected<std::unique_ptr<TuneKernel>> makeHostKernel(KernelOp kernel,
                                                           const TuneSetting &setting);

/// The group's kernels for `target`, a GPU's, on the device that `setting` names.
llvm::Expected<std::unique_ptr<TuneKernel>>
makeDeviceKernel(KernelOp kernel, const TuneSetting &setting, const KernelTarget &target);

} // namespace weir
