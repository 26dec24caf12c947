//===- Calibrate.h - real images through the float net, ranges onto the IR -------------------===//
//
// Before: Variant.h runs the net. After: the passes `correct-bias` and `quantize` read the
// attributes that are written here.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "tools/quantize/CalibrationTable.h"
#include "tools/quantize/Variant.h"

namespace weir {

/// Histograms and channel means of the image and of every layer of the float net.
std::vector<ObservedValue> observeValues(Variant &net, const Dataset &images);

/// SHA-256 of all that a table depends on besides its images: the layers of the module (after
/// phase "ir") with their shapes, and the values of all weights.
std::string fingerprint(mlir::ModuleOp module);

/// Writes `weir.range` on the image and on every observed op of every inference function: what
/// `equalize-layers` goes by. An error where there are not as many ranges.
llvm::Error attachRanges(mlir::ModuleOp module, llvm::ArrayRef<ValueRange> ranges);

/// Writes `weir.range` and `weir.channel_means` on the image and on every observed op of every
/// inference function. An error where the table is not of these layers.
llvm::Error attachRanges(mlir::ModuleOp module, const CalibrationTable &table);

} // namespace weir
