// Inference over any number of images, by combining the batch sizes that were compiled.
//
// Before: Dataset or Image gives pixels. After: Trainer (validation), EvalCommand, PredictCommand.
#ifndef WEIR_RUNTIME_EVALUATE_H
#define WEIR_RUNTIME_EVALUATE_H

#include "runtime/Dataset.h"
#include "runtime/Net.h"

#include <functional>
#include <vector>

namespace weir {

/// Writes image `index` as the net's input, [h, w, c].
using ImageWriter = std::function<void(uint64_t index, float *values)>;

/// Logits [count, classes] of `count` images. Largest batches first; what is left over when no
/// batch is small enough runs in the smallest one, filled up with zeros. The division into batches
/// does not depend on the threads, which each take whole batches.
std::vector<float> inferAll(Net &net, uint64_t count, const ImageWriter &write);

/// The softmax of `count` logits, in double.
std::vector<double> softmax(const float *logits, size_t count);

struct Evaluation {
  double loss = 0;                 // mean cross-entropy, natural logarithm
  double accuracy = 0;             // part of the images, 0..1
  std::vector<uint64_t> confusion; // [label, prediction], row-major
};

/// Loss, accuracy and confusion matrix of the net on a data set.
Evaluation evaluate(Net &net, const Dataset &data, const Normalizer &normalizer);

} // namespace weir

#endif
