//===- OptCommand.cpp - `weir opt`: passes on IR text, checked against the reference ---------===//

#include "passes/Passes.h"
#include "tools/Commands.h"
#include "tools/DumpPasses.h"
#include "tools/Link.h"
#include "tools/check/CheckReport.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/SourceMgr.h"
#include <fmt/core.h>

using namespace mlir;

namespace weir {
namespace {

struct OptOptions {
  std::string input, passes, output = "-", dumpDirectory;
  bool checkPasses = false;
};

int runOpt(const OptOptions &options) {
  MLIRContext context;
  context.loadDialect<WeirDialect, func::FuncDialect, LLVM::LLVMDialect>();
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  if (llvm::Error error = expectFile(options.input))
    return fail(std::move(error));
  auto module = parseSourceFile<ModuleOp>(options.input, sources, &context);
  if (!module)
    return UserError;
  PassManager passes(&context);
  registerWeirPasses();
  std::string message;
  llvm::raw_string_ostream stream(message);
  // All passes are of modules: `builtin.module(...)`, as mlir-opt writes it, may stand around them.
  llvm::StringRef pipeline = options.passes;
  if (pipeline.consume_front("builtin.module(") && !pipeline.consume_back(")"))
    pipeline = options.passes;
  if (!pipeline.empty() && failed(parsePassPipeline(pipeline, passes, stream))) {
    fmt::print(stderr, "error: --pass-pipeline: {}\n", message);
    return UserError;
  }
  if (!options.dumpDirectory.empty()) {
    clearDump(options.dumpDirectory);
    if (!writeIr(*module, options.dumpDirectory, 0, "input"))
      return UserError;
    dumpAfterEachPass(passes, options.dumpDirectory, 1);
  }
  PassCheck check(std::numeric_limits<double>::infinity());
  if (options.checkPasses)
    check.watch(passes);
  const bool isGood = succeeded(passes.run(*module));
  if (options.checkPasses)
    fmt::print(stderr, "{}", checkText(check));
  if (std::string problem = verdict(check); !problem.empty()) {
    fmt::print(stderr, "error: {}\n", problem);
    return UserError;
  }
  if (!isGood)
    return UserError;
  std::string text;
  llvm::raw_string_ostream out(text);
  module->print(out);
  if (options.output == "-") {
    fmt::print("{}", text);
  } else if (llvm::Error error = writeFileAtomically(options.output, text)) {
    return fail(std::move(error));
  }
  return Done;
}

} // namespace

void addOptCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<OptOptions>();
  CLI::App *command =
      app.add_subcommand("opt", "run passes on IR (.mlir), e.g. a file of --dump-ir");
  command->add_option("FILE", options->input, "IR text; - reads standard input")->required();
  command->add_option("--pass-pipeline,--passes", options->passes,
                      "passes in order, e.g. simplify,form-groups");
  command->add_flag(
      "--check-passes", options->checkPasses,
      "run every function before and after every pass through the reference semantics, and hold "
      "each pass to its bound");
  command->add_option("--dump-ir", options->dumpDirectory,
                      "write one numbered file per pass into this folder");
  command->add_option("-o", options->output, "where the result goes; default: standard output");
  command->callback([options, &action] { action = [options] { return runOpt(*options); }; });
}

} // namespace weir
