// Finding the first weight that is not a finite number, by layer order.
#ifndef WEIR_RUNTIME_FINITE_H
#define WEIR_RUNTIME_FINITE_H

#include "runtime/Net.h"

#include <optional>
#include <string>

namespace weir {

struct NonFinite {
  const Variable *variable;
  std::string
      text; // "12 of 80 values of 'dense_1.bias' (layer 'dense_1', mlp.weir:7:14) are not finite"
};

/// The first variable, by layer and then by its place in the manifest, with a value that is not
/// finite.
std::optional<NonFinite> firstNonFinite(const Net &net);

/// "the largest weight is 3e+38 in 'dense_1.weight' (layer …)", over the net's weights.
std::string largestWeight(const Net &net);

} // namespace weir

#endif
