// PROG eval: loss, accuracy and confusion matrix on the test images.
#include "runtime/Checkpoint.h"
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir {

using Json = nlohmann::json;

static void printConfusion(const Evaluation &evaluation, size_t classes) {
  uint64_t largest = *std::max_element(evaluation.confusion.begin(), evaluation.confusion.end());
  int width = std::max(4, int(std::to_string(largest).size()) + 1);
  std::printf("confusion (rows: label, columns: prediction)\n%6s", "");
  for (size_t column = 0; column < classes; ++column)
    std::printf("%*zu", width, column);
  for (size_t row = 0; row < classes; ++row) {
    std::printf("\n%6zu", row);
    for (size_t column = 0; column < classes; ++column)
      std::printf("%*llu", width, (unsigned long long)evaluation.confusion[row * classes + column]);
  }
  std::printf("\n");
}

int evalCommand(const Device &device, const Options &options) {
  const Manifest &manifest = *device.manifest;
  const int threads = threadCount(options);
  Net net(device, threads);
  const std::string path = provideWeights(net, options.checkpoint);
  const std::string directory = findDataDirectory(options.data, manifest);
  const Dataset data = loadTestSet(directory, manifest);
  const int64_t began = weir_now_ns();
  const Evaluation evaluation = evaluate(net, data, Normalizer(manifest));
  const double seconds = double(weir_now_ns() - began) * 1e-9;

  const size_t classes = size_t(manifest.classes);
  if (!options.json) {
    std::printf("%s on %s: %s images, accuracy %.4f, loss %.4f, %.3f s\n", path.c_str(),
                directory.c_str(), withCommas(data.count()).c_str(), evaluation.accuracy,
                evaluation.loss, seconds);
    printConfusion(evaluation, classes);
    return 0;
  }
  Json confusion = Json::array();
  for (size_t row = 0; row < classes; ++row)
    confusion.push_back(
        std::vector<uint64_t>(evaluation.confusion.begin() + long(row * classes),
                              evaluation.confusion.begin() + long((row + 1) * classes)));
  Json document = {{"net", manifest.net},
                   {"weights", path},
                   {"weights_sha256", weightsSha256(net)},
                   {"images", data.count()},
                   {"accuracy", evaluation.accuracy},
                   {"loss", evaluation.loss},
                   {"confusion", confusion},
                   {"device", device.name},
                   {"device_reason", device.reason},
                   {"threads", threads},
                   {"seconds", seconds}};
  std::puts(document.dump(2).c_str());
  return 0;
}

} // namespace weir
