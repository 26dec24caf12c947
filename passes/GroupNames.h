//===- GroupNames.h - a kernel's name says what it computes ----------------------------------===//

#pragma once

#include "ir/Dialect.h"

namespace weir {

/// `<ops>_f32_<sizes>`, e.g. `dense_gelu_dropout_f32_32x784x80` (batch x features x units). The
/// name is the kernel's symbol, its key in a tuning database and its row in a profile. Long chains
/// are cut after the third op: `…_and_4_more`.
std::string groupName(llvm::ArrayRef<mlir::Operation *> ops);

/// `copy_f32_<sizes>`.
std::string copyName(mlir::Type type);

} // namespace weir
