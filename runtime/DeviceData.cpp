// A data set on the device, and the batches gathered from it; see DeviceNet.h and GatherKernel.h.
#include "runtime/DeviceNet.h"
#include "runtime/GatherKernel.h"

namespace weir {

// As much again is left free, for kernels' scratch memory and for others.
bool DeviceNet::keepData(const Dataset &data, const Normalizer &normalizer) {
  device->enter();
  const uint64_t pixelBytes = data.count() * manifest.imageSize(),
                 labelBytes = data.count() * sizeof(int32_t);
  if (pixelBytes > device->largestBlock() || 2 * (pixelBytes + labelBytes) > device->freeBytes())
    return false;
  const std::vector<int32_t> labels(data.labels.labels, data.labels.labels + data.count());
  const std::vector<float> factors = normalizer.factors();
  kept.count = data.count();
  kept.pixels = device->allocate(pixelBytes, "the training images");
  kept.labels = device->allocate(labelBytes, "the training labels");
  kept.factors = device->allocate(factors.size() * sizeof(float), "the images' normalisation");
  device->upload(kept.pixels, data.images.pixels, pixelBytes);
  device->upload(kept.labels, labels.data(), labelBytes);
  device->upload(kept.factors, factors.data(), factors.size() * sizeof(float));
  device->finish();
  return true;
}

void DeviceNet::gather(const Entry &entry) {
  const Layout layout = layoutOf(entry);
  launchGather(*device, kept.kernel,
               {kept.pixels, kept.labels, inputs + layout.index, kept.factors, inputs,
                inputs + layout.labels, kept.count, uint64_t(entry.batch), manifest.imageSize(),
                manifest.channels});
}

} // namespace weir
