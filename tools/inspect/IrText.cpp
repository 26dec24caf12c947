//===- IrText.cpp - see IrText.h -------------------------------------------------------------===//

#include "tools/inspect/IrText.h"

#include "mlir/IR/AsmState.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

IrText::IrText(mlir::Operation *module) {
  const auto flags = mlir::OpPrintingFlags().elideLargeResourceString(/*largeResourceLimit=*/0);
  mlir::AsmState::LocationMap places;
  mlir::AsmState state(module, flags, &places);
  llvm::raw_string_ostream stream(text);
  module->print(stream, state);
  for (const auto &[op, place] : places)
    lineOf[op] = place.first - 1; // MLIR counts from 1
}

} // namespace weir
