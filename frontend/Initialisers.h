// Initialisers of weights: which there are, and which one `init: "auto"` stands for.
//
// DialectBuilder comes before, with variables that say "auto"; Lowering calls this once for each
// entry point.
#pragma once

#include "frontend/DialectBuilder.h"

namespace weir {

/// The names that `init` may have, "auto" among them.
llvm::ArrayRef<llvm::StringRef> initialisers();

/// Gives each variable whose initialiser is "auto" one that suits what the layer's result meets in
/// `function`, past all layers that neither rectify nor saturate:
///  - `he_normal` where that is a rectifier on any path (relu, relu6, leaky_relu, elu, gelu, swish,
///    hard_swish; He et al. 2015), and where nothing but a batch_norm is met before the next layer
///    with weights: its output does not depend on the scale, and this is what nets with such linear
///    layers are trained from (torchvision's MobileNetV2 takes He for every convolution);
///  - `glorot_uniform` elsewhere: before tanh, sigmoid and softmax, for the logits, and between
///    linear layers (Glorot and Bengio 2010).
void chooseInitialisers(mlir::func::FuncOp function, NetVariables &variables);

} // namespace weir
