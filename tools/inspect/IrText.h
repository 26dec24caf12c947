//===- IrText.h - IR as lines that know their ops --------------------------------------------===//

#pragma once

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <string>

namespace weir {

/// A module as it is printed, without locations, and the line (from 0) of each op.
struct IrText {
  std::string text;
  llvm::DenseMap<mlir::Operation *, unsigned> lineOf;

  explicit IrText(mlir::Operation *module);
};

} // namespace weir
