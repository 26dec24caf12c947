//===- InfoCommand.cpp - `weir info`: a net in numbers, without compiling kernels ------------===//

#include "ir/Builders.h"
#include "runtime/Error.h"
#include "tools/Commands.h"
#include "tools/CompilerFlags.h"
#include "tools/MemoryReport.h"
#include "tools/tune/TuningRemarks.h"

#include <fmt/core.h>

namespace weir {
namespace {

void printTable(const NetSummary &net, const nlohmann::ordered_json &manifest) {
  fmt::print("{}: input {}, {} outputs\n\n", net.net, shapeText(net.inputShape), net.classes);
  static constexpr char row[] = "{:<{}}  {:<18}{:<14}{:>12}{:>12}{:>14}  {}\n";
  size_t width = 0;
  for (const LayerSummary &layer : net.layers)
    width = std::max(width, layer.path.size());
  fmt::print(row, "layer", width, "op", "output", "parameters", "statistics", "macs", "init");
  for (const LayerSummary &layer : net.layers)
    fmt::print(row, layer.path, width, layer.op, shapeText(layer.outputShape),
               withCommas(static_cast<uint64_t>(layer.parameters)),
               withCommas(static_cast<uint64_t>(layer.statistics)),
               withCommas(static_cast<uint64_t>(layer.macs)), layer.init);
  const int64_t statistics = net.totalParameters - net.trainableParameters;
  fmt::print("\nparameters  {} trainable, {} in all{}\n",
             withCommas(static_cast<uint64_t>(net.trainableParameters)),
             withCommas(static_cast<uint64_t>(net.totalParameters)),
             statistics
                 ? " (" + withCommas(static_cast<uint64_t>(statistics)) + " running statistics)"
                 : "");
  fmt::print("macs        {} per image\n", withCommas(static_cast<uint64_t>(net.macs)));
  for (const auto &entry : manifest["entries"])
    fmt::print(
        "{:<12}arena {} bytes (lower bound {}), {} kernels move {} bytes a call; their {} ops "
        "one by one would move {}\n",
        entry["name"].get<std::string>(), withCommas(entry["arena_bytes"].get<uint64_t>()),
        withCommas(entry["arena_bound"].get<uint64_t>()), entry["kernels"].size(),
        withCommas(entry["moved_bytes"].get<uint64_t>()), entry["ops"].get<uint64_t>(),
        withCommas(entry["moved_bytes_unfused"].get<uint64_t>()));
  fmt::print("variables   {} bytes\n", withCommas(manifest["variables_bytes"].get<uint64_t>()));
}

struct InfoOptions : CompilerOptions {
  bool json = false, schedules = false;
};

int printInfo(const InfoOptions &options) {
  Compiler compiler(options);
  if (int code = compiler.load())
    return code;
  if (int code = compiler.run("memory"))
    return code;
  nlohmann::ordered_json manifest = compiler.manifest();
  if (!options.json) {
    if (options.schedules)
      printSchedules(compiler.schedules(), compiler.tuningPath());
    else
      printTable(compiler.summary(), manifest);
    if (!options.memory.empty() && !options.schedules)
      fmt::print("{}", memoryReport(compiler, options));
    return Done;
  }
  if (options.schedules)
    manifest["schedules"] = toJson(compiler.schedules());
  int64_t largest = 0;
  for (const auto &entry : manifest["entries"])
    largest = std::max(largest, entry["arena_bytes"].get<int64_t>());
  manifest["arena_bytes"] = largest;
  fmt::print("{}\n", manifest.dump(2));
  return Done;
}

} // namespace

void addInfoCommand(CLI::App &app, Action &action) {
  auto options = std::make_shared<InfoOptions>();
  options->showNotes = true;
  CLI::App *command =
      app.add_subcommand("info", "layers, shapes, parameters, MACs and memory, without compiling");
  command->add_option("FILE", options->file, "the model (.weir)")->required();
  command
      ->add_option("--set", options->sets, "override a value of the file: name=value (repeatable)")
      ->allow_extra_args(false);
  addMemoryFlag(*command, *options);
  addTuningFlags(*command, *options);
  command->add_flag("--schedules", options->schedules,
                    "the groups instead of the layers, and the record that each is compiled by");
  command->add_flag("--json", options->json, "one JSON document");
  command->callback([options, &action] { action = [options] { return printInfo(*options); }; });
}

} // namespace weir
