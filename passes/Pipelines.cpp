//===- Pipelines.cpp - the order of the passes, and why --------------------------------------===//
//
// The only place that orders passes. Read it top to bottom: it is the compiler.
//
//===-----------------------------------------------------------------------------------------===//

#include "passes/Pipelines.h"
#include "passes/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace weir {

static const Phase allPhases[] = {
    {"ir", "the net, differentiated and simplified",
     [](OpPassManager &passes) {
       // Before all that changes what a layer is; of a net to be trained it finds no values.
       passes.addPass(createFoldBatchNorm());
       // Before differentiate: forward and backward share the batch's statistics.
       passes.addPass(createExpandBatchNorm());
       // Before differentiate: each op that disappears here is one less to differentiate.
       passes.addPass(createSimplify());
       // Needs ops, not kernels: the gradient table knows single ops.
       passes.addPass(createDifferentiate());
       // Weights' gradients stay whole, so that updates of all taps fit into their loops.
       passes.addPass(createDropDeadTaps());
       // The chain rule leaves views of views and gradients nobody asked for.
       passes.addPass(createSimplify());
     }},
    {"groups", "ops gathered into kernels",
     [](OpPassManager &passes) {
       // Needs forward and backward in one function; after simplify, which would undo it.
       passes.addPass(createRecompute());
       // While an inverted residual is three convolutions; its products stay where they are.
       passes.addPass(createFuseStrips());
       // After recompute, so that each reader in the backward pass has its own chain already.
       passes.addPass(createFusePrologues());
       // After differentiate, whose rules speak of convolutions; grouping knows products.
       passes.addPass(createLowerConvolutions());
       // The products' weights are matrices now; what groups is the packed product.
       passes.addPass(createPackWeights());
       // No view may stand between a product and what is fused behind it.
       passes.addPass(createSinkViews());
       // Wants forward, backward and updates in one function, so that it can fuse across them.
       passes.addPass(createFormGroups());
     }},
    {"memory", "every value between kernels has its place",
     [](OpPassManager &passes) {
       // Wants the kernels' final order: lifetimes are counted in kernels.
       passes.addPass(createPlanMemory());
     }},
    {"llvm", "host functions that call the kernels",
     [](OpPassManager &passes) {
       // Wants places and the compiled kernels' symbols.
       passes.addPass(createLowerToLlvm());
     }},
};

ArrayRef<Phase> phases() { return allPhases; }

} // namespace weir
