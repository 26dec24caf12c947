//===- Autoschedule.cpp - see Autoschedule.h -------------------------------------------------===//

#include "kernels/Autoschedule.h"
#include "kernels/BuildPipeline.h"

#include "llvm/ADT/StringSwitch.h"

namespace weir {

llvm::Expected<CompiledKernel> compileAutoscheduled(KernelOp kernel, const KernelTarget &target,
                                                    const std::string &scheduler,
                                                    unsigned threads) {
  const llvm::StringRef plugin = llvm::StringSwitch<llvm::StringRef>(scheduler)
                                     .Case("Adams2019", "adams2019")
                                     .Case("Mullapudi2016", "mullapudi2016")
                                     .Default("");
  if (plugin.empty())
    return llvm::createStringError("there is no autoscheduler '" + scheduler + "'");
  CompiledKernel compiled;
  compiled.symbol = "autoscheduled";
  try {
    Halide::load_plugin(
        (llvm::Twine(WEIR_HALIDE_PLUGINS "/libautoschedule_") + plugin + ".so").str());
    kernels::BuiltPipeline built = kernels::buildAlgorithm(kernel, compiled.symbol, target);
    built.pipeline.apply_autoscheduler(
        Halide::Target(target.halide),
        Halide::AutoschedulerParams(scheduler, {{"parallelism", std::to_string(threads)}}));
    kernels::compileBuilt(built, target, /*wantText=*/false, compiled);
  } catch (const Halide::Error &error) {
    return llvm::createStringError(llvm::StringRef(error.what()).trim());
  } catch (const std::exception &error) {
    return llvm::createStringError(error.what());
  }
  return compiled;
}

} // namespace weir
