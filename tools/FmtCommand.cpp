//===- FmtCommand.cpp - `weir fmt`: model files in the one true layout -----------------------===//

#include "frontend/Diagnostics.h"
#include "frontend/Formatter.h"
#include "tools/Commands.h"
#include "tools/Link.h"

#include <fmt/core.h>

namespace weir {
namespace {

struct FmtOptions {
  std::vector<std::string> files;
  bool check = false;
};

/// Formats one file in place; with `check`, only says whether it would change.
int formatFile(const std::string &path, bool check) {
  Diagnostics diagnostics;
  std::string message;
  const SourceFile *source = diagnostics.sources.open(path, message);
  if (!source) {
    fmt::print(stderr, "error: cannot read '{}': {}\n", path, message);
    return UserError;
  }
  std::optional<std::string> formatted = formatSource(source, diagnostics);
  if (!formatted) {
    diagnostics.print(llvm::errs(), llvm::errs().has_colors());
    return UserError;
  }
  if (*formatted == source->text())
    return Done;
  if (check) {
    fmt::print(stderr, "{}: not formatted; run `weir fmt {}`\n", path, path);
    return UserError;
  }
  if (llvm::Error error = writeFileAtomically(path, *formatted))
    return fail(std::move(error));
  return Done;
}

} // namespace

void addFmtCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<FmtOptions>();
  CLI::App *command = app.add_subcommand("fmt", "format .weir files in place; comments stay");
  command->add_option("FILE", options->files, "model files")->required();
  command->add_flag("--check", options->check,
                    "change nothing; exit with 1 where a file would change");
  command->callback([options, &action] {
    action = [options] {
      int code = Done;
      for (const std::string &file : options->files)
        code = std::max(code, formatFile(file, options->check));
      return code;
    };
  });
}

} // namespace weir
