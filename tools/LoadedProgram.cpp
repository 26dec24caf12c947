//===- LoadedProgram.cpp - see LoadedProgram.h -----------------------------------------------===//

#include "tools/LoadedProgram.h"

#include "ir/Values.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "tools/BuildObjects.h"
#include "tools/Manifest.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include <dlfcn.h>

using namespace mlir;

namespace weir {
namespace {

constexpr const char *symbol = "weir_loaded_program";

LogicalResult lower(ModuleOp module) {
  PassManager passes(module.getContext());
  phases().back().addPasses(passes);
  return passes.run(module);
}

LoadedProgram::Result emptyResult(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  LoadedProgram::Result result;
  result.type = storedTypeName(tensor);
  result.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  result.bytes.resize(byteSize(tensor));
  return result;
}

/// dlopen wants a file; it may be removed as soon as that is done.
llvm::Expected<void *> openLibrary(llvm::ArrayRef<ObjectFile> objects) {
  llvm::SmallString<128> path;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("weir-loaded", "so", path))
    return llvm::createStringError("cannot write a temporary library: " + error.message());
  if (llvm::Error error = linkShared(objects, path.str().str())) {
    removeQuietly(path);
    return error;
  }
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  removeQuietly(path);
  if (!library)
    return llvm::createStringError(std::string("the compiled net cannot be loaded: ") + dlerror());
  return library;
}

} // namespace

llvm::Expected<std::unique_ptr<LoadedProgram>>
LoadedProgram::load(ModuleOp module, const NetSummary &summary, const KernelOptions &options,
                    int threads, std::shared_ptr<Accelerator> device) {
  std::unique_ptr<LoadedProgram> program(new LoadedProgram);
  for (auto function : module.getOps<func::FuncOp>())
    for (Type type : function.getResultTypes())
      program->resultsOf[function.getSymName()].push_back(emptyResult(type));
  const std::string manifest = makeManifest(module, summary, options.target, "").dump();
  auto objects = buildObjects(module, manifest, symbol, options, lower);
  if (!objects)
    return objects.takeError();
  auto library = openLibrary(*objects);
  if (!library)
    return library.takeError();
  program->library = *library;
  const auto *code = static_cast<const weir_program *>(dlsym(program->library, symbol));
  if (!code)
    return llvm::createStringError("the compiled net lacks its program");
  try {
    program->manifest = readManifest(*code);
    program->loadedNet = std::make_unique<Net>(
        Device{program->manifest.device, "", &program->manifest, std::move(device)}, threads);
  } catch (const std::exception &error) {
    return llvm::createStringError(error.what());
  }
  return program;
}

LoadedProgram::~LoadedProgram() {
  loadedNet.reset();
  if (library)
    dlclose(library);
}

std::vector<LoadedProgram::Result> LoadedProgram::run(StringRef name,
                                                      ArrayRef<const void *> arguments) {
  std::vector<Result> results = resultsOf.lookup(name);
  std::vector<void *> pointers;
  for (const void *argument : arguments)
    pointers.push_back(const_cast<void *>(argument));
  for (Result &result : results)
    pointers.push_back(result.bytes.data());
  for (const Entry &entry : manifest.entries)
    if (entry.name == name)
      loadedNet->run(entry, pointers.data());
  return results;
}

} // namespace weir
