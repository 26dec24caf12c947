//===- CheckWay.h - one way of a net through all passes, checked -----------------------------===//

#pragma once

#include "tools/Compiler.h"
#include "tools/check/PassCheck.h"

namespace weir {

/// What the passes get to see of a net.
enum class Way { AsWritten, WithWeights, InEightBits };

/// "as the file has it"
const char *titleOf(Way way);

class CheckWay {
public:
  /// The reference takes at most `seconds` of processor time. `seed` chooses the weights that are
  /// embedded in a net that has none.
  CheckWay(CompilerOptions options, Way way, double seconds, uint64_t seed = 1);

  /// An exit code; 0 as well where a pass is found out, or where `notChecked` says why nothing was.
  int run();

  /// `checkJson`, with the way's title as "net", and why nothing was checked as "not_checked".
  nlohmann::ordered_json json() const;

  std::string notChecked;

private:
  CompilerOptions watched(CompilerOptions options);
  int quantize();

  Way way;
  uint64_t seed;
  bool hasWeights, isWatching = true;
  Compiler compiler; // owns the context of what `check` keeps

public:
  PassCheck check;
};

} // namespace weir
