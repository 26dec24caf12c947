//===- PassBounds.cpp - see PassBounds.h -----------------------------------------------------===//

#include "passes/PassBounds.h"

#include "llvm/ADT/STLExtras.h"

namespace weir {

using enum PassBound::Relation;

static constexpr PassBound all[] = {
    // Before the pipeline, for 8-bit nets.
    {"fake-quantize", Changes, 0,
     "rounds weights and values on purpose; its ops are checked by test/ir/fake_quantize.mlir"},
    {"take-ranges", Changes, 0, "removes that rounding again; checked by test/passes/take_ranges"},
    // New weights are rounded to float32 once, and each layer adds its part.
    {"fold-batch-norm", Keeps, 64, "weights times scale / deviation are float32 numbers again"},
    // Weights below 2^-126, of a layer that died, lose bits.
    {"equalize-layers", Keeps, 1e-6, "weights times a power of two"},
    {"observe", Keeps, 0, "only adds a function"},
    {"correct-bias", Changes, 0, "moves biases on purpose; checked by test/passes/correct_bias"},
    {"quantize", Changes, 0,
     "rounds to 8 bits on purpose; 'weir compile --quantize' reports each layer's noise"},
    // The pipeline.
    {"expand-batch-norm", Updates, 0,
     "the running averages that it begins to assign are checked by test/ir/running_average.mlir "
     "and test/oracle/cnn_training"},
    {"simplify", Keeps, 0, "removes what computes nothing"},
    {"differentiate", Updates, 0,
     "loss and statistics stay; gradients are checked against finite differences by "
     "test/ir/GradientTest, test/passes/WholeNetTest and test/tools/WholeModelTest"},
    {"drop-dead-taps", Keeps, 0, "no longer adds zeros"},
    {"recompute", Keeps, 0, "the same ops once more"},
    {"fuse-strips", Keeps, 0, "marks ops, and changes none"},
    {"fuse-prologues", Keeps, 0, "the same ops, once for each reader"},
    // Measured: 1e-6 at most on the models; a batch norm multiplies what is left of a sum that
    // cancels.
    {"lower-convolutions", Keeps, 0.01, "sums of products in another order"},
    {"pack-weights", Keeps, 0, "the same integers, laid out anew"},
    {"sink-views", Keeps, 0, "moves views"},
    {"form-groups", Keeps, 0, "gathers ops, and changes none"},
    {"plan-memory", Keeps, 0, "its functions are run on the bytes of its plan"},
    {"lower-to-llvm", Lowers, 0,
     "machine code is compared with the reference by test/kernels and 'weir fuzz'"},
};

llvm::ArrayRef<PassBound> passBounds() { return all; }

PassBound boundOf(llvm::StringRef pass) {
  const auto *found = llvm::find_if(all, [&](const PassBound &line) { return line.pass == pass; });
  return found != std::end(all) ? *found : PassBound{pass, Keeps, 0, "declares no bound"};
}

} // namespace weir
