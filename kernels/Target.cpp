//===- Target.cpp - see Target.h -------------------------------------------------------------===//

#include "kernels/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/TargetParser/Host.h"
#include <sys/syscall.h>
#include <unistd.h>

using namespace llvm;

namespace weir {
namespace {

/// One level adds features to those before it. The features are what LLVM may use for the processor
/// that Halide names for the level (x86-64, penryn, haswell, skylake-avx512), as far as float
/// kernels can come to use them.
struct Level {
  StringLiteral name, suffix, halideFeatures;
  int vectorWidth, vectorRegisters, dotTerms;
  ArrayRef<StringRef> adds;
};

constexpr StringRef v1[] = {"sse2"};
constexpr StringRef v2[] = {"sse3", "ssse3", "sse4.1"};
constexpr StringRef v3[] = {"sse4.2", "popcnt", "avx",  "avx2",  "fma",
                            "f16c",   "bmi",    "bmi2", "lzcnt", "movbe"};
constexpr StringRef v4[] = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"};

constexpr StringRef vnni[] = {"avx512vnni",   "avx512vbmi",      "avx512vbmi2", "avx512ifma",
                              "avx512bitalg", "avx512vpopcntdq", "gfni",        "vpclmulqdq"};

/// All that is beyond VNNI in the first processor with AMX, whose name LLVM gets from Halide.
constexpr StringRef amx[] = {"amx-tile", "amx-int8", "avxvnni", "avx512bf16", "avx512fp16"};

constexpr Level levels[] = {
    {"x86-64", "sse2", "", 4, 16, 2, v1},
    {"x86-64-v2", "sse41", "-sse41", 4, 16, 2, v2},
    {"x86-64-v3", "avx2", "-avx-avx2-f16c-fma-sse41", 8, 16, 2, v3},
    {"x86-64-v4", "avx512", "-avx-avx2-avx512-avx512_skylake-f16c-fma-sse41", 16, 32, 2, v4},
    {"x86-64-v4-vnni", "vnni",
     "-avx-avx2-avx512-avx512_cannonlake-avx512_skylake-avx512_zen4-f16c-fma-sse41", 16, 32, 4,
     vnni},
    {"x86-64-v4-amx", "amx",
     "-avx-avx2-avx512-avx512_cannonlake-avx512_sapphirerapids-avx512_skylake-f16c-fma-sse41", 16,
     32, 4, amx},
};

/// Of every target: shapes are static and were verified, and the program has the runtime.
constexpr StringLiteral objectFeatures = "-no_asserts-no_bounds_query-no_runtime-user_context";

/// A kind of GPU. CUDA kernels are PTX, which the drivers of all later GPUs compile; the
/// optimizers' scalars need float64. The object's host code, which launches them, runs on every
/// x86-64.
struct Gpu {
  StringLiteral name, suffix, halideFeatures;
  DeviceKind device;
  int capability;
};

constexpr Gpu gpus[] = {
    {"cuda", "cuda75", "-cuda-cuda_capability_75", DeviceKind::Cuda, 75},
    {"cuda-sm_80", "cuda80", "-cuda-cuda_capability_80", DeviceKind::Cuda, 80},
    {"cuda-sm_86", "cuda86", "-cuda-cuda_capability_86", DeviceKind::Cuda, 86},
    {"opencl", "opencl", "-opencl-cl_doubles", DeviceKind::OpenCl, 0},
};

KernelTarget makeTarget(const Gpu &gpu) {
  KernelTarget target;
  target.device = gpu.device;
  target.name = gpu.name.str();
  target.suffix = gpu.suffix.str();
  target.halide = ("x86-64-linux" + gpu.halideFeatures + objectFeatures).str();
  target.cpuFeatures.append(std::begin(v1), std::end(v1));
  target.vectorWidth = 1;
  target.capability = gpu.capability;
  return target;
}

KernelTarget makeTarget(const Level &level) {
  KernelTarget target;
  target.name = level.name.str();
  target.suffix = level.suffix.str();
  target.halide = ("x86-64-linux" + level.halideFeatures + objectFeatures).str();
  for (const Level &lower : levels) {
    target.cpuFeatures.append(lower.adds.begin(), lower.adds.end());
    if (&lower == &level)
      break;
  }
  target.vectorWidth = level.vectorWidth;
  target.vectorRegisters = level.vectorRegisters;
  target.dotTerms = level.dotTerms;
  target.tiles = level.adds.data() == amx;
  return target;
}

/// The system saves a thread's tiles only of a process that asked for it.
bool allowTiles() {
#if defined(__x86_64__)
  constexpr int requestPermission = 0x1023, tileData = 18; // ARCH_REQ_XCOMP_PERM, XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

/// The highest level that this machine can run.
KernelTarget hostTarget() {
  KernelTarget best = makeTarget(levels[0]);
  for (const Level &level : ArrayRef(levels).drop_front()) {
    KernelTarget target = makeTarget(level);
    if (!lackingHere(target).empty())
      return best;
    best = std::move(target);
  }
  return best;
}

} // namespace

StringRef deviceName(DeviceKind kind) {
  switch (kind) {
  case DeviceKind::Cpu:
    return "cpu";
  case DeviceKind::Cuda:
    return "cuda";
  case DeviceKind::OpenCl:
    return "opencl";
  }
  llvm_unreachable("a kind of device has no name");
}

ArrayRef<StringRef> targetNames() {
  static constexpr StringRef names[] = {
      "host",          "x86-64", "x86-64-v2",  "x86-64-v3",  "x86-64-v4", "x86-64-v4-vnni",
      "x86-64-v4-amx", "cuda",   "cuda-sm_80", "cuda-sm_86", "opencl"};
  return names;
}

KernelTarget floatTarget(const KernelTarget &target) {
  const bool hasIntegers = target.tiles || target.name == "x86-64-v4-vnni";
  return hasIntegers ? *findTarget("x86-64-v4") : target;
}

KernelTarget withoutTiles(const KernelTarget &target) {
  return target.tiles ? *findTarget("x86-64-v4-vnni") : target;
}

std::string lackingHere(const KernelTarget &target) {
  const StringMap<bool> host = sys::getHostCPUFeatures();
  for (StringRef feature : target.cpuFeatures)
    if (!host.lookup(feature))
      return feature.str();
  return target.tiles && !allowTiles() ? "the system's permission to use AMX tiles" : "";
}

Expected<KernelTarget> findTarget(StringRef name) {
  if (name == "host")
    return hostTarget();
  for (const Level &level : levels)
    if (level.name == name)
      return makeTarget(level);
  for (const Gpu &gpu : gpus)
    if (gpu.name == name)
      return makeTarget(gpu);
  return createStringError("unknown target '" + name + "', expects one of " +
                           join(targetNames(), ", "));
}

} // namespace weir
