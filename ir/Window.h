//===- Window.h - which input positions an output position of a convolution or pool sees ------===//
//
// The one place that resolves kernel, stride, padding and dilation; semantics, passes and kernels
// work from the result.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>

namespace mlir {
class InFlightDiagnostic;
class Type;
} // namespace mlir

namespace weir {

/// One direction: output `i` sees the inputs `i * stride - before + m * dilation`, 0 <= m < kernel,
/// as far as they are at least 0 and below `input`.
struct WindowAxis {
  int64_t input, output;
  int64_t kernel, stride, dilation;
  int64_t before, after; ///< padding

  /// The outputs that see an input, and no padding, through the tap of that number.
  int64_t outputsThrough(int64_t tap) const;

  /// True where some output sees a place in front of the first input or behind the last one.
  bool hasBorder() const {
    return before != 0 || (output - 1) * stride + (kernel - 1) * dilation >= input;
  }
};

struct Window {
  WindowAxis vertical, horizontal;

  int64_t taps() const { return vertical.kernel * horizontal.kernel; }
  /// True where each output sees the one input at its own place.
  bool isPointwise() const;
  bool hasBorder() const { return vertical.hasBorder() || horizontal.hasBorder(); }
};

/// The attributes as they stand on an op. An empty stride is the kernel, an empty dilation 1.
struct WindowAttributes {
  llvm::ArrayRef<int64_t> kernel, stride, padding, dilation;
  bool ceilMode = false;
};

/// The window of op `name` on images of type `input`. Through `emitError`: rank 4 (C1), sizes (C2),
/// the kernel fits into the padded image (C3).
llvm::FailureOr<Window> resolveWindow(llvm::StringRef name, mlir::Type input,
                                      const WindowAttributes &attributes,
                                      llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// The window of a verified op.
Window windowOf(mlir::Type input, const WindowAttributes &attributes);

} // namespace weir
