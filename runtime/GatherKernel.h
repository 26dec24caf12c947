// The one kernel that the runtime has itself: a batch out of a data set that stays on the device,
// normalised as Normalizer does on the host, bit for bit.
//
// Before: DeviceNet.cpp has put pixels, labels and factors there. After: the net's own kernels read
// images and labels.
#ifndef WEIR_RUNTIME_GATHERKERNEL_H
#define WEIR_RUNTIME_GATHERKERNEL_H

#include "runtime/Accelerator.h"

namespace weir {

/// Addresses on the device, and extents.
struct Gather {
  uint64_t pixels;    // u8[count][size]
  uint64_t allLabels; // i32[count]
  uint64_t index;     // i32[batch], which images
  uint64_t factors;   // f32[2][channels]: Normalizer's scale, then its offset
  uint64_t images;    // f32[batch][size], written
  uint64_t labels;    // i32[batch], written
  uint64_t count, batch, size, channels;
};

/// Queues it; `state` is nullptr at first and stays with the device.
void launchGather(Accelerator &device, void *&state, const Gather &gather);

/// The kernel: parameters in the order above, then size and channels as i32; blocks (size / 256
/// rounded up, batch, 1) of (256, 1, 1) threads.
extern const char *const gatherPtx;
extern const char *const gatherOpenCl;

} // namespace weir

#endif
