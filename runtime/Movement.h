// How far the weights of each layer went in a number of steps, and which of its units went nowhere.
//
// Before: the variables before and after, as Trainer.cpp has them. After: Watch.cpp judges.
#ifndef WEIR_RUNTIME_MOVEMENT_H
#define WEIR_RUNTIME_MOVEMENT_H

#include "runtime/Manifest.h"

namespace weir {

/// The movement of one layer's weight. A unit is one output of the layer: a column of its weight.
struct LayerMovement {
  const Variable *weight = nullptr;
  /// RMS of the change divided by RMS of the weight before and by the steps, over units that moved.
  double ratio = 0;
  /// All units, and those whose gradient was 0 in every step. Such a unit's weights at most shrink
  /// together (weight decay): their direction stays, and so does the bias. Behind a ReLU that is a
  /// dead unit. Decay that an adaptive optimizer rescales (L2 in adam) hides it.
  uint64_t units = 0, still = 0;
};

/// One entry per trainable weight that starts at random and has at least two extents (biases and
/// scales start at constants, against which no change is large or small). `before` and `after` are
/// blocks of variables, `steps` steps apart.
std::vector<LayerMovement> measureMovement(const Manifest &manifest, const uint8_t *before,
                                           const uint8_t *after, uint64_t steps);

} // namespace weir

#endif
