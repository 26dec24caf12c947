// The commands of a produced program, one function each, and their options as CommandLine.cpp reads
// them.
#ifndef WEIR_RUNTIME_COMMANDS_H
#define WEIR_RUNTIME_COMMANDS_H

#include "runtime/Device.h"

#include <optional>
#include <string>
#include <vector>

namespace weir {

struct Options {
  std::string data; // --data
  std::string
      checkpoint; // --checkpoint of train, --weights of eval and predict; empty: <net>.safetensors
  std::string device = "auto"; // --device
  std::optional<long long> epochs, batch, patience;
  std::optional<unsigned long long> seed;
  std::optional<double> learningRate;
  std::optional<long long> threads; // default: all cores
  std::string keep;                 // train: "best", "last" or empty for the recipe's
  std::string report;               // train: an HTML file, or empty
  std::optional<double> seconds;    // bench: how long; check: how long at most
  std::optional<long long> batches; // check
  bool resume = false, json = false, jsonLines = false, show = false;
  std::vector<std::string> images; // predict

  std::string checkpointPath(const Manifest &manifest) const {
    return checkpoint.empty() ? manifest.net + ".safetensors" : checkpoint;
  }
};

/// Each returns the exit code; they throw UserError and InternalError. `device` says which of the
/// program's targets runs.
int trainCommand(const Device &device, const Options &options);
int checkCommand(const Device &device, const Options &options);
int evalCommand(const Device &device, const Options &options);
int predictCommand(const Device &device, const Options &options);
int benchCommand(const Device &device, const Options &options);
/// These run nothing and work on any machine.
int infoCommand(const std::vector<Manifest> &targets, const Options &options);
int devicesCommand(const std::vector<Manifest> &targets, const Options &options);

/// --threads, checked, or its default.
int threadCount(const Options &options);

} // namespace weir

#endif
