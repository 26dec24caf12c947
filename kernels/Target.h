//===- Target.h - what kernels are compiled for ----------------------------------------------===//
//
// A target is one of the four x86-64 micro-architecture levels, so that two machines of a level
// share cached kernels, such a level with instructions for 8-bit integers, or a kind of GPU. `host`
// is the highest level that this machine has.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace weir {

enum class DeviceKind { Cpu, Cuda, OpenCl };

/// "cpu", "cuda" or "opencl": the kind's name on the command line and in manifests.
llvm::StringRef deviceName(DeviceKind kind);

/// What kernels may use on the device that will run them.
struct KernelTarget {
  DeviceKind device = DeviceKind::Cpu;
  std::string name;   ///< "x86-64-v4": the name to compile for this level again
  std::string halide; ///< Halide's target string, e.g. "x86-64-linux-avx-avx2-…"
  std::string suffix; ///< what names of kernels end in: "avx512"
  llvm::SmallVector<llvm::StringRef, 16> cpuFeatures; ///< all that must be there, for the manifest
  int vectorWidth = 4;                                ///< f32 values in a vector; 1 on GPUs
  int vectorRegisters = 16;
  /// Products of 8-bit integers that one instruction sums up: 4 with VNNI, 2 widened ones before.
  int dotTerms = 2;
  /// Has AMX: products of 8-bit matrices, tile by tile.
  bool tiles = false;
  /// Compute capability that a GPU must have, ten times the number; 0 where it has none.
  int capability = 0;

  bool isGpu() const { return device != DeviceKind::Cpu; }
};

/// What kernels of floats are compiled for where a program's target is `target`: of VNNI and AMX
/// they have nothing, so they are those of x86-64-v4, and found in its cache.
KernelTarget floatTarget(const KernelTarget &target);

/// Likewise of kernels of integers without a product that suits tiles.
KernelTarget withoutTiles(const KernelTarget &target);

/// The first that this machine lacks of what a CPU's `target` needs; empty: it can run here. Asks
/// the system for the use of AMX tiles if they are needed, which holds for the whole process.
std::string lackingHere(const KernelTarget &target);

/// The target called `name` ("host", "x86-64-v3", "cuda", …), or an error that lists the names.
llvm::Expected<KernelTarget> findTarget(llvm::StringRef name);

/// The names that `findTarget` knows.
llvm::ArrayRef<llvm::StringRef> targetNames();

} // namespace weir
