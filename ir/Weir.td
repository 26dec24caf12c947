//===- Weir.td - the whole dialect, in reading order ----------------------------------------===//

include "ir/ProgramOps.td"
include "ir/LayerOps.td"
include "ir/ConvolutionOps.td"
include "ir/PoolOps.td"
include "ir/NormalizationOps.td"
include "ir/ShapeOps.td"
include "ir/ElementwiseOps.td"
include "ir/QuantizationOps.td"
include "ir/PackedOps.td"
include "ir/GradientOps.td"
include "ir/OptimizerOps.td"
include "ir/Recipe.td"
