// The `quantize` block: what a net is calibrated with, how, and what accuracy it may lose.
//
// What may be called there comes from the signatures of categories Part, Calibration and
// Granularity. Lowering makes the `weir.quantize` attribute of this, which `weir compile
// --quantize` goes by.
#pragma once

#include "frontend/SettingsReader.h"

namespace weir {

struct QuantizeBlock {
  std::vector<RecipeCall> calls;     // calibrate, held_out, method, weights
  bool equalize = true;              // cross-layer equalisation before calibration
  bool correctBias = true;           // of what rounding the weights shifts on average
  bool aware = false;                // training rounds as the integers will
  std::optional<double> maximumDrop; // of the accuracy on the held-out images, 0.003 for 0.3 %

  int64_t floatLayers = 4; // that may be kept in float besides keepFloat, so that the drop holds

  /// A layer that stays in float, as written.
  struct Layer {
    std::string path;
    SourceRange where;
  };
  std::vector<Layer> keepFloat;
};

/// Reads a `quantize` block, with the overrides that name its settings or their arguments. Nothing
/// after errors.
std::optional<QuantizeBlock> readQuantize(const ast::Settings &block, Evaluator &evaluator,
                                          llvm::MutableArrayRef<Override> overrides,
                                          Diagnostics &diagnostics);

/// Names that `--set` may use because of the block: its settings and arguments of its calls.
std::vector<llvm::StringRef> quantizeNames(const QuantizeBlock *block);

} // namespace weir
