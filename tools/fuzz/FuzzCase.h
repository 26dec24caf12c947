//===- FuzzCase.h - one net, through passes and programs -------------------------------------===//
//
// What a child process of `weir fuzz` does, and `weir fuzz FILE`: compiles the net for each target,
// checks every pass on the way, runs the compiled functions in this process and compares with the
// reference; then once more in 8 bits (FuzzIntegers.h).
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/check/PassCheck.h"

namespace weir {

/// What became of a net.
struct FuzzVerdict {
  enum class Kind { Same, Skipped, Differs } kind = Kind::Same;
  std::string stage;   ///< "passes", "host", "opencl", "int8"; where it is not the same
  std::string message; ///< what differs, or why nothing could be compared
  /// How the net in 8 bits agrees: "exact", "close" (float layers in between); empty: not compared.
  /// "checked": in passes.
  std::string integers = {};
  std::string pass = {}; ///< that breaks its bound
  /// What the check of the passes found, one way after another (CheckWay); empty where programs
  /// were compared.
  nlohmann::ordered_json parts = nlohmann::ordered_json::array();
};

/// `options.file` is the net, `seed` chooses weights and inputs. A net that the compiler refuses is
/// a difference of stage "compile".
FuzzVerdict checkNetAsPrograms(CompilerOptions options, uint64_t seed);

/// Of a net in whose passes `check` has found a failure.
FuzzVerdict brokenPass(const PassCheck &check, llvm::StringRef stage);

/// Why this machine has no OpenCL device, or empty.
std::string lackOfOpenCl();

} // namespace weir
