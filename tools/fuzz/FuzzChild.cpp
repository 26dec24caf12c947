//===- FuzzChild.cpp - see FuzzChild.h -------------------------------------------------------===//

#include "tools/fuzz/FuzzChild.h"

#include "tools/Commands.h"
#include "tools/Link.h"
#include "tools/SweepProcess.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <chrono>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

namespace weir {
namespace {

std::string contentOf(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// The first error of a compiler that gave up, or all it said.
std::string errorOf(const std::string &path) {
  const std::string text = contentOf(path);
  llvm::StringRef rest = text;
  if (const size_t error = rest.find("error: "); error != llvm::StringRef::npos)
    rest = rest.drop_front(error + strlen("error: "));
  return rest.split('\n').first.str();
}

FuzzOutcome outcomeOf(ExitStatus status, const std::string &output, const std::string &errors) {
  if (status.signal != 0)
    return {"crash", strsignal(status.signal)};
  const auto json = nlohmann::json::parse(contentOf(output), nullptr, /*allow_exceptions=*/false);
  if (status.code == InternalError || json.is_discarded())
    return {"crash", errorOf(errors)};
  return {json["kind"].get<std::string>(), json["message"].get<std::string>(),
          json["integers"].get<std::string>()};
}

} // namespace

FuzzOutcome runChild(const FuzzNet &net, const FuzzSetting &setting, const std::string &folder) {
  using Clock = std::chrono::steady_clock;
  const std::string file = folder + "/net.weir", output = folder + "/stdout",
                    errors = folder + "/stderr";
  removeQuietly(output);
  removeQuietly(errors);
  const std::string text = net.text();
  if (llvm::Error error = writeFileAtomically(file, {text.data(), text.size()}))
    return {"interrupted", llvm::toString(std::move(error))};
  ChildProcess child;
  const std::string problem =
      child.start({llvm::sys::fs::getMainExecutable(nullptr, nullptr), "fuzz", file, "--json",
                   "--target", setting.targets, "--seed", std::to_string(setting.seed)},
                  output, errors);
  if (!problem.empty())
    return {"interrupted", problem};
  const Clock::time_point start = Clock::now();
  for (;;) {
    if (std::optional<ExitStatus> status = child.poll())
      return outcomeOf(*status, output, errors);
    if (interruptsSeen() > 0)
      return {"interrupted", ""};
    if (Clock::now() - start > std::chrono::duration<double>(setting.limit))
      return {"hang", "no end after " + std::to_string(static_cast<int>(setting.limit)) + " s"};
    pauseFor(5);
  }
}

} // namespace weir
