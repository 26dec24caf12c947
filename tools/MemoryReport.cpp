//===- MemoryReport.cpp - see MemoryReport.h
//---------------------------------------------------===//

#include "tools/MemoryReport.h"
#include "runtime/Error.h"

#include <fmt/core.h>

namespace weir {

static nlohmann::ordered_json trainEntry(Compiler &compiler) {
  const nlohmann::ordered_json manifest = compiler.manifest();
  for (const auto &entry : manifest["entries"])
    if (entry["kind"] == "train")
      return entry;
  return nullptr;
}

static int64_t recomputed(const nlohmann::ordered_json &entry) {
  return entry.value("recomputed", int64_t{0});
}

std::string memoryReport(Compiler &compiler, CompilerOptions options) {
  const bool isSmall = options.memory == "small";
  options.memory = isSmall ? "fast" : "small";
  options.dumpDirectory.clear();
  options.quiet = true; // it has been said
  Compiler other(options);
  if (trainEntry(compiler).is_null() || other.load() || other.run("memory"))
    return "";
  const nlohmann::ordered_json small = trainEntry(isSmall ? compiler : other),
                               fast = trainEntry(isSmall ? other : compiler);
  const auto less = small["arena_bytes"].get<uint64_t>(),
             more = fast["arena_bytes"].get<uint64_t>();
  return fmt::format(
      "memory      {}'s arena is {} bytes small and {} fast ({:.0f} % more); {} and {} "
      "values are computed again in each step, in {} and {} kernels\n",
      small["name"].get<std::string>(), withCommas(less), withCommas(more),
      100.0 * static_cast<double>(more) / static_cast<double>(less) - 100.0, recomputed(small),
      recomputed(fast), small["kernels"].size(), fast["kernels"].size());
}

} // namespace weir
