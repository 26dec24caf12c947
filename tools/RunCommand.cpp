//===- RunCommand.cpp - `weir run`: compile into the cache, then run --------------------------===//
//
// The program takes the place of this process, so signals and exit codes are its own. The one
// command that no program has is `sweep`, which runs many of them (SweepCommand.cpp).
//
//===-----------------------------------------------------------------------------------------===//

#include "tools/Commands.h"
#include "tools/CompilerFlags.h"
#include "tools/ProgramCache.h"
#include "tools/Scratch.h"
#include "tools/SweepCommand.h"
#include "tools/quantize/QuantizeNet.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace weir {
namespace {

struct RunOptions : CompilerOptions {
  QuantizeFlags quantization;
  std::vector<std::string> programArguments;
};

int runProgram(const RunOptions &options) {
  std::string path;
  int file = -1;
  {
    Compiler compiler(options);
    if (int code = compiler.load())
      return code;
    if (options.quantize) {
      if (int code = quantizeNet(compiler, options.quantization))
        return code;
      printQuantization(compiler, /*asJson=*/false, stderr);
    }
    if (int code = compiler.run("memory"))
      return code;
    if (int code = compiler.writeInspection())
      return code;
    CachedProgram program;
    if (int code = findProgram(compiler, program))
      return code;
    path = program.path;
    // A temporary program's name is gone when it runs: nobody could remove it then.
    if (program.isTemporary)
      file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  endScratch();
  std::vector<char *> arguments = {path.data()};
  for (const std::string &argument : options.programArguments)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  if (file >= 0)
    ::fexecve(file, arguments.data(), environ);
  else
    ::execv(path.c_str(), arguments.data());
  fmt::print(stderr, "error: cannot run '{}': {}\n", path, std::strerror(errno));
  return UserError;
}

int run(const RunOptions &options) {
  if (int code = checkQuantizeFlags(options, options.quantization))
    return code;
  const std::vector<std::string> &arguments = options.programArguments;
  if (!arguments.empty() && arguments.front() == "sweep") {
    if (!options.weights.empty()) {
      fmt::print(stderr, "error: 'sweep' trains; it expects no --weights\n");
      return UserError;
    }
    return runSweep(options, {arguments.begin() + 1, arguments.end()});
  }
  return runProgram(options);
}

} // namespace

void addRunCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App *command =
      app.add_subcommand("run", "compile into the cache, then run: weir run FILE.weir -- train "
                                "--epochs 1, or -- sweep, which trains many");
  addCompilerFlags(*command, *options);
  addQuantizeFlags(*command, *options, options->quantization);
  command->add_option("ARGS", options->programArguments, "for the program, after --");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

} // namespace weir
