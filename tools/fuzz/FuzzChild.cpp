//===- FuzzChild.cpp - see FuzzChild.h -------------------------------------------------------===//

#include "tools/fuzz/FuzzChild.h"

#include "tools/Clock.h"
#include "tools/Commands.h"
#include "tools/Link.h"
#include "tools/SweepProcess.h"
#include "tools/fuzz/FuzzPhase.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <csignal>
#include <cstring>

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;

std::string contentOf(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// `message` with the phase of which `errors`, what a child has said, tells.
std::string inPhase(const std::string &message, llvm::StringRef errors) {
  const std::string phase = lastPhase(errors);
  return phase.empty() ? message : message + " (" + phase + ")";
}

/// The first error of a compiler that gave up, or the last line that it said.
std::string errorOf(llvm::StringRef errors) {
  if (const size_t error = errors.find("error: "); error != llvm::StringRef::npos)
    return errors.drop_front(error + strlen("error: ")).split('\n').first.str();
  const llvm::StringRef lines = errors.rtrim('\n');
  return lines.substr(lines.rfind('\n') + 1).str(); // npos + 1 is 0
}

FuzzOutcome outcomeOf(ExitStatus status, const std::string &output, const std::string &errors) {
  if (status.signal != 0)
    return {"crash", inPhase(strsignal(status.signal), errors)};
  const auto json =
      nlohmann::ordered_json::parse(contentOf(output), nullptr, /*allow_exceptions=*/false);
  if (status.code == InternalError || json.is_discarded())
    return {"crash", inPhase(errorOf(errors), errors)};
  return {json["kind"], json["message"], json["integers"], json["pass"], json["parts"]};
}

} // namespace

std::vector<std::string> FuzzSetting::arguments(const std::string &file) const {
  std::vector<std::string> result = {"fuzz",  file,     "--target",
                                     targets, "--seed", std::to_string(seed)};
  if (passesOnly)
    result.emplace_back("--check-passes");
  return result;
}

FuzzOutcome runChild(const FuzzNet &net, const FuzzSetting &setting, const std::string &folder,
                     llvm::function_ref<void(const std::string &phase)> watch) {
  constexpr double interval = 0.2;
  const std::string file = folder + "/net.weir", output = folder + "/stdout",
                    errors = folder + "/stderr";
  removeQuietly(output);
  removeQuietly(errors);
  const std::string text = net.text();
  if (llvm::Error error = writeFileAtomically(file, {text.data(), text.size()}))
    return {"interrupted", llvm::toString(std::move(error))};
  std::vector<std::string> command = {llvm::sys::fs::getMainExecutable(nullptr, nullptr)};
  for (const std::string &argument : setting.arguments(file))
    command.push_back(argument);
  command.emplace_back("--json");
  ChildProcess child;
  if (std::string problem = child.start(command, output, errors); !problem.empty())
    return {"interrupted", problem};
  const Clock::time_point start = Clock::now();
  Clock::time_point looked = start;
  for (;;) {
    if (std::optional<ExitStatus> status = child.poll())
      return outcomeOf(*status, output, contentOf(errors));
    if (interruptsSeen() > 0)
      return {"interrupted", ""};
    if (secondsSince(start) > setting.limit)
      return {"hang",
              inPhase("no end after " + std::to_string(static_cast<int>(setting.limit)) + " s",
                      contentOf(errors))};
    if (secondsSince(looked) > interval) {
      looked = Clock::now();
      watch(lastPhase(contentOf(errors)));
    }
    pauseFor(5);
  }
}

} // namespace weir
