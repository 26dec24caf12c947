// The first values of variables.
//
// Each variable has its own stream of random numbers, named by the seed and its name, so its values
// depend neither on the other variables nor on the number of threads.
#ifndef WEIR_RUNTIME_INITIALIZE_H
#define WEIR_RUNTIME_INITIALIZE_H

#include "runtime/Manifest.h"
#include "runtime/ThreadPool.h"

namespace weir {

/// Fills `values` (variable.elements floats). Kinds: zeros, ones, constant; he_normal, he_uniform
/// (He et al. 2015), glorot_normal, glorot_uniform (Glorot and Bengio 2010), lecun_normal,
/// lecun_uniform (LeCun et al. 1998), by fan_in and fan_out; normal{deviation}, uniform{limit};
/// pytorch_default (uniform within 1 / sqrt(fan_in), as torch.nn.Linear and Conv2d start);
/// orthogonal (Saxe et al. 2014; the last extent is the columns). The normal ones are not
/// truncated. Throws InternalError for an unknown kind.
void initialize(const Variable &variable, uint64_t seed, float *values, ThreadPool &pool);

} // namespace weir

#endif
