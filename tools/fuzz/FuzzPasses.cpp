//===- FuzzPasses.cpp - see FuzzPasses.h -----------------------------------------------------===//

#include "tools/fuzz/FuzzPasses.h"

#include "tools/check/CheckReport.h"
#include "tools/check/CheckWay.h"
#include "tools/fuzz/FuzzPhase.h"

namespace weir {

FuzzVerdict checkNetInPasses(const CompilerOptions &options, uint64_t seed) {
  constexpr double seconds = 60; // of processor time, each way
  FuzzVerdict result;
  for (const Way way : {Way::AsWritten, Way::WithWeights, Way::InEightBits}) {
    tellPhase(titleOf(way));
    CheckWay part(options, way, seconds, seed);
    if (part.run())
      return {FuzzVerdict::Kind::Differs, "compile", "the compiler refuses the net"};
    result.parts.push_back(part.json());
    if (part.check.failure) {
      result.kind = FuzzVerdict::Kind::Differs;
      result.stage = "passes";
      result.message = verdict(part.check);
      result.pass = part.check.failure->pass;
      return result;
    }
    if (std::string unfinished = verdict(part.check); !unfinished.empty()) {
      result.kind = FuzzVerdict::Kind::Skipped;
      result.message = std::move(unfinished);
    }
    if (way == Way::InEightBits && part.notChecked.empty())
      result.integers = "checked";
  }
  return result;
}

} // namespace weir
