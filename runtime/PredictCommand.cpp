// PROG predict: what the user's own images show.
//
// All images are read first and every bad one is named; only if all are good is anything predicted
// or printed.
#include "runtime/Checkpoint.h"
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/Evaluate.h"
#include "runtime/Image.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace weir {

static std::vector<Picture> readAll(const Manifest &manifest,
                                    const std::vector<std::string> &paths) {
  if (manifest.channels != 1 && manifest.channels != 3)
    fail("net '%s' takes images of %llu channels; pictures have 1 or 3", manifest.net.c_str(),
         (unsigned long long)manifest.channels);
  std::vector<Picture> pictures;
  std::string errors;
  for (const std::string &path : paths) {
    try {
      Picture picture = readPicture(path, manifest.channels);
      pictures.push_back(manifest.channels == 1
                             ? prepareDigit(picture, manifest.height, manifest.width, path)
                             : prepareCrop(picture, manifest.height, manifest.width));
    } catch (const UserError &error) {
      errors += (errors.empty() ? "" : "\nerror: ") + std::string(error.what());
    }
  }
  if (!errors.empty())
    throw UserError(errors);
  return pictures;
}

int predictCommand(const Device &device, const Options &options) {
  const Manifest &manifest = *device.manifest;
  Net net(device, threadCount(options));
  provideWeights(net, options.checkpoint);
  const std::vector<Picture> pictures = readAll(manifest, options.images);
  const Normalizer normalizer(manifest);
  const std::vector<float> logits =
      inferAll(net, pictures.size(), [&](uint64_t index, float *values) {
        normalizer.convert(pictures[index].values.data(), manifest.imageSize(), values);
      });

  const size_t classes = size_t(manifest.classes);
  nlohmann::json document = nlohmann::json::array();
  int width = 4;
  for (const std::string &path : options.images)
    width = std::max(width, int(path.size()));
  // The pictures first, so that the table stays one.
  FILE *shown = options.json ? stderr : stdout;
  for (size_t i = 0; options.show && i < pictures.size(); ++i)
    std::fprintf(shown, "%s\n%s\n", options.images[i].c_str(),
                 showPicture(pictures[i], isatty(fileno(shown))).c_str());
  if (!options.json)
    std::printf("%-*s  class  probability\n", width, "file");
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::vector<double> chances = softmax(logits.data() + i * classes, classes);
    const size_t best = size_t(std::max_element(chances.begin(), chances.end()) - chances.begin());
    if (options.json)
      document.push_back(
          {{"file", options.images[i]}, {"class", best}, {"probability", chances[best]}});
    else
      std::printf("%-*s  %5zu  %11.4f\n", width, options.images[i].c_str(), best, chances[best]);
  }
  if (options.json)
    std::puts(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return 0;
}

} // namespace weir
