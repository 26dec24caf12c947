//===- HostObject.cpp - see HostObject.h -----------------------------------------------------===//

#include "tools/HostObject.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

namespace weir {
namespace {

constexpr const char *triple = "x86_64-unknown-linux-gnu";

llvm::Expected<std::unique_ptr<llvm::Module>> translate(mlir::ModuleOp module,
                                                        llvm::LLVMContext &context) {
  mlir::registerBuiltinDialectTranslation(*module->getContext());
  mlir::registerLLVMDialectTranslation(*module->getContext());
  std::unique_ptr<llvm::Module> result = mlir::translateModuleToLLVMIR(module, context, "weir");
  if (!result)
    return llvm::createStringError("the host functions could not be translated to LLVM IR");
  result->setTargetTriple(llvm::Triple(triple));
  return result;
}

llvm::Expected<llvm::SmallVector<char, 0>> emit(llvm::Module &module) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
  if (!target)
    return llvm::createStringError(error);
  // Straight-line code of thousands of stores, whose time is nothing beside the kernels':
  // optimizing it takes 6 s for MobileNetV2's training step and changes no measurement.
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(llvm::Triple(triple), "x86-64", "", llvm::TargetOptions(),
                                  llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::None));
  module.setDataLayout(machine->createDataLayout());
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("LLVM cannot write objects for x86-64");
  passes.run(module);
  return object;
}

} // namespace

llvm::Expected<std::string> toLlvmIr(mlir::ModuleOp module) {
  llvm::LLVMContext context;
  auto translated = translate(module, context);
  if (!translated)
    return translated.takeError();
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*translated)->print(stream, nullptr);
  return text;
}

llvm::Expected<llvm::SmallVector<char, 0>> toObject(mlir::ModuleOp module) {
  llvm::LLVMContext context;
  auto translated = translate(module, context);
  if (!translated)
    return translated.takeError();
  return emit(**translated);
}

llvm::Expected<llvm::SmallVector<char, 0>> toObject(llvm::ArrayRef<char> bytes,
                                                    llvm::StringRef symbol) {
  llvm::LLVMContext context;
  llvm::Module module("weir-values", context);
  module.setTargetTriple(llvm::Triple(triple));
  llvm::Constant *data =
      llvm::ConstantDataArray::getString(context, {bytes.data(), bytes.size()}, /*AddNull=*/false);
  auto *global = new llvm::GlobalVariable(module, data->getType(), /*isConstant=*/true,
                                          llvm::GlobalValue::ExternalLinkage, data, symbol);
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
  global->setAlignment(llvm::Align(64));
  return emit(module);
}

} // namespace weir
