// JSON to Manifest; see Manifest.h.
#include "runtime/Manifest.h"
#include "runtime/Error.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace weir {

using Json = nlohmann::json;

static Initializer readInitializer(const Json &json) {
  Initializer result;
  result.kind = json.at("kind").get<std::string>();
  result.fanIn = json.value("fan_in", 0.0);
  result.fanOut = json.value("fan_out", 0.0);
  result.value = json.value("value", 0.0);
  result.deviation = json.value("deviation", 0.0);
  result.limit = json.value("limit", 0.0);
  return result;
}

static Variable readVariable(const Json &json, uint64_t variablesBytes) {
  Variable result;
  result.name = json.at("name").get<std::string>();
  result.shape = json.at("shape").get<std::vector<uint64_t>>();
  result.offset = json.at("offset").get<uint64_t>();
  result.elements = 1;
  for (uint64_t extent : result.shape)
    result.elements *= extent;
  std::string kind = json.at("kind").get<std::string>();
  if (kind == "parameter")
    result.kind = Variable::Kind::Parameter;
  else if (kind == "statistic")
    result.kind = Variable::Kind::Statistic;
  else if (kind == "optimizer")
    result.kind = Variable::Kind::Optimizer;
  else
    failInternally("the manifest's variable '%s' has the unknown kind '%s'", result.name.c_str(),
                   kind.c_str());
  result.trainable = json.value("trainable", false);
  result.initializer = readInitializer(json.at("init"));
  result.type = json.value("type", result.type);
  if (result.type != "F32" && result.type != "I8" && result.type != "I32")
    failInternally("the manifest's variable '%s' has the unknown type '%s'", result.name.c_str(),
                   result.type.c_str());
  if (result.offset % 4 != 0 || result.offset + result.bytes() > variablesBytes)
    failInternally("the manifest's variable '%s' lies outside the block of variables",
                   result.name.c_str());
  return result;
}

static Entry readEntry(const Json &json, const weir_program &program) {
  Entry result;
  result.name = json.at("name").get<std::string>();
  std::string kind = json.at("kind").get<std::string>();
  if (kind != "infer" && kind != "train" && kind != "other")
    failInternally("the manifest's entry '%s' has the unknown kind '%s'", result.name.c_str(),
                   kind.c_str());
  result.kind = kind == "train"   ? Entry::Kind::Train
                : kind == "infer" ? Entry::Kind::Infer
                                  : Entry::Kind::Other;
  result.batch = json.at("batch").get<int>();
  result.arenaBytes = json.at("arena_bytes").get<uint64_t>();
  result.ops = json.value("ops", uint64_t(0));
  result.movedBytes = json.value("moved_bytes", uint64_t(0));
  result.movedBytesUnfused = json.value("moved_bytes_unfused", uint64_t(0));
  for (const Json &kernel : json.value("kernels", Json::array()))
    result.kernels.push_back({kernel.at("name").get<std::string>(), kernel.value("source", "")});
  for (uint64_t i = 0; i < program.entry_count; ++i)
    if (result.name == program.entries[i].name)
      result.code = &program.entries[i];
  if (!result.code || result.batch < 1)
    failInternally("the manifest's entry '%s' has no code", result.name.c_str());
  return result;
}

static Layer readLayer(const Json &json) {
  Layer result;
  result.path = json.value("path", "");
  result.op = json.value("op", "");
  result.source = json.value("source", "");
  result.outputShape = json.value("output_shape", std::vector<uint64_t>());
  result.parameters = json.value("parameters", uint64_t(0));
  result.macs = json.value("macs", uint64_t(0));
  return result;
}

static Setting readSetting(const Json &json) {
  Setting result;
  if (json.is_string())
    result.call = json.get<std::string>();
  if (!json.is_object())
    return result;
  result.call = json.value("call", "");
  for (const auto &[name, value] : json.items())
    if (value.is_number() || value.is_boolean())
      result.numbers[name] = value.is_boolean() ? double(value.get<bool>()) : value.get<double>();
  return result;
}

static std::vector<float> readChannels(const Json &data, const char *name, float otherwise) {
  if (!data.is_object() || !data.contains(name))
    return {otherwise};
  const Json &value = data.at(name);
  return value.is_array() ? value.get<std::vector<float>>()
                          : std::vector<float>{value.get<float>()};
}

