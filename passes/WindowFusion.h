//===- WindowFusion.h - which windows a product reads for itself -----------------------------===//
//
// For form-groups: `patches` written out is several times its image, so the product that reads it
// had better read the image. That costs where windows cut its register tile short.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Dialect.h"
#include <string>

namespace weir {

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
