//===- Weir.cpp - the `weir` program: one subcommand a file ----------------------------------===//
//
// Parses the command line, runs the chosen subcommand and maps what went wrong to an exit code: 1
// the user's input, 2 usage, 70 a bug of ours.
//
//===-----------------------------------------------------------------------------------------===//

#include "runtime/CommandLine.h"
#include "tools/Commands.h"
#include "tools/LinkConfig.h"
#include "tools/Reproducer.h"
#include "tools/Scratch.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdio>
#include <fmt/core.h>

/// Output that did not arrive, on a full disk say, is no success.
static int finish(int code) {
  weir::endScratch();
  if ((std::fflush(stdout) != 0 || std::ferror(stdout)) && code == weir::Done) {
    fmt::print(stderr, "error: standard output cannot be written\n");
    return weir::UserError;
  }
  return code;
}

static bool hasEmptyValue(llvm::ArrayRef<char *> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--")
      return false; // what follows is another program's
    if (weir::isEmptyValue(argument)) {
      fmt::print(stderr, "error: '{}' is empty, and expects a value\n", argument);
      return true;
    }
  }
  return false;
}

int main(int argc, char **argv) {
  if (hasEmptyValue(llvm::ArrayRef(argv, argc).drop_front()))
    return weir::UsageError;
  weir::Action action;
  CLI::App app("weir: a compiler for small neural nets. A .weir file in, a program that trains,\n"
               "evaluates and predicts out.");
  app.set_version_flag("--version", std::string("weir ") + weir::config::version);
  app.require_subcommand(1);
  weir::addCompileCommand(app, action);
  weir::addRunCommand(app, action);
  weir::addInfoCommand(app, action);
  weir::addGraphCommand(app, action);
  weir::addOptCommand(app, action);
  weir::addOpsCommand(app, action);
  weir::addDevicesCommand(app, action);
  weir::addFmtCommand(app, action);
  weir::addFuzzCommand(app, action);
  weir::addTuneCommand(app, action);
  weir::addTuneWorkerCommand(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (argc > 1 && argv[1][0] != '-' &&
        app.get_subcommands([&](CLI::App *command) { return command->check_name(argv[1]); })
            .empty())
      fmt::print(stderr, "error: there is no subcommand '{}'\n", argv[1]);
    return app.exit(error) == 0 ? weir::Done : weir::UsageError;
  }
  weir::writeReproducerOnCrash(argc, argv);
  weir::beginScratch();
  try {
    return finish(action());
  } catch (const std::exception &error) {
    if (std::ferror(stdout)) // fmt throws where it cannot write
      return finish(weir::Done);
    return finish(weir::reportInternalError(error.what()));
  }
}
