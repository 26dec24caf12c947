//===- CheckWay.cpp - see CheckWay.h ---------------------------------------------------------===//

#include "tools/check/CheckWay.h"

#include "tools/Commands.h"
#include "tools/check/CheckReport.h"
#include "tools/check/EightBits.h"

using namespace mlir;

namespace weir {

const char *titleOf(Way way) {
  switch (way) {
  case Way::AsWritten:
    return "as the file has it";
  case Way::WithWeights:
    return "with weights inside";
  case Way::InEightBits:
    return "in 8 bits";
  }
  llvm_unreachable("all ways are there");
}

/// 8-bit layers run on CPUs only.
static std::string cpuOf(llvm::StringRef targets) {
  llvm::SmallVector<llvm::StringRef> names;
  targets.split(names, ',');
  for (llvm::StringRef name : names)
    if (auto target = findTarget(name); !target)
      llvm::consumeError(target.takeError()); // `load` says so
    else if (!target->isGpu())
      return name.str();
  return "host";
}

CheckWay::CheckWay(CompilerOptions options, Way way, double seconds, uint64_t seed)
    : way(way), seed(seed), hasWeights(!options.weights.empty()),
      compiler(watched(std::move(options))), check(seconds) {}

CompilerOptions CheckWay::watched(CompilerOptions options) {
  options.watchPasses = [this](PassManager &passes) {
    if (isWatching)
      check.watch(passes);
  };
  options.useTuning = false;
  options.quiet |= way != Way::AsWritten; // it has been said
  if (way == Way::InEightBits)
    options.target = cpuOf(options.target);
  return options;
}

int CheckWay::run() {
  if (int code = compiler.load())
    return code;
  if (way != Way::AsWritten && !hasWeights)
    embedRandomWeights(compiler.module(), seed);
  if (way == Way::InEightBits)
    if (int code = quantize(); code || check.failure || !notChecked.empty())
      return check.failure ? Done : code;
  const int code = compiler.run("memory");
  return check.failure ? Done : code;
}

/// The passes before have been checked on the way with weights.
int CheckWay::quantize() {
  auto quantizeBlock = compiler.module()->getAttrOfType<DictionaryAttr>("weir.quantize");
  if (quantizeBlock && quantizeBlock.get("aware") && !hasWeights) {
    notChecked = "its ranges are learned in training; --weights has them";
    return Done;
  }
  isWatching = false;
  if (int code = compiler.run("ir"))
    return code;
  isWatching = true;
  if (llvm::Error error = quantizeOnRandomImages(compiler, seed))
    notChecked = llvm::toString(std::move(error));
  return Done;
}

nlohmann::ordered_json CheckWay::json() const {
  nlohmann::ordered_json json = checkJson(check);
  json["net"] = titleOf(way);
  if (!notChecked.empty())
    json["not_checked"] = notChecked;
  return json;
}

} // namespace weir
