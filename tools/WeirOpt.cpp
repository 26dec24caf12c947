//===- WeirOpt.cpp - weir-opt: runs any pass on IR text --------------------------------------===//
//
// The pass driver for tests and for looking at one pass alone: `weir-opt --form-groups file.mlir`.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "tools/EvaluatePass.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  weir::registerWeirPasses();
  weir::registerEvaluatePass();
  mlir::DialectRegistry registry;
  registry.insert<weir::WeirDialect, mlir::func::FuncDialect, mlir::LLVM::LLVMDialect,
                  mlir::quant::QuantDialect>();
  return mlir::failed(mlir::MlirOptMain(argc, argv, "weir's pass driver\n", registry));
}
