//===- TuneDevice.h - what candidates are measured on, and what records call it --------------===//
//
// The CPU, or a GPU that is found and opened as programs do it (runtime/Device.h): the same names,
// the same chain of conditions, the same reasons where it cannot be used. Records of a GPU's
// kernels hold for its name and target; features of the CPU and threads are nothing to them.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "kernels/TuningDatabase.h"
#include "runtime/Device.h"

namespace weir {

struct TuneDevice {
  std::string name = "cpu"; ///< "opencl:0": what --device of a program calls it
  std::string title;        ///< the processor's or device's own name; TuningKey::cpu
  KernelTarget target;      ///< of the kernels that are measured
  unsigned threads = 1;     ///< TuningKey::threads; 0: a GPU, which has none

  bool isGpu() const { return target.isGpu(); }
  TuningKey keyOf(const std::string &group) const { return {group, target.halide, title, threads}; }
};

/// `name` as in --device ("auto" is the CPU), of a program for `targets`. An error where this
/// machine has no such device or cannot use it.
llvm::Expected<TuneDevice> findTuneDevice(const std::string &name,
                                          llvm::ArrayRef<KernelTarget> targets, unsigned threads);

/// Opens the GPU called `name` for kernels of `target`.
llvm::Expected<std::shared_ptr<Accelerator>> openTuneDevice(const std::string &name,
                                                            const KernelTarget &target);

/// What records of `target` for this machine have as `cpu`: the processor, or the first GPU that
/// `database` knows, else the first of its kind. Drivers are only asked where there are records for
/// their kind; empty where there is no such device.
std::string tuningDevice(const TuningDatabase &database, const KernelTarget &target);

} // namespace weir
