// Where a training run begins: with fresh weights, or where its checkpoint ended.
//
// Before: CommandLine.cpp has the options. After: Trainer.h takes it from here. Every refusal comes
// before anything is written.
#ifndef WEIR_RUNTIME_BEGIN_H
#define WEIR_RUNTIME_BEGIN_H

#include "runtime/Checkpoint.h"
#include "runtime/Commands.h"

#include <cstdio>

namespace weir {

/// Throws UserError for options of `train` that this program cannot follow.
void checkTrainOptions(const Manifest &manifest, const Options &options);

/// Sets the net's variables and says where the run stands, on `images` training images. What a
/// person should know about it (a schedule that now spans another length) goes to `out`. Throws
/// UserError if the checkpoint cannot be resumed with these options.
Resumed beginRun(Net &net, const Options &options, const std::string &path, uint64_t images,
                 FILE *out);

/// A run that starts anew replaces its checkpoint: never a file of another kind (UserError), and
/// never in silence.
void announceReplacement(const std::string &path, FILE *out);

/// True if nothing is left to train.
bool isFinished(const Progress &progress);

} // namespace weir

#endif