static TrainBlock readRecipe(const Json &json) {
  TrainBlock result;
  const Json data = json.value("data", Json());
  if (data.is_string())
    result.dataName = data.get<std::string>();
  else if (data.is_object())
    result.dataName = data.value("name", result.dataName);
  result.mean = readChannels(data, "mean", 0.0f);
  result.deviation = readChannels(data, "deviation", 1.0f);
  const Setting images = readSetting(data);
  result.shift = images.number("shift", 0);
  result.rotate = images.number("rotate", 0);
  result.scale = images.number("scale", 0);
  result.optimizer = readSetting(json.value("optimizer", Json()));
  result.schedule = readSetting(json.value("schedule", Json()));
  if (result.schedule.call.empty())
    result.schedule.call = "constant";
  result.learningRate =
      result.optimizer.number("learning_rate", json.value("learning_rate", 0.001));
  result.batch = json.value("batch", 1);
  result.epochs = json.value("epochs", 1);
  result.seed = json.value("seed", uint64_t(1));
  const Setting stopping = readSetting(json.value("early_stopping", Json()));
  result.patience = uint64_t(std::max(0.0, stopping.number("epochs", 0)));
  result.keepBest = json.value("keep", std::string("last")) == "best";
  return result;
}

static Manifest convert(const Json &json, const weir_program &program) {
  if (json.value("weir", 0) != 1)
    failInternally("the manifest has another version than 1");
  Manifest result;
  result.net = json.at("net").get<std::string>();
  result.source = json.value("source", "");
  result.target = json.value("target", "");
  result.device = json.value("device", "cpu");
  result.capability = json.value("capability", 0);
  result.cpuFeatures = json.value("cpu_features", std::vector<std::string>());
  auto shape = json.at("input_shape").get<std::vector<uint64_t>>();
  if (shape.size() != 3)
    failInternally("the manifest's input_shape has %zu extents instead of 3", shape.size());
  result.height = shape[0], result.width = shape[1], result.channels = shape[2];
  result.classes = json.at("classes").get<int>();
  result.trainableParameters = json.value("trainable_parameters", uint64_t(0));
  result.totalParameters = json.value("total_parameters", uint64_t(0));
  result.macs = json.value("macs", uint64_t(0));
  result.variablesBytes = json.at("variables_bytes").get<uint64_t>();
  for (const Json &variable : json.at("variables"))
    result.variables.push_back(readVariable(variable, result.variablesBytes));
  if (auto weights = json.find("weights"); weights != json.end()) {
    result.weights = {weights->at("file").get<std::string>(),
                      weights->at("sha256").get<std::string>(), program.values};
    if (!program.values)
      failInternally("the manifest speaks of embedded weights, but the program has none");
  }
  for (const Json &entry : json.at("entries"))
    result.entries.push_back(readEntry(entry, program));
  for (const Json &layer : json.value("layers", Json::array()))
    result.layers.push_back(readLayer(layer));
  if (auto recipe = json.find("recipe"); recipe != json.end() && recipe->is_object()) {
    result.recipe = readRecipe(*recipe);
    result.recipeText = recipe->dump();
  }
  if (auto quantization = json.find("quantization"); quantization != json.end())
    result.quantizationText = quantization->dump();
  return result;
}

Manifest readManifest(const weir_program &program) {
  try {
    return convert(Json::parse(program.manifest, program.manifest + program.manifest_size),
                   program);
  } catch (const nlohmann::json::exception &error) {
    failInternally("the program's manifest is damaged: %s", error.what());
  }
}

std::vector<Manifest> readManifests(const weir_program &program) {
  std::vector<Manifest> result;
  for (const weir_program *one = &program; one; one = one->next)
    result.push_back(readManifest(*one));
  return result;
}

uint64_t Manifest::arenaBytes() const {
  uint64_t most = 0;
  for (const Entry &entry : entries)
    most = std::max(most, entry.arenaBytes);
  return most;
}

const Entry *Manifest::trainEntry() const {
  for (const Entry &entry : entries)
    if (entry.kind == Entry::Kind::Train)
      return &entry;
  return nullptr;
}

std::vector<const Entry *> Manifest::inferEntries() const {
  std::vector<const Entry *> result;
  for (const Entry &entry : entries)
    if (entry.kind == Entry::Kind::Infer)
      result.push_back(&entry);
  std::sort(result.begin(), result.end(),
            [](const Entry *a, const Entry *b) { return a->batch > b->batch; });
  return result;
}

const Layer *Manifest::layerOf(const Variable &variable) const {
  const Layer *best = nullptr;
  for (const Layer &layer : layers) {
    size_t length = layer.path.size();
    bool inside = length > 0 && variable.name.compare(0, length, layer.path) == 0 &&
                  (variable.name.size() == length || variable.name[length] == '.');
    if (inside && (!best || length > best->path.size()))
      best = &layer;
  }
  return best;
}

} // namespace weir
