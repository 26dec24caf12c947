// PROG train: from options to a trained net.
#include "runtime/AtomicFile.h"
#include "runtime/Begin.h"
#include "runtime/Error.h"
#include "runtime/Interrupt.h"
#include "runtime/Report.h"
#include "runtime/TrainOutput.h"

namespace weir {

// One line of JSON, whole and at once, for a program that follows the run.
static void putLine(const nlohmann::json &json) {
  std::puts(json.dump().c_str());
  if (std::fflush(stdout) != 0)
    fail("cannot write to standard output");
}

int trainCommand(const Device &device, const Options &options) {
  const Manifest &manifest = *device.manifest;
  const int64_t began = weir_now_ns();
  checkTrainOptions(manifest, options);
  const int threads = threadCount(options);
  const std::string path = options.checkpointPath(manifest);
  const std::string directory = findDataDirectory(options.data, manifest);
  checkReportPath(options.report, path);
  FILE *out = options.json || options.jsonLines ? stderr : stdout;

  Dataset training, test;
  loadBoth(directory, manifest, training, test);
  Net net(device, threads);
  FileLock lock(path);
  if (!options.resume)
    announceReplacement(path, out);
  Resumed begun = beginRun(net, options, path, training.count(), out);
  Progress &progress = begun.progress;
  RunFacts facts{manifest,         device,       threads,  directory, path,
                 training.count(), test.count(), progress, {},        {}};
  announceRun(out, facts);

  catchInterrupts();
  Trainer trainer(net, training, test, path, progress, std::move(begun.kept));
  facts.result = trainer.run(
      {[&](const EpochReport &report) {
         if (options.jsonLines)
           putLine(toJson(report));
         else
           printEpoch(out, report, progress.epochs);
       },
       [](const Warning &warning) { std::fputs(warningText(warning).c_str(), stderr); }});
  if (!facts.result.kept && !facts.result.interrupted)
    facts.result.kept = evaluate(net, test, Normalizer(manifest)); // nothing was left to train
  facts.weightsSha256 = weightsSha256(net);
  facts.seconds = double(weir_now_ns() - began) * 1e-9;

  printEnd(out, facts);
  if (!options.report.empty()) {
    writeReport(options.report, facts);
    std::fprintf(out, "report '%s'\n", options.report.c_str());
  }
  if (options.jsonLines)
    putLine(toJson(facts));
  else if (options.json)
    std::puts(toJson(facts).dump(2).c_str());
  return facts.result.interrupted ? 128 + interruptSignal() : 0;
}

} // namespace weir
