// The order in which images are trained on.
//
// Every epoch is a fresh permutation of all images, a function of seed and epoch alone. The
// permutations are read as one endless stream in batches: images that do not fill an epoch's last
// batch open the next epoch's first one, so that no image is left out and a step number says
// exactly which images it takes.
#ifndef WEIR_RUNTIME_SAMPLER_H
#define WEIR_RUNTIME_SAMPLER_H

#include <cstdint>
#include <vector>

namespace weir {

class Sampler {
public:
  /// `batch` must be at most `count`, the number of images.
  Sampler(uint64_t count, uint64_t batch, uint64_t seed) : count(count), batch(batch), seed(seed) {}

  /// The number of steps in the first `epochs` epochs: floor(epochs * count / batch).
  uint64_t stepsIn(uint64_t epochs) const { return epochs * count / batch; }
  /// The images that wait for the next epoch after `epochs` epochs.
  uint64_t leftOverAfter(uint64_t epochs) const { return epochs * count % batch; }
  /// The epoch (from 0) that step `step` belongs to: the one in which its last image lies.
  uint64_t epochOf(uint64_t step) const { return ((step + 1) * batch - 1) / count; }

  /// The image at place `slot` of step `step`'s batch.
  uint32_t imageAt(uint64_t step, uint64_t slot) const {
    uint64_t position = step * batch + slot;
    const Order &order = orders[position / count % 2];
    return order.images[position % count];
  }
  /// True if the permutations of both steps can be held at once: two epochs at most.
  bool fitsBeside(uint64_t step, uint64_t later) const {
    return ((later + 1) * batch - 1) / count <= step * batch / count + 1;
  }
  /// Makes the permutations that step `step` reads; call it before imageAt().
  void prepare(uint64_t step);
  /// Fills `images` with those of step `step`'s batch.
  void images(uint64_t step, std::vector<uint32_t> &images);

private:
  struct Order {
    uint64_t epoch = ~uint64_t(0);
    std::vector<uint32_t> images;
  };
  void shuffle(uint64_t epoch);

  uint64_t count, batch, seed;
  Order orders[2]; // of even and odd epochs
};

} // namespace weir

#endif
