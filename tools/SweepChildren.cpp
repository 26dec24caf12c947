//===- SweepChildren.cpp - see SweepChildren.h ------------------------------------------------===//

#include "tools/SweepChildren.h"
#include "tools/Link.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace weir {

using Json = nlohmann::json;
namespace fs = llvm::sys::fs;

std::vector<std::string> compileArguments(const SweepOptions &options, const SweepGrid &grid,
                                          const SweepMember &member, const std::string &program) {
  const CompilerOptions &compiler = options.compiler;
  std::vector<std::string> arguments = {fs::getMainExecutable(nullptr, nullptr), "compile",
                                        compiler.file, "--target=" + compiler.target, "--jobs=1"};
  for (const std::string &set : compiler.sets)
    arguments.push_back("--set=" + set);
  for (const auto &[setting, value] : llvm::zip_equal(grid.settings(), member.values))
    if (!setting.atRunTime)
      arguments.push_back("--set=" + value.first + "=" + value.second);
  for (int64_t batch : compiler.inferBatches)
    arguments.push_back("--infer-batch=" + std::to_string(batch));
  arguments.insert(arguments.end(), {"-o", program});
  return arguments;
}

std::vector<std::string> trainArguments(const SweepOptions &options, const SweepGrid &grid,
                                        const SweepMember &member, const std::string &program,
                                        const std::string &checkpoint, bool resume) {
  std::vector<std::string> arguments = {program,        "train",        "--threads", "1",
                                        "--json-lines", "--checkpoint", checkpoint};
  for (const auto &[setting, value] : llvm::zip_equal(grid.settings(), member.values)) {
    if (!setting.atRunTime)
      continue;
    std::string option = "--" + value.first;
    std::replace(option.begin(), option.end(), '_', '-');
    arguments.insert(arguments.end(), {option, value.second});
  }
  if (!options.data.empty())
    arguments.insert(arguments.end(), {"--data", options.data});
  if (resume)
    arguments.push_back("--resume");
  return arguments;
}

std::vector<std::string> predictArguments(const SweepOptions &options, const std::string &program,
                                          const std::string &weights) {
  std::vector<std::string> arguments = {program, "predict",   "--json", "--threads",
                                        "1",     "--weights", weights};
  arguments.insert(arguments.end(), options.digitFiles.begin(), options.digitFiles.end());
  return arguments;
}

llvm::Expected<std::string> outputOf(const std::vector<std::string> &arguments) {
  llvm::SmallString<128> output, log;
  if (std::error_code error = fs::createTemporaryFile("weir-sweep", "out", output))
    return llvm::createStringError("cannot write a temporary file: " + error.message());
  fs::createTemporaryFile("weir-sweep", "log", log);
  ChildProcess child;
  std::string message = child.start(arguments, output.str().str(), log.str().str());
  ExitStatus status;
  if (message.empty() && !(status = child.wait()).isGood())
    message = messageOf(status, log.str().str());
  std::stringstream text;
  text << std::ifstream(output.c_str()).rdbuf();
  removeQuietly(output);
  removeQuietly(log);
  if (message.empty())
    return text.str();
  return llvm::createStringError(message);
}

llvm::Expected<ProgramFacts> readFacts(const std::string &program) {
  auto text = outputOf({program, "info", "--json"});
  if (!text)
    return text.takeError();
  const Json info = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!info.is_object() || !info.contains("recipe") || !info["recipe"].is_object())
    return llvm::createStringError("'" + program + " info --json' names no recipe");
  const Json &recipe = info["recipe"];
  ProgramFacts facts;
  facts.parameters = info.value("trainable_parameters", int64_t(0));
  facts.batch = recipe.value("batch", int64_t(1));
  facts.epochs = recipe.value("epochs", int64_t(1));
  auto callOf = [&](const char *setting) {
    auto found = recipe.find(setting);
    return found != recipe.end() && found->is_object() ? found->value("call", "") : std::string();
  };
  if (auto data = recipe.find("data"); data != recipe.end() && data->is_object())
    facts.dataSet = data->value("name", "");
  facts.keepsBest = recipe.contains("keep") && recipe["keep"] == "best";
  facts.stopsEarly = !callOf("early_stopping").empty();
  const std::string schedule = callOf("schedule");
  facts.canBeExtended = schedule == "constant" || schedule == "step";
  return facts;
}

std::string messageOf(const ExitStatus &status, const std::string &log) {
  std::ifstream file(log);
  std::string message;
  for (std::string line; std::getline(file, line);)
    if (const size_t at = line.find("error: "); at != std::string::npos)
      message = at == 0 ? line.substr(std::strlen("error: ")) : line;
  if (!message.empty() && !status.signal)
    return message;
  return status.signal
             ? fmt::format("ended by signal {} ({})", status.signal, ::strsignal(status.signal))
             : fmt::format("exit code {}", status.code);
}

llvm::Expected<std::vector<std::string>> findDigits(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const llvm::StringRef name = llvm::sys::path::filename(entry->path());
    const std::string extension = llvm::sys::path::extension(name).lower();
    if (llvm::isDigit(name.front()) &&
        llvm::is_contained({".png", ".jpg", ".jpeg", ".bmp"}, extension))
      files.push_back(entry->path());
  }
  if (error)
    return llvm::createStringError("cannot read '" + folder + "': " + error.message());
  if (files.empty())
    return llvm::createStringError("--digits expects pictures named by their digit, such as "
                                   "'7.png', but '" +
                                   folder + "' has none");
  llvm::sort(files);
  return files;
}

llvm::Expected<int> countRight(const std::string &predictions) {
  const Json list = Json::parse(predictions, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array())
    return llvm::createStringError("'predict --json' printed no list");
  int right = 0;
  for (const Json &entry : list) {
    const std::string file = entry.value("file", "");
    int64_t digit = -1;
    llvm::StringRef name = llvm::sys::path::filename(file);
    if (!name.consumeInteger(10, digit) && entry.value("class", int64_t(-2)) == digit)
      ++right;
  }
  return right;
}

} // namespace weir
