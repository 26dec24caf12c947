// Inference over many images; see Evaluate.h.
#include "runtime/Evaluate.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cmath>

namespace weir {

namespace {
struct Part {
  const Entry *entry;
  uint64_t first, count;
};
} // namespace

static std::vector<Part> divide(const Manifest &manifest, uint64_t count) {
  std::vector<const Entry *> entries = manifest.inferEntries();
  if (entries.empty())
    failInternally("net '%s' has no inference entry", manifest.net.c_str());
  std::vector<Part> parts;
  uint64_t first = 0;
  for (const Entry *entry : entries)
    for (uint64_t batch = uint64_t(entry->batch); count - first >= batch; first += batch)
      parts.push_back({entry, first, batch});
  if (first < count)
    parts.push_back({entries.back(), first, count - first});
  return parts;
}

std::vector<float> inferAll(Net &net, uint64_t count, const ImageWriter &write) {
  const Manifest &manifest = net.manifest;
  const uint64_t size = manifest.imageSize(), classes = uint64_t(manifest.classes);
  std::vector<Part> parts = divide(manifest, count);
  std::vector<float> logits(count * classes);

  // A device takes one batch after the other, and the host prepares the next meanwhile.
  if (net.isOnDevice()) {
    for (const Part &part : parts)
      net.queueInfer(
          *part.entry,
          [&](float *images) {
            for (uint64_t i = 0; i < part.count; ++i)
              write(part.first + i, images + i * size);
            std::fill(images + part.count * size, images + uint64_t(part.entry->batch) * size,
                      0.0f);
          },
          logits.data() + part.first * classes, part.count * classes);
    net.finishInference();
    return logits;
  }

  struct Worker {
    Block arena, images, logits;
  };
  std::vector<Worker> workers(static_cast<size_t>(net.pool().threadCount()));
  const uint64_t largest = uint64_t(manifest.inferEntries().front()->batch);
  uint64_t arenaBytes = 0;
  for (const Entry *entry : manifest.inferEntries())
    arenaBytes = std::max(arenaBytes, entry->arenaBytes);
  for (Worker &worker : workers) {
    worker.arena = Block(arenaBytes, "an inference arena");
    worker.images = Block(largest * size * sizeof(float), "a batch of images");
    worker.logits = Block(largest * classes * sizeof(float), "a batch of logits");
  }

  auto runPart = [&](int index, int thread) {
    const Part &part = parts[static_cast<size_t>(index)];
    Worker &worker = workers[static_cast<size_t>(thread)];
    float *images = reinterpret_cast<float *>(worker.images.data());
    float *result = reinterpret_cast<float *>(worker.logits.data());
    const uint64_t batch = uint64_t(part.entry->batch);
    for (uint64_t i = 0; i < part.count; ++i)
      write(part.first + i, images + i * size);
    std::fill(images + part.count * size, images + batch * size, 0.0f);
    void *arguments[] = {images, result};
    net.run(*part.entry, arguments, worker.arena.data(), nullptr);
    std::copy_n(result, part.count * classes, logits.data() + part.first * classes);
  };
  // Few batches: one after the other, each with all threads in its kernels. Many: whole batches
  // side by side.
  if (parts.size() < 2 * workers.size())
    for (size_t index = 0; index < parts.size(); ++index)
      runPart(int(index), 0);
  else
    net.pool().forEach(int(parts.size()), runPart);
  return logits;
}

std::vector<double> softmax(const float *logits, size_t count) {
  double largest = *std::max_element(logits, logits + count), sum = 0;
  std::vector<double> result(count);
  for (size_t i = 0; i < count; ++i)
    sum += result[i] = std::exp(double(logits[i]) - largest);
  for (double &value : result)
    value /= sum;
  return result;
}

Evaluation evaluate(Net &net, const Dataset &data, const Normalizer &normalizer) {
  const size_t classes = static_cast<size_t>(net.manifest.classes);
  const uint64_t size = net.manifest.imageSize();
  std::vector<float> logits = inferAll(net, data.count(), [&](uint64_t index, float *values) {
    normalizer.convert(data.image(index), size, values);
  });
  Evaluation result;
  result.confusion.assign(classes * classes, 0);
  uint64_t correct = 0;
  for (uint64_t i = 0; i < data.count(); ++i) {
    const float *row = logits.data() + i * classes;
    const size_t label = data.labels.labels[i];
    const size_t best = size_t(std::max_element(row, row + classes) - row);
    double sum = 0;
    for (size_t j = 0; j < classes; ++j)
      sum += std::exp(double(row[j]) - row[best]);
    result.loss += std::log(sum) + row[best] - row[label];
    result.confusion[label * classes + best] += 1;
    correct += best == label;
  }
  result.loss /= double(data.count());
  result.accuracy = double(correct) / double(data.count());
  return result;
}

} // namespace weir
