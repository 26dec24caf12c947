// PROG info and PROG devices: what was compiled, and what it can run on.
#include "runtime/Commands.h"
#include "runtime/Device.h"
#include "runtime/Error.h"
#include "runtime/QuantizationReport.h"
#include "runtime/Safetensors.h"
#include "runtime/TrainOutput.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir {

using Json = nlohmann::json;

static const char *kindOf(const Entry &entry) {
  return entry.kind == Entry::Kind::Train   ? "train"
         : entry.kind == Entry::Kind::Infer ? "infer"
                                            : "other";
}

static Json describe(const std::vector<Manifest> &targets) {
  const Manifest &manifest = targets.front();
  Json layers = Json::array(), entries = Json::array();
  for (const Layer &layer : manifest.layers)
    layers.push_back({{"path", layer.path},
                      {"op", layer.op},
                      {"output_shape", layer.outputShape},
                      {"parameters", layer.parameters},
                      {"macs", layer.macs},
                      {"source", layer.source}});
  for (const Entry &entry : manifest.entries) {
    Json kernels = Json::array();
    for (const Kernel &kernel : entry.kernels)
      kernels.push_back({{"name", kernel.name}, {"source", kernel.source}});
    entries.push_back({{"name", entry.name},
                       {"kind", kindOf(entry)},
                       {"batch", entry.batch},
                       {"arena_bytes", entry.arenaBytes},
                       {"ops", entry.ops},
                       {"moved_bytes", entry.movedBytes},
                       {"moved_bytes_unfused", entry.movedBytesUnfused},
                       {"kernels", kernels}});
  }
  Json targetNames = Json::array();
  for (const Manifest &target : targets)
    targetNames.push_back(target.target);
  Json document = {{"net", manifest.net},
                   {"source", manifest.source},
                   {"target", manifest.target},
                   {"targets", targetNames},
                   {"cpu_features", manifest.cpuFeatures},
                   {"input_shape", {manifest.height, manifest.width, manifest.channels}},
                   {"classes", manifest.classes},
                   {"trainable_parameters", manifest.trainableParameters},
                   {"total_parameters", manifest.totalParameters},
                   {"macs", manifest.macs},
                   {"arena_bytes", manifest.arenaBytes()},
                   {"variables_bytes", manifest.variablesBytes},
                   {"layers", layers},
                   {"entries", entries}};
  if (manifest.weights)
    document["weights"] = {{"file", manifest.weights->file}, {"sha256", manifest.weights->sha256}};
  if (!manifest.quantizationText.empty())
    document["quantization"] = Json::parse(manifest.quantizationText);
  if (manifest.recipe)
    document["recipe"] = Json::parse(manifest.recipeText);
  return document;
}

int infoCommand(const std::vector<Manifest> &targets, const Options &options) {
  const Manifest &manifest = targets.front();
  if (options.json) {
    std::puts(describe(targets).dump(2).c_str());
    return 0;
  }
  std::printf("net %s from %s, compiled for %s\n", manifest.net.c_str(), manifest.source.c_str(),
              manifest.target.c_str());
  std::printf("input %llux%llux%llu, %d classes\n", (unsigned long long)manifest.height,
              (unsigned long long)manifest.width, (unsigned long long)manifest.channels,
              manifest.classes);
  std::printf("\n%-24s %-16s %12s %12s %14s\n", "layer", "op", "output", "parameters", "MACs");
  for (const Layer &layer : manifest.layers)
    std::printf("%-24s %-16s %12s %12s %14s\n", layer.path.c_str(), layer.op.c_str(),
                shapeText(layer.outputShape).c_str(), withCommas(layer.parameters).c_str(),
                withCommas(layer.macs).c_str());
  std::printf("\ntrainable parameters %s, total %s, MACs %s per image\n",
              withCommas(manifest.trainableParameters).c_str(),
              withCommas(manifest.totalParameters).c_str(), withCommas(manifest.macs).c_str());
  if (manifest.weights)
    std::printf("weights embedded, those of %s (sha256 %s)\n", manifest.weights->file.c_str(),
                manifest.weights->sha256.c_str());
  else
    std::printf("initial weights %s\n", initializersOf(manifest).c_str());
  std::printf("variables %s bytes, arena %s bytes\n", withCommas(manifest.variablesBytes).c_str(),
              withCommas(manifest.arenaBytes()).c_str());
  if (targets.size() > 1)
    std::printf("code for %s\n", compiledFor(targets).c_str());
  for (const Entry &entry : manifest.entries)
    std::printf(
        "entry %s: batch %d, arena %s bytes, %zu kernels move %s bytes a call; their %s ops "
        "one by one would move %s\n",
        entry.name.c_str(), entry.batch, withCommas(entry.arenaBytes).c_str(), entry.kernels.size(),
        withCommas(entry.movedBytes).c_str(), withCommas(entry.ops).c_str(),
        withCommas(entry.movedBytesUnfused).c_str());
  if (manifest.recipe)
    std::printf(
        "recipe: data %s, %s, learning rate %g, schedule %s, batch %d, epochs %d, seed %llu\n"
        "an epoch's images that do not fill its last batch open the next epoch\n",
        manifest.recipe->dataName.c_str(), manifest.recipe->optimizer.call.c_str(),
        manifest.recipe->learningRate, manifest.recipe->schedule.call.c_str(),
        manifest.recipe->batch, manifest.recipe->epochs, (unsigned long long)manifest.recipe->seed);
  if (!manifest.quantizationText.empty()) {
    std::printf("\n");
    printQuantization(Json::parse(manifest.quantizationText), stdout);
  }
  return 0;
}

int devicesCommand(const std::vector<Manifest> &targets, const Options &options) {
  const std::vector<DeviceRow> rows = listDevices(targets);
  if (options.json)
    std::puts(devicesJson(rows).c_str());
  else
    std::fputs(devicesText(rows).c_str(), stdout);
  return 0;
}

} // namespace weir
