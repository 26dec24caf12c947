// A net's weights and, in a checkpoint, everything that a training run needs to continue bit for
// bit.
//
// Files are safetensors: one tensor per variable, named by layer path, and the facts below as
// __metadata__. docs/training.md lists the metadata keys.
#ifndef WEIR_RUNTIME_CHECKPOINT_H
#define WEIR_RUNTIME_CHECKPOINT_H

#include "runtime/Net.h"

#include <string>

namespace weir {

/// The epoch that validated best so far; ties go to the lower loss.
struct BestEpoch {
  uint64_t epoch = 0; // from 1; 0 if none is done
  double accuracy = 0, loss = 0;
};

/// Where a training run stands.
struct Progress {
  uint64_t step = 0;   // steps done
  uint64_t epochs = 0; // epochs that the run is to have
  uint64_t seed = 0;   // of weights, data order and dropout
  uint64_t batch = 0;
  uint64_t images = 0;     // in the training set
  double learningRate = 0; // before the schedule
  double lossSum = 0;      // of the current epoch's steps, each mean times the batch
  uint64_t correct = 0;    // of the current epoch's images
  uint64_t epochSteps = 0; // of the current epoch that are done
  BestEpoch best{};
  bool keepBest = false; // the file presents the best epoch's weights, not the last one's
  uint64_t patience = 0; // epochs without a better one that end the run; 0 for no end
};

/// Writes weights, optimizer state and progress. With `kept`, a block of variables, the file
/// presents those weights, and the net's own, which resuming needs, stand beside them as
/// "last:<tensor>". Throws UserError; the old file then remains.
void saveCheckpoint(const std::string &path, const Net &net, const Progress &progress,
                    const uint8_t *kept = nullptr);

/// Writes only the weights.
void saveWeights(const std::string &path, const Net &net);

/// Reads the weights of a checkpoint or of another safetensors file with the same names. Throws
/// UserError that says which tensors differ; the net is then unchanged.
void loadWeights(const std::string &path, Net &net);

/// The weights that a command works with: those of the file at `path`, `<net>.safetensors` where it
/// is empty, or those that were compiled in. Returns where they come from. Throws UserError.
std::string provideWeights(Net &net, const std::string &path);

/// What a checkpoint holds besides what goes into the net.
struct Resumed {
  Progress progress;
  Block kept; // variables with the best epoch's weights, if those are not the net's; else empty
};

/// Reads weights, optimizer state and progress. Throws UserError as loadWeights() does.
Resumed loadCheckpoint(const std::string &path, Net &net);

/// SHA-256, in hexadecimal, of the net's tensors: their bytes in the order of their names.
std::string weightsSha256(const Net &net);

} // namespace weir

#endif
