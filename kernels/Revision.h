//===- Revision.h - what this build of the kernel compiler is called in cache keys -----------===//

#pragma once

namespace weir::kernels {

/// SHA-256 of this room's sources, and Halide's version: another compiler's objects are not ours.
const char *revision();

} // namespace weir::kernels
