//===- WindowFusion.h - which windows a product reads for itself -----------------------------===//
//
// For form-groups: `patches` written out is several times its image, so the product that reads it
// had better read the image. That costs where windows cut its register tile short. The model's
// parts serve whoever else weighs products against bytes.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include <string>

namespace weir {

/// Cycles of a product in its best register tile. Rows are counted through `rows` and a tile's are
/// a box of them, or with `lines` a piece of a line.
double productCycles(llvm::ArrayRef<int64_t> rows, int64_t depth, int64_t columns, bool lines);
/// Cycles that writing so many bytes and reading them again takes.
double movedCycles(int64_t bytes);
/// "12 KB", rounded up.
std::string kilobytes(int64_t bytes);

struct WindowChoice {
  /// The product whose kernel takes the windows in; null: they are written out.
  mlir::Operation *product = nullptr;
  /// Why, with the bytes, for the remark.
  std::string why;
};

WindowChoice chooseWindows(PatchesOp patches);

/// The choice was made: the windows that `product` takes in, through one view; null where it takes
/// none.
PatchesOp windowsOf(mlir::Operation *product);

} // namespace weir
