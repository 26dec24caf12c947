//===- CompileCommand.cpp - `weir compile`: to a program, or a stage on the way --------------===//

#include "ir/Values.h"
#include "passes/MemoryMap.h"
#include "tools/Commands.h"
#include "tools/CompilerFlags.h"
#include "tools/ProgramCache.h"
#include "tools/check/CheckNet.h"
#include "tools/quantize/QuantizeNet.h"

#include "llvm/Support/MemoryBuffer.h"
#include <fmt/core.h>

namespace weir {
namespace {

struct CommandOptions : CompilerOptions {
  std::string emit = "exe", output;
  QuantizeFlags quantization;
  CheckFlags check;
  bool json = false; ///< the report of --quantize or --check-passes
};

/// Text goes to standard output where no file is named.
int writeText(const std::string &text, const std::string &output) {
  if (output.empty()) {
    fmt::print("{}", text);
    return Done;
  }
  llvm::Error error = writeFileAtomically(output, text);
  return error ? fail(std::move(error)) : Done;
}

/// `print`ed of every target's module, under its name where there are several.
std::string textOfEach(Compiler &compiler,
                       llvm::function_ref<void(mlir::ModuleOp, llvm::raw_ostream &)> print) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  const auto targets = compiler.shown();
  for (auto [target, module] : targets) {
    if (targets.size() > 1)
      stream << "// target " << target.name << "\n";
    print(module, stream);
  }
  return text;
}

int emitExecutable(Compiler &compiler, const std::string &output) {
  if (llvm::Error error = expectRegularFile(output))
    return fail(std::move(error));
  CachedProgram cached;
  if (int code = findProgram(compiler, cached))
    return code;
  auto program = llvm::MemoryBuffer::getFile(cached.path);
  if (!program)
    return fail(llvm::createStringError("cannot read '" + cached.path +
                                        "': " + program.getError().message()));
  llvm::StringRef bytes = (*program)->getBuffer();
  llvm::Error error =
      writeFileAtomically(output, {bytes.data(), bytes.size()}, /*executable=*/true);
  return error ? fail(std::move(error)) : Done;
}

/// The file that the result goes to; empty where it goes to standard output.
std::string outputFile(const CommandOptions &options, const std::string &net) {
  const std::string fallback = options.emit == "exe"   ? net
                               : options.emit == "obj" ? net + ".o"
                               : options.emit == "lib" ? "lib" + net + ".a"
                                                       : "";
  if (options.output == "-" && fallback.empty())
    return "";
  return options.output.empty() ? fallback : options.output;
}

/// What `--emit` may say: how far to go, and what to write.
int emit(Compiler &compiler, const CommandOptions &options) {
  const std::string &kind = options.emit, &net = compiler.summary().net;
  const std::string output = outputFile(options, net);
  if (kind == "ast") {
    if (int code = compiler.writeInspection())
      return code;
    return writeText(compiler.astText(), output);
  }
  if (kind == "ir" || kind == "groups") {
    if (int code = compiler.run(kind))
      return code;
    if (int code = compiler.writeInspection())
      return code;
    return writeText(textOfEach(compiler, printWithoutValues), output);
  }
  if (int code = compiler.run("memory"))
    return code;
  if (int code = compiler.writeInspection())
    return code;
  if (kind == "memory")
    return writeText(textOfEach(compiler, printMemoryMap), output);
  if (kind == "stmt" || kind == "asm") {
    std::string text;
    if (int code = compiler.kernelText(kind, text))
      return code;
    return writeText(text, output);
  }
  if (kind == "exe")
    return emitExecutable(compiler, output);
  if (int code = compiler.build(kind == "lib" ? librarySymbol(net) : "weir_main_program"))
    return code;
  if (kind == "llvm")
    return writeText(
        textOfEach(compiler, [&](mlir::ModuleOp module,
                                 llvm::raw_ostream &out) { out << compiler.llvmText(module); }),
        output);
  llvm::Error error = kind == "lib" ? writeLibrary(compiler.objects, output, net)
                                    : linkRelocatable(compiler.objects, output);
  return error ? fail(std::move(error)) : Done;
}

int runCompile(const CommandOptions &options) {
  if (options.check.isWanted && options.quantize) {
    fmt::print(stderr, "error: --check-passes excludes --quantize, whose report has the noise of "
                       "each layer\n");
    return UserError;
  }
  if (int code = checkQuantizeFlags(options, options.quantization))
    return code;
  if (!options.profile.empty() && options.dumpDirectory.empty()) {
    fmt::print(stderr, "error: --profile expects --dump-ir, whose page shows its times\n");
    return UserError;
  }
  if (!options.profile.empty() &&
      llvm::is_contained({"ast", "ir", "groups"}, llvm::StringRef(options.emit))) {
    fmt::print(stderr, "error: --profile is of kernels, and --emit={} stops before them\n",
               options.emit);
    return UserError;
  }
  if (options.check.isWanted)
    return checkNet(options, options.check, options.output, options.json);
  Compiler compiler(options);
  if (int code = compiler.load())
    return code;
  const std::string output = outputFile(options, compiler.summary().net);
  if (!output.empty() && compiler.isSource(output)) {
    fmt::print(stderr, "error: -o '{}' would replace a source of the model\n", output);
    return UserError;
  }
  if (!output.empty())
    if (llvm::Error error = expectWritable(output))
      return fail(std::move(error));
  if (options.json && !options.quantize) {
    fmt::print(stderr,
               "error: --json expects --quantize or --check-passes, whose report it prints\n");
    return UserError;
  }
  if (!options.quantize || options.emit == "ast")
    return emit(compiler, options);
  if (int code = quantizeNet(compiler, options.quantization))
    return code;
  if (int code = emit(compiler, options))
    return code;
  // Where the result goes to standard output, the report must not.
  printQuantization(compiler, options.json, output.empty() ? stderr : stdout);
  return Done;
}

} // namespace

void addCompileCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<CommandOptions>();
  CLI::App *command = app.add_subcommand("compile", "compile a model file to a program");
  addCompilerFlags(*command, *options);
  addQuantizeFlags(*command, *options, options->quantization);
  command->add_option("--profile", options->profile,
                      "with --dump-ir: what 'PROG bench --json' printed, for times in index.html");
  addCheckFlags(*command, options->check);
  command->add_flag("--json", options->json,
                    "with --quantize or --check-passes: the report as one JSON document");
  command->add_option("-o", options->output,
                      "where the result goes; default: the net's name. With --check-passes: where "
                      "the IR goes that shows a broken pass");
  CLI::Option *emitted =
      command
          ->add_option(
              "--emit", options->emit,
              "stop early: ast, ir, groups, memory, llvm, stmt, asm, obj, lib (static library "
              "and header), exe")
          ->check(CLI::IsMember(
              {"ast", "ir", "groups", "memory", "llvm", "stmt", "asm", "obj", "lib", "exe"}))
          ->capture_default_str();
  command->callback([options, emitted, &action] {
    if (options->check.isWanted && emitted->count() > 0)
      throw CLI::ExcludesError("--check-passes", "--emit"); // it writes no program
    action = [options] { return runCompile(*options); };
  });
}

} // namespace weir
