// Whether a net fits on a device, from its plan, before anything is allocated; see DeviceNet.h.
#include "runtime/DeviceNet.h"
#include "runtime/Error.h"

#include <algorithm>

namespace weir {

static uint64_t inputBytes(const Manifest &manifest, const Entry &entry) {
  return 2 * uint64_t(entry.batch) * (manifest.imageSize() + uint64_t(manifest.classes) + 1) *
         sizeof(float);
}

// What kernels take inside (copies in another layout, sums in parts) is of the size of some
// operands: a quarter of the arena, and a floor for the driver's own.
static uint64_t reserveFor(uint64_t arena) { return arena / 4 + (32u << 20); }

DeviceMemoryNeed deviceMemoryNeed(const Manifest &manifest) {
  DeviceMemoryNeed need;
  need.variables = manifest.variablesBytes;
  need.arena = manifest.arenaBytes();
  for (const Entry &entry : manifest.entries)
    need.inputs = std::max(need.inputs, inputBytes(manifest, entry));
  need.reserve = reserveFor(need.arena);
  return need;
}

static double megabytes(uint64_t bytes) { return double(bytes) / (1 << 20); }

// An arena grows with the batch, variables do not.
static uint64_t fittingBatch(const Manifest &manifest, const Entry &entry, uint64_t free,
                             uint64_t largestBlock) {
  const uint64_t fixed = manifest.variablesBytes + reserveFor(0);
  const double perImage =
      (1.25 * double(entry.arenaBytes) + double(inputBytes(manifest, entry))) / entry.batch;
  if (free <= fixed)
    return 0;
  const double byTotal = double(free - fixed) / perImage;
  const double byBlock =
      double(largestBlock) / std::max(1.0, double(entry.arenaBytes) / entry.batch);
  return uint64_t(std::min(byTotal, byBlock));
}

void checkDeviceMemory(const Manifest &manifest, const std::string &device, uint64_t free,
                       uint64_t largestBlock) {
  const DeviceMemoryNeed need = deviceMemoryNeed(manifest);
  const uint64_t block = std::max(need.arena, need.variables);
  if (need.total() <= free && block <= largestBlock)
    return;
  const Entry *largest = &manifest.entries.front();
  for (const Entry &entry : manifest.entries)
    if (entry.arenaBytes > largest->arenaBytes)
      largest = &entry;
  std::string text = format(
      "net '%s' does not fit on %s: '%s' at batch %d needs about %.1f MB (variables %.1f, arena "
      "%.1f, inputs and results %.1f, reserve for kernels %.1f)",
      manifest.net.c_str(), device.c_str(), largest->name.c_str(), largest->batch,
      megabytes(need.total()), megabytes(need.variables), megabytes(need.arena),
      megabytes(need.inputs), megabytes(need.reserve));
  text += need.total() > free
              ? format(", and %.1f MB are free", megabytes(free))
              : format(", and one block may have %.1f MB at most", megabytes(largestBlock));
  const uint64_t batch = fittingBatch(manifest, *largest, free, largestBlock);
  if (batch == 0)
    fail("%s; not even a batch of 1 would", text.c_str());
  fail("%s; by the plan a batch of about %llu would fit: weir compile %s %s%llu", text.c_str(),
       (unsigned long long)batch, manifest.source.c_str(),
       largest->kind == Entry::Kind::Train ? "--set batch=" : "--infer-batch ",
       (unsigned long long)batch);
}

} // namespace weir
