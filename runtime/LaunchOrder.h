// Which launches of a recording must wait for which: those that touch the same bytes, where one of
// the two writes.
//
// Before: a launch's buffers say where they lie and whether it writes them. After: CudaDevice.cpp
// makes these the edges of a graph, so that the GPU runs side by side what may, a layer's weight
// gradient beside the gradient that goes on to the layer before.
#ifndef WEIR_RUNTIME_LAUNCHORDER_H
#define WEIR_RUNTIME_LAUNCHORDER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

/// Bytes that a launch reads or writes: all from `begin` to `end`, or, of a value whose rows lie in
/// the rows of another one, `width` bytes at a time whose beginnings are `pitch` bytes apart.
struct Access {
  uint64_t begin, end;
  bool writes;
  uint64_t width = 0, pitch = 0;
};

class LaunchOrder {
public:
  /// The next launch, which touches `accesses`: the numbers (0, 1, … in the order of the calls) of
  /// those it must wait for. Left out are those that others of the list wait for already.
  std::vector<size_t> add(std::vector<Access> accesses);

private:
  struct Launch {
    std::vector<Access> accesses;
    std::vector<bool> before; // what it waits for, also through others, and itself
  };
  std::vector<Launch> launches;
};

} // namespace weir

#endif
