//===- BuildObjects.cpp - see BuildObjects.h -------------------------------------------------===//

#include "tools/BuildObjects.h"

#include "passes/Pipelines.h"
#include "tools/HostObject.h"
#include "tools/Weights.h"

using namespace mlir;

namespace weir {

llvm::Expected<std::vector<ObjectFile>> buildObjects(ModuleOp module, StringRef manifest,
                                                     StringRef programSymbol,
                                                     const KernelOptions &options,
                                                     function_ref<LogicalResult(ModuleOp)> lower) {
  std::vector<ObjectFile> objects;
  auto kernels = compileKernels(module, options);
  if (failed(kernels))
    return llvm::createStringError("a kernel could not be compiled");
  for (const CompiledKernel &kernel : *kernels)
    objects.push_back({kernel.symbol + ".o", {kernel.object.begin(), kernel.object.end()}});
  const std::vector<char> values = blockOfValues(module);
  Builder builder(module.getContext());
  module->setAttr("weir.manifest", builder.getStringAttr(manifest));
  module->setAttr("weir.program_symbol", builder.getStringAttr(programSymbol));
  if (failed(lower(module)))
    return llvm::createStringError("the host functions could not be lowered");
  auto host = toObject(module);
  if (!host)
    return host.takeError();
  objects.push_back({"host.o", std::move(*host)});
  if (values.empty())
    return objects;
  auto data = toObject(values, valuesSymbol(programSymbol));
  if (!data)
    return data.takeError();
  objects.push_back({"values.o", std::move(*data)});
  return objects;
}

} // namespace weir
