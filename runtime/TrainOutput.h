// What `train` says: lines for a person, JSON for a program.
//
// Before: TrainCommand.cpp has the facts. After: stdout, stderr, and Report.cpp for the page.
#ifndef WEIR_RUNTIME_TRAINOUTPUT_H
#define WEIR_RUNTIME_TRAINOUTPUT_H

#include "runtime/Device.h"
#include "runtime/Trainer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir {

/// All that is known about a run, while it goes on and at its end.
struct RunFacts {
  const Manifest &manifest;
  const Device &device;
  int threads;
  const std::string &directory, &checkpoint;
  uint64_t trainingImages, testImages;
  const Progress &progress;
  TrainingResult result;
  std::string weightsSha256;
  double seconds = 0; // of the whole command
};

/// What will be done, before the first step.
void announceRun(FILE *out, const RunFacts &facts);
void printEpoch(FILE *out, const EpochReport &report, uint64_t epochs);
/// How the run ended and what was saved.
void printEnd(FILE *out, const RunFacts &facts);

nlohmann::json toJson(const EpochReport &report);
nlohmann::json toJson(const Warning &warning);
nlohmann::json toJson(const std::vector<Warning> &warnings);
/// The document of `train --json`.
nlohmann::json toJson(const RunFacts &facts);

/// The kinds of the initial weights that are random, such as "he_normal, lecun_normal".
std::string initializersOf(const Manifest &manifest);

} // namespace weir

#endif
