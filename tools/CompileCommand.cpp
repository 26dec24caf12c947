//===- CompileCommand.cpp - `weir compile` and `weir run` ------------------------------------===//

#include "passes/MemoryMap.h"
#include "tools/Commands.h"
#include "tools/Compiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <fmt/core.h>
#include <unistd.h>

namespace weir {
namespace {

struct CommandOptions : CompilerOptions {
  std::string emit = "exe", output;
  std::vector<std::string> programArguments; ///< of `weir run`
};

int fail(llvm::Error error) {
  fmt::print(stderr, "error: {}\n", llvm::toString(std::move(error)));
  return UserError;
}

/// Text goes to standard output where no file is named.
int writeText(const std::string &text, const std::string &output) {
  if (output.empty() || output == "-") {
    fmt::print("{}", text);
    return Done;
  }
  llvm::Error error = writeFileAtomically(output, text);
  return error ? fail(std::move(error)) : Done;
}

std::string moduleText(Compiler &compiler) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  compiler.module().print(stream);
  return text;
}

/// The program of a planned module, from the cache or new. `path` is where it lies.
int cachedProgram(Compiler &compiler, std::string &path) {
  const std::string folder = cacheFolder() + "/programs";
  path = folder + "/" + compiler.programKey("exe");
  if (llvm::sys::fs::can_execute(path))
    return Done;
  if (int code = compiler.build("weir_main_program"))
    return code;
  // A cache that cannot be written costs time, nothing else.
  if (llvm::sys::fs::create_directories(folder))
    path = (llvm::sys::path::filename(path) + ".tmp").str();
  if (llvm::Error error = linkProgram(compiler.objects, path))
    return fail(std::move(error));
  return Done;
}

int emitExecutable(Compiler &compiler, const std::string &output) {
  if (llvm::Error error = expectRegularFile(output))
    return fail(std::move(error));
  std::string cached;
  if (int code = cachedProgram(compiler, cached))
    return code;
  auto program = llvm::MemoryBuffer::getFile(cached);
  if (cached.ends_with(".tmp"))
    removeQuietly(cached);
  if (!program)
    return fail(
        llvm::createStringError("cannot read '" + cached + "': " + program.getError().message()));
  llvm::StringRef bytes = (*program)->getBuffer();
  llvm::Error error =
      writeFileAtomically(output, {bytes.data(), bytes.size()}, /*executable=*/true);
  return error ? fail(std::move(error)) : Done;
}

/// What `--emit` may say: how far to go, and what to write.
int emit(Compiler &compiler, const CommandOptions &options) {
  const std::string &kind = options.emit;
  if (kind == "ast")
    return writeText(compiler.astText(), options.output);
  if (kind == "ir" || kind == "groups") {
    if (int code = compiler.run(kind))
      return code;
    return writeText(moduleText(compiler), options.output);
  }
  if (int code = compiler.run("memory"))
    return code;
  if (kind == "memory") {
    std::string text;
    llvm::raw_string_ostream stream(text);
    printMemoryMap(compiler.module(), stream);
    return writeText(text, options.output);
  }
  if (kind == "stmt" || kind == "asm") {
    std::string text;
    if (int code = compiler.kernelText(kind, text))
      return code;
    return writeText(text, options.output);
  }
  const std::string &net = compiler.summary().net;
  auto output = [&](const std::string &fallback) {
    return options.output.empty() ? fallback : options.output;
  };
  if (kind == "exe")
    return emitExecutable(compiler, output(net));
  if (int code = compiler.build(kind == "lib" ? librarySymbol(net) : "weir_main_program"))
    return code;
  if (kind == "llvm")
    return writeText(compiler.llvmText(), options.output);
  llvm::Error error = kind == "lib"
                          ? writeLibrary(compiler.objects, output("lib" + net + ".a"), net)
                          : linkRelocatable(compiler.objects, output(net + ".o"));
  return error ? fail(std::move(error)) : Done;
}

int runCompile(const CommandOptions &options) {
  Compiler compiler(options);
  if (int code = compiler.load())
    return code;
  const std::string &output = options.output.empty() ? compiler.summary().net : options.output;
  if (compiler.isSource(output)) {
    fmt::print(stderr, "error: -o '{}' would replace a source of the model\n", output);
    return UserError;
  }
  return emit(compiler, options);
}

int runProgram(const CommandOptions &options) {
  std::string path;
  {
    Compiler compiler(options);
    if (int code = compiler.load())
      return code;
    if (int code = compiler.run("memory"))
      return code;
    if (int code = cachedProgram(compiler, path))
      return code;
  }
  std::vector<char *> arguments = {path.data()};
  for (const std::string &argument : options.programArguments)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(path.c_str(), arguments.data());
  fmt::print(stderr, "error: cannot run '{}': {}\n", path, std::strerror(errno));
  return UserError;
}

void addCommonOptions(CLI::App &command, CommandOptions &options) {
  command.add_option("FILE", options.file, "the model (.weir)")->required();
  command
      .add_option("--set", options.sets, "override a value of the file: name=value (repeatable)")
      ->allow_extra_args(false);
  command
      .add_option(
          "--infer-batch", options.inferBatches,
          "batch sizes of the inference entry points, e.g. 1,32; default: 1 and the training batch")
      ->delimiter(',')
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command
      .add_option("--target", options.target,
                  "CPU to compile for: host, x86-64, x86-64-v2, -v3, -v4")
      ->capture_default_str();
  command.add_option("--jobs", options.jobs, "kernels compiled at a time; default: one per core");
  command.add_option("--dump-ir", options.dumpDirectory,
                     "write one numbered file per pass into this folder");
}

} // namespace

void addCompileCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<CommandOptions>();
  CLI::App *command = app.add_subcommand("compile", "compile a model file to a program");
  addCommonOptions(*command, *options);
  command->add_option("-o", options->output, "where the result goes; default: the net's name");
  command
      ->add_option("--emit", options->emit,
                   "stop early: ast, ir, groups, memory, llvm, stmt, asm, obj, lib (static library "
                   "and header), exe")
      ->check(CLI::IsMember(
          {"ast", "ir", "groups", "memory", "llvm", "stmt", "asm", "obj", "lib", "exe"}))
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return runCompile(*options); }; });
}

void addRunCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<CommandOptions>();
  CLI::App *command = app.add_subcommand(
      "run", "compile into the cache, then run: weir run FILE.weir -- train --epochs 1");
  addCommonOptions(*command, *options);
  command->add_option("ARGS", options->programArguments, "for the program, after --");
  command->callback([options, &action] { action = [options] { return runProgram(*options); }; });
}

} // namespace weir
