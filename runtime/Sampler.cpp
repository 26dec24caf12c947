// Permutations; see Sampler.h.
#include "runtime/Sampler.h"
#include "runtime/Random.h"

#include <numeric>
#include <utility>

namespace weir {

void Sampler::prepare(uint64_t step) {
  shuffle(step * batch / count);
  shuffle((step * batch + batch - 1) / count);
}

void Sampler::images(uint64_t step, std::vector<uint32_t> &images) {
  prepare(step);
  images.resize(batch);
  for (uint64_t slot = 0; slot < batch; ++slot)
    images[slot] = imageAt(step, slot);
}

// Fisher and Yates, in Durstenfeld's form. A 32-bit word scaled to the range is uneven by 2^-32
// times the range, which no run can notice.
void Sampler::shuffle(uint64_t epoch) {
  Order &order = orders[epoch % 2];
  if (order.epoch == epoch)
    return;
  order.epoch = epoch;
  order.images.resize(count);
  std::iota(order.images.begin(), order.images.end(), 0u);
  std::array<uint32_t, 4> random{};
  for (uint64_t i = count - 1; i > 0; --i) {
    uint64_t turn = count - 1 - i;
    if (turn % 4 == 0)
      random = philox(
          {uint32_t(turn / 4), uint32_t(epoch), uint32_t(epoch >> 32), 0x73687566u /* "shuf" */},
          seed);
    uint64_t other = uint64_t(random[turn % 4]) * (i + 1) >> 32;
    std::swap(order.images[i], order.images[other]);
  }
}

} // namespace weir
