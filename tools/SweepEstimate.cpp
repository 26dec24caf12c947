//===- SweepEstimate.cpp - see SweepEstimate.h ------------------------------------------------===//

#include "tools/SweepEstimate.h"
#include "tools/Link.h"
#include "tools/Scratch.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace weir {

using Json = nlohmann::json;
namespace fs = llvm::sys::fs;

namespace {

/// How many labels an IDX file has, by its length: 8 bytes, then one for each. A gzipped file ends
/// in the length of what it holds. 0 where there is no such file.
int64_t countLabels(const std::string &path) {
  uint64_t size = 0;
  if (!fs::file_size(path, size))
    return static_cast<int64_t>(size) - 8;
  std::ifstream file(path + ".gz", std::ios::binary);
  if (!file.seekg(-4, std::ios::end))
    return 0;
  int64_t length = 0;
  for (int shift = 0; shift < 32; shift += 8)
    length |= static_cast<int64_t>(file.get() & 0xFF) << shift;
  return file ? length - 8 : 0;
}

std::string dataFolder(const SweepOptions &options, const ProgramFacts &facts) {
  if (!options.data.empty())
    return options.data;
  const char *root = std::getenv("WEIR_DATA");
  return root ? std::string(root) + "/" + facts.dataSet : "";
}

/// Seconds of an epoch on one core, validation included, from what `bench --json` printed.
llvm::Expected<double> secondsPerEpoch(const std::string &bench, const ProgramFacts &facts,
                                       int64_t images, int64_t validation) {
  const Json document = Json::parse(bench, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("entries"))
    return llvm::createStringError("'bench --json' printed no entries");
  double step = 0, perImage = 0; // ms
  for (const Json &entry : document["entries"]) {
    const double median = entry.value("median_ms", 0.0);
    const double batch = std::max(1.0, entry.value("batch", 1.0));
    const std::string name = entry.value("entry", "");
    if (name == "train_step_with_data")
      step = median;
    else if (name == "infer" && (perImage == 0 || median / batch < perImage))
      perImage = median / batch;
  }
  return 1e-3 * (step * static_cast<double>(images) / static_cast<double>(facts.batch) +
                 perImage * static_cast<double>(validation));
}

} // namespace

llvm::Expected<SweepEstimate> estimateSweep(const SweepOptions &options, const SweepGrid &grid) {
  ScratchFolder scratch("weir-sweep");
  if (scratch.error())
    return llvm::createStringError("cannot write a temporary folder: " + scratch.error().message());
  const std::string program = scratch.file("program");
  // The first combinations may be ones that cannot be compiled, which the sweep reports later.
  std::string message;
  uint64_t position = 0;
  for (int attempt = 0; attempt < 3 && position < grid.size(); ++attempt) {
    const SweepMember member = grid.member(position);
    auto compiled = outputOf(compileArguments(options, grid, member, program));
    if (compiled)
      break;
    const std::string text = llvm::toString(compiled.takeError());
    if (message.empty())
      message = text;
    position = grid.endOfProgram(member.program);
  }
  if (!fs::can_execute(program))
    return llvm::createStringError(message);
  auto facts = readFacts(program);
  if (!facts)
    return facts.takeError();
  auto bench = outputOf({program, "bench", "--json", "--threads", "1", "--seconds", "0.5"});
  if (!bench)
    return bench.takeError();

  SweepEstimate estimate;
  const std::string folder = dataFolder(options, *facts);
  estimate.images = countLabels(folder + "/train-labels-idx1-ubyte");
  int64_t validation = countLabels(folder + "/t10k-labels-idx1-ubyte");
  if (estimate.images <= 0 || validation <= 0) {
    if (!options.dryRun)
      return llvm::createStringError(
          folder.empty() ? "expects the data's folder by --data, or WEIR_DATA to be set"
                         : "there are no labels ('train-labels-idx1-ubyte', gzipped or not) in '" +
                               folder + "'; give --data or set WEIR_DATA");
    estimate.images = 60000;
    validation = 10000;
    estimate.imagesAreAssumed = true;
  }
  auto seconds = secondsPerEpoch(*bench, *facts, estimate.images, validation);
  if (!seconds)
    return seconds.takeError();
  SweepPlan &plan = estimate.plan;
  plan.secondsPerEpoch = *seconds;
  const int64_t epochs = grid.member(position).epochs.value_or(facts->epochs);
  if (options.halving) {
    plan.halving.emplace(grid.size(), epochs);
    plan.epochs = plan.halving->totalEpochs(epochs);
  } else {
    plan.epochs = facts->canBeExtended ? grid.epochsOfRuns(epochs) : grid.epochsOfMembers(epochs);
  }
  // Starting a program and reading MNIST takes about a fifth of a second.
  estimate.seconds =
      (*seconds * static_cast<double>(plan.epochs) + 0.2 * static_cast<double>(grid.size())) /
      options.jobs;
  return estimate;
}

} // namespace weir
