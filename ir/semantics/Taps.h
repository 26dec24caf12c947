//===- Taps.h - the naive loops over windows that the reference semantics share ---------------===//
//
// One walk over all pairs of an output position and an input position that its window sees; what
// convolutions, pools, patches and their gradients do with such a pair stands in their own files.
//
//===-----------------------------------------------------------------------------------------===//

#pragma once

#include "ir/Window.h"

namespace weir {

/// Calls `visit(output, input, tap)` for each output position of each of `batch` images and each
/// input position in its window: row-major indices of positions over [batch, height, width], and of
/// the tap over [kernel height, kernel width]. Taps outside of the image are left out. The order is
/// row-major in (output, tap).
template <typename Visit> void forEachTap(const Window &window, int64_t batch, Visit visit) {
  const WindowAxis &vertical = window.vertical, &horizontal = window.horizontal;
  for (int64_t b = 0, output = 0; b < batch; ++b)
    for (int64_t i = 0; i < vertical.output; ++i)
      for (int64_t j = 0; j < horizontal.output; ++j, ++output)
        for (int64_t m = 0; m < vertical.kernel; ++m) {
          const int64_t y = i * vertical.stride - vertical.before + m * vertical.dilation;
          if (y < 0 || y >= vertical.input)
            continue;
          for (int64_t n = 0; n < horizontal.kernel; ++n) {
            const int64_t x = j * horizontal.stride - horizontal.before + n * horizontal.dilation;
            if (x >= 0 && x < horizontal.input)
              visit(output, (b * vertical.input + y) * horizontal.input + x,
                    m * horizontal.kernel + n);
          }
        }
}

} // namespace weir
