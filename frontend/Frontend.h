// The frontend: parse a file and its imports, look at them, lower them to the `weir` dialect.
//
//   Diagnostics diagnostics;
//   auto program = parseFile("models/mlp_80_60.weir", diagnostics); // Program.h, no MLIR
//   if (program && program->isWhole)
//     module = lowerToDialect(*program, context, options, diagnostics);
//   if (!module)
//     diagnostics.print(llvm::errs(), llvm::errs().has_colors());
#pragma once

#include "frontend/Diagnostics.h"
#include "frontend/Formatter.h"
#include "frontend/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace weir {

struct CompileOptions {
  std::vector<std::string> sets;     // `--set name=value`, without the option
  std::vector<int64_t> inferBatches; // empty: 1 and the training batch
  bool quantize = false; // wants `weir.quantize` even where the file has no `quantize` block
};

/// Lowers a program that `isWhole`; null if there are errors, of the parser's too. The module has:
///  - `weir.variable` for each weight, named by its layer's path, `mlp_1.dense_1.weight`;
///  - `func.func @infer_b<N>` for each batch, ascending:
///    image [N, height, width, channels] -> logits [N, classes];
///  - with a `train` block `func.func @train_step`, which ends in `weir.minimize`:
///    image, label [B], learning_rate [], rng [3] -> loss [], correct [];
///    and the attribute `weir.recipe`, a dictionary as the manifest's;
///  - with a `quantize` block the attribute `weir.quantize`, a dictionary of its settings;
///  - the attribute `weir.net`, the net's name.
/// Each op's location is the path of its layer over its place in the source.
mlir::OwningOpRef<mlir::ModuleOp> lowerToDialect(const Program &program, mlir::MLIRContext &context,
                                                 const CompileOptions &options,
                                                 Diagnostics &diagnostics);

} // namespace weir
