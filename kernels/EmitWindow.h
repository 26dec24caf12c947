//===- EmitWindow.h - reading images through windows -----------------------------------------===//
//
// What convolutions and pools share: the input position that an output position sees through a tap,
// and the other way round, with what lies outside of the image.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Window.h"
#include "kernels/Emit.h"

namespace weir::kernels {

/// What becomes of a value that was read; null: nothing.
using Conversion = std::function<Halide::Expr(const Halide::Expr &)>;

/// A position of one direction and whether it lies within the image.
struct Position {
  Halide::Expr at;     ///< to be read only where `inside`
  Halide::Expr inside; ///< undefined: always
};

/// The input that `output` sees through tap `tap`.
Position inputOf(const WindowAxis &axis, const Halide::Expr &output, int tap);
/// The output that sees `input` through tap `tap`.
Position outputOf(const WindowAxis &axis, const Halide::Expr &input, int tap);

/// `value` at channel `channel` of the image `batch` where both positions lie inside, as `convert`
/// makes it, and `otherwise` elsewhere; reads nothing out of bounds.
Halide::Expr readInside(const Emitter &emitter, mlir::Value value, const Halide::Expr &channel,
                        const Position &x, const Position &y, const Halide::Expr &batch,
                        const Halide::Expr &otherwise, const Conversion &convert = nullptr);

/// The image with its border of zeros (of quantized values: of the zero point) in memory: a Func of
/// (channel, x + left, y + top, batch), and what is computed of inputs place by place is computed
/// there. Where there is no border, the image itself. With
/// `ofColumns`, small images are kept for one vector of channels at a time, large ones for a few
/// rows. With `convert`, each
/// value as that makes it.
std::function<Halide::Expr(Exprs)> paddedImage(Emitter &emitter, mlir::Value image,
                                               const Window &window, bool ofColumns = false,
                                               const Conversion &convert = nullptr);

/// True where `ofColumns` pays.
bool isSmall(const Emitter &emitter, const Window &window);

/// Calls `visit(vertical tap, horizontal tap)` for each tap in row-major order.
void forEachTap(const Window &window, llvm::function_ref<void(int, int)> visit);

} // namespace weir::kernels
