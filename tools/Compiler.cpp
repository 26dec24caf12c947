//===- Compiler.cpp - see Compiler.h ---------------------------------------------------------===//

#include "tools/Compiler.h"

#include "frontend/Frontend.h"
#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "tools/BuildObjects.h"
#include "tools/Commands.h"
#include "tools/DumpPasses.h"
#include "tools/HostObject.h"
#include "tools/LearnReport.h"
#include "tools/LinkConfig.h"
#include "tools/Manifest.h"
#include "tools/Reproducer.h"
#include "tools/Weights.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include <fmt/core.h>

using namespace mlir;

namespace weir {

/// What the frontend owns: sources outlive the module, whose locations and diagnostics point into
/// them.
struct Compiler::Frontend {
  Diagnostics diagnostics;
  std::unique_ptr<Program> program;
};

Compiler::Compiler(CompilerOptions options)
    : options(std::move(options)), frontend(std::make_unique<Frontend>()) {
  context.loadDialect<WeirDialect, func::FuncDialect, LLVM::LLVMDialect>();
}
Compiler::~Compiler() = default;

int Compiler::load() {
  auto found = findTarget(options.target);
  if (!found) {
    fmt::print(stderr, "error: {}\n", llvm::toString(found.takeError()));
    return UserError;
  }
  kernelTarget = *found;
  Diagnostics &diagnostics = frontend->diagnostics;
  frontend->program = parseFile(options.file, diagnostics);
  if (frontend->program && frontend->program->isWhole)
    ir = lowerToDialect(*frontend->program, context, {options.sets, options.inferBatches},
                        diagnostics);
  diagnostics.print(llvm::errs(), llvm::errs().has_colors());
  if (diagnostics.hasErrors() || !ir)
    return UserError;
  std::string sources;
  for (const auto &file : frontend->program->files)
    sources += "# file " + file->source->name().str() + "\n" + file->source->text().str();
  reproduceWith(std::move(sources));
  if (failed(ir->verify()))
    return reportInternalError("the frontend built IR that breaks the dialect's rules");
  net = summarize(*ir);
  if (!options.weights.empty())
    if (llvm::Error error = embedWeights(*ir, options.weights, net.net)) {
      fmt::print(stderr, "error: {}\n", llvm::toString(std::move(error)));
      return UserError;
    }
  findings = checkLearnability(*ir);
  printFindings(findings, options.showNotes, llvm::errs());
  if (!options.dumpDirectory.empty() && !writeIr(*ir, options.dumpDirectory, dumped++, "frontend"))
    return UserError;
  return Done;
}

int Compiler::run(llvm::StringRef last) {
  PassManager passes(&context);
  while (nextPhase < phases().size()) {
    const Phase &phase = phases()[nextPhase++];
    phase.addPasses(passes);
    if (phase.name == last)
      break;
  }
  if (!options.dumpDirectory.empty()) {
    dumpAfterEachPass(passes, options.dumpDirectory, dumped);
    dumped += static_cast<int>(passes.size());
  }
  if (failed(passes.run(*ir)))
    return reportInternalError("a pass failed on IR that the frontend had accepted");
  return Done;
}

nlohmann::ordered_json Compiler::manifest() {
  nlohmann::ordered_json manifest = makeManifest(*ir, net, kernelTarget, options.file);
  manifest["warnings"] = toJson(findings);
  return manifest;
}

std::string Compiler::programKey(llvm::StringRef kind) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printWithoutValues(*ir, stream);
  const std::vector<char> values = blockOfValues(*ir);
  stream << llvm::toHex(
      llvm::SHA256::hash(llvm::arrayRefFromStringRef({values.data(), values.size()})));
  stream << manifest().dump() << kind << config::version;
  // Whoever rebuilds weir or its runtime gets new programs.
  for (const std::string &file :
       {llvm::sys::fs::getMainExecutable(nullptr, nullptr), std::string(config::runtimeLibrary),
        std::string(config::runtimeMainLibrary)}) {
    llvm::sys::fs::file_status status;
    if (!llvm::sys::fs::status(file, status))
      stream << status.getSize() << ' '
             << status.getLastModificationTime().time_since_epoch().count() << ' ';
  }
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)), /*LowerCase=*/true);
}

int Compiler::build(llvm::StringRef programSymbol) {
  auto built = buildObjects(*ir, manifest().dump(), programSymbol, kernelOptions(),
                            [&](ModuleOp) { return success(run("llvm") == Done); });
  if (!built)
    return reportInternalError(llvm::toString(built.takeError()));
  objects = std::move(*built);
  return Done;
}

KernelOptions Compiler::kernelOptions() const {
  KernelOptions result;
  result.target = kernelTarget;
  result.cacheDirectory = cacheFolder();
  result.jobs = options.jobs;
  return result;
}

int Compiler::kernelText(llvm::StringRef kind, std::string &text) {
  KernelOptions textOptions = kernelOptions();
  textOptions.wantText = true;
  auto kernels = compileKernels(*ir, textOptions);
  if (failed(kernels))
    return reportInternalError("a kernel could not be compiled");
  for (const CompiledKernel &kernel : *kernels)
    text += "// " + kernel.symbol + "\n" + (kind == "asm" ? kernel.assembly : kernel.loops) + "\n";
  return Done;
}

bool Compiler::isSource(const std::string &path) const {
  return llvm::any_of(frontend->program->files, [&](const auto &file) {
    return llvm::sys::fs::equivalent(path, file->source->name());
  });
}

std::string Compiler::astText() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const auto &file : frontend->program->files)
    dumpAst(*file, stream);
  return text;
}

std::string Compiler::llvmText() {
  auto text = toLlvmIr(*ir);
  return text ? *text : llvm::toString(text.takeError());
}

ModuleOp Compiler::module() { return *ir; }

std::string cacheFolder() {
  auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string folder = variable("WEIR_CACHE"); !folder.empty())
    return folder;
  if (std::string folder = variable("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/weir";
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.cache/weir";
}

} // namespace weir
